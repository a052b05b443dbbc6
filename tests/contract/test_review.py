"""What a hostile reading of the post found: letters that would wait for ever, and errors that would stop all of it."""

from datetime import timedelta

from service.delivery import pace
from service.store import handing, lanes
from service.store.dialect import GroupTx, Store
from service.store.lanes import Lane
from tests.contract.test_claims import NOW, ready_notices


async def test_each_letter_of_a_paced_lane_leaves_at_the_moment_that_was_kept_for_it(store: Store) -> None:
    await ready_notices(store, 30)
    await store.group(lambda tx: lanes.keep(tx, Lane("example.org", 1.0), NOW))
    left: list[int] = []
    for second in range(31):
        now = NOW + timedelta(seconds=second)

        def turn(tx: GroupTx) -> int:
            count = 0
            while claims := handing.claim(tx, "me", now, 7):
                going, waiting, moved = pace.divided(claims, lanes.known(tx), now)
                handing.put_off(tx, waiting)
                for lane in moved:
                    lanes.keep(tx, lane, now)
                count += len(going)
            return count

        left.append(await store.group(turn))
    assert left == [1] * 30 + [0]


def test_a_lane_that_was_closed_a_hundred_times_can_be_closed_again() -> None:
    lane = pace.closed_by_deferrals(Lane("example.org", failures=100), "later", NOW)
    assert lane.closed_until == NOW + timedelta(hours=4)
