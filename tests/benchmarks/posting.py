"""What all measurements of the post share: the record it sends from, the letter, the key, and one run of ours.

A run of ours is the real program on a real store, with claims, intents and outcomes durable: what counts is what
the sink took, and it is held against what the store then says.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from service.mail.skeletons import skeleton
from tests.benchmarks import letter, peers, seed
from tests.benchmarks.harness import Run
from tests.benchmarks.program import sent
from tests.benchmarks.sink import Counts, listening
from tests.certificates import Certificate, make_certificate

CONNECTIONS = 10
_DONE = "SELECT count(*) FROM notices WHERE state = 'accepted'"
Listening = Callable[[], AbstractContextManager[tuple[int, Counts]]]


@dataclass(slots=True, frozen=True)
class Way:
    """How the letters travel: over how many connections, signed or not, with TLS or not, to which sink."""

    connections: int = CONNECTIONS
    signed: bool = False
    tls: bool = False
    listening: Listening | None = None  # none: ours, at no distance


@dataclass
class Post:
    """A folder with everything that a measurement of the post needs, each made when it is first asked for."""

    folder: Path
    counts: list[Counts] = field(default_factory=list)  # of each run of ours, as the sink told

    @cached_property
    def key(self) -> Path:
        """The RSA-2048 key that ours and the peer sign with."""
        return peers.write_key(self.folder / "key.pem")

    @cached_property
    def certificate(self) -> Certificate:
        """The sink's certificate, of an authority made on the spot."""
        return make_certificate(self.folder)

    @cached_property
    def message(self) -> Path:
        """One of our own letters, as smtp-source reads it; `letter.eml` beside it is as aiosmtplib sends it."""
        composer = seed.app_in(self.folder / "composer").composer
        content = composer.compose(seed.a_claim(1), skeleton(letter.words())).content
        return peers.write_message(self.folder, content)

    @cached_property
    def words(self) -> Path:
        """The same words for nodemailer."""
        return letter.write_for_nodemailer(self.folder / "words.json")

    def seeded(self, readers: int) -> Path:
        """Give a folder with the record of so many readers, each with a notice that is due."""
        folder = self.folder / f"ready{readers}"
        if not seed.database_of(folder).exists():
            seed.record(folder, readers, languages=("en",), ready=True, words=letter.words())
        return folder

    def forget(self, readers: int) -> None:
        """Remove a record that is not needed any more: a million readers fill a disk."""
        seed.remove(self.folder / f"ready{readers}")
        seed.remove(self.folder / "run")

    def ours(self, readers: int, way: Way = Way()) -> Callable[[], Run]:
        """Make a run of ours: everything that is due, on a copy of the record."""
        seeded = self.seeded(readers)

        def run() -> Run:
            work = self.folder / "run"
            database = seed.copied(seeded, work)
            with self.sink(way)() as (port, counts):
                done = sent(self.settings(way, port) | {"data_dir": work}, environment=self.environment(way))
            self.check(done, counts, readers)
            assert seed.rows_in(database, _DONE) == readers
            return done

        return run

    def sink(self, way: Way) -> Listening:
        """Give what the letters travel to."""
        options = ("--tls", self.certificate.chain, self.certificate.key) if way.tls else ()
        return way.listening or (lambda: listening(*options))

    def settings(self, way: Way, port: int) -> dict[str, object]:
        """Give the program's settings."""
        scheme, query = ("smtps", "") if way.tls else ("smtp", "?starttls=never")
        chosen = {"smtp_url": f"{scheme}://127.0.0.1:{port}{query}", "connections": way.connections}
        signing = {"dkim_keys": f"s1={self.key}"} if way.signed else {}
        return {**seed.HOUSE, **chosen, **signing}

    def environment(self, way: Way) -> dict[str, str]:
        """Give what the program must find around it."""
        return {"SSL_CERT_FILE": str(self.certificate.authority)} if way.tls else {}

    def check(self, done: Run, counts: Counts, readers: int) -> None:
        """See to it that every reader had one letter, before anything is said of speed."""
        assert counts["letters"] == done.count == readers, (counts, done)
        assert counts.get("recipients", readers) == readers, counts
        self.counts.append(counts)
