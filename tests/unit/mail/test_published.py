"""What a domain publishes beside SPF, in shapes that are met: DKIM keys, DMARC, MX, names, one-click."""

import base64
import ipaddress
from functools import cache

import pytest
from cryptography.hazmat.primitives import serialization

from service.domain.checkup import Grade
from service.mail import published, to_publish
from service.mail.dkim import KeyKind, Signer
from service.mail.keys import bits_of, new_key, signer
from service.mail.zone import Answers, Kind, Question
from tests.unit.mail.test_spf import Known

HOUSE = "example.org"
AT = "2026a._domainkey.example.org"
MAIL = ipaddress.ip_address("8.8.4.25")  # a public one: those of the documentation count as private


@cache
def key(number: int = 0, kind: KeyKind = KeyKind.RSA) -> Signer:
    """A key of ours, or with another number another."""
    del number
    return signer(new_key(kind), "2026a", HOUSE)


def said(*records: tuple[str, Kind, str]) -> Answers:
    """Give answers with these records and nothing else."""
    known: dict[Question, tuple[str, ...]] = {}
    for name, kind, text in records:
        question = Question(name, kind)
        known[question] = (*known.get(question, ()), text)
    return Answers(Known(known))


def dkim(*texts: str, of: Signer | None = None) -> tuple[Grade, str]:
    """Check what is published for our key."""
    ours = of or key()
    found = published.check_dkim(ours, said(*((AT, Kind.TXT, text) for text in texts)), bits_of(ours))
    return found.grade, found.seen


def bare(ours: Signer) -> str:
    """Give an RSA key as RFC 6376 writes it, without what says that it is RSA."""
    read = serialization.load_der_public_key(ours.public_key)
    return base64.b64encode(read.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.PKCS1)).decode()


def dmarc(*texts: str, domain: str = HOUSE, beside: tuple[tuple[str, Kind, str], ...] = ()) -> dict[str, Grade]:
    """Check a policy, and give the grades by name."""
    answers = said(*(("_dmarc.example.org", Kind.TXT, text) for text in texts), *beside)
    ours = Signer(domain, "2026a", KeyKind.RSA, b"", bytes)
    return {found.name: found.grade for found in published.check_dmarc(domain, answers, [ours])}


@pytest.mark.parametrize("kind", KeyKind)
def test_the_record_that_we_print_is_fine(kind: KeyKind):
    ours = key(kind=kind)
    assert dkim(ours.record, of=ours) == (Grade.FINE, f"{kind} key of {bits_of(ours)} bits, as it signs")
    assert bits_of(ours) == {KeyKind.RSA: 2048, KeyKind.ED25519: 256}[kind]


def test_an_rsa_key_may_be_published_bare_and_with_blanks_in_it():
    text = bare(key())
    assert dkim(f"p={text[:80]} {text[80:]};")[0] is Grade.FINE


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        ((), "nothing is published"),
        (("v=DKIM1; k=rsa; p=",), "revoked"),
        (("v=DKIM1; k=rsa",), "p= is missing"),
        (("v=DKIM1; k=rsa; p=!!!",), "p=!!!"),
        (("this is no record",), "not NAME=VALUE"),
        ((key(1).record,), "not the public half"),
        ((key().record, key(1).record), "2 records"),
        ((key().record.replace("k=rsa", "k=ed25519"),), "k=ed25519"),
        ((key().record + "; h=sha1",), "sha256"),
        ((key().record + "; s=web",), "not for mail"),
        ((key().record.replace("DKIM1", "DKIM2"),), "v= is not DKIM1"),
        ((key().record + "; p=again",), "stands twice"),
    ],
)
def test_a_key_that_no_verifier_could_use_is_failing(texts: tuple[str, ...], words: str):
    grade, seen = dkim(*texts)
    assert (grade, words in seen) == (Grade.FAILING, True), seen


def test_a_key_for_tests_is_warned_of():
    assert dkim(key().record + "; t=y:s")[0] is Grade.WARNING


@pytest.mark.parametrize(
    "text",
    [
        "v=DMARC1; p=none; rua=mailto:reports@example.org",
        "v=DMARC1;p=reject;sp=quarantine;pct=50;adkim=s;aspf=s;rua=mailto:a@example.org!10m,mailto:b@example.org;",
    ],
)
def test_a_policy_with_reports_is_fine(text: str):
    assert set(dmarc(text).values()) == {Grade.FINE}


@pytest.mark.parametrize(
    "texts",
    [
        (),
        ("v=DMARC1",),
        ("v=DMARC1; p=block",),
        ("v=DMARC1; rua=mailto:a@example.org; p=none",),
        ("v=DMARC1; p=none; pct=101",),
        ("v=DMARC1; p=none; adkim=x",),
        ("v=DMARC1; p=none; rua=a@example.org",),
        ("v=DMARC1; p none",),
        ("v=spf1 -all",),
        ("v=DMARC1; p=none", "v=DMARC1; p=reject"),
    ],
)
def test_no_policy_two_and_one_with_a_mistake_are_failing(texts: tuple[str, ...]):
    assert dmarc(*texts) == {"DMARC": Grade.FAILING}


def test_a_policy_without_reports_is_warned_of():
    assert dmarc("v=DMARC1; p=none")["DMARC reports"] is Grade.WARNING


def test_another_domain_must_agree_to_get_reports():
    text = "v=DMARC1; p=none; rua=mailto:us@reports.example.net"
    agreed = ("example.org._report._dmarc.reports.example.net", Kind.TXT, "v=DMARC1")
    assert dmarc(text)["DMARC reports"] is Grade.WARNING
    assert dmarc(text, beside=(agreed,))["DMARC reports"] is Grade.FINE


def test_a_domain_below_has_the_policy_of_the_one_above():
    assert dmarc("v=DMARC1; p=none; rua=mailto:a@example.org", domain="mail.example.org") == {
        "DMARC": Grade.FINE,
        "DMARC reports": Grade.FINE,
        "DMARC 2026a": Grade.FINE,
    }


@pytest.mark.parametrize(
    ("signs", "adkim", "grade"),
    [
        ("example.org", "s", Grade.FINE),
        ("mail.example.org", "r", Grade.FINE),
        ("mail.example.org", "s", Grade.FAILING),
        ("example.net", "r", Grade.FAILING),
    ],
)
def test_a_signature_counts_for_its_own_domain(signs: str, adkim: str, grade: Grade):
    answers = said(("_dmarc.example.org", Kind.TXT, f"v=DMARC1; p=none; adkim={adkim}; rua=mailto:a@example.org"))
    found = published.check_dmarc(HOUSE, answers, [Signer(signs, "2026a", KeyKind.RSA, b"", bytes)])
    assert found[-1].grade is grade


@pytest.mark.parametrize(
    ("records", "grade"),
    [
        ([(HOUSE, Kind.MX, "10 mx.example.org"), ("mx.example.org", Kind.AAAA, "2001:db8::1")], Grade.FINE),
        ([(HOUSE, Kind.MX, "0 .")], Grade.FAILING),
        ([], Grade.FAILING),
        ([(HOUSE, Kind.A, "192.0.2.1")], Grade.WARNING),
        ([(HOUSE, Kind.MX, "10 gone.example.org")], Grade.FAILING),
        (
            [
                (HOUSE, Kind.MX, "10 mx.example.org"),
                (HOUSE, Kind.MX, "20 gone.example.org"),
                ("mx.example.org", Kind.A, "192.0.2.1"),
            ],
            Grade.WARNING,
        ),
    ],
)
def test_bounces_need_a_host_that_takes_them(records: list[tuple[str, Kind, str]], grade: Grade):
    assert published.check_mx(HOUSE, said(*records)).grade is grade


@pytest.mark.parametrize("is_sure", [True, False])
def test_the_name_of_the_relay_leads_back_to_its_address(*, is_sure: bool):
    named = ("25.4.8.8.in-addr.arpa", Kind.PTR, "mail.example.org")
    back = ("mail.example.org", Kind.A, "8.8.4.25")
    grades = [
        published.check_names((MAIL,), said(*records), is_sure=is_sure)[0].grade
        for records in ((named, back), (named,), ())
    ]
    wrong = Grade.FAILING if is_sure else Grade.WARNING
    assert grades == [Grade.FINE, wrong, wrong]


@pytest.mark.parametrize(
    ("url", "grade"),
    [
        ("https://remember.example.org", Grade.FINE),
        ("http://remember.example.org", Grade.FAILING),
        ("https://localhost", Grade.FAILING),
        ("http://127.0.0.1:8080", Grade.FAILING),
        ("https://[::1]/", Grade.FAILING),
    ],
)
def test_one_click_needs_an_address_that_others_reach_by_https(url: str, grade: Grade):
    assert published.check_one_click(url).grade is grade


def test_the_records_to_publish_for_a_domain_that_has_none():
    spf, ours, dmarc_text = to_publish.records(HOUSE, said(), [key()], [MAIL])
    assert spf == 'example.org. IN TXT "v=spf1 ip4:8.8.4.25 ~all"'
    assert ours == key().record_in_zone
    assert dmarc_text == '_dmarc.example.org. IN TXT "v=DMARC1; p=none; rua=mailto:postmaster@example.org"'


@pytest.mark.parametrize(
    ("records", "wanted"),
    [
        (["v=spf1 ip4:8.8.4.0/24 -all"], "v=spf1 ip4:8.8.4.0/24 -all"),
        (["v=spf1 mx +all"], "v=spf1 mx ip4:8.8.4.25 ~all"),
        (["v=spf1 mx ptr -all", "v=spf1 a ~all"], "v=spf1 mx a ip4:8.8.4.25 -all"),
        (["v=spf1 ip4:999.1.1.1 mx -all"], "v=spf1 mx ip4:8.8.4.25 -all"),
        (["v=spf1 redirect=one.example.net"], "v=spf1 include:one.example.net ip4:8.8.4.25 ~all"),
    ],
)
def test_what_is_published_already_is_kept_and_mended(records: list[str], wanted: str):
    answers = said(*((HOUSE, Kind.TXT, record) for record in records))
    assert to_publish.records(HOUSE, answers, [], [MAIL])[0] == f'example.org. IN TXT "{wanted}"'


def test_a_text_that_is_long_is_published_in_strings_of_255_characters():
    hosts = " ".join(f"ip4:198.51.100.{number}" for number in range(40))
    line = to_publish.records(HOUSE, said((HOUSE, Kind.TXT, f"v=spf1 {hosts} -all")), [], [])[0]
    strings = line.partition(" IN TXT ")[2].strip('"').split('" "')
    assert max(map(len, strings)) == 255
    assert "".join(strings) == f"v=spf1 {hosts} -all"


def test_a_relay_in_our_own_network_is_only_warned_of():
    (found,) = published.check_names((ipaddress.ip_address("10.0.0.5"),), said(), is_sure=False)
    assert (found.grade, "cannot be told" in found.seen) == (Grade.WARNING, True)
