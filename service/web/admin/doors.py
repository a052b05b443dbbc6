"""The two doors of the room, as pages: one asks for a password, the other for the second factor.

Whoever comes with a form in their hands, because their session ended while they typed, gets it back behind the doors.
"""

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from service.actions import passkeys
from service.actions.passkeys import DOOR, Place
from service.store import factors
from service.store.sessions import Session
from service.web.admin import kept
from service.web.given import Site
from service.web.pages import pages_of, site_of

ENTER = "/admin/enter"
SECOND = "/admin/enter/second"


@dataclass(frozen=True, slots=True)
class Onward:
    """Where somebody wants to go once they are in: to an address, or back to a form with all that they typed."""

    next: str = ""
    kept: str = ""


def place_of(site: Site) -> Place | None:
    """Give where passkeys are for; None where there can be none: they need a name and TLS, or this very machine."""
    named = site.host == "localhost" or (site.origin.startswith("https:") and not _is_number(site.host))
    return Place(site.host, site.origin, site.service_name) if named else None


async def at_the_door(request: Request) -> Response:
    """Answer who is not signed in, or no longer."""
    if request.method in {"GET", "HEAD"}:
        return pages_of(request).go(request, ENTER, next=kept.address_of(request))
    held = await kept.kept_of(request)
    words = "gone" if held.fields else ""
    return door(request, Onward(kept=held.written()), said=words, status=403)


def door(
    request: Request, onward: Onward, *, address: str = "", error: str = "", said: str = "", status: int = 200
) -> Response:
    """Give the page that asks for an address and a password, or a passkey."""
    site = site_of(request)
    shown: dict[str, Any] = {"onward": onward, "address": address, "errors": {}, "said": said, "passkey": None}
    if place := place_of(site):
        challenge, asked = passkeys.new_challenge(site.desk, DOOR, site.clock())
        shown["passkey"] = {"options": passkeys.options_to_prove(place, (), challenge, alone=True), "asked": asked}
    language = pages_of(request).language(request)
    if error:
        shown["errors"] = {"address": language.text(error)}
    return pages_of(request).page(request, "admin/enter.html", shown, status=status)


async def second(request: Request, session: Session, onward: Onward, *, error: str = "", status: int = 200) -> Response:
    """Give the page that asks for the second factor."""
    language = pages_of(request).language(request, session.editor.language)
    shown = {
        "onward": onward,
        "has_totp": session.editor.has_totp,
        "errors": {"code": language.text(error)} if error else {},
        "passkey": await passkey_asked(request, session),
    }
    return pages_of(request).page(request, "admin/second.html", shown, status=status, speaks=session.editor.language)


async def passkey_asked(request: Request, session: Session) -> dict[str, str] | None:
    """Give what a page needs to ask a session's editor for a passkey; None if they have none, or none can be used."""
    site = site_of(request)
    place = place_of(site)
    if place is None or not session.editor.has_passkey:
        return None
    async with site.store.read() as tx:
        known = await factors.passkeys_of(tx, session.editor.id)
    challenge, asked = passkeys.new_challenge(site.desk, session.id, site.clock())
    return {"options": passkeys.options_to_prove(place, known, challenge), "asked": asked}


def onward_from(request: Request, onward: Onward, language: str) -> Response:
    """Lead somebody who is in to where they wanted to go; a form is shown first, and sent when they say so."""
    site = site_of(request)
    held = kept.read(onward.kept)
    if held is None or not (held.fields or held.without_files):
        return RedirectResponse(kept.written_out(site, onward.next), 303)
    shown = {"held": held, "to": kept.written_out(site, held.to)}
    return pages_of(request).page(request, "admin/again.html", shown, speaks=language)


def _is_number(host: str) -> bool:
    return ":" in host or host.rpartition(".")[2].isdigit()
