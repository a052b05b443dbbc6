"""Keeping what is kept no longer than was said, in small steps: letters go out between one and the next."""

import asyncio
from datetime import datetime, timedelta
from functools import partial

from service.observability import log
from service.store import retention
from service.store.dialect import Store

_STEPS_MOST = 400  # at a time, of each: what is left waits for the next hour
_BETWEEN_SECONDS = 0.02


async def forget(store: Store, keep_notices: int, keep_attempts: int, now: datetime) -> dict[str, int]:
    """Remove what has been kept for so many days at that moment, and give the room back; gives how many of each."""
    kept = timedelta(days=keep_notices)
    steps = {
        "attempts": partial(retention.forget_attempts, before=now - timedelta(days=keep_attempts)),
        "notices": partial(retention.forget_notices, before=now - kept),
        "own_words": partial(retention.forget_own_words, before=now - kept),
    }
    removed = dict.fromkeys(steps, 0)
    for name, step in steps.items():
        for _ in range(_STEPS_MOST):
            async with store.write() as tx:
                count = await step(tx)
            removed[name] += count
            if not count:
                break
            await asyncio.sleep(_BETWEEN_SECONDS)
    for _ in range(_STEPS_MOST):
        if not await store.shrink():
            break
        await asyncio.sleep(_BETWEEN_SECONDS)
    if any(removed.values()):
        log.info("forgotten", **removed)
    return removed
