"""Printers for tests: letters rendered here and now, without a process of their own."""

from collections.abc import Callable
from datetime import datetime

from service.delivery.editions import Press
from service.delivery.preview import Proofs
from service.delivery.sets import Sets
from service.mail.compose import Composer, House
from service.mail.tokens import Tokens
from service.rendering.asked import Asked, Rendered
from service.rendering.proof import Prove
from service.rendering.render import print_letter
from service.rendering.templates import Templates, shipped_templates
from service.settings import shipped
from service.store.dialect import Store

PUBLIC_URL = "https://remember.example.org"
HOUSE = House("Remembrancer", "letters@remember.example.org", "", PUBLIC_URL)


class AtHand:
    """Renders in this process."""

    async def letter(self, asked: Asked, templates: Templates) -> Rendered:
        return print_letter(asked, templates)


def shipped_set() -> Templates:
    """The templates and catalogues that ship with the program."""
    return shipped_templates(shipped("templates"), shipped("data") / "locales")


def proving(store: Store, tokens: Tokens, clock: Callable[[], datetime]) -> Prove:
    """What makes proofs of a store's record with the shipped templates, in this process."""
    return Proofs(Press(store, AtHand(), Sets(shipped_set()), PUBLIC_URL), Composer(HOUSE, tokens), clock)
