"""Headers: names and values as the bytes of one folded line each, and never of two.

The standard library's writer is not used on the way out: CPython 3.11.7 decodes an encoded-word in a given
subject and writes what it hides as a header of its own, and turns long links and addresses into illegal
encoded-words (`faults.md`, cases 71 to 75). Authorities: RFC 5322 for lines and addresses, RFC 2047 for
text beyond ASCII, RFC 6532 for addresses beyond ASCII, RFC 2369 and 2919 for List-*.
"""

import base64
import re
from collections.abc import Callable

from service.domain.errors import InvalidError

_LINE = 76  # RFC 2047, section 2: a line with an encoded-word; RFC 5322 would allow 78
_WORD = 75  # RFC 2047, section 2: an encoded-word
_LONGEST_LINE = 998  # RFC 5322, section 2.1.1
_LONGEST_LOCAL = 64  # octets
_LONGEST_DOMAIN = 253
_SHORT_ADDRESS = _LONGEST_LOCAL // 4  # so few characters are short in any script
_AROUND = len("=?utf-8?q??=")
_FOLD = "\r\n "

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,39}")
# C0 and C1 controls (with CR, LF, NUL, U+0085), DEL, the line and paragraph separators, and half characters.
_FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!#-;=?-~]+")
# Possessive: an address is on the way of every letter, and going back would find nothing else. A group is not: CPython
# before 3.11.5, Debian 12's among them, then takes "a.@b" for an address (gh-106052).
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\x80-\U0010ffff-]++"
_LABEL = r"(?!-)[A-Za-z0-9-]{1,63}+(?<!-)"
_ADDRESS = re.compile(rf"(?P<local>{_ATOM}(?:\.{_ATOM})*)@(?P<domain>{_LABEL}(?:\.{_LABEL})*)")
_PHRASE = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
# RFC 2047, section 5 (3): what may stand for itself in a Q word anywhere, a phrase included.
_PLAIN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")


def header(name: str, value: str) -> bytes:
    """Write one header of free text; raise InvalidError if the value holds a line end or another control."""
    _check_name(name)
    check_text(value, name)
    words = value.split(" ")
    if _must_be_encoded(value) or "" in words[1:] or value.startswith(" ") or not _words_fit(name, words):
        return f"{name}: {_encoded(value, len(name) + 2) if value else ''}\r\n".encode()
    line, lines = f"{name}:", []
    for word in words:
        if len(line) + 1 + len(word) > _LINE:
            lines.append(line)
            line = ""
        line += f" {word}"
    return ("\r\n".join([*lines, line]) + "\r\n").encode()


def address_header(name: str, display: str, address: str) -> bytes:
    """Write one header of one address, with the name shown for it, or "" for none.

    A local part beyond ASCII is written as it is (RFC 6532): the letter then needs a relay with SMTPUTF8.
    """
    _check_name(name)
    check_text(display, name)
    check_address(address)
    if not display:
        return f"{name}: {address}\r\n".encode()
    lead = f"{name}: {_phrase(display, len(name) + 2)}"
    gap = " " if len(lead) - lead.rfind("\n") - 1 + len(address) + 3 <= _LINE else _FOLD
    return f"{lead}{gap}<{address}>\r\n".encode()


def list_header(name: str, *uris: str) -> bytes:
    """Write one List-* header of links, folded at commas only and never encoded (RFC 2369, section 2)."""
    _check_name(name)
    for uri in uris:
        if not _URI.fullmatch(uri) or len(name) + len(uri) + 5 > _LONGEST_LINE:
            raise InvalidError(f"{uri!r} cannot stand in {name}", name)
    return f"{name}: {f',{_FOLD}'.join(f'<{uri}>' for uri in uris)}\r\n".encode()


def list_id_header(display: str, identity: str) -> bytes:
    """Write List-Id; a name that would need encoding is left out (RFC 2919, section 3)."""
    check_text(display, "List-Id")
    if not _ADDRESS.fullmatch(f"list@{identity}"):
        raise InvalidError(f"{identity!r} is not a list's identity (allowed: a domain name)", "List-Id")
    shown = f'"{_quoted(display)}" ' if display and not _must_be_encoded(display) else ""
    fold = _FOLD if len(shown) + len(identity) + len("List-Id: <>") > _LINE else ""
    if len(shown) + len("List-Id: ") > _LONGEST_LINE:
        shown = ""
    return f"List-Id: {shown.rstrip() + fold if fold and shown else shown}<{identity}>\r\n".encode()


def check_address(address: str, field: str = "address") -> str:
    """Give an address back if it may go on the wire as it is, its domain in A-labels; else raise InvalidError.

    What `domain.subscription.check_address` lets through passes.
    """
    match = _ADDRESS.fullmatch(address) if address.isprintable() else None
    if match is None or "=?" in address or (len(address) > _SHORT_ADDRESS and not _is_short(match)):
        raise InvalidError(f"{address!r} cannot be written to as an address", field)
    return address


def _is_short(match: re.Match[str]) -> bool:
    """Whether both sides of an address keep to RFC 5321 (section 4.5.3.1)."""
    return len(match["local"].encode()) <= _LONGEST_LOCAL and len(match["domain"]) <= _LONGEST_DOMAIN


def check_text(text: str, field: str) -> str:
    """Give a text back if it may stand in a header; raise InvalidError that names the character if not."""
    found = _FORBIDDEN.search(text)
    if found is not None:
        raise InvalidError(f"{field} holds the control character U+{ord(found[0]):04X}", field)
    return text


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise InvalidError(f"{name!r} is not the name of a header", "name")


def _must_be_encoded(text: str) -> bool:
    """Whether it holds more than ASCII, or what a reader would take for an encoded-word."""
    return not text.isascii() or "=?" in text


def _words_fit(name: str, words: list[str]) -> bool:
    return len(name) + 2 + len(words[0]) <= _LINE and all(len(word) < _LINE for word in words)


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _phrase(display: str, used: int) -> str:
    """Write a name as atoms, else as a quoted string, else as encoded-words (RFC 5322, section 3.2.5)."""
    if not _must_be_encoded(display):
        shown = display if _PHRASE.fullmatch(display) else f'"{_quoted(display)}"'
        if used + len(shown) <= _LINE:
            return shown
    return _encoded(display, used)


def _encoded(text: str, used: int) -> str:
    """Write a text as encoded-words, one a line, the first with so many columns used before it.

    B or Q, whichever is shorter; no character is divided between two words (RFC 2047, section 5). A word of B that
    another follows must end without padding: GMime decodes neighbours as one and stops at the first `=`, so that mu
    and notmuch cut subjects off. Where characters allow no such end, it is Q.
    """
    if sum(map(_q_length, text)) > len(text.encode()) * 4 / 3:
        words = _divided(text, used, "b", lambda char: len(char.encode()))
        if all(len(word) % 3 == 0 for word in words[:-1]):
            return _FOLD.join(f"=?utf-8?b?{base64.b64encode(word).decode()}?=" for word in words)
    return _FOLD.join(f"=?utf-8?q?{_q(word)}?=" for word in _divided(text, used, "q", _q_length))


def _divided(text: str, used: int, encoding: str, length: Callable[[str], int]) -> list[bytes]:
    """Divide a text into what each word holds: as much as it may, in B down to where no padding is needed."""
    words, start, room, step = [], 0, _room(encoding, used), 3 if encoding == "b" else 1
    while start < len(text):
        size, end, whole = 0, start, start
        for char in text[start : start + room]:
            size += length(char)
            if size > room:
                break
            end += 1
            whole = whole if size % step else end
        if end < len(text) and whole > start:
            end = whole
        words.append(text[start:end].encode())
        start, room = end, _room(encoding, 1)
    return words


def _room(encoding: str, used: int) -> int:
    """How much an encoded-word may hold: characters in Q, octets before encoding in B."""
    room = min(_WORD, _LINE - used) - _AROUND
    return room if encoding == "q" else room // 4 * 3


def _q_length(char: str) -> int:
    return sum(1 if octet in _PLAIN or octet == 0x20 else 3 for octet in char.encode())


def _q(part: bytes) -> str:
    return "".join("_" if octet == 0x20 else chr(octet) if octet in _PLAIN else f"={octet:02X}" for octet in part)
