"""The pages, all of them, by address: what `app` builds and a server serves.

`pages(Site(…))` gives an ASGI application. It trusts the connection for where a request comes from, so the
server must not rewrite it (uvicorn: `proxy_headers=False`).
"""

from functools import partial
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from service.domain.errors import RemembrancerError
from service.web import (
    account,
    archive_pages,
    channels,
    choosing,
    data,
    days,
    event_page,
    foreseen,
    health,
    hooks,
    joining,
    leaving,
    letters,
    outbox,
    own_next,
    previews,
    public,
    remembered,
    remembered_files,
    sharing,
    shelves,
    status,
    traced,
)
from service.web.admin.routes import most_bytes
from service.web.admin.routes import routes as admin_routes
from service.web.admin.templates_proofs import Proofs
from service.web.almanac import Almanac
from service.web.api import routes as api
from service.web.api.holders import Paces
from service.web.api.problems import of_status, respond
from service.web.assets import Assets, picture
from service.web.feeds.making import Feeds
from service.web.feeds.routes import routes as feed_routes
from service.web.given import Site
from service.web.pages import Pages
from service.web.previews import Drawings
from service.web.security import Guard

__all__: Final = ["Site", "pages"]

_GET, _POST = ["GET"], ["POST"]


def pages(site: Site) -> Starlette:
    """Give the application that serves every page."""
    assets = Assets(site)
    made = Pages(site, assets)
    app = Starlette(
        routes=[
            *feed_routes(),
            *_routes(assets),
            *admin_routes(),
            *api.routes(),
            *health.routes(site.store, site.clock, ticks=site.ticks),
        ],
        middleware=[*traced.layers(), Middleware(Guard, site=site, refusal=partial(_refusal, made), room=_most_bytes)],
        exception_handlers={HTTPException: partial(_of_http_error, made), RemembrancerError: made.of_error},
    )
    app.router.redirect_slashes = False  # it would write the request's own Host into an address
    app.state.site = site
    app.state.pages = made
    app.state.drawings = Drawings()
    app.state.made = public.Made()
    app.state.paces = Paces()
    app.state.almanac = Almanac(site.store)
    app.state.feeds = Feeds(site)
    app.state.foreseen = foreseen.Foreseen(site.print_plan, site.clock)
    app.state.proofs = Proofs(site.prove, site.clock)
    return app


def _routes(assets: Assets) -> list[Route]:
    return [
        Route("/", public.today, methods=_GET),
        Route("/days/{day}", days.day, methods=_GET),
        Route("/years/{year}", days.year, methods=_GET),
        Route("/events/{id}", event_page.event, methods=_GET),
        Route("/collections", shelves.listing, methods=_GET),
        Route("/collections/{id}", shelves.collection, methods=_GET),
        Route("/editions", archive_pages.listing, methods=_GET),
        Route("/editions/{id}", archive_pages.edition, methods=_GET),
        Route("/subscribe", joining.show, methods=_GET),
        Route("/subscribe", joining.asked, methods=_POST),
        Route("/subscribe/next", foreseen.fragment, methods=_POST),
        Route("/subscribe/letter", foreseen.letter, methods=_GET),
        Route("/subscribe/asked", joining.look, methods=_GET),
        Route("/confirm/{token}", joining.before_confirming, methods=_GET),
        Route("/confirm/{token}", joining.confirmed, methods=_POST),
        Route("/manage", account.lost, methods=_GET),
        Route("/manage", account.found, methods=_POST),
        Route("/manage/asked", account.look, methods=_GET),
        Route("/invitation/{token}", sharing.before_accepting, methods=_GET),
        Route("/invitation/{token}", sharing.accepted, methods=_POST),
        *_own_routes(),
        *_private_routes(),
        Route("/leave/{token}", leaving.before_leaving, methods=_GET),
        Route("/leave/{token}", leaving.left, methods=_POST),
        Route("/leave/{token}/undo", leaving.undone, methods=_POST),
        Route(f"{hooks.PATH}{{provider}}", hooks.posted, methods=_POST),
        Route("/outbox", outbox.mailbox, methods=_GET),
        Route("/outbox/{id}", outbox.opened, methods=_GET),
        Route("/outbox/{id}/html", outbox.as_html, methods=_GET),
        Route("/status/{token}", status.standing, methods=_GET),
        Route("/status/{token}/notices/{id}", status.notice, methods=_GET),
        Route("/previews/site.png", previews.picture, methods=_GET),
        Route("/previews/{kind}/{id}.png", previews.picture, methods=_GET),
        Route("/static/{name}", assets.serve, methods=_GET),
        Route("/pictures/{file:path}", picture, methods=_GET),
    ]


def _private_routes() -> list[Route]:
    """Give the pages of private dates, by the same link."""
    dates = "/manage/{token}/dates"
    return [
        Route(dates, remembered.listed, methods=_GET),
        Route(dates, remembered.changed, methods=_POST),
        Route(f"{dates}/new", remembered.new, methods=_GET),
        Route(f"{dates}/new", remembered.kept, methods=_POST),
        Route(f"{dates}/look", remembered.look, methods=_POST),
        Route(f"{dates}/import", remembered_files.asked, methods=_GET),
        Route(f"{dates}/import", remembered_files.sent, methods=_POST),
        Route(f"{dates}/export.{{ending}}", remembered_files.exported, methods=_GET),
        Route(f"{dates}/{{id}}", remembered.one, methods=_GET),
        Route(f"{dates}/{{id}}", remembered.kept, methods=_POST),
        Route(f"{dates}/{{id}}/picture", remembered.picture, methods=_GET),
        Route(f"{dates}/{{id}}/sharing", sharing.shared, methods=_POST),
    ]


def _refusal(made: Pages, request: Request, status: int) -> Response:
    """Refuse a request in the way in which it asks: a page for people, a problem for programs."""
    return respond(request, of_status(status)) if api.is_of_the_api(request) else made.refusal(request, status)


def _of_http_error(made: Pages, request: Request, error: Exception) -> Response:
    if not api.is_of_the_api(request) or not isinstance(error, HTTPException):
        return made.of_http_error(request, error)
    return respond(request, of_status(error.status_code, error.headers))


def _most_bytes(request: Request, site: Site) -> int | None:
    """Say how long a body may be that is no ordinary form: an editor's, a program's, or with a private picture."""
    own = api.most_bytes(request) or hooks.most_bytes(request)
    return most_bytes(request, site) or own or remembered.most_bytes(request, site)


def _own_routes() -> list[Route]:
    """Give the pages of one's own, by the link in a letter."""
    own = "/manage/{token}"
    return [
        Route(own, account.manage, methods=_GET),
        Route(own, account.managed, methods=_POST),
        Route(f"{own}/topics", choosing.topics, methods=_GET),
        Route(f"{own}/topics", choosing.chosen, methods=_POST),
        Route(f"{own}/topics/{{target}}", choosing.topic, methods=_GET),
        Route(f"{own}/topics/{{target}}", choosing.timed, methods=_POST),
        Route(f"{own}/next", own_next.fragment, methods=_POST),
        Route(f"{own}/habits", choosing.habits, methods=_GET),
        Route(f"{own}/habits", choosing.kept, methods=_POST),
        Route(f"{own}/{channels.PART}", channels.shown, methods=_GET),
        Route(f"{own}/{channels.PART}", channels.changed, methods=_POST),
        Route(f"{own}/letters", letters.sent, methods=_GET),
        Route(f"{own}/letters/{{notice}}", letters.letter, methods=_GET),
        Route(f"{own}/data", data.data, methods=_GET),
        Route(f"{own}/data", data.asked, methods=_POST),
        Route(f"{own}/erase", data.before_erasing, methods=_GET),
        Route(f"{own}/erase", data.erased, methods=_POST),
        Route("/address/{token}", data.before_moving, methods=_GET),
        Route("/address/{token}", data.moved, methods=_POST),
        Route("/way/{token}", channels.arrived, methods=_GET),
        Route("/download/{token}", data.before_taking, methods=_GET),
        Route("/download/{token}", data.taken, methods=_POST),
    ]
