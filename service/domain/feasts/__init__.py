"""Feasts that are named rather than dated: each gives its civil days in a year, postponements included.

To add one: a module with a `FEASTS` of its own, or a line in one that is there.
"""

from collections.abc import Mapping

from service.domain.feasts import armenian, jewish, orthodox
from service.domain.feasts.feast import Feast

FEASTS: Mapping[str, Feast] = {**armenian.FEASTS, **jewish.FEASTS, **orthodox.FEASTS}
