"""Ids made from titles, for those who do not want to choose one."""

import re
import unicodedata

_LONGEST = 48


def id_of(title: str, first_day: str) -> str:
    """Give an id from a title and the year of a first day: `harbour-fire-1911`; "" if nothing can be made of them."""
    letters = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    words = [word for word in re.findall(r"[a-z0-9]+", letters) if word not in {"the", "a", "an"}]
    year = next(iter(re.findall(r"[0-9]{4}", first_day)), "")
    slug = "-".join(words)[:_LONGEST].strip("-")
    return "-".join(part for part in (slug, year if year not in words else "") if part)
