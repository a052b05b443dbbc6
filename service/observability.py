"""Logs: facts with fields, as JSON for machines and as lines for a terminal; never an address.

What others said (a relay, a file) may stand in a field: it ends no line and moves no cursor.
"""

import logging
import sys
from typing import Any

import structlog

log: Any = structlog.get_logger("remembrancer")


def set_up(*, verbose: bool = False, quiet: bool = False) -> None:
    """Write logs to standard error: readable on a terminal, JSON elsewhere; `quiet` only what went wrong."""
    level = logging.DEBUG if verbose else logging.WARNING if quiet else logging.INFO
    renderer: Any
    if sys.stderr.isatty():
        renderer = structlog.dev.ConsoleRenderer(pad_event_to=24, repr_native_str=True)
    else:
        renderer = structlog.processors.JSONRenderer()  # in ASCII: what would move a terminal's cursor is beyond it
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _tamed,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")


def _tamed(_logger: Any, _method: str, fields: Any) -> Any:
    """Escape in an exception what no terminal prints; other fields are escaped by whatever renders them."""
    if "exception" in fields:
        lines = str(fields["exception"]).split("\n")
        fields["exception"] = "\n".join("".join(map(_printable, line)) for line in lines)
    return fields


def _printable(character: str) -> str:
    return character if character.isprintable() else repr(character)[1:-1]
