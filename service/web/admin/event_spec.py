"""What the form of an event asks for, in its order: each key of a record with the words that ask for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from service.rendering.messages import message


class Input(StrEnum):
    """How a field is typed into."""

    LINE = "line"
    AREA = "area"
    NUMBER = "number"
    CHOICE = "choice"
    TICK = "tick"
    ADDRESS = "address"


@dataclass(frozen=True, slots=True)
class Ask:
    """One key: its words, how it is typed, and what can be chosen; `worded` if it has a text for each language."""

    key: str
    label: str
    kind: Input = Input.LINE
    hint: str = ""
    choices: str = ""
    worded: bool = False
    rows: int = 2


@dataclass(frozen=True, slots=True)
class Listed:
    """A list of parts: what each asks for, and what is asked for more rarely."""

    title: str
    part: str
    add: str
    asked: Sequence[Ask]
    more: Sequence[Ask] = ()
    hint: str = ""
    at_least_one: bool = False


_DAY = message("As exactly as it is known: 1915-04-24, 1915-04 or 1915; 1915~ for about.")
_SOURCE = Ask("source", message("Source"), Input.CHOICE, choices="sources")

SECTIONS: Mapping[str, Sequence[Ask]] = {
    "id": (
        Ask(
            "id",
            message("Id"),
            hint=message("Chosen once, never changed, shown to nobody as a name; found from the title if it is empty."),
        ),
    ),
    "words": (
        Ask(
            "title", message("Title"), worded=True, hint=message("Begins the subject of a letter; under 45 characters.")
        ),
        Ask(
            "summary",
            message("Summary"),
            Input.AREA,
            message("One sentence, the first of the letter. How long ago it was is put before it by itself."),
            worded=True,
            rows=3,
        ),
        Ask(
            "narrative",
            message("What happened"),
            Input.AREA,
            message("The whole story, in Markdown. An empty line begins a paragraph."),
            worded=True,
            rows=12,
        ),
    ),
    "days": (
        Ask("first_day", message("First day"), hint=_DAY),
        Ask("last_day", message("Last day"), hint=message("Itself included; empty for an event of one day.")),
        Ask("calendar", message("Calendar of both days"), Input.CHOICE, choices="calendar"),
        Ask("precision", message("How exactly it is known"), Input.CHOICE, choices="precision"),
        Ask(
            "local_time",
            message("Time of day"),
            hint=message("HH:MM, for calendars whose days begin at sunset; needs a place with coordinates and zone."),
        ),
        Ask("after_sunset", message("It was after sunset"), Input.TICK),
        Ask(
            "observance",
            message("It is a day that is kept, not one on which something happened"),
            Input.TICK,
            message("No elapsed time is told then."),
        ),
        Ask("tone", message("Tone"), Input.CHOICE, message("The two never share a letter."), choices="tone"),
    ),
    "place": (
        Ask("place.name", message("Place"), worded=True),
        Ask("place.latitude", message("Latitude"), Input.NUMBER, message("In degrees, such as 39.8153.")),
        Ask("place.longitude", message("Longitude"), Input.NUMBER),
        Ask("place.zone", message("Time zone"), hint=message("Such as Asia/Yerevan.")),
    ),
}

_RULE_MORE = (
    Ask("observed", message("If its day does not suit"), Input.CHOICE, choices="observed"),
    Ask(
        "holidays",
        message("Holidays that working days avoid"),
        hint=message("A country, such as AM or DE-BY, or dates parted by commas."),
    ),
    Ask("only.every", message("Only every so many"), Input.NUMBER, message("10 for each tenth year.")),
    Ask("only.numbers", message("Only these numbers"), hint=message("Such as 1, 3, 25.")),
    Ask("from_number", message("From number"), Input.NUMBER),
    Ask("until", message("Until"), hint=message("The last civil date, YYYY-MM-DD.")),
    Ask(
        "id",
        message("Name of the rule"),
        hint=message("Letters that were sent hang on it: once it is saved, leave it. Empty for its kind."),
    ),
)

GROUPS: Mapping[str, Listed] = {
    "rules": Listed(
        message("How it returns"),
        message("Rule {n}"),
        message("Add another rule"),
        (
            Ask("kind", message("It returns"), Input.CHOICE, choices="kind"),
            Ask("calendar", message("Calendar"), Input.CHOICE, choices="calendar"),
            Ask("anchor", message("Which day returns"), Input.CHOICE, choices="anchor"),
            Ask("days", message("Which day of the count"), Input.LINE, message("40 for the 40th day.")),
            Ask("count", message("How days are counted"), Input.CHOICE, choices="count"),
            Ask("months", message("After how many months"), Input.NUMBER),
            Ask("n", message("Which one of the month"), Input.CHOICE, choices="n"),
            Ask("weekday", message("Weekday"), Input.CHOICE, choices="weekday"),
            Ask("month", message("Month"), Input.CHOICE, choices="month"),
            Ask("month_day", message("Date"), hint=message("Month and day: 08-15.")),
            Ask("mode", message("On which side of it"), Input.CHOICE, choices="mode"),
            Ask("tradition", message("Whose Easter"), Input.CHOICE, choices="tradition"),
            Ask("offset", message("Days after Easter"), Input.NUMBER, message("Negative for days before it.")),
            Ask("name", message("Feast"), Input.CHOICE, choices="feast"),
            Ask("term", message("Solar term"), Input.CHOICE, choices="term"),
            Ask("meridian", message("Whose midnight"), Input.CHOICE, choices="meridian"),
            Ask(
                "numbers",
                message("Years of mourning"),
                hint=message("Such as 1, 3, 7; empty for the usual ones, - for none."),
            ),
            Ask("counting", message("How days are counted"), Input.CHOICE, choices="counting"),
        ),
        (
            Ask("missing_day", message("In a year or month that lacks the day"), Input.CHOICE, choices="missing_day"),
            Ask("leap_month", message("In a year that has the month twice"), Input.CHOICE, choices="leap_month"),
            Ask("custom", message("Hebrew custom"), Input.CHOICE, choices="custom"),
            Ask("adar", message("In a year with two months of Adar"), Input.CHOICE, choices="adar"),
            Ask("reading", message("A day that was written in another calendar"), Input.CHOICE, choices="reading"),
            Ask("table", message("Table of Umm al-Qura"), Input.CHOICE, choices="table"),
            *_RULE_MORE,
        ),
        at_least_one=True,
    ),
    "sources": Listed(
        message("Sources"),
        message("Source {n}"),
        message("Add another source"),
        (
            Ask("title", message("Title"), worded=True),
            Ask("author", message("Author")),
            Ask("publisher", message("Publisher")),
            Ask("date", message("Published or said"), hint=_DAY),
            Ask("address", message("Web address"), Input.ADDRESS),
        ),
        (
            Ask("note", message("What else must be known of it"), Input.AREA, worded=True),
            Ask(
                "id", message("Short name"), hint=message("By which facts point to it; found from the title if empty.")
            ),
        ),
        message("Every figure and every fact names one of them."),
        at_least_one=True,
    ),
    "figures": Listed(
        message("Figures"),
        message("Figure {n}"),
        message("Add another figure"),
        (
            Ask("label", message("What was counted"), worded=True),
            Ask("qualifier", message("How it is to be read"), Input.CHOICE, choices="qualifier"),
            Ask("value", message("Number")),
            Ask("unit", message("Unit"), worded=True, hint=message("Such as people.")),
            Ask("as_of", message("As of"), hint=_DAY),
            _SOURCE,
        ),
        (
            Ask("superseded_by", message("Superseded by"), Input.CHOICE, choices="figures"),
            Ask("id", message("Short name")),
        ),
    ),
    "timeline": Listed(
        message("Timeline"),
        message("Entry {n}"),
        message("Add another entry"),
        (
            Ask("on", message("Day"), hint=_DAY),
            Ask("until", message("Last day"), hint=message("If it lasted.")),
            Ask("text", message("What happened then"), Input.AREA, worded=True, rows=3),
            _SOURCE,
        ),
    ),
    "unresolved": Listed(
        message("Still unresolved"),
        message("Question {n}"),
        message("Add another open question"),
        (
            Ask("text", message("What is still open"), Input.AREA, worded=True),
            Ask("as_of", message("As of"), hint=_DAY),
            _SOURCE,
        ),
    ),
    "links": Listed(
        message("Linked events"),
        message("Link {n}"),
        message("Add another link"),
        (
            Ask("kind", message("How they are tied"), Input.CHOICE, choices="link"),
            Ask("event", message("Event"), Input.CHOICE, choices="events"),
        ),
    ),
    "pictures": Listed(
        message("Pictures"),
        message("Picture {n}"),
        message("Add another picture"),
        (
            Ask("file", message("File"), hint=message("Its name in the folder of the collections' pictures.")),
            Ask("credit", message("Who made it")),
            Ask("alternative", message("What it shows"), Input.AREA, worded=True),
            Ask("source", message("Source"), Input.CHOICE, choices="sources_or_none"),
        ),
    ),
}
