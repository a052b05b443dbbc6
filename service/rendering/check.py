"""The MJML that a template gave, checked before it is compiled: well-formed, and nothing but what is allowed.

mrml passes over an unknown element, a stray attribute or a misplaced one in silence, and gives no line for
XML that is not well-formed. What could fetch something from elsewhere (pictures, style sheets, `url()`)
or hide from this check (comments, CDATA, a document type) is refused.
"""

import re
from dataclasses import dataclass
from xml.parsers import expat

_SPACING = "padding padding-top padding-bottom padding-left padding-right css-class mj-class"
_TYPE = "color font-family font-size font-style font-weight letter-spacing line-height text-decoration text-transform"
_BORDER = "border border-top border-bottom border-left border-right border-radius"
_BOX = f"{_SPACING} {_BORDER} background-color direction text-align"
_HTML = "class dir id lang role style title"
_ENDS = "mj-text mj-table"
_FLOW = f"{_ENDS} div blockquote li td th dd"
_PHRASE = f"{_FLOW} p h1 h2 h3 h4 h5 h6 a b em i small span strong sub sup dt caption code mj-button"
_LISTS = "mj-text div blockquote li td dd"

# Each element: where it may stand, and its attributes.
_ALLOWED: dict[str, tuple[str, str]] = {
    "mjml": ("", "lang dir owa"),
    "mj-head": ("mjml", ""),
    "mj-title": ("mj-head", ""),
    "mj-preview": ("mj-head", ""),
    "mj-breakpoint": ("mj-head", "width"),
    "mj-style": ("mj-head", "inline"),
    "mj-raw": ("mj-head", ""),
    "meta": ("mj-raw", "name content"),
    "mj-attributes": ("mj-head", ""),
    "mj-all": ("mj-attributes", f"{_TYPE} {_SPACING}"),
    "mj-class": ("mj-attributes", f"name {_TYPE} {_BOX} align width"),
    "mj-body": ("mjml", "background-color css-class width"),
    "mj-wrapper": ("mj-body", f"{_BOX} full-width"),
    "mj-section": ("mj-body mj-wrapper", f"{_BOX} full-width"),
    "mj-group": ("mj-section", "css-class mj-class direction vertical-align width"),
    "mj-column": ("mj-section mj-group", f"{_BOX} vertical-align width"),
    "mj-text": ("mj-column", f"{_TYPE} {_SPACING} align height"),
    "mj-table": ("mj-column", f"{_TYPE} {_SPACING} align border cellpadding cellspacing role table-layout width"),
    "mj-divider": ("mj-column", f"{_SPACING} align border-color border-style border-width width"),
    "mj-spacer": ("mj-column", "css-class height"),
    "mj-button": ("mj-column", f"{_TYPE} {_BOX} align href inner-padding rel title vertical-align width"),
    "p": ("mj-text div blockquote li td dd", _HTML),
    **{f"h{level}": ("mj-text div", _HTML) for level in range(1, 7)},
    **dict.fromkeys(("b", "br", "code", "em", "i", "small", "span", "strong", "sub", "sup"), (_PHRASE, _HTML)),
    "a": (_PHRASE.replace(" a ", " ").replace(" mj-button", ""), f"{_HTML} href rel"),
    "div": ("mj-text div td th", _HTML),
    "blockquote": ("mj-text div blockquote li", _HTML),
    "pre": ("mj-text div blockquote li", _HTML),
    "hr": ("mj-text div blockquote", _HTML),
    "ul": (_LISTS, _HTML),
    "ol": (_LISTS, f"{_HTML} start"),
    "li": ("ul ol", _HTML),
    "dl": ("mj-text div", _HTML),
    "dt": ("dl", _HTML),
    "dd": ("dl", _HTML),
    "caption": ("mj-table", _HTML),
    "thead": ("mj-table", _HTML),
    "tbody": ("mj-table", _HTML),
    "tr": ("mj-table thead tbody", _HTML),
    "th": ("tr", f"{_HTML} align valign scope colspan rowspan width"),
    "td": ("tr", f"{_HTML} align valign colspan rowspan width"),
}
_ALLOWED["code"] = (_ALLOWED["code"][0] + " pre", _HTML)
ELEMENTS = {name: (frozenset(where.split()), frozenset(has.split())) for name, (where, has) in _ALLOWED.items()}
_DEFAULTS = frozenset(name for name in ELEMENTS if name.startswith("mj-"))  # may stand in mj-attributes

_BARE = "mjml mj-head mj-attributes mj-raw mj-body mj-wrapper mj-section mj-group mj-column ul ol dl tr thead tbody"
_WITHOUT_TEXT = frozenset(_BARE.split())
_FETCHES = re.compile(r"url\s*\(|@import|expression\s*\(|\\|image-set", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://[^\s]+|mailto:[^\s]+|RMBRz\w+(?:/[\w/-]*)?")
_QUOTED_TITLE = re.compile(r'<mj-title>[^<]*"')


@dataclass(frozen=True, slots=True)
class MjmlFinding:
    """What is wrong with the MJML; `line` is its own, `near` a piece of source to find it by in the template."""

    line: int
    message: str
    near: str = ""


def elements() -> list[dict[str, str | list[str]]]:
    """Give the elements that a letter may have, each with what may stand in it and its attributes."""
    return [
        {
            "name": name,
            "children": sorted(child for child, (where, _) in ELEMENTS.items() if name in where),
            "attributes": sorted(has),
        }
        for name, (_, has) in sorted(ELEMENTS.items())
    ]


def check_mjml(source: str) -> tuple[MjmlFinding, ...]:
    """Give what is wrong with an MJML document, in the order of its lines; nothing if it may be compiled."""
    checking = _Checking()
    try:
        checking.parser.Parse(source.encode(), True)  # noqa: FBT003  (expat names no keyword)
    except expat.ExpatError as error:
        return (MjmlFinding(error.lineno, f"not well-formed: {expat.ErrorString(error.code)}"),)
    title = _QUOTED_TITLE.search(source)
    if title:  # mrml copies it into an attribute without escaping it
        line = source.count("\n", 0, title.end()) + 1
        checking.found.append(MjmlFinding(line, 'write &quot; for " in a title', "<mj-title"))
    return tuple(sorted(checking.found, key=lambda finding: finding.line))


class _Checking:
    """One reading of a document by expat."""

    def __init__(self) -> None:
        self.found: list[MjmlFinding] = []
        self._open: list[str] = []
        self._style = ""
        self.parser = parser = expat.ParserCreate()
        parser.StartElementHandler = self._begin
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.CommentHandler = lambda _text: self._refuse("a comment (write {# … #} instead)", "<!--")
        parser.StartCdataSectionHandler = lambda: self._refuse("a CDATA section", "<![CDATA[")
        parser.StartDoctypeDeclHandler = lambda *_: self._refuse("a document type", "<!DOCTYPE")
        parser.ProcessingInstructionHandler = lambda *_: self._refuse("a processing instruction", "<?")

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        parent = self._open[-1] if self._open else ""
        self._open.append(name)
        where, has = ELEMENTS.get(name, (None, frozenset[str]()))
        if where is None:
            self._say(f"<{name}> is not a known element", f"<{name}")
            return
        if parent == "mj-attributes" and name in _DEFAULTS:
            has |= {"css-class"}
        elif parent not in where and not (name == "mjml" and not parent):
            allowed = f" (it may stand in {', '.join(f'<{one}>' for one in sorted(where)[:4])})" if where else ""
            self._say(
                f"<{name}> may not stand in <{parent}>{allowed}" if parent else f"<{name}> is not a letter", f"<{name}"
            )
        for attribute, value in attributes.items():
            if attribute not in has:
                self._say(f"<{name}> has no attribute {attribute!r}", f"{attribute}=")
            elif attribute == "href" and not _ADDRESS.fullmatch(value):
                self._say(f"{value!r} is not an address that a letter may link to", f"<{name}")
            elif _FETCHES.search(value) and attribute != "href":
                self._say(f"{attribute} may not fetch anything or hide what it says", f"{attribute}=")

    def _end(self, name: str) -> None:
        self._open.pop()
        if name == "mj-style" and _FETCHES.search(self._style):
            self._say("a style may not fetch anything or hide what it says", "<mj-style")

    def _text(self, text: str) -> None:
        parent = self._open[-1] if self._open else ""
        if parent in _WITHOUT_TEXT and text.strip():
            self._say(f"text may not stand in <{parent}> itself", text.strip()[:30])
        if parent == "mj-style":
            self._style += text  # expat gives it in pieces

    def _refuse(self, what: str, near: str) -> None:
        self._say(f"{what} may not stand in a letter", near)

    def _say(self, text: str, near: str = "") -> None:
        self.found.append(MjmlFinding(self.parser.CurrentLineNumber, text, near))
