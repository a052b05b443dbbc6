"""End to end: notices that are due, claimed, composed, handed over by SMTP to a sink, and their outcomes stored.

The peers read no database and store nothing: `smtp-source` repeats one constant message, nodemailer fills four values
into ready words, aiosmtplib sends one ready message. All are processes of their own, and so is the sink. What is
measured is from the first claim to the last outcome, without the start of Python or Node.
"""

import statistics
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from tests.benchmarks import peers
from tests.benchmarks.harness import Peer, Report, Run
from tests.benchmarks.posting import CONNECTIONS, Listening, Post, Way
from tests.benchmarks.sink import listening, listening_postfix
from tests.peers import UnavailableError, nodemailer, postfix

_LETTERS = 10_000
_SIGNED = 5_000
_CONSTANT = 20_000  # of smtp-source
_POOLED, _POOLED_SIGNED = 3_000, 1_500
_READY = 3_000
_SIGNATURES = 5_000
_GOAL_CPU = 0.2  # goal 5: ms a letter
_GOAL_SIGNED_CPU = 1.4  # goal 4: times one bare signature
_GOAL_TLS_CPU = 0.2  # goal 14: ms a letter more
_FAR = {0.005: (4_000, 1_000), 0.020: (1_500, 300)}  # seconds of a round trip: letters of ours, of smtp-source
_GOAL_FAR = 3.0  # goal 7
_MATRIX = (1, 8, 32, 50)  # with fifty, a commit is for as many letters as where outcomes alone are kept in groups


def measure(folder: Path, *, large: bool) -> Report:
    """Compare, and tell the sending process's memory and processor time."""
    return _Sending(folder).measured(large=large)


class _Sending:
    def __init__(self, folder: Path) -> None:
        self._report = Report()
        self._post = Post(folder)
        self._postfix = self._brought("postfix's smtp-source and smtp-sink", postfix.bring)
        self._node = self._brought("nodemailer", nodemailer.bring)
        self._report.facts.append("Not run: a Go standard-library engine (goal 6), for this machine has no Go.")
        if self._node:
            self._report.facts.append(f"nodemailer {nodemailer.version()}, its pool as wide as ours.")

    def measured(self, *, large: bool) -> Report:
        self._through_smtp_sink()
        unsigned = self._through_our_sink()
        self._signed()
        for delay in _FAR:
            self._far(delay)
        self._connections(large=large)
        self._tls(unsigned)
        return self._report

    def _brought(self, name: str, bring: Callable[[], postfix.Postfix | dict[str, str]]) -> object:
        try:
            return bring()
        except UnavailableError as error:
            self._report.facts.append(f"Not run: {name}. {error}")
            return None

    def _through_smtp_sink(self) -> None:
        if self._postfix:
            taking = partial(listening_postfix, self._postfix)
            ours = self._post.ours(_LETTERS, Way(listening=taking))
            self._report.beside("unsigned, to smtp-sink", ours, self._source(_CONSTANT, 0.9, taking))

    def _through_our_sink(self) -> Sequence[Run]:
        ready = self._post.message.with_suffix(".eml")
        pool = f"nodemailer, pool of {CONNECTIONS}"
        others = [
            *self._source(_CONSTANT, 0.6),
            *self._pooled(pool, _POOLED, 10),
            Peer(f"aiosmtplib.sendmail, {CONNECTIONS} connections", _into(_READY, partial(peers.sendmail, ready)), 4),
        ]
        rows = self._report.beside("unsigned, to a faster sink", self._post.ours(_LETTERS), others)
        runs = rows[0].ours
        octets = self._post.counts[-1]["octets"] // self._post.counts[-1]["letters"]
        self._report.facts += [
            (
                f"A run sent {_LETTERS:,} letters of {octets:,} octets to as many recipients over {CONNECTIONS}"
                " connections; each took its next letter only after its last one's outcome was committed."
            ),
            (
                f"Unsigned, a letter costs {_limit(_each(runs), _GOAL_CPU)} of the whole process (goal 5),"
                f" {_each(runs, whole=True):.3f} ms with its start; most memory {_peak(runs):.0f} MB."
            ),
        ]
        return runs

    def _signed(self) -> None:
        pool = f"nodemailer with DKIM, pool of {CONNECTIONS}"
        bare = Peer("bare signatures, a thread a core", lambda: peers.signatures(self._post.key, _SIGNATURES), 0.6)
        others = [*self._pooled(pool, _POOLED_SIGNED, 6, self._post.key), bare]
        ours = self._post.ours(_SIGNED, Way(signed=True))
        rows = self._report.beside("RSA-2048, to a faster sink", ours, others)
        times = _each(rows[-1].ours) / _each(rows[-1].theirs)
        met = "met" if times <= _GOAL_SIGNED_CPU else "MISSED"
        self._report.facts.append(
            f"With RSA-2048, a letter costs {_each(rows[-1].ours):.3f} ms, {times:.2f} times a bare signature"
            f" (goal 4: ≤ {_GOAL_SIGNED_CPU} {met}); most memory {_peak(rows[-1].ours):.0f} MB."
        )

    def _far(self, delay: float) -> None:
        letters, constant = _FAR[delay]
        taking = partial(listening, "--delay", delay)
        what = f"unsigned, a round trip of {delay * 1000:.0f} ms"
        ours = self._post.ours(letters, Way(listening=taking))
        self._report.beside(what, ours, self._source(constant, _GOAL_FAR, taking), runs=3)

    def _connections(self, *, large: bool) -> None:
        """Go through the matrix; what is not asked for with --large is one line for each number of connections."""
        for signed in (False, True) if large else (False,):
            for delay in (0.0, 0.020) if large else (0.0,):
                for width in _MATRIX:
                    self._cell(width, delay, signed=signed)

    def _cell(self, width: int, delay: float, *, signed: bool) -> None:
        taking: Listening = partial(listening, "--delay", delay)
        if not delay and self._postfix:
            taking = partial(listening_postfix, self._postfix)
        letters = 40 * width if delay else 3_000
        ours = self._post.ours(letters, Way(width, signed=signed, listening=taking))
        what = f"{'RSA-2048' if signed else 'unsigned'}, {width} connections, {delay * 1000:.0f} ms"
        others = self._source(letters // 3 if delay else 2 * letters, None, taking, width)
        if others:
            self._report.beside(what, ours, others, runs=3)

    def _tls(self, plain: Sequence[Run]) -> None:
        runs = [self._post.ours(_SIGNED, Way(tls=True))() for _ in range(3)]
        more = _each(runs) - _each(plain)
        self._report.facts.append(f"TLS to the relay costs {_limit(more, _GOAL_TLS_CPU)} a letter more (goal 14).")

    def _source(
        self, count: int, goal: float | None, taking: Listening = listening, width: int = CONNECTIONS
    ) -> list[Peer]:
        if not isinstance(self._postfix, postfix.Postfix):
            return []
        client = partial(peers.smtp_source, self._postfix, self._post.message)
        return [Peer(f"smtp-source -d -s {width}", _into(count, client, width, taking), goal)]

    def _pooled(self, name: str, count: int, goal: float, key: Path | None = None) -> list[Peer]:
        if not isinstance(self._node, dict):
            return []
        client = partial(peers.nodemailer, self._node, self._post.words, key=key)
        return [Peer(name, _into(count, client), goal)]


def _into(
    count: int, client: Callable[..., Run], width: int = CONNECTIONS, taking: Listening = listening
) -> Callable[[], Run]:
    """Make a run of a peer, counted at the sink."""

    def run() -> Run:
        with taking() as (port, counts):
            done = client(port=port, count=count, connections=width)
        assert counts["letters"] == done.count, (counts, done)
        return done

    return run


def _each(runs: Sequence[Run], *, whole: bool = False) -> float:
    """Give the milliseconds of processor time that one letter took."""
    return statistics.median((run.whole if whole else run.cpu) / run.count * 1000 for run in runs)


def _peak(runs: Sequence[Run]) -> float:
    return max(run.peak for run in runs)


def _limit(value: float, most: float) -> str:
    return f"{value:.3f} ms of processor time (≤ {most} {'met' if value <= most else 'MISSED'})"
