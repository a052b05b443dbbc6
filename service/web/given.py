"""What the pages are given: the store, the desk, the words, the clock, and where things lie."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from service.actions.subscribing import Desk
from service.rendering.locales import Languages
from service.rendering.proof import Prove
from service.store.dialect import Store


@dataclass(frozen=True)
class Site:
    """All that the pages need, chosen and joined by `app`.

    `pictures` is the folder of the collections' pictures. `outbox` is the folder of letters when no relay is
    set, and None otherwise. `wake` is called after something was asked for that makes a letter. `boot` gives the
    seconds since this machine was started, by which workers are known to live. `prove` gives a letter as it would
    leave, for editors to see. `ticks` says that this process has the clock, so that it is not ready when the clock
    has stopped.
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
    ticks: bool = False

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
