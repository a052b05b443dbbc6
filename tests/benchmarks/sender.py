"""The process that only sends, and nothing loaded in it but what it loads in an operator's hands.

`python -m tests.benchmarks.sender NOW SETTINGS` says "ready" once the parts are joined and the database is open,
begins when a line comes in, and prints what it took as JSON: from the first claim to the last outcome.
"""

import json
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

from service.observability import set_up
from service.post import build
from service.settings import Settings
from service.settings_read import read_settings
from service.waiting import waited_for


def peak_megabytes() -> float:
    """Give the most memory that this process has ever held, in MB; its parent's does not count."""
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.is_file() else []
    held = [line.split()[1] for line in lines if line.startswith("VmHWM")]
    return int(held[0]) / 1024 if held else 0.0


async def send(now: datetime, settings: Settings) -> dict[str, float]:
    """Send all that is due, by a clock that stands at `now` when it begins."""
    begun = time.monotonic()
    post = build(settings, clock=lambda: now + timedelta(seconds=time.monotonic() - begun))
    async with post.store.read():
        pass  # the connection is there
    print("ready", flush=True)
    sys.stdin.readline()
    cpu, start = time.process_time(), time.monotonic()
    tally = await post.sender.drain()
    cpu, end = time.process_time() - cpu, time.monotonic()
    await post.store.close()
    assert tally == type(tally)(accepted=tally.accepted), tally
    return {"count": tally.accepted, "cpu": cpu, "start": start, "end": end, "peak": peak_megabytes()}


if __name__ == "__main__":
    set_up()
    moment, given = sys.argv[1:]
    print(json.dumps(waited_for(send(datetime.fromisoformat(moment), read_settings(**json.loads(given))))))
