"""`doctor --deliverability` as an operator runs it: what a real DNS server and a real relay say, and what to do."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.certificates import make_certificate
from tests.dns_server import DnsServer
from tests.journeys.program import Program
from tests.smtp_server import SmtpServer

LOOK = ("doctor", "--deliverability", "--resolver")
GRADES = {"fine", "warning", "failing"}
ZONE = {
    ("example.org", "TXT"): ['"v=spf1 include:_spf.example.net ~all"', '"another=text"'],
    ("example.org", "MX"): ["10 mx.example.org."],
    ("mx.example.org", "A"): ["192.0.2.1"],
    ("_spf.example.net", "TXT"): ['"v=spf1 ip4:127.0.0.0/8 " "-all"'],
    ("_dmarc.example.org", "TXT"): ['"v=DMARC1; p=none; rua=mailto:postmaster@example.org"'],
    ("1.0.0.127.in-addr.arpa", "PTR"): ["mail.example.org."],
    ("mail.example.org", "A"): ["127.0.0.1"],
}


@pytest.fixture
async def dns() -> AsyncIterator[DnsServer]:
    """A DNS server with a zone in which all is well."""
    async with DnsServer(dict(ZONE)) as server:
        yield server


@pytest.fixture
async def private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[SmtpServer]:
    """A relay with STARTTLS and an account, whose certificate the program trusts."""
    certificate = make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.authority))
    async with SmtpServer(certificate=certificate, account=("house", "secret")) as server:
        yield server


@pytest.fixture
async def house(new: Program, private: SmtpServer, dns: DnsServer) -> Program:
    """The program of a house with a domain, a relay, and two keys that are published as the command says."""
    house = new.with_(
        SENDER="The house <remember@Example.org>",
        SMTP_URL=private.url(host="localhost"),
        PUBLIC_URL="https://remember.example.org",
    )
    for words in (("2026a",), ("2026b", "--kind", "ed25519")):
        told = await house.does("dkim", "new", *words)
        setting = re.search(r'^REMEMBRANCER_DKIM_KEYS="(.*)"$', told.out, re.MULTILINE)
        assert setting
        house = house.with_(DKIM_KEYS=setting[1])
        publish(dns, told.out)
    return house


def publish(dns: DnsServer, printed: str) -> None:
    """Lay the records that a command printed into the zone, in place of those that are there."""
    for name, text in re.findall(r'^(\S+)\. IN TXT \(? ?("(?:.*)")', printed, re.MULTILINE):
        dns.zone[name, "TXT"] = [text]


def grades(printed: str) -> dict[str, str]:
    """Give what was found by name."""
    lines = [line.split(maxsplit=1) for line in printed.splitlines() if line.partition(" ")[0] in GRADES]
    return {rest.partition(":")[0]: grade for grade, rest in lines}


async def test_a_house_in_order_is_fine_and_nothing_is_sent(house: Program, dns: DnsServer, private: SmtpServer):
    told = await house.does(*LOOK, dns.address)
    assert grades(told.out) == dict.fromkeys(
        [
            *("SPF", "SPF lookups", "SPF relay", "DKIM 2026a", "DKIM 2026b", "DMARC", "DMARC reports"),
            *("DMARC 2026a", "DMARC 2026b", "MX", "PTR 127.0.0.1", "relay TLS", "one-click"),
        ],
        "fine",
    ), told.out
    assert "13 fine, 0 warning, 0 failing." in told.out
    assert (private.commands, private.received) == ([], [])
    assert "secret" not in told.out


async def test_the_records_that_it_prints_mend_what_it_finds(house: Program, dns: DnsServer):
    for name in ("2026a._domainkey.example.org", "_dmarc.example.org"):
        del dns.zone[name, "TXT"]
    dns.zone["2026b._domainkey.example.org", "TXT"] = ['"v=DKIM1; k=ed25519; p="']
    dns.zone["example.org", "TXT"] = ['"v=spf1 include:_spf.example.net +all"', '"v=spf1 mx -all"']
    found = await house.ends(*LOOK, dns.address)
    assert found.status == 1
    wrong = {name for name, grade in grades(found.out).items() if grade == "failing"}
    assert wrong == {"SPF", "DKIM 2026a", "DKIM 2026b", "DMARC"}
    assert all(len(text) <= 255 for text in re.findall(r'"([^"]*)"', found.out))

    publish(dns, found.out)
    assert set(grades((await house.does(*LOOK, dns.address)).out).values()) == {"fine"}


async def test_the_domain_that_return_paths_are_in_is_looked_at_as_well(house: Program, dns: DnsServer):
    house = house.with_(LETTER_BOX="@back.example.org")
    found = await house.ends(*LOOK, dns.address)
    assert {name: grade for name, grade in grades(found.out).items() if "back" in name} == {
        "SPF of back.example.org": "failing",
        "MX of back.example.org": "failing",
    }
    publish(dns, found.out)
    dns.zone["back.example.org", "MX"] = ["10 mail.example.org."]
    assert set(grades((await house.does(*LOOK, dns.address)).out).values()) == {"fine"}


async def test_programs_get_the_same_as_json(house: Program, dns: DnsServer):
    dns.zone["example.org", "MX"] = ["0 ."]
    found = await house.ends(*LOOK, dns.address, "--json")
    (failing,) = [one for one in found.told["findings"] if one["grade"] == "failing"]
    assert (found.status, failing["name"]) == (1, "MX")
    assert "null MX" in failing["seen"]
    assert failing["remedy"]
    assert [record.split()[0] for record in found.told["records"]] == [
        "example.org.",
        "2026a._domainkey.example.org.",
        "2026b._domainkey.example.org.",
        "_dmarc.example.org.",
    ]


async def test_a_plan_to_warm_the_domain_up_is_told_as_a_table_of_days(house: Program, dns: DnsServer):
    today = datetime.now(UTC).date()
    told = await house.with_(WARM_UP=f"{today}=200000").does(*LOOK, dns.address)
    assert grades(told.out)["warm-up"] == "fine"
    assert "today 200,000 letters may leave" in told.out
    days = re.findall(r"^(\S+) +([\d,]+)$", told.out, re.MULTILINE)
    limits = ("200,000", "400,000", "800,000")
    assert days == [(str(today + timedelta(days=number)), limit) for number, limit in enumerate(limits)]
    over = await house.with_(WARM_UP="2020-01-01=500000*1.5").does(*LOOK, dns.address, "--json")
    assert [one["seen"] for one in over.told["findings"] if one["name"] == "warm-up"] == [
        "it is over since 2020-01-03; REMEMBRANCER_WARM_UP may be removed"
    ]
    assert over.told["warm_up"][0] == {"day": "2020-01-01", "letters": 500_000}


@pytest.mark.parametrize("words", [("run",), ("doctor",), ("tick",)])
async def test_what_is_no_plan_stops_the_command_by_its_name_and_what_is_allowed(alone: Program, words: tuple[str]):
    ended = await alone.with_(WARM_UP="200 a day").ends(*words)
    assert (ended.status, ended.out) == (1, "")
    assert ended.err.startswith("REMEMBRANCER_WARM_UP: '200 a day' is not a plan (allowed: DATE=LETTERS")
    assert "Traceback" not in ended.err


async def test_a_name_that_no_server_answers_for_is_told_apart_from_one_with_nothing(house: Program, dns: DnsServer):
    dns.broken.add("_spf.example.net")
    found = await house.ends(*LOOK, dns.address)
    assert found.status == 1
    assert "failing  SPF: no DNS server answered for _spf.example.net TXT" in found.out
    assert grades(found.out)["DKIM 2026a"] == "fine"


async def test_a_relay_without_tls_or_with_another_name_is_told(house: Program, dns: DnsServer, tmp_path: Path):
    async with SmtpServer() as bare:
        told = await house.with_(SMTP_URL=bare.url()).does(*LOOK, dns.address)
        assert grades(told.out)["relay TLS"] == "warning"  # it is this machine
    (tmp_path / "other").mkdir()
    async with SmtpServer(certificate=make_certificate(tmp_path / "other"), implicit_tls=True) as strange:
        found = await house.with_(SMTP_URL=strange.url()).ends(*LOOK, dns.address)
        assert (found.status, grades(found.out)["relay TLS"]) == (1, "failing")
        assert "certificate" in found.out.lower()


async def test_a_relay_that_is_not_there_is_failing_and_dns_is_looked_at_all_the_same(house: Program, dns: DnsServer):
    async with SmtpServer() as gone:
        url = gone.url()
    found = await house.with_(SMTP_URL=url).ends(*LOOK, dns.address)
    assert (found.status, grades(found.out)["relay"], grades(found.out)["SPF"]) == (1, "failing", "fine")


async def test_without_network_it_says_so_in_one_sentence(house: Program):
    async with DnsServer() as gone:
        address = gone.address
    found = await house.ends(*LOOK, address)
    assert (found.status, found.out) == (1, "")
    assert found.err.startswith("no DNS server answered: is there a network?")
    found = await house.ends("doctor", "--resolver", address)
    told = grades(found.out)
    assert (found.status, told["database"], told["deliverability"], found.err) == (1, "warning", "failing", "")
    assert "no DNS server answered: is there a network?" in found.out


WITHOUT = {"sender": "failing", "relay": "warning", "one-click": "failing"}


@pytest.mark.parametrize(
    ("look", "besides"),
    [(LOOK, set()), (("doctor", "--resolver"), {"database", "disk", "private"})],
    ids=["one part", "everything"],
)
async def test_a_house_without_a_domain_is_told_what_to_set(
    new: Program, dns: DnsServer, look: tuple[str, ...], besides: set[str]
):
    found = await new.ends(*look, dns.address)
    assert found.status == 1
    told = grades(found.out)
    assert {name: told[name] for name in told if name not in besides} == WITHOUT
    assert besides <= told.keys()
    assert "REMEMBRANCER_SENDER" in found.out
    assert "REMEMBRANCER_PUBLIC_URL" in found.out
    assert dns.asked == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--deliverability", "--resolver", "a name"), "--resolver: 'a name' is not a DNS server"),
        (("--deliverability", "--resolver", "127.0.0.1:99999"), "--resolver: '127.0.0.1:99999' is not"),
        (("--fast",), "No such option: --fast"),
    ],
)
async def test_a_wrong_option_is_told_in_words(alone: Program, words: tuple[str, ...], said: str):
    found = await alone.ends("doctor", *words)
    assert (found.status > 0, found.out) == (True, "")
    assert said in found.err
