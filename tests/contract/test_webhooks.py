"""Webhooks on both databases: other programs are told, signed, until they take it; and of a person erased, nothing."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from standardwebhooks.webhooks import Webhook as Verifier
from standardwebhooks.webhooks import WebhookVerificationError
from structlog.testing import capture_logs

from service.actions import sweeping, webhooks
from service.delivery.telling import Teller
from service.domain import webhook as words
from service.domain.errors import InvalidError
from service.domain.webhook import ASKABLE, Happening, Told
from service.rendering.locales import language_in
from service.rendering.verdict_words import verdict_words
from service.store import audit, erasing, installation, status, webhook_messages
from service.store import webhooks as webhook_store
from service.store.dialect import Store
from service.store.webhook_tables import webhook_messages as table
from tests.certificates import make_certificate
from tests.hook_server import BUSY, GONE, OK, HookServer


@dataclass
class Telling:
    """A store, a clock turned by hand, and a program that is told.

    It begins at the true time: the verifier has a clock of its own, and takes what is five minutes old.
    """

    store: Store
    server: HookServer
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def teller(self, **parts: Any) -> Teller:
        return Teller(self.store, lambda: self.now, **({"chance": lambda: 0.5} | parts))

    async def hook(self, *happenings: str, url: str = "") -> webhook_store.Webhook:
        async with self.store.write() as tx:
            return await webhooks.add(
                tx, "a test", url or self.server.url, happenings or ASKABLE, self.now, is_near=True
            )

    async def tell(self, *told: Told) -> None:
        async with self.store.write() as tx:
            await webhook_messages.tell(tx, told, self.now)

    async def look(self, teller: Teller | None = None) -> None:
        teller = teller or self.teller()
        await teller.look()
        await teller.done()

    async def rows(self) -> list[Any]:
        async with self.store.read() as tx:
            return list((await tx.execute(select(table).order_by(table.c.id))).all())

    async def seen(self, hook: webhook_store.Webhook) -> webhook_store.Webhook:
        async with self.store.read() as tx:
            return await webhooks.of(tx, hook.id)


@pytest.fixture
async def telling(store: Store) -> AsyncIterator[Telling]:
    async with HookServer() as server:
        yield Telling(store, server)


def left(subscriber: str = "s1") -> Told:
    return words.left(subscriber, f"{subscriber}@example.org", "left", "page")


async def test_what_happened_is_told_as_standard_webhooks_has_it(telling: Telling) -> None:
    hook = await telling.hook("left")
    await telling.tell(left(), words.subscribed("s2", "en", [], "page"))
    await telling.look()
    (told,) = telling.server.told
    body = Verifier(hook.secret).verify(told.body, told.headers)
    assert body["type"] == "left"
    assert datetime.fromisoformat(body["timestamp"]) - telling.now < timedelta(seconds=1)
    assert body["data"] == {"subscriber": "s1", "address": "s1@example.org", "why": "left", "source": "page"}
    assert (told.path, told.headers["content-type"]) == ("/hook?a=b", "application/json")
    assert [(row.state, row.attempts, row.id) for row in await telling.rows()] == [("accepted", 1, told.id)]
    with pytest.raises(WebhookVerificationError):
        Verifier(hook.secret).verify(told.body + b" ", told.headers)


def test_the_signature_is_that_of_the_specifications_example() -> None:
    at, body = datetime.fromtimestamp(1614265330, UTC), b'{"test": 2432232314}'
    headers = words.signed(["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"], "msg_p5jXN8AQM9LWM0D4loKWxJek", at, body)
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


async def test_a_renewed_secret_signs_beside_the_old_one_for_a_day(telling: Telling) -> None:
    hook = await telling.hook("left")
    async with telling.store.write() as tx:
        renewed = await webhooks.renew(tx, "a test", hook.id, telling.now - words.OVERLAP + timedelta(minutes=1))
    for after in (timedelta(), timedelta(minutes=1)):
        telling.now += after
        await telling.tell(left())
        await telling.look()
    both, new = telling.server.told
    assert Verifier(hook.secret).verify(both.body, both.headers)
    assert Verifier(renewed).verify(both.body, both.headers)
    assert Verifier(renewed).verify(new.body, new.headers)
    with pytest.raises(WebhookVerificationError):
        Verifier(hook.secret).verify(new.body, new.headers)


async def test_a_secret_is_not_renewed_while_the_one_before_is_good_unless_it_is_to_be_so(telling: Telling) -> None:
    hook = await telling.hook("left")
    async with telling.store.write() as tx:
        await webhooks.renew(tx, "a test", hook.id, telling.now)
    async with telling.store.write() as tx:
        with pytest.raises(InvalidError, match=f"{telling.now + words.OVERLAP:%Y-%m-%d %H:%M} UTC"):
            await webhooks.renew(tx, "a test", hook.id, telling.now + timedelta(hours=23))
    assert hook.secret in (await telling.seen(hook)).secrets(telling.now)
    async with telling.store.write() as tx:
        await webhooks.renew(tx, "a test", hook.id, telling.now, is_at_once=True)
        await webhooks.renew(tx, "a test", hook.id, telling.now + words.OVERLAP)


async def test_where_a_webhook_is_stays_in_no_record_of_what_was_done(telling: Telling) -> None:
    hook = await telling.hook("left", url="https://crm.example.org/T0/a-secret-path")
    async with telling.store.write() as tx:
        await webhooks.end(tx, "a test", hook.id, telling.now)
        done = await audit.entries(tx, audit.Asked(), 10)
    assert "crm.example.org" in str(done)
    assert "a-secret-path" not in str(done)


async def test_status_names_what_tells_a_webhook_again_that_is_off(telling: Telling) -> None:
    hook = await telling.hook("left")
    async with telling.store.write() as tx:
        await installation.ticked(tx, telling.now)
        await webhook_store.switch_off(tx, hook.id, "a test", telling.now)
        seen = await status.standing(tx, telling.now, telling.now.timestamp())
    said = verdict_words(seen, language_in({}, "en"))
    assert "remembrancer webhook resume ID" in said.remedy


async def test_what_was_taken_is_not_counted_anew(telling: Telling) -> None:
    hook = await telling.hook("left")
    await telling.tell(left())
    await telling.look()
    await telling.tell(left("s2"), left("s3"))
    async with telling.store.read() as tx:
        assert await webhook_store.counts(tx) == {hook.id: webhook_store.Counts(2, 0)}


async def test_what_is_refused_or_not_answered_is_told_again_in_the_same_bytes(telling: Telling) -> None:
    hook = await telling.hook("left")
    await telling.tell(left())
    telling.server.answers = [BUSY, None, OK]
    teller = telling.teller(seconds=0.2)
    for wait in (0, 5, 300):
        telling.now += timedelta(seconds=wait - 1)
        await telling.look(teller)  # a second early, nothing is due
        telling.now += timedelta(seconds=1)
        await telling.look(teller)
        if not wait:
            assert (await telling.seen(hook)).words == "Internal Server Error: not today"
    assert len(telling.server.told) == 3
    assert len({(one.id, one.body) for one in telling.server.told}) == 1
    assert [(row.state, row.attempts) for row in await telling.rows()] == [("accepted", 3)]
    assert (await telling.seen(hook)).failing_since is None


async def test_who_takes_nothing_for_three_days_is_switched_off_and_can_be_told_after_all(telling: Telling) -> None:
    hook, begun = await telling.hook("left"), telling.now
    await telling.tell(left())
    telling.server.answers = [BUSY]
    while (row := (await telling.rows())[0]).state == "waiting":
        telling.now = max(telling.now, row.due_at)
        await telling.look()
    assert timedelta(days=3) < telling.now - begun < timedelta(days=4)
    assert len(telling.server.told) == 10
    assert ((await telling.seen(hook)).off_why, row.state) == ("it has taken nothing for 3 days", "failed")
    await telling.tell(left("s2"))
    assert len(await telling.rows()) == 1  # nothing is kept for who is switched off
    telling.server.answers = [OK]
    async with telling.store.write() as tx:
        assert await webhooks.resume(tx, "a test", hook.id, telling.now) == 1
    await telling.look()
    assert [row.state for row in await telling.rows()] == ["accepted"]


async def test_who_answers_that_it_is_gone_is_told_nothing_more(telling: Telling) -> None:
    hook = await telling.hook("left")
    await telling.tell(*(left(f"s{number}") for number in range(20)))
    telling.server.answers = [GONE]
    await telling.look()
    assert len(telling.server.told) == 8
    assert (await telling.seen(hook)).off_why == "it answered 410: gone"
    assert {row.state for row in await telling.rows()} == {"failed"}


async def test_a_redirect_leads_nowhere(telling: Telling) -> None:
    await telling.hook("left")
    async with HookServer() as other:
        telling.server.answers = [f"HTTP/1.1 307 Temporary\r\nLocation: {other.url}\r\n\r\n".encode()]
        await telling.tell(left())
        await telling.look()
        assert other.told == []
    assert [(row.state, row.code) for row in await telling.rows()] == [("waiting", 307)]


async def test_retry_after_puts_the_next_try_off(telling: Telling) -> None:
    await telling.hook("left")
    telling.server.answers = [b"HTTP/1.1 429 Too Many\r\nRetry-After: 3600\r\n\r\n"]
    await telling.tell(left())
    await telling.look()
    (row,) = await telling.rows()
    assert row.due_at == telling.now + timedelta(hours=1)


async def test_who_dies_between_handing_over_and_recording_tells_the_same_again(telling: Telling) -> None:
    await telling.hook("left")
    await telling.tell(left())

    def die() -> None:
        raise SystemError("killed here")

    await telling.look(telling.teller(handed=die))
    await telling.look()
    assert len(telling.server.told) == 1  # it is in the hands of who claimed it, for all that others know
    telling.now += timedelta(minutes=1)
    await telling.look()
    first, second = telling.server.told
    assert (first.id, first.body) == (second.id, second.body)
    assert [(row.state, row.generation) for row in await telling.rows()] == [("accepted", 2)]


async def test_two_processes_tell_each_thing_once(telling: Telling, database_url: str) -> None:
    await telling.hook("left")
    await telling.tell(*(left(f"s{number}") for number in range(40)))
    other = Telling(Store(database_url), telling.server, telling.now)
    await asyncio.gather(telling.look(), other.look())
    await other.store.close()
    assert len(telling.server.told) == len({one.id for one in telling.server.told}) == 40


async def test_two_processes_that_hear_at_once_that_it_is_gone_wait_for_each_other(
    telling: Telling, database_url: str
) -> None:
    hook = await telling.hook("left")
    await telling.tell(*(left(f"s{number}") for number in range(16)))
    telling.server.answers = [GONE]
    other = Telling(Store(database_url), telling.server, telling.now)
    async with asyncio.timeout(20):
        await asyncio.gather(telling.look(), other.look())
    await other.store.close()
    assert (await telling.seen(hook)).off_at == telling.now
    assert {row.state for row in await telling.rows()} == {"failed"}
    assert all(row.code == 410 or row.words == webhook_store.SWITCHED_OFF for row in await telling.rows())


async def test_one_that_is_silent_keeps_no_other_waiting(telling: Telling) -> None:
    async with HookServer([None]) as silent:
        await telling.hook("left", url=silent.url)
        await telling.hook("left")
        await telling.tell(left())
        teller = telling.teller(seconds=30)
        await teller.look()
        await asyncio.gather(silent.was_told(1), telling.server.was_told(1))
        while len(teller._busy) > 1:
            await asyncio.wait([*teller._busy.values()], return_when=asyncio.FIRST_COMPLETED)
        await telling.tell(left("s2"))
        await teller.look()
        await telling.server.was_told(2)
        for task in teller._busy.values():
            task.cancel()
        await teller.done()


async def test_a_certificate_that_nobody_vouches_for_ends_the_talk(telling: Telling, tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path, ["localhost"])
    async with HookServer(tls=certificate.context()) as server:
        hook = await telling.hook("left", url=server.url)
        await telling.tell(left())
        await telling.look()
        assert "its certificate is not valid" in (await telling.seen(hook)).words
        telling.now += timedelta(seconds=5)
        trusts = ssl.create_default_context(cafile=str(certificate.authority))
        await telling.look(telling.teller(trusts=trusts))
        assert len(server.told) == 1


async def test_nothing_leaves_while_the_post_is_paused(telling: Telling) -> None:
    await telling.hook("left")
    await telling.tell(left())
    async with telling.store.write() as tx:
        await installation.pause(tx, "moving", telling.now)
    await telling.look()
    assert telling.server.told == []
    async with telling.store.write() as tx:
        await installation.resume(tx)
    await telling.look()
    assert len(telling.server.told) == 1


async def test_who_pauses_while_a_webhook_is_told_has_it_told_no_more_than_what_is_in_hand(telling: Telling) -> None:
    await telling.hook("left")
    await telling.tell(*(left(f"s{number}") for number in range(40)))
    telling.server.answers = [None]
    teller = telling.teller(seconds=30)
    await teller.look()
    await telling.server.was_told(8)
    async with telling.store.write() as tx:
        await installation.pause(tx, "an alarm", telling.now)
    telling.server.answer_all(OK)
    await teller.done()
    assert len(telling.server.told) == 8
    assert [row.state for row in await telling.rows()].count("accepted") == 8


@pytest.mark.parametrize("code", [204, 500])
async def test_of_what_a_receiver_answers_nothing_stays_that_is_an_address_or_does_something_to_a_terminal(
    telling: Telling, code: int
) -> None:
    hook = await telling.hook("left")
    await telling.tell(left())
    words = "no\x00 \x1b[31mroom for ani@example.org"
    telling.server.answers = [f"HTTP/1.1 {code} {words}\r\n\r\n{words * 20}".encode()]
    with capture_logs() as logged:
        await telling.look()
    (row,) = await telling.rows()
    assert row.attempts == 1
    for said in (row.words, (await telling.seen(hook)).words):
        assert said.startswith("no [31mroom for …@example.org")
        assert said.isprintable()
        assert "ani" not in said
        assert len(said) <= 400
    assert "room" not in str(logged)


async def test_what_was_told_is_forgotten_in_time_and_with_its_person(telling: Telling) -> None:
    hook = await telling.hook("left")
    await telling.tell(left("s1"), left("s2"))
    await telling.look()
    await telling.tell(left("s1"))
    async with telling.store.write() as tx:
        await erasing.remove(tx, "s1", telling.now)
    assert [row.subscriber_id for row in await telling.rows()] == ["s2"]
    async with telling.store.write() as tx:
        await sweeping.forget(tx, telling.now + timedelta(days=6))
    assert len(await telling.rows()) == 1
    async with telling.store.write() as tx:
        await webhooks.end(tx, "a test", hook.id, telling.now)
        await sweeping.forget(tx, telling.now + timedelta(days=8))
        assert await webhook_store.listed(tx) == []
    assert await telling.rows() == []


async def test_an_erasure_reaches_who_asked_for_other_things_and_who_is_switched_off_for_long(telling: Telling) -> None:
    hook = await telling.hook("confirmed")
    await telling.hook("edition_ready")
    async with telling.store.write() as tx:
        await webhook_store.switch_off(tx, hook.id, "a test", telling.now)
        await webhook_messages.tell_erased(tx, words.erased("s1"), telling.now)
    await telling.look()
    assert telling.server.told == []
    async with telling.store.write() as tx:
        await webhook_store.switch_off(tx, hook.id, "a test", telling.now)  # as a process that had it in hand may
        await sweeping.forget(tx, telling.now + timedelta(days=90))
        assert await webhooks.resume(tx, "a test", hook.id, telling.now) == 1
    await telling.look()
    assert [json.loads(one.body)["data"]["why"] for one in telling.server.told] == ["erased"]
    async with telling.store.write() as tx:
        await sweeping.forget(tx, telling.now + timedelta(days=90))
    assert await telling.rows() == []


async def test_a_group_is_told_by_one_statement_and_where_nobody_asks_nothing_is_kept(telling: Telling) -> None:
    told = [words.sent(f"s{number}", f"n{number}", "notice", {"edition": "e"}) for number in range(5)]
    await telling.store.group(lambda tx: webhook_messages.tell_in_group(tx, told, telling.now))
    assert await telling.rows() == []
    await telling.hook("sent")
    await telling.hook("left")
    await telling.store.group(lambda tx: webhook_messages.tell_in_group(tx, told, telling.now))
    await telling.look()
    assert {json.loads(one.body)["data"]["notice"] for one in telling.server.told} == {
        f"n{number}" for number in range(5)
    }
    assert len({row.id for row in await telling.rows()}) == 5


async def test_a_test_goes_to_one_webhook_whatever_it_wants(telling: Telling) -> None:
    hook = await telling.hook("left")
    await telling.hook("sent")
    async with telling.store.write() as tx:
        await webhooks.test(tx, hook.id, telling.now)
    await telling.look()
    assert [json.loads(one.body)["type"] for one in telling.server.told] == [Happening.TEST]


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.org/",
        "example.org",
        "https://",
        "https://us:secret@example.org/",
        "https://example.org/#here",
        "https://example.org:0/",
        "https://exa mple.org/",
        "http://example.org/",
        "http://192.0.2.1.example.org/",
        "http://8.8.8.8/",
    ],
)
def test_a_webhook_can_be_at_no_other_place(url: str) -> None:
    with pytest.raises(InvalidError):
        words.check_url(url, is_near=True)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.1", "2130706433", "[::1]", "[::]", "0", "10.1.2.3", "localhost.", "crm.internal"]
)
def test_a_private_host_has_to_be_asked_for_with_https_too(host: str) -> None:
    with pytest.raises(InvalidError, match="--private"):
        words.check_url(f"https://{host}/")
    assert words.check_url(f"https://{host}/", is_near=True)


def test_plain_http_has_to_be_asked_for() -> None:
    for url in ("http://localhost:1/", "http://127.0.0.1/", "http://[::1]/", "http://10.1.2.3/", "http://crm/"):
        assert words.check_url(url, is_near=True) == url
        with pytest.raises(InvalidError, match="--private"):
            words.check_url(url)
    assert words.check_url("https://crm.example.org:8443/hook?a=b")
