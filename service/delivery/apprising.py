"""Handing a message to a channel by Apprise, which blocks: for threads. The one owner of Apprise.

Apprise says whether it was taken, and else only in its log what happened, which it collects for each call: a status of
HTTP, or that the connection could not be made, or broke when the message may have arrived. Its words hold tokens and
addresses, and are kept nowhere. A message takes one connection to one place; nothing is fetched from anywhere else.
"""

import logging
import re

import apprise

from service.domain.notice import Outcome, Result, Stage

CONNECT_SECONDS, READ_SECONDS = 10.0, 20.0
_STATUS = re.compile(r"\berror=([1-5][0-9]{2})\.?\s*$")
_BROKEN = "Socket Exception: "
_NEVER_LEFT = re.compile(r"NewConnectionError|ConnectTimeoutError|NameResolutionError|SSLError|ProxyError|Invalid URL")
_ASSET = apprise.AppriseAsset(
    app_id="Remembrancer",
    app_desc="",
    app_url="",
    image_url_mask="",  # no picture from anywhere
    image_url_logo="",
    async_mode=False,
    storage_mode=apprise.PersistentStoreMode.MEMORY,
)

_log = logging.getLogger("apprise")
_log.setLevel(logging.DEBUG)  # what broke is told at that level, to whom the call collects for
_log.propagate = False
_log.addHandler(logging.NullHandler())
logging.getLogger("urllib3").setLevel(logging.ERROR)  # it tells of each path, and so of a bot's token


def can_be_used(url: str) -> bool:
    """Say whether Apprise reads a URL."""
    return apprise.Apprise.instantiate(url, asset=_ASSET) is not None


def hand_over(name: str, url: str, title: str, body: str) -> Outcome:
    """Hand a message over, and say what became of it; `name` is the channel's, for what is told of it."""
    service = apprise.Apprise.instantiate(url, asset=_ASSET)
    if service is None:
        return Outcome(Result.DEFERRED, 0, f"{name} cannot be used: its URL", Stage.CONNECT)
    service.socket_connect_timeout, service.socket_read_timeout = CONNECT_SECONDS, READ_SECONDS
    one = apprise.Apprise(asset=_ASSET)
    one.add(service)
    result = one.notify(body, title, body_format=apprise.NotifyFormat.TEXT, log_level=logging.DEBUG)
    if result:
        return Outcome(Result.ACCEPTED, 0, f"{name} took it")
    return _failed(name, [str(entry.message) for entry in result.logs()])


def _failed(name: str, said: list[str]) -> Outcome:
    """Read what is told of a message that was not taken."""
    statuses = [found[1] for line in said if (found := _STATUS.search(line))]
    broken = [line for line in said if line.startswith(_BROKEN)]
    if broken and not _NEVER_LEFT.search(broken[-1]):
        return Outcome(Result.IN_DOUBT, 0, f"the connection to {name} broke")
    if statuses and not broken:
        return Outcome(Result.DEFERRED, int(statuses[-1]), f"{name} said {statuses[-1]}")
    return Outcome(Result.DEFERRED, 0, f"{name} could not be reached", Stage.CONNECT)
