"""Bounces in forms of their own, as programs wrote them before RFC 3464, and some still do: known by flufl.bounce."""

import logging
from email.message import Message

from flufl.bounce import all_failures

# It tells of every detector, and prints thousands of lines for one hostile address (`faults.md`, case 128).
logging.getLogger("flufl.bounce").setLevel(logging.CRITICAL + 1)


def failures(message: "Message[str, str]") -> tuple[str, bool] | None:
    """Give whose letter came back, and whether for good; None if this is no bounce that anybody knows."""
    try:
        passing, lasting = all_failures(message)
    except Exception:  # noqa: BLE001  (a detector that an odd mail breaks has detected nothing)
        return None
    found = sorted(lasting) or sorted(passing)
    return (found[0].decode("utf-8", "replace"), bool(lasting)) if found else None
