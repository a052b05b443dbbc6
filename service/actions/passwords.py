"""Passwords: hashed with argon2id, never more than two at a time, and refused where everybody would guess them.

A hash takes 46 MiB and one pass (OWASP's password storage guide). Two threads are all that hash, so that a crowd
at the door takes no more memory than two people (`faults.md`, case 109); whoever comes when many wait is sent away.
"""

import asyncio
import re
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import Protocol, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from service.domain.errors import TooManyRequestsError

SHORTEST, LONGEST = 12, 200
_AT_ONCE = 2
_MOST_AT_THE_DOOR = 16
_MEMORY_KIB = 46 * 1024
_FEWEST_OF_ITS_OWN = 6
_T = TypeVar("_T")

# What everybody thinks of; what is left of a password without it must have something of its own.
_COMMON_WORDS = """
password passwort passw0rd p@ssword p@ssw0rd parol motdepasse contrasena пароль գաղտնաբառ qwertyuiop qwerty
qwertz azerty asdfghjkl asdfgh asdf zxcvbnm zxcvbn zxcv qazwsx qazxsw qaz wsx edc rfv tgb zaq xsw cde qwe asd
zxc 1qaz 2wsx 3edc 4rfv 1q2w3e4r5t6y7u8i9o0p 1q2w3e4r5t6y 1q2w3e4r5t 1q2w3e4r 1q2w3e q1w2e3r4t5y6 q1w2e3r4
q1w2e3 йцукен 12345678901234567890 1234567890 123456789 12345678 1234567 123456 12345 1234 123 987654321
87654321 7654321 654321 54321 4321 321 0987654321 112233445566 112233 102030405060 010203040506 159753
abcdefghijklmnopqrstuvwxyz abcdefghijkl abcdefgh abcdef abcd abc administrator admin root user guest test
default changeme change letmein welcome hello login secret master access pass temp iloveyou ilove love monkey
dragon sunshine princess superman batman football baseball basketball liverpool chelsea arsenal starwars pokemon
minecraft playstation finalfantasy needforspeed jamesbond michaeljackson justinbieber jesus christ trustno1
whatever freedom shadow computer internet remembrancer remembrance remember memorial commemoration
"""
_COMMON = re.compile("|".join(sorted(_COMMON_WORDS.split(), key=len, reverse=True)))


class Hasher(Protocol):
    """What hashes: argon2, or one that costs a test less."""

    def hash(self, password: str) -> str:
        """Give the hash, with all that is needed to verify it."""

    def verify(self, hash: str, password: str) -> bool:  # noqa: A002  (argon2's own name)
        """Give True, or raise Argon2Error."""


def strong() -> Hasher:
    """Give the hasher that is used."""
    return PasswordHasher(time_cost=1, memory_cost=_MEMORY_KIB, parallelism=1)


class Passwords:
    """Hashes and verifies, two at a time; beyond a number that waits, TooManyRequestsError."""

    def __init__(self, hasher: Hasher | None = None) -> None:
        self._hasher = hasher or strong()
        self._threads = ThreadPoolExecutor(_AT_ONCE, "password")
        self._busy = 0

    async def hashed(self, password: str) -> str:
        """Give what is kept of a password."""
        return await self._do(self._hasher.hash, _normal(password))

    async def fits(self, password: str, kept: str | None) -> bool:
        """Say whether a password is the one that was kept; where none was, no, after the same time."""
        return await self._do(self._verified, kept or "", _normal(password))

    @cached_property
    def _nobodys(self) -> str:
        return self._hasher.hash("a password that nobody has")

    def _verified(self, kept: str, password: str) -> bool:
        nobodys = self._nobodys  # made for either at the first time, so that the time tells nothing
        try:
            return self._hasher.verify(kept or nobodys, password) and bool(kept)
        except (Argon2Error, InvalidHashError):
            return False

    async def _do(self, work: Callable[..., _T], *given: str) -> _T:
        if self._busy >= _MOST_AT_THE_DOOR:
            raise TooManyRequestsError
        self._busy += 1
        doing = asyncio.get_running_loop().run_in_executor(self._threads, work, *given)
        doing.add_done_callback(self._done)
        return await asyncio.shield(doing)  # whoever goes away still takes their place until the hash is made

    def _done(self, _: object) -> None:
        self._busy -= 1


def weakness(password: str, address: str) -> str:
    """Say why a password is not to be had: "short", "long", "address" or "common"; "" if it is. Any characters do."""
    if len(password) < SHORTEST:
        return "short"
    if len(password) > LONGEST:
        return "long"
    folded = _normal(password).casefold()
    local = address.casefold().partition("@")[0]
    if address.casefold() in folded or (len(local) >= 4 and local in folded):
        return "address"
    return "common" if len(set(_COMMON.sub("", folded))) < _FEWEST_OF_ITS_OWN else ""


def _normal(password: str) -> str:
    """Give the one form of what may be typed in several (NFC)."""
    return unicodedata.normalize("NFC", password)
