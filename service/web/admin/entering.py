"""Signing in and out."""

from starlette.requests import Request
from starlette.responses import Response

from service.web.pages import pages_of


async def door(request: Request) -> Response:
    """Show the form."""
    return pages_of(request).page(request, "admin/enter.html", {})
