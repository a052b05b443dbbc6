"""Easter: known days written down, 717 years of an oracle, and what must hold in every year."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.calendars import gregorian, julian
from service.domain.calendars.calendar import BeyondTableError
from service.domain.feasts.easter import FIRST_YEAR, LAST_YEAR, easter_of
from service.domain.policies import Tradition
from service.domain.weekdays import weekday_of

WESTERN, ORTHODOX, ARMENIAN = Tradition.WESTERN, Tradition.ORTHODOX, Tradition.ARMENIAN

# Each year from 1583 to 2299 is one digit (base 36): the days from 21 March to Easter, in the Gregorian calendar and
# in the Julian one. Made with npm date-easter 1.0.3 (MIT); PyPI convertdate 2.5.1 agrees in every year.
GREGORIAN_EASTERS = (
    "kbvg8rcwo8sk5og1lcwh9sk5pgtldwh9td5patl6qh9mexpaul6qi2meyiauf6qbvmerjanf7qbvn7rj4nfzkbvg8rc4ofskcvg8"
    "scwo9sk5pg1ldwh9tl6qi2meyiauf6qbvm7rjanf7qbvn7rj4nfzkbvg8rc4ofskcog8lcwo9sk5pg1ldwh9td5patldqh9te5pa"
    "ul6qi2meyiauf6qi3nfskbog8rcwo8sk5og1lcwh9sd5pgtldwh9td5patl6qh2mexiaul6qi2meyiauf6qbvm7rjanf7qbvn7rj"
    "4nfzkbvg8rc4ofskcph9mdxpatl6qh2mexiaue6qbumeriauf6qbvm7rj3nfzjbvg7rj4nfskbvg8rcwo8sk5og8lcwo9sk5pgtl"
    "dwh9td5patldqh9mexpaul6qi2meyiauf6qbvmerjauf7qbvn7rj4nfzkbvg8rj4ofskcvg8scwo9sk5pg8ldwo9tk5phtldxh9t"
    "e5pauldqi9meypaum7rj4nfskbvg8rcwo8sk5og8lcwo9sk5pgtldwh9td5patldqh9mexpaul6qi2meyiauf6qbvmerjauf7qbv"
    "n7rj4nfzkbvg8rj4ogtldwh9td5patl6qh9mexpaul6qi2meyiauf6qbvmerjanf7qbvn7rj4nfzkbvg8rc4ofskcvg8scwo9sk5"
    "pg1ldwh9tk5phtldq"
)
JULIAN_EASTERS = (
    "atldqh9te5paul6qi2meyiauf6qi3meyjauf7qbvn7rj4nf7kbvg8rj4ofzkcvg8sc4o9sk5pg8ldwo9tk5ph1ldxh9te5pauldq"
    "i9te6paum6qi3meyjauf7qi3neyjbuf7rbvn8rj4of7kcvg8sj4ogzkcwg8sd4o9tk5ph8ldxo9tl5ph2ldxi9te6paumdqiate6"
    "qaum7qi3neyjbuf7ri3nfyjbof7rcvn8sj4og7kcwg8sd4ogtkcwh8sd5o9tl5ph2ldxi9tl6ph2mdxiate6qaum7qiane6qbum7"
    "ri3nfyjbvf7rc3nfsjbog7rcwn8sk4og1kcwh8sd5ogtlcwh9sd5p9tl6ph2mdxiatl6qh2mexiaue6qbum7rianf6qbvm7rj3nf"
    "zjbvg7rc4nfskbog8rcwo8sk5og1lcwh9sd5pgtldwh9td5patl6qh2mexiaul6qi2meyiauf6qbvm7rjanf7qbvg7rj4nfzkbvg"
    "8rc4ofsk5og8lcwo9sk5pg1ldwh9td5patldqh9te5paul6qi2meyiauf6qi3meyjauf7qbvn7rj4nf7kbvg8rj4ofzkcvg8sc4o"
    "9sk5pg8ldwo9tk5ph1ldxh9te5pauldqi9te6paum6qi3meyjauf7qi3neyjbuf7rbvn8rj4of7kcvg8sj4ogzkcwg8sd4o9tk5p"
    "h8ldxo9tl5ph2ldxi"
)


def iso(year: int, tradition: Tradition) -> str:
    return date.fromordinal(easter_of(year, tradition)).isoformat()


@pytest.mark.parametrize(
    "expected",
    [
        "1583-04-10",  # the first by the Gregorian computus
        "1818-03-22",  # the earliest day there is; next in 2285
        "1886-04-25",  # the latest day there is
        "1943-04-25",
        "1954-04-18",  # Gauss's rule without its exceptions says the 25th
        "1981-04-19",  # and here the 26th
        "2008-03-23",
        "2011-04-24",
        "2025-04-20",
        "2038-04-25",
        "2285-03-22",
    ],
)
def test_the_western_easter(expected: str) -> None:
    assert iso(int(expected[:4]), WESTERN) == expected


@pytest.mark.parametrize(
    "expected",
    [
        "1918-05-05",
        "1983-05-08",  # the latest day of the twentieth and twenty-first centuries
        "2010-04-04",  # the earliest of our time, and common
        "2024-05-05",
        "2025-04-20",
        "2026-04-12",
        "2027-05-02",
        "2038-04-25",
        "2100-05-02",  # fourteen days after the Julian 18 April
    ],
)
def test_the_orthodox_easter(expected: str) -> None:
    assert iso(int(expected[:4]), ORTHODOX) == expected


def test_east_and_west_had_common_easters() -> None:
    common = [year for year in range(2001, 2040) if easter_of(year, WESTERN) == easter_of(year, ORTHODOX)]
    assert common == [2001, 2004, 2007, 2010, 2011, 2014, 2017, 2025, 2028, 2031, 2034, 2037, 2038]


def test_the_armenian_church_changed_between_the_easters_of_1923_and_1924() -> None:
    assert [iso(1923, tradition) for tradition in (WESTERN, ORTHODOX, ARMENIAN)] == [
        "1923-04-01",
        "1923-04-08",
        "1923-04-08",
    ]
    assert [iso(1924, tradition) for tradition in (WESTERN, ORTHODOX, ARMENIAN)] == [
        "1924-04-20",
        "1924-04-27",
        "1924-04-20",
    ]


def test_before_1583_east_and_west_had_one_easter() -> None:
    assert julian.date_of(easter_of(1453, WESTERN)) == (1453, 4, 1)  # eight weeks before the fall of Constantinople
    assert all(easter_of(year, WESTERN) == easter_of(year, ORTHODOX) for year in range(FIRST_YEAR, 1583))


def test_717_years_are_those_of_the_oracle() -> None:
    for year, (gregorian_days, julian_days) in enumerate(zip(GREGORIAN_EASTERS, JULIAN_EASTERS, strict=True), 1583):
        assert easter_of(year, WESTERN) == gregorian.day_number(year, 3, 21) + int(gregorian_days, 36)
        assert easter_of(year, ORTHODOX) == julian.day_number(year, 3, 21) + int(julian_days, 36)


@given(st.integers(FIRST_YEAR, LAST_YEAR), st.sampled_from(Tradition))
def test_easter_is_a_sunday_from_22_march_to_25_april_of_its_calendar(year: int, tradition: Tradition) -> None:
    easter = easter_of(year, tradition)
    of_the_east = year < 1583 or tradition is ORTHODOX or (tradition is ARMENIAN and year < 1924)
    _, month, day = julian.date_of(easter) if of_the_east else gregorian.date_of(easter)
    assert weekday_of(easter) == 6
    assert (3, 22) <= (month, day) <= (4, 25)


@given(st.integers(1583, LAST_YEAR))
def test_the_orthodox_easter_is_never_before_the_western_one(year: int) -> None:
    assert easter_of(year, ORTHODOX) - easter_of(year, WESTERN) in range(0, 7 * 10, 7)


@pytest.mark.parametrize(("year", "nearest"), [(325, 326), (-5, 326), (4100, 4099)])
def test_there_is_no_easter_beyond_its_years(year: int, nearest: int) -> None:
    with pytest.raises(BeyondTableError) as beyond:
        easter_of(year, WESTERN)
    assert beyond.value.nearest_year == nearest
