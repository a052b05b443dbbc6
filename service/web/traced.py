"""A span for each request: its method, what answers it, its status. Never its address: that may be signed."""

from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service import tracing


class Traced:
    """The layer that takes the time of a request."""

    def __init__(self, app: ASGIApp) -> None:
        """Take what answers."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        statuses: list[int] = []

        async def sends(message: Message) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])
            await send(message)

        with tracing.span("request", **{"http.request.method": scope["method"]}) as taken:
            await self._app(scope, receive, sends)
            answers = scope.get("endpoint")
            where = f"{getattr(answers, '__module__', '')}.{getattr(answers, '__name__', '')}".strip(".")
            facts: dict[str, str | int] = {"code.function.name": where, "http.response.status_code": sum(statuses[:1])}
            tracing.tell(taken, **facts)


def layers() -> list[Middleware]:
    """Give the layer, where traces are taken."""
    return [Middleware(Traced)] if tracing.is_on() else []
