"""Traces for OpenTelemetry: how long a round, a page of planning, an edition, a commit, a request took.

They are taken where the extra `otel` is installed and the standard environment names where they go
(OTEL_EXPORTER_OTLP_ENDPOINT, or …_TRACES_ENDPOINT; OTEL_SDK_DISABLED=true turns it off again). Everywhere else `span`
costs a look at a name. Nothing is traced by itself: what stands in a span is written here and where `span` is called,
so that no address, no token and no words of a letter can. Of an error, its kind is told.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final

from service.observability import log

_NAMED = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_NOTHING: Final = nullcontext()
_tracer: Any = None


def set_up(environment: Mapping[str, str] = os.environ) -> None:
    """Begin to take traces, if that is asked for; what is left at the end of the process is sent then."""
    global _tracer  # noqa: PLW0603  (one for a process, as its numbers are)
    if not any(map(environment.get, _NAMED)) or environment.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return
    if find_spec("opentelemetry") is None or find_spec("opentelemetry.exporter") is None:
        log.warning("traces_not_taken", problem="the extra is not installed; from a clone: pip install '.[otel]'")
        return
    sdk, export = import_module("opentelemetry.sdk.trace"), import_module("opentelemetry.sdk.trace.export")
    otlp = import_module("opentelemetry.exporter.otlp.proto.http.trace_exporter")
    resources = import_module("opentelemetry.sdk.resources")
    name = environment.get("OTEL_SERVICE_NAME") or "remembrancer"
    provider = sdk.TracerProvider(resource=resources.Resource.create({"service.name": name}))
    provider.add_span_processor(export.BatchSpanProcessor(otlp.OTLPSpanExporter()))
    _tracer = provider.get_tracer("remembrancer")


def is_on() -> bool:
    """Say whether traces are taken."""
    return _tracer is not None


def span(name: str, /, **facts: str | int) -> AbstractContextManager[Any]:
    """Take the time of what is done within, under a name; gives what `tell` takes. Facts name nobody."""
    return _NOTHING if _tracer is None else _taken(name, facts)


def tell(taken: Any, /, **facts: str | int) -> None:
    """Add to a span what is known at its end."""
    if taken is not None:
        taken.set_attributes(facts)


@contextmanager
def _taken(name: str, facts: Mapping[str, str | int]) -> Iterator[Any]:
    opened = _tracer.start_as_current_span(
        name, attributes=facts, record_exception=False, set_status_on_exception=False
    )
    with opened as own:
        try:
            yield own
        except BaseException as error:
            status = import_module("opentelemetry.trace")
            own.set_status(status.Status(status.StatusCode.ERROR, type(error).__name__))  # its words may name somebody
            raise
