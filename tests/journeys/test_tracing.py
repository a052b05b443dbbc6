"""Traces, as a collector gets them: by the real exporter over HTTP, read by OpenTelemetry's own messages."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from tests.journeys.program import ANNA, Program

messages = pytest.importorskip("opentelemetry.proto.collector.trace.v1.trace_service_pb2")


@dataclass
class Collector:
    """A server that takes traces and keeps them."""

    port: int = 0
    bodies: list[bytes] = field(default_factory=list)

    def spans(self) -> dict[str, list[dict[str, Any]]]:
        """Give the facts of each span, by its name; `~` is the name of the span around it."""
        found = [span for body in self.bodies for span in _spans(body)]
        names = {span.span_id: span.name for span in found}
        told: dict[str, list[dict[str, Any]]] = {}
        for span in found:
            facts = {one.key: one.value.string_value or one.value.int_value for one in span.attributes}
            told.setdefault(span.name, []).append(facts | {"~": names.get(span.parent_span_id, "")})
        return told


def _spans(body: bytes) -> list[Any]:
    asked = messages.ExportTraceServiceRequest.FromString(body)
    return [span for one in asked.resource_spans for scope in one.scope_spans for span in scope.spans]


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    """Take what the programs of this test send."""
    kept = Collector()

    class Taking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            kept.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200 if self.path == "/v1/traces" else 404)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Taking) as server:
        kept.port = server.server_port
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{kept.port}")
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield kept
        server.shutdown()
        thread.join()


async def test_a_round_and_a_request_are_traced_without_anybodys_name(
    alone: Program, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    await alone.does("import")
    await alone.readers(ANNA)
    assert collector.bodies == []
    await alone.tick("2026-09-27T05:00:00Z")
    told = collector.spans()
    assert {"round", "plan a page", "edition", "drain", "commit of a group"} <= set(told)
    assert told["plan a page"] == [{"zone": "Asia/Yerevan", "hour": "09:00", "notices": 1, "~": "round"}]
    assert told["edition"][0]["language"] == "en"

    async with alone.running() as service:
        await service.get("subscribe")
        await service.get("manage/not-a-link-of-ours")
        assert await service.stop() == 0
    told = collector.spans()
    asked = [(one["code.function.name"], one["http.response.status_code"]) for one in told["request"]]
    assert asked == [("service.web.joining.show", 200), ("service.web.account.manage", 404)]
    assert {"tick"} <= set(told)
    everything = b"".join(collector.bodies)
    assert (b"remembrancer" in everything, b"anna" in everything, b"not-a-link" in everything) == (True, False, False)

    before = len(collector.bodies)
    monkeypatch.setenv("OTEL_SDK_DISABLED", "true")
    await alone.tick("2026-09-28T05:00:00Z")
    assert len(collector.bodies) == before
