"""Where letters are rendered."""

from dataclasses import dataclass

from service.rendering.asked import Asked, Rendered
from service.rendering.render import print_letter
from service.rendering.templates import Templates


@dataclass(slots=True)
class Chamber:
    """Renders letters."""

    async def letter(self, asked: Asked, templates: Templates) -> Rendered:
        """Render what was asked with these templates."""
        return print_letter(asked, templates)
