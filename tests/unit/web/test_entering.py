"""The doors of the editors' room: what was typed is not lost, and nobody comes through from elsewhere."""

import re
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from service.domain.editor import Role
from service.store import audit
from service.web.admin import kept
from service.web.admin.access import Seat
from service.web.admin.routes import SEATS
from tests.unit.web.client import HOST, Client
from tests.unit.web.editors import PASSWORD, Visitor, an_editor, cheap, code_at, cookies_of, hidden, seated
from tests.unit.web.given import Grounds

OWNER = "owner@example.org"
INVITATION = [("address", "vahan@example.org"), ("name", 'Վահան "V" <b>'), ("role", "editor"), ("more", "one\r\ntwo")]


@pytest.fixture
async def owner(grounds: Grounds) -> Visitor:
    """An owner who has just signed in, at the clock's present."""
    client = Client(grounds.app(passwords=cheap()))
    editor = await an_editor(grounds.store, Role.OWNER, password=PASSWORD)
    cookie = (await cookies_of(grounds.store, editor, grounds.now))["cookie"]
    return Visitor(client, dict([cookie.split("=", 1)]))


async def people(grounds: Grounds) -> int:
    return len((await grounds.everything())["editors"])


async def test_a_form_outlives_the_session_in_which_it_was_typed(grounds: Grounds, owner: Visitor) -> None:
    grounds.now += timedelta(minutes=31)
    answer = await owner.post("/admin/editors?x=1", INVITATION)
    assert answer.status == 403
    assert "What you typed is kept" in answer.text
    wrong = await owner.enter(OWNER, "wrong", **dict(hidden(answer.text, "/admin/enter")))
    assert wrong.status == 422
    second = await owner.enter(OWNER, **dict(hidden(wrong.text, "/admin/enter")))
    assert second.status == 200
    again = await owner.post(
        "/admin/enter/second", [("code", code_at(grounds.now)), *hidden(second.text, "/admin/enter/second")]
    )
    assert hidden(again.text) == INVITATION
    assert 'action="/admin/editors?x=1"' in again.text
    assert await people(grounds) == 1
    assert "They may come in" in (await owner.post("/admin/editors?x=1", hidden(again.text))).text
    assert "Վահան &#34;V&#34; &lt;b&gt;" in (await owner.get("/admin/editors")).text


async def test_a_page_is_found_again_after_signing_in(grounds: Grounds, owner: Visitor) -> None:
    grounds.now += timedelta(minutes=31)
    led = (await owner.get("/admin/audit?who=Ani&path=1")).headers["location"]
    assert led == "/admin/enter?next=%2Fadmin%2Faudit%3Fwho%3DAni%26path%3D1"
    second = await owner.enter(OWNER, **dict(hidden((await owner.get(led)).text, "/admin/enter")))
    led = second.headers["location"]
    asked = await owner.get(led)
    fields = [("code", code_at(grounds.now)), *hidden(asked.text, "/admin/enter/second")]
    assert (await owner.post("/admin/enter/second", fields)).headers["location"] == "/admin/audit?who=Ani&path=1"


ELSEWHERE = [
    *(
        "https://evil.example/admin",
        "//evil.example/admin",
        "/admin/../../evil",
        "/\\evil.example",
        "/admin//evil.example",
    ),
    *(
        "/administrator",
        "javascript:alert(1)",
        "/admin\r\nSet-Cookie: x=1",
        "/admin/%0d%0a",
        "",
        "/leave/x",
        "/admin\\x",
    ),
]


@pytest.mark.parametrize("address", ELSEWHERE)
async def test_nobody_is_sent_on_to_elsewhere(grounds: Grounds, owner: Visitor, address: str) -> None:
    fields = {"next": address, "kept": '["' + address + '", [["a", "b"]], false]'}
    answer = await Visitor(owner.client).enter(OWNER, **fields)
    led = answer.headers.get("location", "/admin")
    assert led.startswith("/admin")
    asked = [("code", code_at(grounds.now)), *fields.items()]
    answer = await owner.post("/admin/enter/second", asked)
    assert answer.headers.get("location", "/admin").startswith("/admin")
    assert "evil" not in answer.headers.get("location", "").removeprefix("/admin/%0d%0a")


async def test_what_cannot_be_undone_asks_again_who_it_is_and_then_goes_on(grounds: Grounds, owner: Visitor) -> None:
    grounds.now += timedelta(minutes=11)
    before = owner.cookies["__Host-editor"]
    asked = await owner.post("/admin/editors", INVITATION)
    assert asked.status == 403
    assert "show again that it is you" in asked.text
    assert hidden(asked.text, "/admin/editors") == INVITATION
    wrong = await owner.post("/admin/editors", [*hidden(asked.text, "/admin/editors"), ("proof_password", "wrong")])
    assert wrong.status == 422
    assert hidden(wrong.text, "/admin/editors") == INVITATION
    assert await people(grounds) == 1
    proof = ("proof_code", code_at(grounds.now))
    assert "They may come in" in (await owner.post("/admin/editors", [*INVITATION, proof])).text
    assert await people(grounds) == 2
    assert owner.cookies["__Host-editor"] != before
    grounds.now += timedelta(minutes=9)
    assert (await owner.post("/admin/you/codes")).status == 200
    grounds.now += timedelta(minutes=2)
    assert (await owner.post("/admin/you/codes")).status == 403
    assert (await owner.post("/admin/you/codes", [("proof_password", PASSWORD)])).status == 200


async def test_a_page_may_ask_again_who_it_is(grounds: Grounds, owner: Visitor) -> None:
    seat = Seat("/admin/you", SEATS[0].page, Role.VIEWER, fresh=True)
    assert seat.route().methods == {"GET", "HEAD"}
    grounds.now += timedelta(minutes=11)
    asked = await owner.get("/admin/prove?next=/admin/you%3Fdone=kept")
    fields = [("proof_password", PASSWORD), *hidden(asked.text, "/admin/prove")]
    assert (await owner.post("/admin/prove", fields)).headers["location"] == "/admin/you?done=kept"


async def test_secrets_and_files_are_not_kept(grounds: Grounds, owner: Visitor) -> None:
    grounds.now += timedelta(minutes=31)
    fields = [("present_password", PASSWORD), ("new_password", "nine lamps, one shore"), ("code", "123456")]
    answer = await owner.post("/admin/you/password", fields)
    assert "lamps" not in answer.text
    assert PASSWORD not in answer.text
    assert "123456" not in answer.text
    body = (
        b'--x\r\nContent-Disposition: form-data; name="why"\r\n\r\nso it was\r\n'
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\nhidden,words\r\n--x--\r\n'
    )
    headers = {
        "content-type": "multipart/form-data; boundary=x",
        "sec-fetch-site": "same-origin",
        "cookie": f"__Host-editor={owner.cookies['__Host-editor']}",
    }
    answer = await owner.client.ask("POST", "/admin/editors", body, headers)
    held = kept.read(dict(hidden(answer.text, "/admin/enter"))["kept"])
    assert held == kept.Kept("/admin/editors", (("why", "so it was"),), without_files=True)


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {},
        {"content-type": "text/plain", "sec-fetch-site": "cross-site"},
        {"content-type": "application/json", "origin": "https://evil.example"},
    ],
    ids=repr,
)
async def test_case_113_a_form_from_elsewhere_changes_nothing(
    grounds: Grounds, owner: Visitor, headers: dict[str, str]
) -> None:
    before = await grounds.everything()
    cookie = f"__Host-editor={owner.cookies['__Host-editor']}"
    given = {"content-type": "application/x-www-form-urlencoded", **headers, "cookie": cookie}
    for seat in SEATS:
        if seat.method != "GET":
            path = re.sub(r"\{[^}]+\}", "x", seat.path)
            assert (await owner.client.ask(seat.method, path, b"name=Eve&session=others", given)).status == 403, path
    assert await grounds.everything() == before


async def test_a_form_of_ours_is_taken_by_either_header(owner: Visitor) -> None:
    cookie = f"__Host-editor={owner.cookies['__Host-editor']}"
    form = {"content-type": "application/x-www-form-urlencoded", "cookie": cookie}
    for headers in ({"sec-fetch-site": "same-origin"}, {"origin": f"https://{HOST}"}):
        answer = await owner.client.ask("POST", "/admin/you", b"name=Ani&language=en", {**form, **headers})
        assert answer.status == 303


async def test_longer_bodies_are_taken_from_editors_only(owner: Visitor) -> None:
    long = [("name", "x" * 100_000), ("language", "en")]
    assert (await owner.post("/admin/you", long)).status == 303
    assert (await owner.post("/admin/you", [("name", "x" * 1_100_000)])).status == 413
    assert (await owner.post("/subscribe", long)).status == 413
    assert (await Visitor(owner.client).post("/admin/you", long)).status == 413
    assert (await Visitor(owner.client).post("/admin/enter", long)).status == 413


@pytest.mark.parametrize("role", [Role.VIEWER, Role.EDITOR, Role.APPROVER])
async def test_case_114_who_is_no_owner_is_refused_in_words_and_it_is_noted(grounds: Grounds, role: Role) -> None:
    cookie = await seated(grounds.store, role)
    client = grounds.client()
    for path in ("/admin/editors", "/admin/audit", "/admin/audit/export"):
        answer = await client.get(path, **cookie)
        assert answer.status == 403
        assert "This page is for owners." in answer.text
    assert (await client.post("/admin/editors", INVITATION, **cookie)).status == 403
    async with grounds.store.read() as tx:
        found = await audit.entries(tx, audit.Asked(), 10)
    assert [entry.subject for entry in found if entry.action == "refused"] == [
        "POST /admin/editors", "GET /admin/audit/export", "GET /admin/audit", "GET /admin/editors",
    ]  # fmt: skip


async def test_case_118_what_is_secret_stands_in_no_log(grounds: Grounds, owner: Visitor) -> None:
    with capture_logs() as logs:
        await Visitor(owner.client).enter(OWNER, "wrong shore, seven lamps")
        await owner.get("/admin/link/a-link-that-is-not-one")
        await owner.get("/admin/you")
    told = repr(logs)
    for secret in (*owner.cookies.values(), "wrong shore", "a-link-that", OWNER):
        assert secret not in told
