"""The addresses of the feeds; they stand before those of pages, whose last step would take them in."""

from starlette.routing import Route

from service.web.feeds import public

_GET = ["GET"]


def routes() -> list[Route]:
    """Give the addresses of the feeds."""
    return [
        Route("/collections/{id}.ics", public.collection_calendar, methods=_GET),
        Route("/collections/{id}.atom", public.collection_atom, methods=_GET),
        Route("/collections/{id}.json", public.collection_json, methods=_GET),
        Route("/events/{id}.ics", public.event_calendar, methods=_GET),
    ]
