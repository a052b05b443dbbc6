"""What ships with the program, read from its files."""

from pathlib import Path

from service.domain.templates import LETTERS, LOCALES, Templates

__all__ = ["LETTERS", "LOCALES", "Templates", "shipped_templates"]


def shipped_templates(templates: Path, locales: Path | None = None) -> Templates:
    """Read what ships with the program: the letters of a folder of templates, and the catalogues of a folder."""
    files = [file for file in sorted((templates / "letters").rglob("*")) if file.is_file()]
    pieces = {file.relative_to(templates).as_posix(): file.read_text(encoding="utf-8") for file in files}
    if locales is not None:
        for file in sorted(locales.glob("*/LC_MESSAGES/*.po")):
            pieces[f"{LOCALES}{file.parent.parent.name}.po"] = file.read_text(encoding="utf-8")
    return Templates(pieces)
