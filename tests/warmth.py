"""What every child of the nursery needs, imported and read: the program, the templates of pages, the catalogues."""

import service.cli
import service.store.migrating
import service.web.metrics
import service.web.site  # noqa: F401  (what they need)
import tests.faults.post  # noqa: F401  (as above)
from service.checking import languages
from service.rendering.locales import load
from service.settings import Settings, shipped
from service.web.pages import templates_in


def warm() -> None:
    """Read what every child would read."""
    pages = templates_in(shipped("templates") / "pages")
    for name in pages.list_templates():
        pages.get_template(name)
    spoken = languages(Settings())
    for code in spoken.codes:
        load(code)
        len(spoken.of(code).catalogue)
