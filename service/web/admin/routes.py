"""The editors' room by address: one line a page, with the least role that may ask for it."""

from starlette.routing import Route

from service.web.admin.access import Seat

SEATS: tuple[Seat, ...] = ()


def routes() -> list[Route]:
    """Give the routes of the room, each guarded."""
    return [seat.route() for seat in SEATS]
