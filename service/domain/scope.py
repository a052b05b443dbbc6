"""What a token of the API lets its holder do: scopes, each of which an editor can only hand on with the right role."""

from collections.abc import Iterable
from enum import StrEnum

from service.domain.editor import Role
from service.domain.errors import InvalidError


class Scope(StrEnum):
    """One thing that a token allows. The value is kept with tokens and told to clients: it never changes.

    A scope to write does not hold the one to read.
    """

    READ_EVENTS = "read:events"  # events, rules, occasions, collections
    WRITE_EVENTS = "write:events"
    READ_SUBSCRIBERS = "read:subscribers"  # people: addresses, habits, subscriptions, suppressions
    WRITE_SUBSCRIBERS = "write:subscribers"
    READ_NOTICES = "read:notices"  # what became of letters; no text, no address
    READ_TEMPLATES = "read:templates"
    WRITE_TEMPLATES = "write:templates"
    READ_EDITIONS = "read:editions"
    WRITE_EDITIONS = "write:editions"  # approve, stop, cancel, let go on
    READ_WEBHOOKS = "read:webhooks"
    WRITE_WEBHOOKS = "write:webhooks"  # have people's data sent to an address of one's choice

    @property
    def role(self) -> Role:
        """The least role whose holder may hand this on."""
        return _ROLES[self]


_ROLES = {
    Scope.READ_EVENTS: Role.VIEWER,
    Scope.WRITE_EVENTS: Role.EDITOR,
    Scope.READ_SUBSCRIBERS: Role.OWNER,
    Scope.WRITE_SUBSCRIBERS: Role.OWNER,
    Scope.READ_NOTICES: Role.VIEWER,
    Scope.READ_TEMPLATES: Role.VIEWER,
    Scope.WRITE_TEMPLATES: Role.APPROVER,
    Scope.READ_EDITIONS: Role.VIEWER,
    Scope.WRITE_EDITIONS: Role.APPROVER,
    Scope.READ_WEBHOOKS: Role.OWNER,
    Scope.WRITE_WEBHOOKS: Role.OWNER,
}


def read_scopes(texts: Iterable[str]) -> tuple[Scope, ...]:
    """Read scopes in their order, each once; raise InvalidError for none, or for what is none."""
    asked = {text.strip() for text in texts if text.strip()}
    unknown = sorted(asked - set(Scope))
    if unknown or not asked:
        wrong = f"{', '.join(unknown)} cannot be" if unknown else "there is no scope"
        raise InvalidError(f"{wrong} (allowed: {', '.join(Scope)})", "scopes")
    return tuple(scope for scope in Scope if scope in asked)
