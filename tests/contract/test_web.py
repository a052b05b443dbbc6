"""The pages on both databases: from the form to the letter's link and out again."""

from pathlib import Path

from service.domain.subscription import Status
from service.mail.tokens import Purpose
from service.store import subscribers
from service.store.dialect import Store
from tests.unit.web.given import Grounds, a_form


async def test_somebody_joins_changes_leaves_and_comes_back(store: Store, tmp_path: Path) -> None:
    grounds = Grounds(store, tmp_path)
    await grounds.record()
    client = grounds.client()
    assert (await client.get("/")).status == 200
    assert (await client.post("/subscribe", a_form())).headers["location"] == "/subscribe/asked"
    async with store.read() as tx:
        found = await subscribers.by_address(tx, "ani@example.org")
    assert found is not None
    assert (await client.post(grounds.link(Purpose.CONFIRM, found.id))).status == 200
    assert await grounds.status(found.id) is Status.ACTIVE
    manage = grounds.link(Purpose.MANAGE, found.id)
    assert "A war" in (await client.get(manage)).text
    saved = await client.post(f"{manage}/habits", a_form(hour="18:00"))
    assert saved.status == 303
    added = [("action", "add"), ("targets", "event:war"), ("lead_days", "7")]
    assert (await client.post(f"{manage}/topics", added)).status == 303
    leave = grounds.link(Purpose.LEAVE, found.id)
    assert (await client.post(leave, [("List-Unsubscribe", "One-Click")])).status == 200
    assert await grounds.status(found.id) is Status.LEFT
    assert (await client.post(f"{leave}/undo", [("action", "undo")])).status == 200
    assert await grounds.status(found.id) is Status.ACTIVE
    for path in ("/", "/events/war", "/collections/wars", "/editions", "/subscribe", manage, leave, "/health/ready"):
        assert (await client.get(path)).status == 200
