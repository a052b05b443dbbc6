"""Numbers for Prometheus: what this process counted, and what somebody else measured and hands over.

What can be counted from rows is counted from rows, at the moment it is asked for; only what leaves no row
behind, or too many, is counted here while it happens.
"""

from collections import Counter as Counted
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector

MEDIA_TYPE: Final = CONTENT_TYPE_PLAIN_0_0_4
_PREFIX = "remembrancer"
_RESULTS = ("accepted", "deferred", "refused", "in doubt", "unreached")
_GROUP_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256)

disable_created_metrics()  # type: ignore[no-untyped-call]  # else each counter has a second number: when this process began

_of_process = CollectorRegistry(auto_describe=True)
_letters = Counter(
    f"{_PREFIX}_letters_handed_over",
    "Letters to readers that this process handed over, by what became of them.",
    ["result"],
    registry=_of_process,
)
_groups = Histogram(
    f"{_PREFIX}_commit_group_size",
    "Intents and outcomes that one commit of this process carried.",
    registry=_of_process,
    buckets=_GROUP_SIZES,
)
ProcessCollector(namespace="", registry=_of_process)
PlatformCollector(registry=_of_process)
for _result in _RESULTS:
    _letters.labels(_result)  # a rate needs its zero from the start


@dataclass(frozen=True, slots=True)
class Measured:
    """One number, or one for each value of its label, as of now: a gauge."""

    name: str
    help: str
    values: Mapping[str, float]
    label: str = ""


def handed_over(results: Iterable[str]) -> None:
    """Count letters that this process handed over, by what became of each."""
    for result, count in Counted(results).items():
        _letters.labels(result).inc(count)


def committed(size: int) -> None:
    """Note how many intents and outcomes one commit carried."""
    _groups.observe(size)


def page(measured: Sequence[Measured]) -> bytes:
    """Write everything in the text form that Prometheus reads."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Given(measured))
    return generate_latest(registry) + generate_latest(_of_process)


class _Given(Collector):
    def __init__(self, measured: Sequence[Measured]) -> None:
        self._measured = measured

    def collect(self) -> Iterable[Metric]:
        """Give what was handed over as gauges."""
        for one in self._measured:
            family = GaugeMetricFamily(f"{_PREFIX}_{one.name}", one.help, labels=[one.label] if one.label else [])
            for value, number in one.values.items():
                family.add_metric([value] if one.label else [], number)
            yield family
