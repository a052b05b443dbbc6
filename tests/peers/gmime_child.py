"""Reads letters with GMime, by its C functions: a line of JSON for each file that is named."""

import base64
import ctypes
import json
import sys
from pathlib import Path
from typing import Any

_LIBRARY = ctypes.CDLL("libgmime-3.0.so.0")
_POINTER, _TEXT = ctypes.c_void_p, ctypes.c_char_p
_WARNING = ctypes.CFUNCTYPE(None, ctypes.c_int64, ctypes.c_int, _TEXT, _POINTER)
_BY_WHAT_IT_GIVES: dict[Any, tuple[str, ...]] = {
    _POINTER: (
        *("parser_options_new", "stream_mem_new", "stream_mem_new_with_buffer", "stream_mem_get_byte_array"),
        *("parser_new_with_stream", "parser_construct_message", "message_get_from", "message_get_mime_part"),
        *("object_get_content_type", "multipart_get_part", "part_get_content"),
    ),
    _TEXT: ("message_get_subject", "content_type_get_mime_type"),
    ctypes.c_int: ("multipart_get_count",),
    ctypes.c_ssize_t: ("data_wrapper_write_to_stream",),
    None: ("init", "parser_options_set_warning_callback"),
}
# GMimeParserWarning, as `gmime-parser-options.h` has it.
_WARNINGS = (
    *("duplicated header", "duplicated parameter", "unencoded 8 bit header", "invalid content type", "invalid header"),
    *("malformed header", "malformed multipart", "truncated message", "malformed message", "invalid parameters"),
    *("unterminated comment", "invalid address list", "nested too deep", "nested parts too deep"),
)


class _Octets(ctypes.Structure):
    """GLib's GByteArray."""

    _fields_ = (("data", _POINTER), ("length", ctypes.c_uint))


class _Reader:
    """Reads one letter after the other and notes what the library warns of."""

    def __init__(self) -> None:
        for gives, names in _BY_WHAT_IT_GIVES.items():
            for name in names:
                getattr(_LIBRARY, f"g_mime_{name}").restype = gives
        _LIBRARY.internet_address_list_to_string.restype = _TEXT
        _ask("init")
        self.warnings: list[str] = []
        self._callback = _WARNING(self._warned)  # kept, or it would be collected
        self._options = _ask("parser_options_new")
        _LIBRARY.g_mime_parser_options_set_warning_callback(_POINTER(self._options), self._callback, None)

    def _warned(self, place: int, number: int, what: bytes | None, _: object) -> None:
        name = _WARNINGS[number - 1] if 0 < number <= len(_WARNINGS) else f"warning {number}"
        self.warnings.append(f"{name} at {place}: {(what or b'').decode(errors='replace')}")

    def read(self, content: bytes) -> dict[str, Any]:
        """Give what a letter says."""
        self.warnings = []
        stream = _LIBRARY.g_mime_stream_mem_new_with_buffer(content, ctypes.c_size_t(len(content)))
        message = _ask("parser_construct_message", _ask("parser_new_with_stream", stream), self._options)
        whole = _ask("message_get_mime_part", message)
        leaves = [(kind, base64.b64encode(body).decode()) for kind, body in _leaves(whole)]
        senders = _LIBRARY.internet_address_list_to_string(_POINTER(_ask("message_get_from", message)), None, 0)
        subject = _ask("message_get_subject", message)
        return {
            "subject": subject.decode(),
            "sender": senders.decode(),
            "shape": _shape(whole),
            "leaves": leaves,
            "defects": self.warnings,
        }


def _ask(name: str, *pointers: Any) -> Any:
    return getattr(_LIBRARY, f"g_mime_{name}")(*map(_POINTER, pointers))


def _kind(part: Any) -> str:
    kind: bytes = _ask("content_type_get_mime_type", _ask("object_get_content_type", part))
    return kind.decode()


def _within(part: Any) -> list[Any]:
    if not _kind(part).startswith("multipart/"):
        return []
    count = _ask("multipart_get_count", part)
    return [_LIBRARY.g_mime_multipart_get_part(_POINTER(part), number) for number in range(count)]


def _shape(part: Any) -> str:
    within = _within(part)
    return f"{_kind(part)}({' '.join(map(_shape, within))})" if within else _kind(part)


def _leaves(part: Any) -> list[tuple[str, bytes]]:
    if within := _within(part):
        return [leaf for one in within for leaf in _leaves(one)]
    stream = _ask("stream_mem_new")
    _ask("data_wrapper_write_to_stream", _ask("part_get_content", part), stream)
    octets = _Octets.from_address(_ask("stream_mem_get_byte_array", stream))
    return [(_kind(part), ctypes.string_at(octets.data, octets.length))]


def main(arguments: list[str]) -> None:
    """Say which version this is, or what stands in each file."""
    if arguments == ["--version"]:
        numbers = (
            ctypes.c_uint.in_dll(_LIBRARY, f"gmime_{part}_version").value for part in ("major", "minor", "micro")
        )
        print(".".join(map(str, numbers)))
        return
    reader = _Reader()
    for path in arguments:
        print(json.dumps(reader.read(Path(path).read_bytes())))


if __name__ == "__main__":
    main(sys.argv[1:])
