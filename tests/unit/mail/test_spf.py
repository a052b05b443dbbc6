"""SPF as RFC 7208 has it: one record, well written, not too dear, closed at its end, and open to the relay."""

import ipaddress

import pytest

from service.domain.checkup import Finding, Grade
from service.mail.spf import check_spf, parse
from service.mail.zone import Answers, Kind, Question, UnansweredError

HOUSE = "example.org"
RELAY = ipaddress.ip_address("192.0.2.25")


def zone(**texts: str) -> dict[Question, tuple[str, ...] | None]:
    """Give TXT records by name, `_` for a dot and `house` for the domain."""
    return {
        Question(HOUSE if name == "house" else f"{name}.example.net", Kind.TXT): (text,) for name, text in texts.items()
    }


class Known(dict[Question, "tuple[str, ...] | None"]):
    """A zone in which every other name has nothing."""

    def __contains__(self, _: object) -> bool:
        return True

    def __missing__(self, _: Question) -> tuple[str, ...]:
        return ()


def checked(known: dict[Question, tuple[str, ...] | None], *senders: str, is_sure: bool = True) -> dict[str, Finding]:
    """Give the findings by name."""
    addresses = tuple(map(ipaddress.ip_address, senders))
    found = check_spf(HOUSE, Answers(Known(known)), addresses, is_sure=is_sure)
    return {finding.name: finding for finding in found}


def test_a_sound_record_that_lets_the_relay_in_is_fine():
    found = checked(zone(house="v=spf1 ip4:192.0.2.0/24 ~all"), "192.0.2.25")
    assert {one.grade for one in found.values()} == {Grade.FINE}
    assert found["SPF lookups"].seen == "0 of 10 lookups that a receiver makes"


@pytest.mark.parametrize("texts", [(), ("v=spf10 -all",), ("google-site-verification=abc",)])
def test_no_record_is_failing(texts: tuple[str, ...]):
    (found,) = check_spf(HOUSE, Answers(Known({Question(HOUSE, Kind.TXT): texts})), (), is_sure=False)
    assert (found.grade, found.seen) == (Grade.FAILING, "example.org has no SPF record")


def test_two_records_are_failing_and_both_are_shown():
    both = ("v=spf1 mx -all", "v=spf1 a -all")
    (found,) = check_spf(HOUSE, Answers(Known({Question(HOUSE, Kind.TXT): both})), (), is_sure=False)
    assert found.grade is Grade.FAILING
    assert all(record in found.seen for record in both)


@pytest.mark.parametrize(
    ("record", "grade"),
    [
        ("v=spf1 -all", Grade.FINE),
        ("v=spf1 ~ALL", Grade.FINE),
        ("v=spf1 +all", Grade.FAILING),
        ("v=spf1 all", Grade.FAILING),
        ("v=spf1 ?all", Grade.WARNING),
        ("v=spf1 mx", Grade.WARNING),
    ],
)
def test_the_end_of_a_record_shuts_others_out(record: str, grade: Grade):
    assert checked(zone(house=record))["SPF"].grade is grade


def test_the_end_may_stand_in_the_record_that_is_redirected_to():
    found = checked(zone(house="v=spf1 redirect=one.example.net", one="v=spf1 ip4:192.0.2.25 -all"), str(RELAY))
    assert {one.grade for one in found.values()} == {Grade.FINE}


@pytest.mark.parametrize(
    "word",
    ["ip4:192.0.2.256", "ip4:2001:db8::1", "ip6:192.0.2.1", "include:", "include", "alll", "a/33", "mx//129", "all:x"],
)
def test_a_mistake_in_a_term_is_failing_and_named(word: str):
    found = checked(zone(house=f"v=spf1 {word} -all"))["SPF"]
    assert found.grade is Grade.FAILING
    assert word.partition(":")[0] in found.seen.partition("-all: ")[2]


@pytest.mark.parametrize(
    "record",
    [
        "v=spf1",
        "v=spf1 a:mail.example.org/24//64 mx/30 ip6:2001:db8::/32 exists:%{i}._spf.example.org exp=why.example -all",
        "v=spf1 include:_spf.example.net ?ptr:example.org unknown=kept ~all",
    ],
)
def test_what_the_standard_allows_can_be_read(record: str):
    parse(record)


def test_ptr_is_warned_of():
    assert checked(zone(house="v=spf1 ptr -all"))["SPF ptr"].grade is Grade.WARNING


def test_ten_lookups_are_fine_and_eleven_are_failing_wherever_they_stand():
    inner = "v=spf1 " + " ".join(f"exists:e{number}.example.net" for number in range(9)) + " -all"
    found = checked(zone(house="v=spf1 include:one.example.net -all", one=inner))
    assert (found["SPF lookups"].grade, found["SPF lookups"].seen[:8]) == (Grade.FINE, "10 of 10")
    found = checked(zone(house="v=spf1 include:one.example.net exists:x.example.net -all", one=inner))
    assert found["SPF lookups"].grade is Grade.FAILING


def test_names_that_do_not_exist_are_failing_from_the_third_on():
    assert checked(zone(house="v=spf1 a mx -all"))["SPF lookups"].grade is Grade.FINE
    found = checked(zone(house="v=spf1 a mx a:gone.example.net -all"))["SPF lookups"]
    assert (found.grade, found.seen) == (Grade.FAILING, "3 names in it do not exist")


def test_an_include_without_a_record_and_a_circle_are_failing():
    gone = checked(zone(house="v=spf1 include:gone.example.net -all"))["SPF lookups"]
    assert (gone.grade, gone.seen) == (
        Grade.FAILING,
        "include of gone.example.net: gone.example.net has no SPF record",
    )
    circle = checked(zone(house="v=spf1 include:one.example.net -all", one="v=spf1 include:example.org -all"))
    assert (circle["SPF lookups"].grade, "circle" in circle["SPF lookups"].seen) == (Grade.FAILING, True)


@pytest.mark.parametrize(
    ("record", "is_let_in"),
    [
        ("v=spf1 ip4:192.0.2.25 -all", True),
        ("v=spf1 -ip4:192.0.2.25 ip4:192.0.2.0/24 -all", False),
        ("v=spf1 a:mail.example.net -all", True),
        ("v=spf1 a:mail.example.net/24 -all", True),
        ("v=spf1 mx -all", True),
        ("v=spf1 include:one.example.net -all", True),
        ("v=spf1 include:shut.example.net -all", False),
        ("v=spf1 ~all", False),
    ],
)
def test_whether_the_relay_is_let_in(record: str, *, is_let_in: bool):
    known = zone(house=record, one="v=spf1 ip4:192.0.2.25 -all", shut="v=spf1 ip4:198.51.100.1 ?all")
    known |= {
        Question("mail.example.net", Kind.A): ("192.0.2.25",),
        Question(HOUSE, Kind.MX): ("10 mail.example.net",),
    }
    assert checked(known, str(RELAY))["SPF relay"].grade is (Grade.FINE if is_let_in else Grade.FAILING)
    doubted = checked(known, str(RELAY), is_sure=False)["SPF relay"]
    assert doubted.grade is (Grade.FINE if is_let_in else Grade.WARNING)


def test_what_no_server_answered_is_not_taken_for_nothing():
    with pytest.raises(UnansweredError, match=r"example\.org TXT"):
        checked({Question(HOUSE, Kind.TXT): None})
