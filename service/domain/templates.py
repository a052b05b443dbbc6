"""Everything that letters are made of at one time: templates and catalogues, by name, and their version."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

LETTERS = "letters/"
LOCALES = "locales/"  # and the language's code and ".po"
_VERSION_LENGTH = 12


@dataclass(frozen=True, slots=True)
class Templates:
    """Texts by name (`letters/notice/body.mjml`, `locales/hy.po`); `version` is their digest."""

    pieces: Mapping[str, str] = field(repr=False)
    version: str = field(init=False)

    def __post_init__(self) -> None:
        digest = hashlib.sha256()
        for name in sorted(self.pieces):
            content = self.pieces[name].encode("utf-8", "surrogatepass")
            digest.update(f"{name}\0{len(content)}\0".encode() + content)
        object.__setattr__(self, "version", digest.hexdigest()[:_VERSION_LENGTH])

    def __reduce__(self) -> tuple[type["Templates"], tuple[dict[str, str]]]:
        """Travel to another process as the texts alone."""
        return Templates, (dict(self.pieces),)

    @property
    def catalogues(self) -> Mapping[str, str]:
        """The catalogues by the code of their language."""
        named = (name for name in self.pieces if name.startswith(LOCALES))
        return {name.removeprefix(LOCALES).removesuffix(".po"): self.pieces[name] for name in named}

    def altered(self, drafts: Mapping[str, str]) -> "Templates":
        """Give the same with other texts under some names."""
        return Templates({**self.pieces, **drafts})
