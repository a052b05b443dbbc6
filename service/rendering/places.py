"""Where somebody may be, by what their browser says of its language: `fr-CH` is read in Switzerland.

Authority: CLDR, which territory a time zone lies in. Of a territory with several zones nothing is guessed, but for the
few in which nearly everybody keeps one of them.
"""

import re
from functools import cache

from babel.core import get_global

from service.domain.slot import zones

_MOST_KEEP = {"CN": "Asia/Shanghai", "DE": "Europe/Berlin", "ES": "Europe/Madrid", "PT": "Europe/Lisbon"}
_OF_ONE_COUNTRY = {"he": "Asia/Jerusalem", "hy": "Asia/Yerevan"}  # languages
_TERRITORY = re.compile(r"[a-z]{2,3}(?:-[a-z]{4})?-([a-z]{2})\b", re.IGNORECASE)


def zone_of(accept_language: str) -> str | None:
    """Give the time zone of the first territory that a header `Accept-Language` names; None if it is not known."""
    named = _TERRITORY.search(accept_language[:1000])
    return _zones().get(named[1].upper()) if named else None


def likely_zone(language: str, accept_language: str = "") -> str:
    """Give the zone in which somebody most likely is, by what their program says of its language; UTC if it does not.

    `language` is the one that they read.
    """
    zone = zone_of(accept_language) or _OF_ONE_COUNTRY.get(language, "UTC")
    return zone if zone in zones() else "UTC"


@cache
def _zones() -> dict[str, str]:
    """Give the zone of each territory that has but one."""
    found: dict[str, list[str]] = {}
    for zone, territory in get_global("zone_territories").items():
        found.setdefault(territory, []).append(zone)
    return {territory: zones[0] for territory, zones in found.items() if len(zones) == 1} | _MOST_KEEP
