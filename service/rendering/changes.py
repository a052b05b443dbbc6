"""What has changed since the last anniversary: figures whose time is later than the event's last return."""

from collections.abc import Iterable
from datetime import date, timedelta

from service.domain.edtf import parse_day
from service.domain.event import Event
from service.domain.occasion import Occasion, occasions
from service.domain.policies import Anchor
from service.domain.rule import Rule, Yearly
from service.rendering.views import EventView, FigureView

_LOOK_BACK = timedelta(days=366 * 8)  # a 29 February may be that far


def changed_figures(event: Event, view: EventView, told: Iterable[tuple[Rule, Occasion]]) -> tuple[FigureView, ...]:
    """Give those of the figures that hold now whose time came after the anniversary before those told."""
    since = _last_return(event, told)
    if since is None:
        return ()
    holding = [figure for figure in event.figures if not figure.superseded_by]
    return tuple(
        shown
        for figure, shown in zip(holding, view.figures, strict=True)
        if parse_day(figure.as_of).first_possible("gregorian") > since.toordinal()
    )


def _last_return(event: Event, told: Iterable[tuple[Rule, Occasion]]) -> date | None:
    """Give the day of the anniversary before; None where there was none, or what is told is no anniversary."""
    before = [
        found[-1].on
        for rule, occasion in told
        if isinstance(rule, Yearly) and rule.anchor is not Anchor.EVERY_DAY
        if (found := occasions(event, rule, occasion.on - _LOOK_BACK, occasion.on - timedelta(days=1)))
    ]
    return max(before, default=None)
