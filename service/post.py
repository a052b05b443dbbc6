"""The parts that send, which `app` joins to all others, and the process that does nothing but send.

`remembrancer run --roles post` makes ready with every part there is and then becomes `python -m service.post`,
which loads these alone: what renders and what reckons would more than double its memory, for as long as it lives.
What only some posts need is imported where it is chosen.
"""

import argparse
import asyncio
import os
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parseaddr
from typing import TYPE_CHECKING, NoReturn

from service import tracing
from service.belongings import secret_keys
from service.delivery.aside import Aside
from service.delivery.channels import AT_ONCE, ChannelTransport, Taken, draw
from service.delivery.engine import InlineEngine
from service.delivery.excerpts import Excerpts
from service.delivery.line import Tally
from service.delivery.pace import Circuit, read_paces
from service.delivery.points import Reached, unobserved
from service.delivery.sender import Branch, Sender
from service.delivery.taking import Mail
from service.delivery.telling import tell
from service.delivery.transports import Transport, transport_for
from service.delivery.worker import Worker, boot_seconds
from service.domain.addresses import check_address
from service.domain.channel import Way, example, read_channels
from service.domain.errors import InvalidError
from service.domain.letter_box import LetterBox
from service.domain.warm_up import WarmUp, read_warm_up
from service.mail.compose import Composer, House
from service.mail.dkim import Signer
from service.mail.tokens import Tokens
from service.observability import set_up
from service.processes import ENDING, command_of
from service.settings import Settings
from service.settings_read import named, read_settings
from service.store.dialect import Store
from service.store.statements import BY_MAIL
from service.store.tables import VERSION
from service.waiting import stop_on_signals, waited_for

if TYPE_CHECKING:
    from service.delivery.fleet import Jobs

Clock = Callable[[], datetime]
NAME = "Remembrancer"
_STOPPED_IN_HASTE = 1


def now_utc() -> datetime:
    """Give the time of this machine; the only place that asks."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Post:
    """The joined parts that send."""

    store: Store
    tokens: Tokens
    composer: Composer
    transport: Transport
    sender: Sender
    channels: ChannelTransport | None
    beside: tuple[Sender, ...]


@dataclass(frozen=True, slots=True)
class Round:
    """What one whole round did."""

    now: datetime
    reckoned: int
    slots: int
    planned: int
    missed: int
    expired: int
    rendered: int
    sent: int
    deferred: int
    failed: int
    dropped: int


def fleet_jobs(settings: Settings) -> "Jobs | None":
    """Give the jobs of a fleet, where there is one: to load them takes a tenth of every command's start."""
    if settings.engine != "procrastinate":
        return None
    from service.delivery.fleet import Jobs  # noqa: PLC0415  (as said above)

    return Jobs(settings.database)


def build(
    settings: Settings,
    *,
    clock: Clock = now_utc,
    transport: Transport | None = None,
    reached: Reached = unobserved,
) -> Post:
    """Choose and join what sends; raise SettingsError or InvalidError for a setting that cannot be used."""
    with named("database_url"):
        store = Store(settings.database)
    tokens = Tokens(secret_keys(settings))
    composer = Composer(house(settings), tokens, signers(settings), letter_box(settings))
    chosen = transport or transport_of(settings)
    worker = Worker(store, settings.data_dir / "workers", clock, paces(settings), warm_up(settings))
    channels = channel_transport(settings)
    sender = Sender(store, composer, chosen, worker, clock, VERSION, tokens.address_hash, settings.connections, reached)
    if channels is None:
        return Post(store, tokens, composer, chosen, sender, None, ())
    beside = replace(
        sender,
        transport=channels,
        worker=replace(worker),
        connections=AT_ONCE,
        circuit=Circuit(),
        branch=Branch(Taken(channels.channels), Excerpts, draw, is_mail=False),
    )
    mail = replace(sender, branch=Branch(Mail(BY_MAIL)))
    return Post(store, tokens, composer, chosen, mail, channels, (beside,))


async def drained(senders: Sequence[Sender], now: datetime) -> Tally:
    """Have each sender send what is due as if it were `now`; gives what became of all of it."""
    all_ = Tally()
    for sender in senders:
        sent = await replace(sender, clock=lambda: now).drain()
        all_.accepted, all_.deferred = all_.accepted + sent.accepted, all_.deferred + sent.deferred
        all_.failed, all_.dropped = all_.failed + sent.failed, all_.dropped + sent.dropped
    return all_


async def run(settings: Settings, post: Post, watched: socket.socket | None, stopping: asyncio.Event) -> None:
    """Have rendered, and send, until `stopping` is set; then finish what is in flight. Tell metrics, if wanted."""
    aside = Aside(post.store, settings.database, settings.base_url)
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(InlineEngine(aside, post.sender, beside=post.beside).run(stopping))
            group.create_task(tell(post.sender, stopping))
            if watched is not None:
                group.create_task(_tell_metrics(post, watched, stopping))
    finally:
        await aside.close()
        await post.store.close()


def become(watched: socket.socket | None, greeting: str, *, verbose: bool) -> NoReturn:
    """Go on as the process that only sends, with the same number, the same files and the open port.

    Signals that end it are to be held back before: they wait until it has begun.
    """
    words = ["--greeting", greeting]
    if watched is not None:
        watched.set_inheritable(True)
        words += ["--metrics", str(watched.detach())]
    sys.stdout.flush()
    os.execv(sys.executable, [*command_of(__name__), *words, *(["--verbose"] if verbose else [])])  # noqa: S606


def main() -> None:
    """Be that process."""
    words = argparse.ArgumentParser()
    words.add_argument("--greeting", default="")
    words.add_argument("--metrics", type=int)
    words.add_argument("--verbose", action="store_true")
    said = words.parse_args()
    set_up(verbose=said.verbose)
    tracing.set_up()
    watched = socket.socket(fileno=said.metrics) if said.metrics is not None else None
    try:
        waited_for(_running(said.greeting, watched))
    except asyncio.CancelledError:  # by a second signal, which did not want to wait
        sys.exit(_STOPPED_IN_HASTE)


def transport_of(settings: Settings) -> Transport:
    """Give the way on which letters leave; raise SettingsError for what is no relay's URL."""
    with named("smtp_url"):
        return transport_for(settings.smtp_url.get_secret_value(), settings.outbox)


def paces(settings: Settings) -> dict[str, float]:
    """Read how fast domains are written to: seconds between two letters; raise SettingsError for what is no pace."""
    with named("pace"):
        return read_paces(settings.pace)


def house(settings: Settings) -> House:
    """Read who sends from the setting `sender`; raise SettingsError."""
    name, address = parseaddr(settings.sender)
    with named("sender"):
        try:
            checked = check_address(address or settings.sender)
        except InvalidError as error:
            allowed = "allowed: NAME <address@example.org>, or an address alone"
            raise InvalidError(f"{error} ({allowed})") from None
    return House(name or NAME, checked, checked, settings.base_url)


def letter_box(settings: Settings) -> LetterBox | None:
    """Read which addresses are ours, None if no mail comes here; raise SettingsError for another form."""
    if not settings.takes_mail:
        return None
    sender = house(settings).sender_address
    with named("letter_box"):
        return LetterBox.of(settings.letter_box, sender)


def signers(settings: Settings) -> tuple[Signer, ...]:
    """Read the keys that sign for the domain of `sender`; raise SettingsError for one that cannot be used."""
    if not settings.dkim_files:
        return ()
    from service.mail.keys import read_keys  # noqa: PLC0415  (seven megabytes, for those who sign)

    domain = house(settings).domain
    with named("dkim_keys"):
        return read_keys(settings.dkim_files, domain)


def warm_up(settings: Settings) -> WarmUp | None:
    """Read how many letters may leave on a day, None for any number; raise SettingsError for what is no plan."""
    with named("warm_up"):
        return read_warm_up(settings.warm_up)


def channel_transport(settings: Settings) -> ChannelTransport | None:
    """Read the channels, None if there are none; raise SettingsError that names the line, the form, what to install."""
    with named("channels"):
        channels = read_channels(settings.channels.get_secret_value())
        if not channels.urls:
            return None
        try:
            from service.delivery import apprising  # noqa: PLC0415  (an extra, of thirty megabytes)
        except ImportError:
            words = "Apprise is not installed; from a clone: pip install '.[channels]' (for an image, see the README)"
            raise InvalidError(words) from None
        for name in channels.names:
            if not apprising.can_be_used(channels.url_of(Way(name, example(name)))):
                raise InvalidError(f"Apprise cannot read the URL of {name}, in its host or port")
    return ChannelTransport(channels, apprising.hand_over)


async def _running(greeting: str, watched: socket.socket | None) -> None:
    stopping = stop_on_signals()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
    settings = read_settings()
    post = build(settings)
    print(greeting, flush=True)  # noqa: T201  (the command's answer)
    await run(settings, post, watched, stopping)


async def _tell_metrics(post: Post, watched: socket.socket, stopping: asyncio.Event) -> None:
    from service.serving import server  # noqa: PLC0415  (the web's five megabytes, for those who are watched)
    from service.web import metrics  # noqa: PLC0415

    serving = server(metrics.pages(post.store, post.sender.clock, boot_seconds, ticks=False))
    told = asyncio.create_task(serving.serve(sockets=[watched]))
    await stopping.wait()
    serving.should_exit = True
    await told


if __name__ == "__main__":
    main()
