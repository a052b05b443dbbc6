"""Every setting, read as the part reads it that uses it: what cannot be used is told at once, with nothing made."""

from collections.abc import Callable

from service import belongings, mailbox, post
from service.rendering.locales import Languages
from service.settings import Settings, SettingsError, shipped
from service.settings_read import named


def languages(settings: Settings) -> Languages:
    """Read which languages are spoken; raise SettingsError for one that there is not."""
    with named("languages"):
        return Languages(shipped("data") / "locales", only=settings.spoken)


def check(settings: Settings) -> Settings:
    """Give back settings that their parts can use; raise SettingsError with a line for each that cannot be used."""
    wrong: dict[str, None] = {}
    for read in _READERS:
        try:
            read(settings)
        except SettingsError as error:
            wrong[str(error)] = None
    if wrong:
        raise SettingsError("\n".join(wrong))
    return settings


_READERS: tuple[Callable[[Settings], object], ...] = (
    belongings.database_file,
    post.transport_of,
    post.paces,
    post.house,
    post.letter_box,
    post.signers,
    post.warm_up,
    post.channel_transport,
    mailbox.hooks,
    mailbox.account,
    languages,
)
