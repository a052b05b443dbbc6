"""Logs: facts with fields, as JSON for machines and as lines for a terminal; never an address."""

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
        renderer = structlog.dev.ConsoleRenderer(pad_event_to=24)
    else:
        renderer = structlog.processors.JSONRenderer(ensure_ascii=False)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
