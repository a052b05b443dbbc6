"""Settings as they are read and told: what is wrong with them in words, and where each comes from."""

import json
import os
import re
import textwrap
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

from pydantic import SecretStr, ValidationError

from service.domain.errors import InvalidError
from service.settings import CONFIG, PREFIX, Settings, SettingsError, config_path

_WIDTH = 110
_STARS = "**********"
_SECRET_OPTIONS = frozenset({"password", "passfile", "sslpassword"})  # behind the ? of a database's URL
_OF_FILE = "_FILE"  # behind a variable's name: the file in which its value stands


def read_settings(**given: Any) -> Settings:
    """Read the settings; raise SettingsError with a line for each wrong name, else file, else form.

    A value may stand in a file that the environment names (`REMEMBRANCER_SECRET_KEY_FILE`), as secrets do. The names of
    variables are known whatever their case.
    """
    unknown = [name for name in os.environ if name.upper().startswith(PREFIX) and name != CONFIG and not _known(name)]
    if unknown:
        raise SettingsError("\n".join(f"{name}: {_unknown([name], _variables())}" for name in sorted(unknown)))
    if CONFIG in os.environ and not config_path().is_file():
        raise SettingsError(f"{CONFIG}: there is no file {config_path()}")
    try:
        return Settings(**(_in_files() | given))
    except ValidationError as error:
        raise SettingsError("\n".join(_sentence(details) for details in error.errors())) from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{config_path()}: this is not TOML: {error}") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{config_path()}: this is not a text in UTF-8") from None
    except OSError as error:
        raise SettingsError(f"{config_path()}: {error.strerror}") from None


@contextmanager
def named(name: str) -> Iterator[None]:
    """Have a value that cannot be used told with where its setting stands: raise SettingsError for an InvalidError.

    The words of a library are never told: they may hold a piece of a password.
    """
    try:
        yield
    except InvalidError as error:
        raise SettingsError(f"{where(name)}: {error}") from None


def where(name: str) -> str:
    """Give where a setting stands: its variable, the file that one names, or its line in the settings file."""
    told = _told(name)
    if told.endswith(_OF_FILE):
        return f"{told}: {_path(told)}"
    return f"{_place(name)}: {name}" if not told and name in _keys() else PREFIX + name.upper()


def origins(settings: Settings) -> dict[str, tuple[str, str]]:
    """Give each setting's value, secrets as stars, with where it comes from."""
    in_file = _keys()
    shown = {"database_url": without_password(settings.database), "public_url": settings.base_url}
    found = {}
    for name in Settings.model_fields:
        value = getattr(settings, name)
        origin = _told(name) or (str(config_path()) if name in in_file else "default")
        hidden = without_password(value.get_secret_value()) if name in {"smtp_url", "imap_url"} else str(value)
        found[name] = (shown.get(name, hidden), origin)
    return found


def example() -> str:
    """Give a settings file in which every setting is explained and has its default, behind a mark of a comment."""
    head = (
        "Settings of Remembrancer. What is behind # is the default; the environment wins over this file. A variable's "
        f"name with {_OF_FILE} behind it names a file in which the value stands, as secrets may."
    )
    lines = [f"# {line}" for line in textwrap.wrap(head, _WIDTH)]
    for name, field in Settings.model_fields.items():
        default = field.default.get_secret_value() if isinstance(field.default, SecretStr) else field.default
        told = default if isinstance(default, int) else json.dumps(str(default), ensure_ascii=False)
        words = f"{name}: {field.description} (in the environment: {PREFIX}{name.upper()})"
        lines += ["", *(f"# {line}" for line in textwrap.wrap(words, _WIDTH, break_long_words=False))]
        lines.append(f"#{name} = {told}")
    return "\n".join(lines) + "\n"


def _in_environment(variable: str) -> bool:
    return any(
        name.upper() == variable and (value or not variable.endswith(_OF_FILE)) for name, value in os.environ.items()
    )


def _path(variable: str) -> str:
    """Give the path that a variable names, "" if there is none."""
    return next((value for name, value in os.environ.items() if name.upper() == variable and value), "")


def _told(name: str) -> str:
    """Give the variable that tells a setting, "" if none does."""
    variable = PREFIX + name.upper()
    return next(filter(_in_environment, (variable + _OF_FILE, variable)), "")


def _in_files() -> dict[str, str]:
    """Give the values that stand in files, without blanks around them; raise SettingsError for any that does not."""
    found, wrong = {}, []
    for name in Settings.model_fields:
        variable = PREFIX + name.upper()
        if path := _path(variable + _OF_FILE):
            try:
                found[name] = Path(path).read_text(encoding="utf-8").strip()
                if not found[name] and (form := _form_of_secret(name)):
                    allowed = f"a file with the value of {name} in it: {form}; or no such variable"
                    wrong.append(f"{variable}{_OF_FILE}: {path}: this file is empty (allowed: {allowed})")
            except (OSError, UnicodeDecodeError) as error:
                why = error.strerror if isinstance(error, OSError) else "this is not a text in UTF-8"
                wrong.append(f"{variable}{_OF_FILE}: {path}: {why} (allowed: a file with the value of {name} in it)")
            if _in_environment(variable):
                wrong.append(f"{variable}{_OF_FILE}: {variable} is set as well (allowed: one of the two)")
    if wrong:
        raise SettingsError("\n".join(wrong))
    return found


def _form_of_secret(name: str) -> str:
    """Give the form of a secret, "" for a setting that is none: only its file may be empty on purpose."""
    field = Settings.model_fields[name]
    return str(field.description).partition("; empty:")[0] if field.annotation is SecretStr else ""


def _keys() -> set[str]:
    """Give the keys of the settings file in small letters: it is read whatever their case."""
    path = config_path()
    return {key.lower() for key in tomllib.loads(path.read_text(encoding="utf-8"))} if path.is_file() else set()


def _place(name: str) -> str:
    """Give the settings file, with the line at which a key, or a table, begins in it, if that is found."""
    begins = re.compile(rf"""\s*\[*\s*["']?{re.escape(name)}["']?\s*[=.\]]""", re.IGNORECASE)
    lines = config_path().read_text(encoding="utf-8").splitlines()
    found = next((f":{number}" for number, line in enumerate(lines, 1) if begins.match(line)), "")
    return f"{config_path()}{found}"


def _known(variable: str) -> bool:
    return variable.upper().removeprefix(PREFIX).removesuffix(_OF_FILE).lower() in Settings.model_fields


def _variables() -> list[str]:
    return [PREFIX + name.upper() for name in Settings.model_fields]


def _unknown(names: Iterable[str], known: Sequence[str], problem: str = "this setting is not known") -> str:
    """Say that there is no such setting, which may have been meant, and which there are."""
    by_key = {one.lower(): one for one in known}
    close = [by_key[match] for name in names for match in get_close_matches(name.lower(), by_key, n=1)]
    meant = f": did you mean {', '.join(dict.fromkeys(close))}?" if close else ""
    return f"{problem}{meant} (known: {', '.join(known)})"


def without_password(url: str) -> str:
    """Give a URL with stars for its password, even one that is not written as a URL has it, and for secret options."""

    def option(found: re.Match[str]) -> str:
        return f"{found[1]}={_STARS}" if unquote_plus(found[2]).lower() in _SECRET_OPTIONS else found[0]

    return re.sub(r"(://[^:/]*:).*@", rf"\1{_STARS}@", re.sub(r"([?&]([^?&=]*))=[^&]*", option, url))


def _sentence(details: Mapping[str, Any]) -> str:
    name = str(details["loc"][0]) if details["loc"] else "settings"
    if details["type"] == "extra_forbidden":
        return _of_nothing_known(name, details["input"])
    allowed = Settings.model_fields[name].description if name in Settings.model_fields else ""
    message = str(details["msg"]).removeprefix("Value error, ")
    return f"{where(name)}: {message}" + (f" ({allowed})" if "allowed" not in message else "")


def _of_nothing_known(name: str, value: object) -> str:
    """Say what is wrong with a key of the file that is no setting, or with a table."""
    place = _place(name)
    tables = [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, dict)]
    if tables:
        inner = [key for table in tables for key in table]
        problem = "settings stand at the top level of the file, in no table"
        return f"{place}: [{name}]: {_unknown(inner, list(Settings.model_fields), problem)}"
    return f"{place}: {name}: {_unknown([name], list(Settings.model_fields))}"
