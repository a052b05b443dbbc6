"""What the scripted SMTP server is told to do: rules, each for a stage, that can travel to another process as JSON."""

import asyncio
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Stage(StrEnum):
    """How far a client has come; the reply to it is what a rule changes."""

    GREETING = "greeting"
    EHLO = "ehlo"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"  # the command, answered 354
    CONTENT = "content"  # the first octets after 354 are here; there is no reply to them
    DOT = "dot"  # the whole letter is here
    RSET = "rset"
    QUIT = "quit"


class Strike(StrEnum):
    """What the server does to the process at the other end: a signal that nobody can catch."""

    KILL = "SIGKILL"
    STOP = "SIGSTOP"


@dataclass(frozen=True, slots=True)
class Rule:
    """At `stage`, and if said only for one `recipient` (or `@domain`) or connection, do otherwise than usual.

    `skip` passes over so many occurrences first, then the rule holds for `times` of them (None: for ever).
    What it may say, in the order in which it happens: `until` an event is set or for `seconds` (a slow relay) the
    server waits; `strike` sends a signal to the peer's process; `drop` cuts the connection; `reply` is sent in
    place of the usual, `garbage` before it. `keep` overrules whether a letter is kept at its DOT (usually: if the
    reply begins with 2 and the connection is not dropped). `then` strikes once the reply is written.
    """

    stage: Stage
    reply: str = ""
    recipient: str = ""
    connection: int = 0
    skip: int = 0
    times: int | None = None
    seconds: float = 0.0
    until: asyncio.Event | None = None
    drop: bool = False
    garbage: bytes = b""
    keep: bool | None = None
    strike: Strike | None = None
    then: Strike | None = None

    def concerns(self, stage: Stage, recipient: str, connection: int) -> bool:
        """Say whether an occurrence is one of those that the rule speaks of."""
        named = self.recipient.lower() in {"", recipient.lower(), "@" + recipient.lower().rpartition("@")[2]}
        return self.stage is stage and named and self.connection in {0, connection}

    def written(self) -> dict[str, Any]:
        """Give it as JSON can hold it; one that waits for an event cannot leave its process."""
        assert self.until is None, "an event cannot be sent to another process"
        return {name: value for name, value in asdict(self).items() if name not in {"until", "garbage"}} | {
            "garbage": self.garbage.hex()
        }


def in_data(strike: Strike, *, skip: int = 0, times: int | None = 1) -> Rule:
    """Strike when the first of the content is read and the letter is not yet whole."""
    return Rule(Stage.CONTENT, skip=skip, times=times, strike=strike)


def after_dot(strike: Strike, *, skip: int = 0, times: int | None = 1) -> Rule:
    """Strike when the letter is kept and not answered."""
    return Rule(Stage.DOT, skip=skip, times=times, strike=strike)


def after_reply(strike: Strike, *, skip: int = 0, times: int | None = 1) -> Rule:
    """Strike as soon as the letter is answered."""
    return Rule(Stage.DOT, skip=skip, times=times, then=strike)


def read(written: dict[str, Any]) -> Rule:
    """Read a rule that came as JSON."""
    struck = {name: Strike(written[name]) for name in ("strike", "then") if written[name]}
    return Rule(**written | {"stage": Stage(written["stage"]), "garbage": bytes.fromhex(written["garbage"])} | struck)


class Script:
    """Rules and how often each has been met: the first that holds is followed."""

    def __init__(self, rules: Iterable[Rule] = ()) -> None:
        self._rules = [(rule, [0]) for rule in rules]

    def add(self, *rules: Rule) -> None:
        """Say more; the newest rules come first."""
        self._rules[:0] = [(rule, [0]) for rule in rules]

    def clear(self) -> None:
        """Forget every rule: from now on everything is as usual."""
        self._rules.clear()

    def follow(self, stage: Stage, recipient: str, connection: int) -> Rule:
        """Give the rule for an occurrence, which counts as one for every rule that speaks of it before."""
        for rule, met in self._rules:
            if rule.concerns(stage, recipient, connection):
                met[0] += 1
                if met[0] > rule.skip and (rule.times is None or met[0] <= rule.skip + rule.times):
                    return rule
        return Rule(stage)
