"""Replies: what a relay says, read from its octets, and what that makes of a letter.

What each answer means is told in `faults.md`, B.1 and D.3: before the final dot a broken connection is no harm,
after it nobody can know. Both ways of speaking read their answers here. Authorities: RFC 5321, section 4.2
(replies), RFC 4954, section 6, and RFC 2034.
"""

from collections import deque
from typing import NamedTuple

from service.delivery.relay import in_one_line, words_of
from service.domain.errors import InvalidError
from service.domain.notice import Outcome, Result, Stage

LONGEST_REPLY = 65_536  # octets; RFC 5321 says 512 a line, and a greeting may have many
ENVELOPE = (Stage.MAIL, Stage.RCPT, Stage.DATA)
_ENDLESS = "the relay's answer has no end"
_MARKS = frozenset({b" ", b"-", b"\r", b""})  # what may stand after the code
_WANTED = {Stage.MAIL: (250,), Stage.RCPT: (250, 251), Stage.DATA: (354,), Stage.DOT: (250,)}
_OURS = frozenset({530, 534, 535, 538})  # RFC 4954, section 6: what the relay wants of us, not of the letter
_IF_BROKEN = {
    Stage.CONNECT: Result.UNREACHED,
    Stage.MAIL: Result.UNREACHED,
    Stage.RCPT: Result.DEFERRED,
    Stage.DATA: Result.DEFERRED,
    Stage.DOT: Result.IN_DOUBT,
}


class Reply(NamedTuple):
    """One answer: its code, and its words with the lines joined by blanks."""

    code: int
    words: str

    @property
    def is_clean_no(self) -> bool:
        """Whether it refuses this letter, now or for ever, and the dialogue may go on with the next."""
        return 400 <= self.code <= 599 and self.code != 421 and self.code not in _OURS


class ReplyError(ConnectionError):
    """What the relay said is not a reply, or not one to what it was asked."""


class Replies:
    """Reads replies from the octets as they come, cut anywhere; whole ones wait in `ready`."""

    def __init__(self) -> None:
        self.ready: deque[Reply] = deque()
        self._rest = b""
        self._earlier: list[bytes] = []  # the words of a reply that goes on, line by line, and what it began with
        self._code = b""
        self._size = 0

    @property
    def is_amid(self) -> bool:
        """Whether the last one has begun and not ended."""
        return bool(self._rest or self._earlier)

    def read(self, octets: bytes) -> None:
        """Read on; raise ReplyError for anything that is no reply; those that ended before it are `ready`."""
        *lines, rest = (self._rest + octets).split(b"\n")
        self._rest = b""
        for line in lines:
            code, mark = line[:3], line[3:4]
            if mark not in _MARKS or len(code) < 3 or not code.isdigit():
                raise ReplyError(f"the relay's answer makes no sense: {line[:200].decode(errors='replace')}")
            if mark == b"-" or self._earlier:
                self._line_of_many(code, mark, line)
            else:
                self._ended(code, line[4:])
        if len(rest) > LONGEST_REPLY:
            raise ReplyError(_ENDLESS)
        self._rest = rest

    def _line_of_many(self, code: bytes, mark: bytes, line: bytes) -> None:
        """Read one line of a reply that has several."""
        if self._earlier and self._code != code:
            raise ReplyError("the lines of the relay's answer have different codes")
        self._code = code
        self._size += len(line)
        if self._size > LONGEST_REPLY:
            raise ReplyError(_ENDLESS)
        self._earlier.append(line[4:].strip())
        if mark != b"-":
            self._ended(code, b" ".join(self._earlier))
            self._earlier, self._size = [], 0

    def _ended(self, code: bytes, words: bytes) -> None:
        if len(words) > LONGEST_REPLY:
            raise ReplyError(_ENDLESS)
        self.ready.append(Reply(int(code), words.strip().decode("utf-8", "replace")))


def is_wanted(stage: Stage, code: int) -> bool:
    """Whether the dialogue goes on as it should."""
    return code in _WANTED[stage]


def accepted(reply: Reply) -> Outcome:
    """Give what became of a letter that the relay has taken."""
    return Outcome(Result.ACCEPTED, reply.code, in_one_line(reply.words), Stage.DOT)


def answered(stage: Stage, reply: Reply) -> Outcome:
    """Read an answer that is not the one wanted: later, never, or one that makes no sense here."""
    result = _IF_BROKEN[stage]
    if reply.code == 421:
        result = Result.DEFERRED if stage is Stage.DOT else Result.UNREACHED
    elif reply.code in _OURS:
        result = Result.UNREACHED
    elif 400 <= reply.code <= 499:
        result = Result.DEFERRED
    elif 500 <= reply.code <= 599:
        result = Result.REFUSED
    return Outcome(result, max(reply.code, 0), in_one_line(reply.words), stage)


def broken(stage: Stage, error: Exception) -> Outcome:
    """Give what became of a letter whose dialogue ended without the answer to this stage."""
    return Outcome(_IF_BROKEN[stage], words=words_of(error), stage=stage)


def closed(error: Exception | None = None) -> Outcome:
    """Give what became of a letter whose turn came when the connection was no longer there: it did it no harm."""
    words = words_of(error) if error is not None else "the connection was closed"
    return Outcome(Result.UNREACHED, words=words, stage=Stage.CONNECT)


def unsendable(error: InvalidError) -> Outcome:
    """Give what became of a letter that cannot go to this relay; the relay was told nothing of it."""
    return Outcome(Result.REFUSED, words=str(error), stage=Stage.MAIL)
