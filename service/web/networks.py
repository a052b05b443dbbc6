"""Where a request comes from: what the connection says, or as many proxies of ours as the operator has named."""

import ipaddress

from starlette.requests import Request

from service.domain.consent import Came, Wording
from service.domain.consent import network_of as network_prefix
from service.web.pages import site_of


def network_of(request: Request) -> str:
    """Give the address from which a request comes.

    Each proxy adds to the end of `X-Forwarded-For` from whom it heard; what stands further in front was sent by
    anybody. So of n proxies, the n-th entry from the end is taken, and of none, the connection alone. A header that is
    too short, or no address there, did not come through them: the connection is taken.
    """
    near = request.client.host if request.client else ""
    hops = site_of(request).hops
    if not hops:
        return near
    told = [one.strip() for line in request.headers.getlist("x-forwarded-for") for one in line.split(",")]
    return (_address(told[-hops]) if len(told) >= hops else "") or near


def came_of(request: Request, source: str = "page", wording: Wording | None = None) -> Came:
    """Give how an act reaches us by a request, as the proof of consent keeps it."""
    return Came(source, network_prefix(network_of(request)), wording)


def _address(text: str) -> str:
    """Read an address, which may stand with its port: 192.0.2.1:443, [2001:db8::1]:443."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return ""
