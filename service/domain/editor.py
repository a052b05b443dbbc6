"""Who works in the editors' room, and what each role may do there."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

_LONGEST_NAME = 60


class Role(IntEnum):
    """What an editor may do; each may do what those before it may. The name in small letters is what is kept."""

    VIEWER = 1  # sees everything
    EDITOR = 2  # writes drafts of templates, records and collections, and sends letters to try
    APPROVER = 3  # publishes, approves, holds and cancels
    OWNER = 4  # lets people in and sees the audit

    @property
    def code(self) -> str:
        """The role as it is kept and shown in addresses."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Editor:
    """A person of the editors' room; `has_totp` and `has_passkey` say which second factors are set up."""

    id: str
    address: str
    name: str
    role: Role
    language: str
    has_totp: bool = False
    disabled_at: datetime | None = None
    has_passkey: bool = False

    @property
    def has_factor(self) -> bool:
        """Whether there is a second factor to ask for."""
        return self.has_totp or self.has_passkey

    @property
    def needs_factor(self) -> bool:
        """Whether a second factor is to be set up before anything else: who publishes has one."""
        return self.role >= Role.APPROVER and not self.has_factor

    @property
    def who(self) -> str:
        """The editor as the audit and versions name them, for good: name and address."""
        return f"{self.name} <{self.address}>" if self.name else self.address


def role_of(code: str) -> Role:
    """Read a role as it is kept; raise ValueError for anything else."""
    for role in Role:
        if role.code == code:
            return role
    raise ValueError(f"{code!r} is not a role (allowed: {', '.join(role.code for role in Role)})")


def plain_name(text: str) -> str:
    """Give a name in one line, of what can be printed, and not so long that it cannot stand beside an address."""
    printable = "".join(character for character in " ".join(text.split()) if character.isprintable())
    return printable[:_LONGEST_NAME].strip()
