"""Who wants to be written to, how, and what they asked to remember."""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import email_validator

from service.domain.errors import InvalidError
from service.domain.slot import Slot, check_hour, check_zone

LEAD_DAYS_MOST = 60

# Names such as .local and .test are refused by default; the relay of a closed network knows better than we.
email_validator.SPECIAL_USE_DOMAIN_NAMES.clear()


class Status(StrEnum):
    """Where a subscriber stands. Nothing but their own act raises it."""

    PENDING = "pending"  # asked for, not confirmed yet
    ACTIVE = "active"
    LEFT = "left"
    SUPPRESSED = "suppressed"  # the address must not be written to, whoever asks
    ADDRESSEE = "addressee"  # no subscriber: whom one letter goes to (`store/addressees.py`)


class Cadence(StrEnum):
    """How often letters come."""

    DAILY = "daily"  # on the day of each occasion
    WEEKLY = "weekly"  # a summary of seven days, on Mondays
    MONTHLY = "monthly"  # a summary of the month, on its first day


class Parting(StrEnum):
    """What a farewell answers."""

    BY_MAIL = "by mail"  # a mail that asked for it
    ENDED = "ended"  # nobody asked: there is nothing more to be sent


@dataclass(frozen=True, slots=True)
class Habit:
    """How a subscriber wants to be written to; `hour` is HH:MM of the clock in `zone`."""

    language: str = "en"
    zone: str = "UTC"
    hour: str = "09:00"
    cadence: Cadence = Cadence.DAILY

    @property
    def slot(self) -> Slot:
        """The slot that these habits fall into."""
        return Slot(self.zone, self.hour)


@dataclass(frozen=True, slots=True)
class Subscriber:
    """An address and how it wants to be written to. `paused_until` is the first local day with letters again."""

    id: str
    address: str
    habit: Habit
    status: Status
    paused_until: date | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """One thing to remember: a collection or a single event, so many days ahead (0 is the day itself)."""

    collection: str | None = None
    event: str | None = None
    lead_days: int = 0

    @property
    def target(self) -> str:
        """The wish without its lead, as one string: `collection:artsakh`, `event:artsakh-war-2020`."""
        return f"collection:{self.collection}" if self.collection else f"event:{self.event}"


def read_target(text: str, lead_days: int) -> Wish:
    """Read a target as `Wish.target` writes it; raise InvalidError."""
    kind, _, name = text.partition(":")
    if kind == "collection" and name:
        return Wish(collection=name, lead_days=lead_days)
    if kind == "event" and name:
        return Wish(event=name, lead_days=lead_days)
    raise InvalidError(f"{text!r} is neither collection:ID nor event:ID", "targets")


def check_address(text: str) -> str:
    """Give an address as it goes on the wire: the local part as typed, the domain in A-labels.

    Authorities: RFC 5321 for lengths, RFC 6531 for letters beyond ASCII in the local part, IDNA 2008 for
    the domain. Refused with InvalidError: quoted local parts, comments, literals, more than one address.
    """
    try:
        checked = email_validator.validate_email(
            text.strip(),
            strict=True,
            check_deliverability=False,
            globally_deliverable=False,
        )
    except email_validator.EmailNotValidError as error:
        raise InvalidError(f"{text!r} is not an e-mail address: {error}", "address") from None
    if "." not in checked.ascii_domain and checked.ascii_domain != "localhost":
        raise InvalidError(f"{text!r} is not an e-mail address: the part after the @-sign has no dot", "address")
    return f"{checked.local_part}@{checked.ascii_domain}"


def address_key(address: str) -> str:
    """Give what makes an address one person's: letters' case does not."""
    return address.casefold()


def check_language(language: str, languages: tuple[str, ...]) -> str:
    """Give a language back if letters are written in it; raise InvalidError."""
    if language not in languages:
        known = ", ".join(languages)
        raise InvalidError(f"{language!r} is not a language of this service (allowed: {known})", "language")
    return language


def check_habit(language: str, zone: str, hour: str, cadence: str, languages: tuple[str, ...]) -> Habit:
    """Read how someone wants to be written to; raise InvalidError that names the field."""
    check_language(language, languages)
    try:
        often = Cadence(cadence)
    except ValueError:
        raise InvalidError(f"{cadence!r} is not a cadence (allowed: {', '.join(Cadence)})", "cadence") from None
    return Habit(language, check_zone(zone), check_hour(hour), often)


def check_lead_days(text: str) -> tuple[int, ...]:
    """Read days ahead, one number or several parted by blanks, `,`, `;` or `|`; raise InvalidError."""
    parts = re.split(r"[\s,;|]+", text.strip(" ,;|")) if text.strip(" ,;|") else ["0"]
    if not all(re.fullmatch(r"[0-9]{1,4}", part) and int(part) <= LEAD_DAYS_MOST for part in parts):
        raise InvalidError(f"{text!r} are not days ahead (allowed: 0 to {LEAD_DAYS_MOST})", "lead_days")
    return tuple(sorted({int(part) for part in parts}))
