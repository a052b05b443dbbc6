"""The README names everything that an operator may choose by name."""

from service.domain.editor import Role
from service.domain.scope import Scope
from service.domain.webhook import ASKABLE
from service.settings import PREFIX, Settings
from tests.house.repository import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_setting_scope_role_and_type_of_message_stands_in_the_readme() -> None:
    settings = [word for name in Settings.model_fields for word in (name, PREFIX + name.upper())]
    names = [*settings, *Scope, *(role.name.lower() for role in Role), *ASKABLE]
    assert [name for name in names if f"`{name}`" not in README] == []
