"""Passwords and codes of editors: what is refused, what a crowd at the door takes, what is taken once."""

import asyncio
import threading
from datetime import timedelta
from pathlib import Path

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.actions.passwords import Passwords, strong, weakness
from service.actions.second_factors import drawing, step_of
from service.domain.errors import TooManyRequestsError
from tests.builders import at
from tests.unit.web.editors import CHEAP, TOTP_SECRET

ADDRESS = "ani.sargsyan@example.org"


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("eleven char", "short"),
        ("x" * 201, "long"),
        ("password1234", "common"),
        ("Password1234!", "common"),
        ("passwordpassword", "common"),
        ("aaaaaaaaaaaaaaaa", "common"),
        ("123456789012", "common"),
        ("qwertyuiop[]", "common"),
        ("1q2w3e4r5t6y", "common"),
        ("1qaz2wsx3edc4rfv", "common"),
        ("AdministratorAdmin", "common"),
        ("iloveyou123456", "common"),
        ("remembrancer1", "common"),
        ("my ani.sargsyan@example.org", "address"),
        ("Ani.Sargsyan knows", "address"),
        ("correct horse battery staple", ""),
        ("seven lanterns on the shore", ""),
        ("83920183746592", ""),
        ("նռնենու ծաղիկը ձյան տակ", ""),
        ("🕯🌊🕯🌊 nine lamps", ""),
    ],
)
def test_a_password_is_refused_for_what_it_is_and_never_for_its_kinds_of_characters(password: str, why: str) -> None:
    assert weakness(password, ADDRESS) == why


async def test_a_password_fits_itself_in_either_form_and_nothing_else() -> None:
    passwords = Passwords(CHEAP)
    kept = await passwords.hashed("Zoe\u0308 by the shore")
    assert await passwords.fits("Zo\u00eb by the shore", kept)
    assert not await passwords.fits("Zoe by the shore", kept)
    assert not await passwords.fits("a password that nobody has", None)
    assert not await passwords.fits("anything", "not a hash")


class _Counting:
    """argon2 as it is, and how many hash at once."""

    def __init__(self) -> None:
        self.inner, self.lock, self.now, self.most = strong(), threading.Lock(), 0, 0

    def hash(self, password: str) -> str:
        return self.inner.hash(password)

    def verify(self, hash: str, password: str) -> bool:  # noqa: A002
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
        try:
            return self.inner.verify(hash, password)
        finally:
            with self.lock:
                self.now -= 1


def _resident_mebibytes() -> int:
    words = Path("/proc/self/status").read_text().split()
    return int(words[words.index("VmRSS:") + 1]) // 1024


async def test_case_109_a_crowd_at_the_door_takes_no_more_memory_than_two() -> None:
    hasher = _Counting()
    passwords = Passwords(hasher)
    await passwords.fits("warm", None)
    before = most = _resident_mebibytes()
    crowd = [asyncio.create_task(passwords.fits(f"guess {n}", None)) for n in range(500)]
    while not all(task.done() for task in crowd):
        await asyncio.wait(crowd, timeout=0.01)
        most = max(most, _resident_mebibytes())
    refused = [isinstance(task.exception(), TooManyRequestsError) for task in crowd]
    assert hasher.most <= 2
    assert refused.count(False) == 16
    assert refused.count(True) == 484
    assert most - before < 3 * 46
    assert not await passwords.fits("after that", None)


async def test_case_109_whoever_goes_away_keeps_their_place_until_the_hash_is_made() -> None:
    passwords = Passwords(CHEAP)
    gone = [asyncio.create_task(passwords.fits("x", None)) for _ in range(16)]
    await asyncio.sleep(0)
    for task in gone:
        task.cancel()
    with pytest.raises(TooManyRequestsError):
        await passwords.fits("x", None)
    await asyncio.gather(*gone, return_exceptions=True)


@given(st.integers(-40, 40), st.integers(0, 59))
def test_case_110_a_code_is_good_for_its_step_and_one_to_either_side(steps: int, seconds: int) -> None:
    secret, now = pyotp.random_base32(), at("2024-09-20T08:00") + timedelta(seconds=seconds)
    otp = pyotp.TOTP(secret)
    code = otp.at(now + timedelta(seconds=30 * steps))
    step = step_of(secret, code, now, None)
    assert step == (otp.timecode(now) + steps if abs(steps) <= 1 else None) or code in {
        otp.at(now + timedelta(seconds=30 * near)) for near in (-1, 0, 1)
    }
    if step is not None:
        assert step_of(secret, code, now, step) is None


@pytest.mark.parametrize("code", ["", "12345", "1234567", "١٢٣٤٥٦", "abcdef", "\ud800" * 6, "0" * 10_000])
def test_what_is_no_code_is_no_error(code: str) -> None:
    assert step_of(TOTP_SECRET, code.encode("utf-8", "replace").decode(), at("2024-09-20T08:00"), None) is None


def test_the_square_is_an_element_without_style() -> None:
    square = drawing(TOTP_SECRET, ADDRESS, "Remembrancer")
    assert square.startswith("<svg")
    assert "style" not in square
    assert TOTP_SECRET not in square
