"""What stands before every page: where requests come from, how large they may be, what every answer carries."""

from types import SimpleNamespace

import pytest
from structlog.testing import capture_logs

from service.mail.tokens import Purpose
from tests.unit.web.client import FORM, HOST, Client
from tests.unit.web.given import Grounds, a_form
from tests.unit.web.test_own_calendar import calendar_of

CROSS = [
    {"sec_fetch_site": "cross-site"},
    {"sec_fetch_site": "same-site"},
    {"sec_fetch_site": "", "origin": "https://evil.example"},
]
HEADERS = {
    "content-security-policy": "default-src 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "",
    "cache-control": "",
}


async def every_path(grounds: Grounds) -> list[str]:
    """One address for each route, all with what makes them work."""
    id_ = await grounds.reader()
    (grounds.folder / "pictures").mkdir()
    (grounds.folder / "pictures" / "valley.jpg").write_bytes(b"picture")
    grounds.letter("n1")
    links = [grounds.link(purpose, id_) for purpose in (Purpose.CONFIRM, Purpose.MANAGE, Purpose.LEAVE)]
    return [
        *("/", "/events/war", "/collections/wars", "/editions", f"/editions/{await grounds.edition('<p>x</p>')}"),
        *("/subscribe", "/subscribe/asked", "/manage", "/manage/asked", *links, f"{links[2]}/undo"),
        *(f"/collections/wars.{ending}" for ending in ("ics", "atom", "json")),
        *("/events/war.ics", f"{links[1]}/calendar", await calendar_of(grounds, id_)),
        *("/outbox", "/outbox/n1", "/outbox/n1?view=text", "/outbox/n1?view=headers", "/outbox/n1/html"),
        *("/health/live", "/health/ready", "/static/style.css", "/static/page.js", "/pictures/valley.jpg", "/none"),
    ]


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
async def test_looking_at_any_page_changes_nothing(grounds: Grounds, method: str) -> None:
    paths = await every_path(grounds)
    before = await grounds.everything()
    client = Client(grounds.app(public_url="http://localhost"), "127.0.0.1")
    for path in paths:
        answer = await client.get(path, method, host="localhost")
        assert answer.status < 500
        if method == "GET" and path != "/none" and not path.endswith("/undo"):
            assert answer.status == 200, path
    assert await grounds.everything() == before
    assert grounds.woken == 0


async def test_every_answer_carries_the_headers(grounds: Grounds) -> None:
    client = Client(grounds.app(public_url="http://localhost"), "127.0.0.1")
    for path in await every_path(grounds):
        for method in ("GET", "HEAD", "OPTIONS", "DELETE"):
            answer = await client.ask(method, path, headers={"host": "localhost", "sec-fetch-site": "same-origin"})
            for name, beginning in HEADERS.items():
                assert beginning in answer.headers.get(name, "missing"), (path, method, name)
            assert "set-cookie" not in answer.headers


async def test_pages_with_a_token_are_kept_by_nobody(grounds: Grounds) -> None:
    id_ = await grounds.reader()
    for purpose in (Purpose.CONFIRM, Purpose.MANAGE, Purpose.LEAVE):
        answer = await grounds.client().get(grounds.link(purpose, id_))
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-robots-tag"] == "noindex"


@pytest.mark.parametrize("headers", CROSS)
async def test_a_form_on_another_site_changes_nothing(grounds: Grounds, headers: dict[str, str]) -> None:
    id_ = await grounds.reader()
    before = await grounds.everything()
    given = {name.replace("_", "-"): value for name, value in headers.items() if value}
    for path, body in (
        ("/subscribe", b"address=eve@example.org"),
        ("/manage", b"address=ani@example.org"),
        (grounds.link(Purpose.CONFIRM, id_), b""),
        (grounds.link(Purpose.MANAGE, id_), b"action=leave"),
        (grounds.link(Purpose.LEAVE, id_), b"action=leave"),
        (grounds.link(Purpose.LEAVE, id_) + "/undo", b"action=undo"),
    ):
        answer = await grounds.client().ask("POST", path, body, {"content-type": FORM, **given})
        assert answer.status == 403, path
    assert await grounds.everything() == before


@pytest.mark.parametrize("headers", [{"sec-fetch-site": "none"}, {"origin": f"https://{HOST}"}, {}])
async def test_a_form_of_ours_is_taken(grounds: Grounds, headers: dict[str, str]) -> None:
    answer = await grounds.client().ask("POST", "/subscribe", b"address=x", {"content-type": FORM, **headers})
    assert answer.status == 422


async def test_too_large_a_body_is_refused_whether_or_not_its_length_is_told(grounds: Grounds) -> None:
    body = b"address=" + b"a" * 70_000
    headers = {"content-type": FORM, "sec-fetch-site": "same-origin"}
    for path in ("/subscribe", "/manage", "/leave/x", "/none"):
        told = await grounds.client().ask("POST", path, body, headers)
        assert told.status == 413
        assert "More was sent" in told.text
    for path in ("/subscribe", "/manage", "/leave/x"):
        assert (await grounds.client().ask("POST", path, body, headers, chunks=40)).status == 413


async def test_too_long_a_field_and_too_many_fields_are_refused(grounds: Grounds) -> None:
    client = grounds.client()
    assert (await client.post("/subscribe", a_form(address="a" * 3000))).status == 413
    assert (await client.post("/subscribe", [("targets", "event:war")] * 1100)).status == 413


async def test_a_body_that_cannot_be_read_is_refused_in_words(grounds: Grounds) -> None:
    for kind, body in (
        ("multipart/form-data; boundary=x", b"--x\r\nnonsense"),
        ("multipart/form-data", b"x"),
        (FORM, b"address=a%00b"),
        (FORM, b"\xff\xfe=\xff"),
    ):
        headers = {"content-type": kind, "sec-fetch-site": "same-origin"}
        answer = await grounds.client().ask("POST", "/subscribe", body, headers)
        assert answer.status in {400, 422}
        assert "<h1>" in answer.text


async def test_links_never_name_the_host_of_the_request(grounds: Grounds) -> None:
    client = grounds.client()
    for path in ("/", "/events/war", "/subscribe", "/subscribe/", "/manage"):
        answer = await client.get(path, host="evil.example")
        assert "evil.example" not in answer.text + str(answer.headers)
    done = await client.post("/subscribe", a_form(), host="evil.example")
    assert done.headers["location"] == "/subscribe/asked"


async def test_an_error_of_ours_is_said_in_words_and_noted_without_the_readers_own(grounds: Grounds) -> None:
    def broken() -> None:
        raise RuntimeError("ani@example.org")

    with capture_logs() as noted:
        answer = await grounds.client(store=SimpleNamespace(read=broken)).get("/")
    assert answer.status == 500
    assert "Something went wrong" in answer.text
    assert "content-security-policy" in answer.headers
    assert [fact["event"] for fact in noted] == ["page_failed"]
    assert "ani@" not in answer.text + str(noted)


async def test_a_method_that_a_page_does_not_know_is_refused_in_words(grounds: Grounds) -> None:
    answer = await grounds.client().ask("PUT", "/subscribe", headers={"sec-fetch-site": "same-origin"})
    assert answer.status == 405
    assert "This cannot be done here" in answer.text


async def test_pages_stand_below_the_path_of_the_public_address(grounds: Grounds) -> None:
    client = grounds.client(public_url=f"https://{HOST}/remember")
    assert 'href="/remember/events/war"' in (await client.get("/")).text
    assert (await client.post("/subscribe", a_form())).headers["location"] == "/remember/subscribe/asked"
