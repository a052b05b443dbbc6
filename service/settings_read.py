"""Settings as they are read and told: what is wrong with them in words, and where each comes from."""

import os
import tomllib
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from pydantic import ValidationError

from service.settings import CONFIG, PREFIX, Settings, SettingsError, config_path


def read_settings(**given: Any) -> Settings:
    """Read the settings; raise SettingsError with a line for each that is wrong."""
    unknown = [name for name in os.environ if name.startswith(PREFIX) and name != CONFIG and not _known(name)]
    if unknown:
        raise SettingsError(
            "\n".join(f"{name}: this setting is not known (known: {_names()})" for name in sorted(unknown))
        )
    if CONFIG in os.environ and not config_path().is_file():
        raise SettingsError(f"{CONFIG}: there is no file {config_path()}")
    try:
        return Settings(**given)
    except ValidationError as error:
        raise SettingsError("\n".join(_sentence(details) for details in error.errors())) from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{config_path()}: this is not TOML: {error}") from None


def origins(settings: Settings) -> dict[str, tuple[str, str]]:
    """Give each setting's value, secrets as stars, with where it comes from."""
    path = config_path()
    in_file = tomllib.loads(path.read_text()) if path.is_file() else {}
    shown = {"database_url": _without_password(settings.database), "public_url": settings.base_url}
    found = {}
    for name in Settings.model_fields:
        value = getattr(settings, name)
        variable = PREFIX + name.upper()
        origin = variable if _in_environment(variable) else str(path) if name in in_file else "default"
        hidden = _without_password(value.get_secret_value()) if name in {"smtp_url", "imap_url"} else str(value)
        found[name] = (shown.get(name, hidden), origin)
    return found


def _in_environment(variable: str) -> bool:
    return any(name.upper() == variable for name in os.environ)


def _known(variable: str) -> bool:
    return variable.removeprefix(PREFIX).lower() in Settings.model_fields


def _names() -> str:
    return ", ".join(PREFIX + name.upper() for name in Settings.model_fields)


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    return url.replace(f":{parts.password}@", ":**********@") if parts.password else url


def _sentence(details: Mapping[str, Any]) -> str:
    name = str(details["loc"][0]) if details["loc"] else "settings"
    if details["type"] == "extra_forbidden":
        return f"{name}: this setting is not known (known: {', '.join(Settings.model_fields)})"
    allowed = Settings.model_fields[name].description if name in Settings.model_fields else ""
    message = str(details["msg"]).removeprefix("Value error, ")
    return f"{PREFIX}{name.upper()}: {message}" + (f" ({allowed})" if "allowed" not in message else "")
