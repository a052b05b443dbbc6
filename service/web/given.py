"""What the pages are given: the store, the desk, the words, the clock, and where things lie."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from service.actions.passwords import Passwords
from service.actions.subscribing import Desk
from service.domain.channel import Channels
from service.domain.notice import Result
from service.mail.hooks.posted import Hook
from service.rendering.asked import Rendered
from service.rendering.locales import Languages
from service.rendering.proof import Prove
from service.store.dialect import Store
from service.store.editions import Plan
from service.store.inbox import Arrival
from service.web.certificates import Certificates
from service.web.errands import Errands

Keep = Callable[[Sequence[Arrival]], Awaitable[None]]  # of what arrives; durably
PrintPlan = Callable[[Plan], Awaitable[Rendered]]
PrintAgain = Callable[[str], Awaitable[Rendered]]  # by the edition's id; raises NotFoundError


class Knocker(Protocol):
    """What hands a code over by a channel, and knows which there are."""

    @property
    def channels(self) -> Channels:
        """The channels that the operator has declared."""

    async def knock(self, address: str, title: str, body: str) -> Result:
        """Hand a message over to a way, once, and say what became of it."""


async def _nowhere(_arrivals: Sequence[Arrival]) -> None:
    raise ConnectionError("nothing arrives here")


@dataclass(frozen=True)
class Site:
    """All that the pages need, chosen and joined by `app`.

    `pictures` is the folder of the collections' pictures. `outbox` is the folder of letters when no relay is
    set, and None otherwise. `wake` is called after something was asked for that makes a letter. `boot` gives the
    seconds since this machine was started, by which workers are known to live. `prove` gives a letter as it would
    leave, of drafts, for editors to see; `print_again` the words of an edition, made once more of the templates that
    it names, `print_plan` those that an edition of a plan would have. `ticks` says that this process has the clock, so
    that it is not ready when the clock has stopped. `passwords` hashes those of editors. `errands` does what follows an
    answer, `even_seconds` is the least time of one that must tell nothing. `hops` is through how many proxies of ours a
    request comes. `hooks` are the providers that are believed, `keep` stores what they post, and
    `certificates` fetches what some of them sign with. `channels` are the ways beside e-mail, None without any.
    """

    store: Store
    desk: Desk
    languages: Languages
    clock: Callable[[], datetime]
    public_url: str
    service_name: str
    templates: Path
    pictures: Path
    outbox: Path | None
    wake: Callable[[], None]
    boot: Callable[[], float]
    prove: Prove
    print_again: PrintAgain
    print_plan: PrintPlan
    ticks: bool = False
    passwords: Passwords = field(default_factory=Passwords)
    errands: Errands = field(default_factory=Errands)
    hops: int = 0
    hooks: Mapping[str, Hook] = field(default_factory=dict)
    keep: Keep = _nowhere
    channels: Knocker | None = None
    certificates: Certificates = field(default_factory=Certificates)
    even_seconds: float = 0.2
    body_seconds: float = 20.0

    @property
    def origin(self) -> str:
        """The scheme, host and port under which readers reach the pages."""
        parts = urlsplit(self.public_url)
        return f"{parts.scheme}://{parts.netloc}".lower()

    @property
    def host(self) -> str:
        """The name of the machine in the public address."""
        return (urlsplit(self.public_url).hostname or "").lower()

    @property
    def prefix(self) -> str:
        """The path in the public address, before that of each page; "" for none."""
        return urlsplit(self.public_url).path.rstrip("/")
