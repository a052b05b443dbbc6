"""A day that is planned: a collection that asks for approval, readers who wait, and editors who look."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from service.domain.approval import Approval
from service.domain.editor import Role
from service.domain.letter import Words
from service.domain.subscription import Status, Wish
from service.scheduling import horizon
from service.scheduling.planner import Planner
from service.store import editions, events, notices
from service.store.due import EditionOn, editions_on
from tests.builders import a_collection, a_habit, an_event, at
from tests.unit.web.client import Answer, Client
from tests.unit.web.editors import seated
from tests.unit.web.given import Grounds

NOW = at("2024-09-27T05:30")
DAY = date(2024, 9, 27)
EVENTS = (an_event(), an_event(id="peace", title={"en": "A peace"}, first_day="1995-09-30"))


@dataclass
class Room:
    """The grounds, with a seat in the room."""

    grounds: Grounds
    cookies: dict[str, str]
    client: Client

    async def get(self, path: str) -> Answer:
        return await self.client.get(path, **self.cookies)

    async def post(self, path: str, **fields: str) -> Answer:
        return await self.client.post(path, [*fields.items()], **self.cookies)

    async def plan(self, now: int = 0) -> None:
        moment = NOW + timedelta(minutes=now)
        await horizon.cover(self.grounds.store, DAY - timedelta(days=5), DAY + timedelta(days=400))
        await Planner(self.grounds.store).plan(moment)

    async def render(self) -> None:
        async with self.grounds.store.write() as tx:
            for one in await editions.unrendered(tx):
                await editions.freeze(tx, one.id, Words("A war", "<body><p>It began.</p>", "It began."), (), NOW)
            await notices.release(tx)

    async def editions(self) -> list[EditionOn]:
        async with self.grounds.store.read() as tx:
            return await editions_on(tx, DAY)

    async def version(self, event: str = "war") -> str:
        """What the form on the day's page carries."""
        page = (await self.get(f"/admin/days/{DAY}")).text
        part = page.split(f'id="event-{event}"')[1]
        return part.split('name="version" value="')[1].split('"')[0]


async def a_room(
    grounds: Grounds, role: Role = Role.APPROVER, approval: Approval = Approval.HOLD, readers: int = 3
) -> Room:
    """Seat somebody before a planned day with so many readers."""
    grounds.now = NOW
    await grounds.record(*EVENTS)
    async with grounds.store.write() as tx:
        await events.save_collection(tx, replace(a_collection(), approval=approval), NOW)
    for number in range(readers):
        habit = a_habit(language="hy" if number % 3 == 2 else "en")
        await grounds.reader(f"r{number}@example.org", Status.ACTIVE, Wish(collection="wars"), habit=habit)
    room = Room(grounds, await seated(grounds.store, role, NOW), grounds.client())
    await room.plan()
    return room
