"""Every setting, typed, read once from one TOML file and the environment, and handed down as values.

A wrong value or an unknown key stops the start with its name and the allowed form. The environment
(`REMEMBRANCER_` and the key in capitals) wins over the file.
"""

import os
from pathlib import Path
from typing import ClassVar, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

PREFIX = "REMEMBRANCER_"
CONFIG = f"{PREFIX}CONFIG"
FILE = "remembrancer.toml"
SHORTEST_KEY = 32
_UNIX = "unix:"
_PARTED_BY = {
    "languages": ", ",
    "pace": ", ",
    "dkim_keys": ", ",
    "hooks": "\n",
    "channels": "\n",
    "old_secret_keys": "\n",
}


class SettingsError(Exception):
    """A setting is wrong or unknown; each line names one and its allowed form."""


class Settings(BaseSettings):
    """What an operator may choose. Paths are relative to the folder in which the command is run."""

    model_config: ClassVar[SettingsConfigDict] = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True)

    data_dir: Path = Field(Path("data/var"), description="the folder for the database, the keys and the outbox")
    database_url: SecretStr = Field(
        SecretStr(""),
        description="sqlite+aiosqlite:///PATH (by default a file in data_dir) or postgresql+psycopg://USER:PASSWORD@HOST/NAME",
    )
    engine: Literal["inline", "procrastinate"] = Field(
        "inline", description="allowed: inline, or procrastinate with a PostgreSQL in REMEMBRANCER_DATABASE_URL"
    )
    smtp_url: SecretStr = Field(
        SecretStr(""),
        description="smtp://USER:PASSWORD@HOST:PORT or smtps://…, and behind it, if wished, ?starttls=required, "
        "?starttls=never or ?pipelining=never; empty: letters go to a folder",
    )
    connections: int = Field(
        10, ge=1, le=100, description="how many connections to the relay may be open at once, 1 to 100"
    )
    pace: str = Field(
        "",
        description="how many letters a receiving domain may get: gmail.com=20/s, outlook.com=600/min; empty: no limit",
    )
    warm_up: str = Field(
        "",
        description="how many letters a new domain begins with: 2026-12-01=200, and twice as many each day after, or "
        "2026-12-01=200*1.5, and half as many more (1.1 to 2 times); empty: no limit",
    )
    public_url: str = Field(
        "", description="the address under which readers reach the pages, such as https://remember.example.org"
    )
    sender: str = Field(
        "Remembrancer <remembrancer@localhost>", description="the name and address that letters come from"
    )
    letter_box: str = Field(
        "", description="which mail comes here: @DOMAIN or MAILBOX+@DOMAIN; empty: that of the sender's domain, if any"
    )
    lmtp: str = Field(
        "",
        description="where a mail server hands over mail by LMTP: HOST:PORT or unix:PATH; empty: nowhere",
    )
    maildir: str = Field("", description="PATH of a Maildir in which mail for us is delivered; empty: none")
    imap_url: SecretStr = Field(
        SecretStr(""), description="a mailbox that is read: imaps://USER:PASSWORD@HOST[:PORT]/FOLDER; empty: none"
    )
    hooks: SecretStr = Field(
        SecretStr(""),
        description="providers that post what became of letters to /hooks/PROVIDER, and the keys that prove it: "
        "PROVIDER=KEY, one a line, of ses, postmark, mailgun, sendgrid; empty: none",
    )
    channels: SecretStr = Field(
        SecretStr(""),
        description="by what else than e-mail readers may have their notices: ntfy=ntfys://HOST/{to}, "
        "telegram=tgram://BOTTOKEN/{to}, matrix=matrixs://TOKEN@HOST/{to}, "
        "signal=signals://HOST/+NUMBER/{to}, one a line; needs the extra channels; empty: none",
    )
    dkim_keys: str = Field(
        "", description="SELECTOR=PATH of a private key that signs letters, several parted by commas; empty: none"
    )
    secret_key: SecretStr = Field(
        SecretStr(""), description="at least 32 characters; signs links. Made and kept in data_dir if absent"
    )
    old_secret_keys: SecretStr = Field(
        SecretStr(""), description="earlier secret keys, one a line, the newest first: what they signed stays valid"
    )
    languages: str = Field(
        "",
        description="which languages pages and letters speak beside English, such as hy, fr; empty: all",
    )
    proxies: int = Field(
        0,
        ge=0,
        le=10,
        description="through how many proxies of yours a request comes to the pages, 0 to 10: so many entries of "
        "X-Forwarded-For are trusted, from its end",
    )
    requests_per_hour: int = Field(
        1000,
        ge=1,
        description="how many requests for letters the form takes in an hour from all together, 1 or more; from half "
        "of it on, browsers first work for a second or two, or wait ten minutes",
    )
    keep_notices: int = Field(
        730,
        ge=90,
        description="for how many days it is known of a letter that it was sent, 90 or more; the archive is kept",
    )
    keep_attempts: int = Field(
        180, ge=30, description="for how many days it is known what mail servers said of each try, 30 or more"
    )
    host: str = Field("127.0.0.1", description="the address that the pages listen on")
    port: int = Field(
        8080, ge=0, le=65535, description="the port that the pages listen on, 0 to 65535 (0: any free one)"
    )
    metrics: str = Field(
        "", description="HOST:PORT on which this process tells its metrics and its health, such as 127.0.0.1:9108"
    )

    @field_validator(*_PARTED_BY, mode="before")
    @classmethod
    def _join(cls, value: object, info: ValidationInfo) -> object:
        """Take a list of the file for the text that it is elsewhere."""
        return _PARTED_BY[str(info.field_name)].join(map(str, value)) if isinstance(value, list) else value

    @field_validator("metrics")
    @classmethod
    def _check_metrics(cls, value: str) -> str:
        if value and _address(value) is None:
            raise ValueError("allowed: HOST:PORT, such as 127.0.0.1:9108, or nothing at all")
        return value

    @field_validator("lmtp")
    @classmethod
    def _check_lmtp(cls, value: str) -> str:
        is_path = value.startswith(_UNIX) and value != _UNIX
        if value and not is_path and _address(value) is None:
            raise ValueError("allowed: HOST:PORT, such as 127.0.0.1:2424, or unix:PATH, or nothing at all")
        return value

    @field_validator("engine")
    @classmethod
    def _check_engine(cls, value: str, info: ValidationInfo) -> str:
        url = info.data.get("database_url", SecretStr("")).get_secret_value()
        if value == "procrastinate" and not url.startswith("postgresql"):
            raise ValueError("procrastinate keeps its jobs in PostgreSQL, and the database is SQLite")
        return value

    @field_validator("public_url")
    @classmethod
    def _check_public_url(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment):
            raise ValueError("allowed: http://HOST[:PORT] or https://HOST[:PORT][/PATH]")
        return value.rstrip("/")

    @property
    def spoken(self) -> tuple[str, ...]:
        """The codes of the languages that were chosen; none if all that ship are spoken."""
        return tuple(filter(None, (code.strip() for code in self.languages.split(","))))

    @field_validator("dkim_keys")
    @classmethod
    def _check_dkim_keys(cls, value: str) -> str:
        if value.strip() and not all(selector and path for selector, path in _pairs(value)):
            raise ValueError(f"{value!r} is not a list of keys; allowed: SELECTOR=PATH, SELECTOR=PATH")
        return value

    @field_validator("secret_key")
    @classmethod
    def _check_secret_key(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value() and len(value.get_secret_value()) < SHORTEST_KEY:
            raise ValueError(f"allowed: at least {SHORTEST_KEY} characters, or none at all to have one made")
        return value

    @field_validator("old_secret_keys")
    @classmethod
    def _check_old_secret_keys(cls, value: SecretStr) -> SecretStr:
        if any(len(key) < SHORTEST_KEY for key in _lines(value.get_secret_value())):
            raise ValueError(f"allowed: keys of at least {SHORTEST_KEY} characters, one a line")
        return value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003  (its caller names every source)
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take what the caller gives first, then the environment, then the file."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, config_path())

    @property
    def database(self) -> str:
        """The database's URL, the default filled in."""
        path = (self.data_dir / "remembrancer.db").absolute()
        return self.database_url.get_secret_value() or f"sqlite+aiosqlite:///{path}"

    @property
    def former_keys(self) -> list[str]:
        """The secret keys of earlier, the newest first."""
        return _lines(self.old_secret_keys.get_secret_value())

    @property
    def dkim_files(self) -> tuple[tuple[str, Path], ...]:
        """The selectors of the keys that sign letters, and where the keys are kept."""
        return (
            tuple((selector, Path(path)) for selector, path in _pairs(self.dkim_keys)) if self.dkim_keys.strip() else ()
        )

    @property
    def relay(self) -> bool:
        """Whether letters leave this machine."""
        return bool(self.smtp_url.get_secret_value())

    @property
    def outbox(self) -> Path:
        """The folder that letters go to when no relay is set."""
        return self.data_dir / "outbox"

    @property
    def metrics_address(self) -> tuple[str, int]:
        """The host and port of the metrics; only where they are wanted."""
        return _address(self.metrics) or ("", 0)

    def metrics_at(self, port: int) -> str:
        """Give the setting with the port that was found for 0."""
        host = self.metrics_address[0]
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    @property
    def takes_mail(self) -> bool:
        """Whether mail can come to us."""
        return bool(self.letter_box or self.lmtp or self.maildir or self.imap_url.get_secret_value().strip())

    @property
    def lmtp_address(self) -> tuple[str, int] | Path:
        """The host and port of the door for mail, or the path of its socket; only where it is wanted."""
        if self.lmtp.startswith(_UNIX):
            return Path(self.lmtp.removeprefix(_UNIX))
        return _address(self.lmtp) or ("", 0)

    @property
    def base_url(self) -> str:
        """The address that links begin with, the default filled in."""
        host = "127.0.0.1" if self.host in {"0.0.0.0", "::", ""} else self.host  # noqa: S104  (compared, not bound)
        return self.public_url or f"http://{f'[{host}]' if ':' in host else host}:{self.port}"


def shipped(name: str) -> Path:
    """Give a folder that ships with the program: beside pyproject.toml in a checkout, else inside the package."""
    package = Path(__file__).parent
    checkout = package.parent
    return checkout / name if (checkout / "pyproject.toml").is_file() else package / "_shipped" / name


def config_path() -> Path:
    """Give the path of the settings file: REMEMBRANCER_CONFIG, or remembrancer.toml in this folder."""
    return Path(os.environ.get(CONFIG, FILE))


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _address(text: str) -> tuple[str, int] | None:
    parts = urlsplit(f"//{text}")
    try:
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    return (host, port) if host and port is not None and parts.netloc == text and "@" not in text else None


def _pairs(keys: str) -> list[tuple[str, str]]:
    parted = [pair.partition("=") for pair in keys.split(",")]
    return [(selector.strip(), path.strip()) for selector, _, path in parted]
