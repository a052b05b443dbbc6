"""The addresses of the feeds; they stand before those of pages, whose last step would take them in."""

from starlette.routing import Route

from service.web.feeds import own, public, sent

_GET, _POST = ["GET"], ["POST"]


def routes() -> list[Route]:
    """Give the addresses of the feeds."""
    return [
        Route("/collections.ics", public.whole_calendar, methods=_GET),
        Route("/collections.atom", public.whole_atom, methods=_GET),
        Route("/collections.json", public.whole_json, methods=_GET),
        Route("/editions.atom", sent.sent_atom, methods=_GET),
        Route("/editions.json", sent.sent_json, methods=_GET),
        Route("/collections/{id}.ics", public.collection_calendar, methods=_GET),
        Route("/collections/{id}.atom", public.collection_atom, methods=_GET),
        Route("/collections/{id}.json", public.collection_json, methods=_GET),
        Route("/events/{id}.ics", public.event_calendar, methods=_GET),
        Route("/events/{id}.atom", public.event_atom, methods=_GET),
        Route("/events/{id}.json", public.event_json, methods=_GET),
        Route("/calendar/{token}.ics", own.calendar, methods=_GET),
        Route("/manage/{token}/calendar", own.address, methods=_GET),
        Route("/manage/{token}/calendar", own.changed, methods=_POST),
    ]
