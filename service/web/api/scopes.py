"""Scopes in words: on the page on which a token is made, and in the description of the API."""

from typing import Final

from service.domain.scope import Scope
from service.rendering.messages import message

WORDS: Final = {
    Scope.READ_EVENTS: message("Read events, rules, occasions and collections"),
    Scope.WRITE_EVENTS: message("Record, change and withdraw events, rules and collections"),
    Scope.READ_SUBSCRIBERS: message("Read subscribers with their addresses, subscriptions and suppressions"),
    Scope.WRITE_SUBSCRIBERS: message("Add, change, end and erase subscribers; suppress addresses"),
    Scope.READ_NOTICES: message("Read what became of letters, without addresses and texts"),
    Scope.READ_TEMPLATES: message("Read templates and their versions"),
    Scope.WRITE_TEMPLATES: message("Publish templates that pass the checks"),
    Scope.READ_EDITIONS: message("Read editions with their texts"),
    Scope.WRITE_EDITIONS: message("Approve, stop, cancel and release editions"),
    Scope.READ_WEBHOOKS: message("Read webhooks, without their secrets"),
    Scope.WRITE_WEBHOOKS: message("Make, renew, try and end webhooks, which send data of people to other programs"),
}
