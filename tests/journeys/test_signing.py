"""Signed letters as an operator sets them up: a key is made, its record published, and a verifier is content."""

import re
import stat
from pathlib import Path

import dkim as oracle
import pytest

from tests.journeys.program import Program
from tests.journeys.signing import record, set_as_told

SENDER = "The house <remember@Example.org>"


@pytest.fixture
def house(alone: Program) -> Program:
    """The program of a house with a domain, without a relay."""
    return alone.with_(SENDER=SENDER)


def empty_file(folder: Path) -> None:
    """Lay a file without a key into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "empty.pem").touch()


async def test_a_letter_signed_by_keys_made_by_the_command_verifies_with_the_records_it_printed(house: Program):
    rsa = await house.does("dkim", "new", "2026a")
    ed25519 = await set_as_told(house, rsa).does("dkim", "new", "2026b", "--kind", "ed25519")
    signing = set_as_told(house, ed25519)
    records = dict([record(rsa), record(ed25519)])
    assert set(records) == {"2026a._domainkey.example.org.", "2026b._domainkey.example.org."}

    await signing.does("import")
    # The day lies behind us: a verifier refuses what was signed in the future.
    letter = (await signing.does("preview", "artsakh-war-2020", "--on", "2024-09-27", "--format", "eml")).out
    for number in range(2):
        verifier = oracle.DKIM(letter.encode())
        assert verifier.verify(idx=number, dnsfunc=lambda name, **_: records[name.decode()].encode())

    shown = (await signing.does("dkim", "show", "--json")).told
    assert [(one["selector"], one["kind"]) for one in shown] == [("2026a", "rsa"), ("2026b", "ed25519")]
    assert {f"{one['name']}.": one["value"] for one in shown} == records


async def test_only_its_owner_can_read_a_key_and_it_is_never_overwritten(house: Program):
    await house.does("dkim", "new", "2026a")
    path = house.folder / "var" / "dkim" / "2026a.pem"
    key = path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    again = await house.ends("dkim", "new", "2026a", "--kind", "ed25519")
    assert (again.status, again.out) == (1, "")
    assert "is there already and is kept" in again.err
    assert path.read_bytes() == key


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("a/b",), "is not a selector (allowed: letters, digits and -"),
        (("../../elsewhere",), "is not a selector"),
        (("",), "is not a selector"),
        (("a", "--kind", "dsa"), "'rsa', 'ed25519'"),
        ((), "Missing argument"),
    ],
)
async def test_a_wrong_command_makes_no_key(house: Program, words: tuple[str, ...], told: str):
    ended = await house.ends("dkim", "new", *words)
    assert ended.status in {1, 2}
    assert told in re.sub(r"[│\s]+", " ", ended.err)
    assert "Traceback" not in ended.err
    assert not list(house.folder.rglob("*.pem"))


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ("2026a", "SELECTOR=PATH, SELECTOR=PATH"),
        ("2026a=nowhere.pem", "nowhere.pem: No such file or directory"),
        ("2026a=empty.pem", "empty.pem: there is no private key in it"),
        ("not one=empty.pem", "'not one' is not a selector"),
    ],
)
async def test_a_wrong_setting_stops_the_start_by_its_name_and_what_is_allowed(house: Program, keys: str, told: str):
    empty_file(house.folder)
    for words in (("run",), ("dkim", "show")):
        ended = await house.with_(DKIM_KEYS=keys).ends(*words)
        assert (ended.status, ended.out) == (1, "")
        assert ended.err.startswith("REMEMBRANCER_DKIM_KEYS: ")
        assert told in ended.err
        assert "allowed: " in ended.err
        assert "Traceback" not in ended.err


async def test_without_a_domain_the_command_says_what_to_set_first(alone: Program):
    made = await alone.does("dkim", "new", "2026a", "--kind", "ed25519")
    assert "set REMEMBRANCER_SENDER to an address of your domain first" in made.out
    assert "letters are not signed here" in (await alone.does("dkim", "show")).out
