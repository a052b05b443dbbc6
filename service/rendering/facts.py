"""What an edition says beside occasions, in words: an alert to editors, and when a new reader's letters will come."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from service.domain.alert import Alert, Fact, Matter
from service.domain.channel import NAMES, Channel
from service.domain.letter import Variant
from service.domain.notice import Kind
from service.domain.subscription import Cadence, Parting
from service.rendering.asked import Links
from service.rendering.locales import Language
from service.rendering.messages import message
from service.rendering.recount import text_in
from service.rendering.views import AlertView, ByMailView, ChannelView, FactView, OfferedView

_HEADLINES = {
    Matter.SLOTS_MISSED: message("Letters of a past day were not sent"),
    Matter.NOT_RENDERED: message("A letter could not be written"),
    Matter.APPROVAL: message("Letters wait to be approved"),
    Matter.UNAPPROVED: message("Letters leave without an approval"),
    Matter.EXPIRED: message("Letters were held until their day was over"),
    Matter.STANDSTILL: message("Mail stood still"),
    Matter.RESTORED: message("A restored copy sends now"),
    Matter.POLICY: message("A mail service refuses our letters"),
}
_UNDONE = message(
    "Another way was chosen after your address had been changed. As the address was taken back, your notices and"
    " summaries come by e-mail again, and no longer by {before}."
)
_MEANINGS = {
    Matter.SLOTS_MISSED: (
        message("The service was not running at these hours, and the day has passed."),
        message("These letters are not made up for: nothing is sent late by a day."),
    ),
    Matter.NOT_RENDERED: (
        message("Something in its templates is wrong; what was found stands below."),
        message("Nobody gets this letter until it is mended. Other letters leave as ever."),
    ),
    Matter.APPROVAL: (
        message("Please read these letters before their day."),
        message("What nobody has approved by then is held or sent, as its collection says."),
    ),
    Matter.UNAPPROVED: (
        message("Their collection asks for an approval, and nobody has given it. As it says, they leave all the same."),
        message("What has not left yet can still be held or cancelled on the page of the day."),
    ),
    Matter.EXPIRED: (
        message("Nobody let them go on, and their day has passed. They were not sent and never will be."),
        message("The occasion returns in another year; what is told of it then can be approved ahead."),
    ),
    Matter.STANDSTILL: (
        message("Letters were due and did not leave. The reason stands below."),
        message("This letter left as soon as letters could leave again."),
    ),
    Matter.RESTORED: (
        message("The database lies elsewhere than it did, and the post was held, so that nothing would be sent twice."),
        message("Now it was said that no other copy sends, and the post goes on here."),
    ),
    Matter.POLICY: (
        message("It took letters from our relay and refused them after. What it says of us stands below."),
        message("No reader is to blame, and none was struck off. The command that examines deliverability may help."),
    ),
}
_ACTIONS = {
    Matter.SLOTS_MISSED: message("See what is due"),
    Matter.NOT_RENDERED: message("Open the templates"),
    Matter.APPROVAL: message("Read and approve"),
    Matter.UNAPPROVED: message("Read what leaves"),
    Matter.EXPIRED: message("Look at the day"),
    Matter.STANDSTILL: message("See how the post stands"),
    Matter.RESTORED: message("See how the post stands"),
    Matter.POLICY: message("See how the post stands"),
}


def alert_view(alert: Alert, language: Language, links: Links) -> AlertView:
    """Give what an editor is told, in their language."""
    facts = [FactView(language.date(one.on) if one.on else "", text_in(one.words, language)) for one in alert.facts]
    more = language.text("{n, plural, one {and # more} other {and # more}}", n=alert.more) if alert.more else ""
    return AlertView(
        matter=alert.matter.value,
        headline=language.text(_HEADLINES[alert.matter]),
        sentences=tuple(language.text(one) for one in _MEANINGS[alert.matter]),
        facts=tuple(facts),
        more=more,
        action=language.text(_ACTIONS[alert.matter]),
        url=f"{links.public_url}{alert.path}",
    )


def by_mail_view(facts: Mapping[str, Any], language: Language) -> ByMailView:
    """Give what can be done by mail, of the facts that `actions/helping` keeps."""
    offered = [OfferedView(text_in(title, language), address) for title, address in facts.get("collections", ())]
    count = int(facts.get("more", 0))
    return ByMailView(
        collections=tuple(offered),
        more=language.text("{n, plural, one {and # more} other {and # more}}", n=count) if count else "",
        manage=str(facts.get("manage", "")),
        unsubscribe=str(facts.get("unsubscribe", "")),
        help=str(facts.get("help", "")),
    )


def channel_view(facts: Mapping[str, Any], language: Language) -> ChannelView:
    """Give by which way notices come, of the facts that `actions/channels` keeps."""
    channel, before = (NAMES[Channel(facts[name])] if facts.get(name) else "" for name in ("channel", "before"))
    headline, words = _channel_words(channel, before, language)
    when = f"{language.date(date.fromisoformat(facts['on']))}, {facts['hour']}" if "on" in facts else ""
    if facts.get("undone"):
        words, when = language.text(_UNDONE, before=before), ""
    return ChannelView(channel, before, when, headline, words)


def _channel_words(channel: str, before: str, language: Language) -> tuple[str, str]:
    if not channel:
        words = language.text(
            "Your notices and summaries come by e-mail again, and no longer by {before}.", before=before
        )
        return language.text("Your letters come by e-mail again"), words
    if channel == before:
        words = language.text("Your notices and summaries go to another address at {channel} now.", channel=channel)
        return language.text("Your letters go to another address now"), words
    if before:
        words = language.text(
            "Your notices and summaries come by {channel} now, and no longer by {before}.",
            channel=channel,
            before=before,
        )
    else:
        words = language.text(
            "Your notices and summaries come by {channel} now, and no longer by e-mail.", channel=channel
        )
    return language.text("Your letters come by {channel} now", channel=channel), words


def comes_words(facts: Mapping[str, Any], language: Language) -> tuple[str, ...]:
    """Say when letters will come: how often and at what hour, and how many days ahead if not on the day itself."""
    if "cadence" not in facts:
        return ()
    on = int(facts.get("on", 1))
    at = {"hour": facts["hour"], "zone": facts["zone"]}
    match Cadence(facts["cadence"]):
        case Cadence.DAILY:
            often = language.text("A letter comes for each day of remembrance, at {hour} by the clock of {zone}.", **at)
        case Cadence.WEEKLY:
            often = language.text(
                "A letter comes once a week ({weekday}) at {hour} by the clock of {zone}, "
                "if the seven days from then on have a day of remembrance.",
                weekday=language.weekday(on),
                **at,
            )
        case Cadence.MONTHLY:
            often = language.text(
                "A letter comes once a month (day {n}) at {hour} by the clock of {zone}, "
                "if the month from then on has a day of remembrance.",
                n=on,
                **at,
            )
    return (often, *_leads_words(tuple(facts.get("leads", ())), language), *_form_words(facts, language))


def _leads_words(leads: Sequence[int], language: Language) -> Iterator[str]:
    if not set(leads) <= {0}:
        told = [
            language.text("{n, plural, =0 {on the day itself} one {# day ahead} other {# days ahead}}", n=n)
            for n in leads
        ]
        yield language.text("You are told {when}.", when=language.listed(told))


def _form_words(facts: Mapping[str, Any], language: Language) -> Iterator[str]:
    """Say what letters are made of and how late they may be, where that is not as usual."""
    variant = Variant(facts.get("variant", 0))
    if Variant.PLAIN in variant:
        yield language.text("They are in plain text alone.")
    if Variant.CALENDAR in variant:
        yield language.text("Those that tell of days have a calendar file.")
    if hours := facts.get("late_hours"):
        yield language.text(
            "One that would leave more than {n, plural, one {# hour} other {# hours}} late does not come.", n=hours
        )


_SAMPLES: Mapping[Kind, Mapping[str, Any]] = {
    Kind.WELCOME: {"cadence": "daily", "hour": "09:00", "zone": "Asia/Yerevan", "leads": [0, 7]},
    Kind.CONFIRMATION: {"answerable": True},
    Kind.HELP: {
        "collections": [
            [{"en": "Peace", "fr": "La paix"}, "subscribe+peace@example.org"],
            [{"en": "War"}, "subscribe+war@example.org"],
        ],
        "more": 3,
        **{to: f"{to}@example.org" for to in ("manage", "unsubscribe", "help")},
    },
    Kind.CHANNEL: {"channel": Channel.NTFY.value, "before": "", "on": "2024-09-20", "hour": "09:00"},
    Kind.FAREWELL: {"parting": Parting.BY_MAIL.value},
    Kind.ALERT: Alert(
        Matter.SLOTS_MISSED,
        (Fact({"en": "Asia/Yerevan, 09:00"}, date(2024, 9, 27)), Fact({"en": "Europe/Paris, 08:00"})),
        count=5,
    ).document(),
}


def sample_facts(kind: Kind) -> Mapping[str, Any]:
    """Give facts for a letter that nobody gets: a preview, a test."""
    return _SAMPLES.get(kind, {})
