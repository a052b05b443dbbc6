"""Signing as an operator sets it up: what `dkim new` printed is set, and its record is read."""

import re

from tests.journeys.program import Ended, Program


def set_as_told(program: Program, told: Ended) -> Program:
    """Set what the command said to set."""
    found = re.search(r'^REMEMBRANCER_DKIM_KEYS="(.*)"$', told.out, re.MULTILINE)
    assert found
    return program.with_(DKIM_KEYS=found[1])


def record(told: Ended) -> tuple[str, str]:
    """Give the record that a zone file would have from the command's line, its strings joined."""
    found = re.search(r"^(\S+) IN TXT (.*)$", told.out, re.MULTILINE)
    assert found
    return found[1], "".join(re.findall(r'"([^"]*)"', found[2]))
