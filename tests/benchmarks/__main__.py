"""`python -m tests.benchmarks [SUBJECT…] [--large] [--write]`: measures, prints, and writes only if so asked."""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks import (
    calendars,
    claims,
    composing,
    dates,
    growth,
    horizon,
    importing,
    inbound,
    pages,
    planning,
    previews,
    rendering,
    scale,
    sending,
    workers,
)
from tests.benchmarks.harness import COLUMNS, Report, machine, table

_SUBJECTS = {
    "dates": dates.measure,
    "calendars": calendars.measure,
    "horizon": horizon.measure,
    "rendering": rendering.measure,
    "previews": previews.measure,
    "pages": pages.measure,
    "composing": composing.measure,
    "planning": planning.measure,
    "claims": claims.measure,
    "sending": sending.measure,
    "growth": growth.measure,
    "workers": workers.measure,
    "importing": importing.measure,
    "inbound": inbound.measure,
    "scale": scale.measure,
}
_MEMORY = Path("/dev/shm")  # noqa: S108  (a file system in memory, where there is one: disks of shared machines vary)
_RESULTS = Path(__file__).with_name("RESULTS.md")
_RATIO = (
    "Ratio: our speed through the peer's, measured in turn (A B A B …, five runs of each, or three where they take"
    " long), the median of the pairs; more is better."
    " Processor time is that of our side's and the peer's process alone."
)
_SHARED = "Other work ran on the same machine: only the ratios say something, and small differences do not."


def main() -> None:
    """Measure the subjects that are named, or all."""
    asking = argparse.ArgumentParser(prog="python -m tests.benchmarks", description="Speed beside a named peer.")
    asking.add_argument("subjects", nargs="*", metavar="SUBJECT", help=", ".join(_SUBJECTS))
    asking.add_argument(
        "--large", action="store_true", help="a million readers too, and the whole matrix of connections (an hour)"
    )
    asking.add_argument("--write", action="store_true", help=f"write tests/benchmarks/{_RESULTS.name}")
    asking.add_argument(
        "--folder", type=Path, default=_MEMORY if _MEMORY.is_dir() else None, help="where databases lie"
    )
    asked = asking.parse_args()
    if unknown := set(asked.subjects) - set(_SUBJECTS):
        asking.error(f"unknown: {', '.join(unknown)} (known: {', '.join(_SUBJECTS)})")
    start = time.monotonic()
    report = Report()
    for name in asked.subjects or _SUBJECTS:
        print(f"{name} …", file=sys.stderr, flush=True)
        with tempfile.TemporaryDirectory(prefix="remembrancer-bench-", dir=asked.folder) as folder:
            done = _SUBJECTS[name](Path(folder), large=asked.large)
        report.rows += done.rows
        report.facts += done.facts
    minutes = f"It took {time.monotonic() - start:.0f} seconds."
    waits = "in memory: a commit waits for no disk" if asked.folder == _MEMORY else "on a disk, as others used it"
    where = f"Databases lay in {asked.folder or tempfile.gettempdir()}, {waits} (`--folder` names another place)."
    printed = table([list(COLUMNS), *(row.cells() for row in report.rows)])
    facts = "\n".join(f"- {fact}" for fact in [*report.facts, *machine(), where, minutes])
    print(f"\n{printed}\n\n{facts}\n\n{_RATIO}")
    if asked.write:
        command = " ".join(["python -m tests.benchmarks", *sys.argv[1:]])
        title = f"# Speed, as ratios\n\nWritten by `{command}`. {_SHARED}\n\n{_RATIO}"
        _RESULTS.write_text(f"{title}\n\n{printed}\n\n{facts}\n")


if __name__ == "__main__":
    main()
