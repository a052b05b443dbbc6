"""What the pieces and the letters are called on pages, in which order they stand, and where each piece has its page."""

from dataclasses import dataclass
from typing import Final

from starlette.requests import Request

from service.domain.notice import Kind
from service.domain.templates import LOCALES
from service.rendering.context import WRITTEN, folder_of
from service.rendering.locales import Language
from service.rendering.messages import message
from service.web.pages import pages_of

_FOLDERS = {
    "notice": message("Notices"),
    "advance": message("Advance notices"),
    "summary": message("Summaries"),
    "confirmation": message("Confirmation"),
    "link": message("The link, sent again"),
    "welcome": message("Welcome"),
    "farewell": message("Farewell"),
    "leaving": message("Who asks by mail to leave"),
    "help": message("What can be done by mail"),
    "invitation": message("Invitation to remember together"),
    "address": message("Change of address"),
    "moved": message("Change of address, told to the old one"),
    "channel": message("Another way than e-mail, told by e-mail"),
    "data": message("The link to one's data"),
    "alert": message("What editors must know"),
}
_OF_ONE_FOLDER = {  # kinds that share theirs with others, and so need names of their own
    Kind.NOTICE: message("Notice on the day or ahead of it"),
    Kind.NOTICE_FESTIVE: message("Notice of something celebrated"),
    Kind.WEEKLY: message("Weekly summary"),
    Kind.WEEKLY_FESTIVE: message("Weekly summary of what is celebrated"),
    Kind.MONTHLY: message("Monthly summary"),
    Kind.MONTHLY_FESTIVE: message("Monthly summary of what is celebrated"),
}
KINDS: Final = {kind: _OF_ONE_FOLDER.get(kind) or _FOLDERS[folder_of(kind)] for kind in WRITTEN}
_FILES = {
    "subject.txt": message("Subject"),
    "body.mjml": message("HTML"),
    "body.txt": message("Text"),
    "letters/_layout.mjml": message("The frame of every letter"),
    "letters/_parts.mjml": message("Parts of the HTML"),
    "letters/_parts.txt": message("Parts of the text"),
}
_SHARED = message("What letters share")
_TRANSLATIONS = message("Translations")
_LAST = 99


@dataclass(frozen=True, slots=True)
class Named:
    """A piece in words: the group it belongs to, which of the group it is, and their places in the list."""

    group: str
    words: str
    place: tuple[int, int]

    @property
    def whole(self) -> str:
        """The whole name: "Notices, HTML"."""
        return f"{self.group}, {self.words}"


def named(name: str, language: Language) -> Named:
    """Give a piece's name in words."""
    parts = name.split("/")
    if name.startswith(LOCALES):
        words = language.sentence(language.language_name(code_of(name)))
        return Named(language.text(_TRANSLATIONS), words, (_LAST, 0))
    file = name if len(parts) == 2 else parts[-1]
    words = language.text(_FILES[file]) if file in _FILES else parts[-1]
    row = list(_FILES).index(file) if file in _FILES else _LAST
    if len(parts) == 2:
        return Named(language.text(_SHARED), words, (_LAST - 1, row))
    folder = parts[1]
    place = list(_FOLDERS).index(folder) if folder in _FOLDERS else len(_FOLDERS)
    return Named(language.text(_FOLDERS[folder]) if folder in _FOLDERS else folder, words, (place, row))


def url_of(request: Request, name: str, **query: str) -> str:
    """Give the address of a piece's page: that of the text, or that of the translations."""
    return pages_of(request).link(request, path_of(name), **query)


def path_of(name: str) -> str:
    """Give the path of a piece's page."""
    return (
        f"/admin/templates/translate/{code_of(name)}" if name.startswith(LOCALES) else f"/admin/templates/edit/{name}"
    )


def code_of(name: str) -> str:
    """Give the code of the language of a catalogue."""
    return name.removeprefix(LOCALES).removesuffix(".po")
