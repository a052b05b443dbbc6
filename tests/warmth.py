"""What every child of the nursery needs, imported, read and done once: the program, its pages, its words, a round."""

from pathlib import Path
from tempfile import TemporaryDirectory

import service.cli
import service.store.migrating
import service.web.metrics
import service.web.site
import tests.faults.post
from service.app import Role, build
from service.checking import languages
from service.rendering.locales import load
from service.running import prepare
from service.settings import Settings, shipped
from service.waiting import waited_for
from service.web.pages import templates_in
from tests import compiled
from tests.printers import AtHand

LOADED = (service.cli, service.store.migrating, service.web.metrics, service.web.site, tests.faults.post)


def warm() -> None:
    """Read what every child would read, and do what most would do: what is made for it once serves them all."""
    pages = templates_in(shipped("templates") / "pages")
    for name in pages.list_templates():
        pages.get_template(name)
    spoken = languages(Settings())
    for code in spoken.codes:
        load(code)
        len(spoken.of(code).catalogue)
    compiled.share()
    with TemporaryDirectory(prefix="warmth-") as folder:
        waited_for(_a_round(Settings(data_dir=Path(folder))))


async def _a_round(settings: Settings) -> None:
    """Found an installation, and do its first round; SQLAlchemy keeps what it compiled (`tests/compiled.py`)."""
    app, _ = await prepare(settings, frozenset({Role.POST}), sample=True)
    await app.close()
    app = build(settings, printer=AtHand())
    await app.round(app.clock())
    await app.close()
