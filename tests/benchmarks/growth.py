"""What grows with the number of readers: processor time a letter, memory, and the wait for the first letter.

The first letter is timed in the running program: `app.run` with the post's role, and the clock's part of a round begun
by hand, at the moment at which the minute would have begun it; the sink notes when the first letter was whole.
"""

import statistics
from pathlib import Path

from tests.benchmarks import letter, seed
from tests.benchmarks.harness import Report, Run
from tests.benchmarks.posting import Post, Way
from tests.benchmarks.program import first_letter
from tests.benchmarks.sink import listening

_SIZES = (10_000, 100_000)
_SIZES_LARGE = (10_000, 100_000, 1_000_000)
_FIRST = (1_000, 100_000)
_FIRST_LARGE = (1_000, 100_000, 1_000_000)
_RUNS = 3
_GOAL_CPU = 1.2  # goal 8: times that at a tenth
_GOAL_PEAK, _GOAL_MORE = 80, 32  # goal 9: MB in all, and more than with ten thousand
_GOAL_FIRST = 1.0  # goal 12: seconds


def measure(folder: Path, *, large: bool) -> Report:
    """Tell it for ten and a hundred thousand readers, and for a million if so asked."""
    report = Report()
    post = Post(folder)
    runs = {}
    for size in _SIZES_LARGE if large else _SIZES:
        run = post.ours(size, Way())
        runs[size] = [run() for _ in range(_RUNS if size < max(_SIZES_LARGE) else 1)]
        post.forget(size)
    report.facts += [_grown(runs), _remembered(runs)]
    waits = {size: _waited(folder, size) for size in (_FIRST_LARGE if large else _FIRST)}
    told = ", ".join(f"{size:,} readers {seconds:.2f} s" for size, seconds in waits.items())
    report.facts.append(
        f"The first letter was whole at the sink so long after the slot came due: {told}"
        f" (goal 12: < {_GOAL_FIRST:g} s {_met(max(waits.values()) < _GOAL_FIRST)})."
    )
    return report


def _grown(runs: dict[int, list[Run]]) -> str:
    each = {size: statistics.median(run.whole / run.count * 1000 for run in some) for size, some in runs.items()}
    told = ", ".join(f"{size:,} recipients {cost:.3f} ms" for size, cost in each.items())
    *_, before, last = each.values()
    met = _met(last <= _GOAL_CPU * before and last <= next(iter(each.values())))
    return (
        f"Processor time a letter, the start of the process included: {told}"
        f" (goal 8: the last ≤ {_GOAL_CPU} times the one before and ≤ the first: {met})."
    )


def _remembered(runs: dict[int, list[Run]]) -> str:
    peaks = {size: max(run.peak for run in some) for size, some in runs.items()}
    told = ", ".join(f"{size:,} recipients {peak:.0f} MB" for size, peak in peaks.items())
    first, *_, last = peaks.values()
    met = _met(last <= min(_GOAL_PEAK, first + _GOAL_MORE))
    return (
        f"Most memory of the sending process: {told}"
        f" (goal 9: the last ≤ {_GOAL_PEAK} MB and ≤ the first + {_GOAL_MORE} MB: {met})."
    )


def _waited(folder: Path, readers: int) -> float:
    """Give the seconds from the slot's coming due to the first letter at the sink."""
    planned = folder / f"planned{readers}"
    seed.record(planned, readers, languages=("en",), words=letter.words())
    with listening() as (port, counts):
        given = {**seed.HOUSE, "data_dir": planned, "smtp_url": f"smtp://127.0.0.1:{port}?starttls=never"}
        due_at = first_letter(given)
    seed.remove(planned)
    return float(counts["first_at"]) - due_at


def _met(is_met: bool) -> str:  # noqa: FBT001  (an answer, not a switch)
    return "met" if is_met else "MISSED"
