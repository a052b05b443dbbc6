"""The editors' room by address: one line a page, with the least role that may ask for it."""

from starlette.routing import Route

from service.web.admin import entering, records_routes
from service.web.admin.access import ENTER, Seat

SEATS: tuple[Seat, ...] = (Seat(ENTER, entering.door, None), *records_routes.SEATS)


def routes() -> list[Route]:
    """Give the routes of the room, each guarded."""
    return [seat.route() for seat in SEATS]
