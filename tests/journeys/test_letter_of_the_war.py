"""The letter of 27 September 2024, point by point: what the seed's article tells is recorded, and is told.

The points stand here as facts to look for, not as prose to compare: each is found in the record first, in
its structured fields, and what the record says of it is then found in the letter, in both its parts.
"""

import asyncio
import html
import re
from email.message import EmailMessage
from email.utils import parsedate_to_datetime

import pytest
import yaml

from service.domain.documents import read_event
from service.domain.event import Event, Qualifier, Words
from tests.house.repository import ROOT
from tests.journeys.program import ANNA, Program, opened, part
from tests.peers.founding import WithTables
from tests.smtp_server import SmtpServer

LANGUAGES = ("en", "hy")
AS_OF = {"en": "All figures as of September 2024, source [1].", "hy": "2024 թ. սեպտեմբերի դրությամբ, աղբյուր [1]"}
FIGURES = {
    "killed": (3830, Qualifier.EXACTLY, "3,830 people", "3 830 մարդ"),
    "servicemen-2023": (214, Qualifier.EXACTLY, "214 people", "214 մարդ"),
    "civilians-2023": (21, Qualifier.EXACTLY, "21 people", "21 մարդ"),
    "displaced": (100_000, Qualifier.MORE_THAN, "more than 100,000 people", "ավելի քան 100 000 մարդ"),
    "missing": (300, Qualifier.MORE_THAN, "more than 300 people", "ավելի քան 300 մարդ"),
    "held": (None, Qualifier.DOZENS, "dozens of people", "տասնյակ մարդիկ"),
}
# What a timeline entry of that time must speak of, in each language.
TIMELINE = {
    "an offensive along the whole line, with Turkey's support": (
        ("2020-09-27", None),
        ("early hours", "with the support of Turkey", "the article says", "entire line of contact"),
        ("առավոտյան", "Թուրքիայի", "ըստ հոդվածի", "շփման գծի"),
    ),
    "mobilisation and martial law": (
        ("2020-09-27", None),
        ("Armenia and Artsakh", "mobilise", "martial law"),
        ("Հայաստանում և Արցախում", "զորահավաք", "ռազմական դրություն"),
    ),
    "Syrian mercenaries, as the article says, and confirmed by others": (
        ("2020-09-27", "2020-11-09"),
        ("the article says", "Syrian mercenaries", "international organizations", "officials from several countries"),
        ("ըստ հոդվածի", "սիրիացի վարձկաններ", "միջազգային կազմակերպություններ", "պաշտոնյաներ"),
    ),
    "two captured fighters tried and sentenced for life": (
        ("2020-09-27", "2020-11-09"),
        ("Two captured Syrian fighters", "tried in Armenia", "life in prison"),
        ("երկու սիրիացի մարտիկ", "Հայաստանում", "ցմահ"),
    ),
    "the Minsk Group and three collapsed ceasefires": (
        ("2020-09-27", "2020-11-09"),
        ("Minsk Group", "Russia, France and the United States", "three", "collapses", "resume"),
        ("Մինսկի խմբի", "Ռուսաստանը, Ֆրանսիան և Միացյալ Նահանգները", "Երեք", "խախտվում", "վերսկսվում"),
    ),
    "the agreement and the peacekeepers": (
        ("2020-11-09", None),
        ("agreement", "Armenia, Azerbaijan and Russia", "Russian peacekeeping forces", "line of contact"),
        ("համաձայնագր", "Հայաստանի, Ադրբեջանի և Ռուսաստանի", "ռուսական խաղաղապահ ուժեր", "շփման գծի"),
    ),
    "a siege of ten months": (("2022", "2023"), ("siege", "ten months"), ("տասնամսյա պաշարում",)),
    "the attack of 19 September 2023, with how it was presented in quotation marks": (
        ("2023-09-19", None),
        ("Azerbaijan", "article's account", "“anti-terrorist operation”", "214 Armenian servicemen", "21 civilians"),
        ("Ադրբեջանը", "ըստ հոդվածի", "«հակաահաբեկչական գործողություն»", "214 հայ", "21 քաղաքացիական"),
    ),
    "the flight of more than 100,000": (
        ("2023-09", None),
        ("More than 100,000 people", "flee", "refuge in Armenia", "in the article's words"),
        ("Ավելի քան 100 000 մարդ", "ապաստան", "Հայաստանում", "հոդվածի խոսքերով"),
    ),
    "the leadership arrested": (
        ("2023~", None),
        ("military-political leadership of Artsakh", "arrested"),
        ("ռազմաքաղաքական ղեկավարությունը", "ձերբակալ"),
    ),
}
UNRESOLVED = {
    "the missing": (("Over 300", "missing"), ("Ավելի քան 300", "անհետ կորած")),
    "the held": (("Dozens", "reportedly", "Baku prisons", "release"), ("Տասնյակ", "ըստ հաղորդումների", "Բաքվի")),
    "the displaced": (("displaced", "uncertain", "future"), ("տեղահանված", "ապագա")),
}
NARRATIVE = {
    "whose words they are": (("article", "own words"), ("հոդված", "խոսքեր")),
    "losses on both sides": (("casualties on both sides",), ("երկու կողմերի կորուստները",)),
    "Turkey's role, as the article calls it": (("“controversial role”",), ("«վիճահարույց դերի»",)),
    "the scars and the mourning": (("deep scars", "mourning"), ("խոր սպիների", "սգացող")),
    "its judgements as its own": (("“brutal”", "“aggression”", "“occupation”"), ("«դաժան»", "«ագրեսիայի»")),
    "peace made harder": (("peace efforts harder",), ("խաղաղության ջանքերը",)),
}


@pytest.fixture(scope="module")
def war() -> Event:
    """The record of the war, read as it is written."""
    written = (ROOT / "data" / "collections" / "artsakh.yaml").read_text()
    events = yaml.load(written, Loader=yaml.BaseLoader)["events"]  # noqa: S506  (it makes texts of everything)
    return read_event(next(event for event in events if event["id"] == "artsakh-war-2020"))


@pytest.fixture(scope="module")
def letters(tmp_path_factory: pytest.TempPathFactory, with_tables: WithTables) -> dict[str, EmailMessage]:
    """What a mail server received of a round at nine in Yerevan, by language."""
    program = Program(tmp_path_factory.mktemp("war"))
    with_tables(program.own_url)
    return asyncio.run(received(program))


async def received(program: Program) -> dict[str, EmailMessage]:
    async with SmtpServer() as relay:
        sender = "Days of remembrance <days@remember.example.org>"
        program = program.with_(SMTP_URL=relay.url(), PUBLIC_URL="https://remember.example.org", SENDER=sender)
        await program.does("import")
        await program.readers(*(ANNA | {"email": f"{code}@example.org", "language": code} for code in LANGUAGES))
        await program.tick("2024-09-27T05:00:00Z")
    assert len(relay.received) == 2
    return {letter.rcpt_tos[0].partition("@")[0]: opened(letter.content) for letter in relay.received}


def flat(text: str) -> str:
    """Leave out how lines are broken and which blanks stand between words."""
    return re.sub(r"\s+", " ", text)


def parts(letter: EmailMessage) -> dict[str, str]:
    """What a reader reads of a letter, in its text and in its HTML."""
    seen = re.sub(r"<(style|title)\b.*?</\1>|<!--.*?-->|<[^>]+>", " ", part(letter, "html"), flags=re.DOTALL)
    return {"text": flat(part(letter, "plain")), "html": flat(html.unescape(seen))}


def assert_told(letters: dict[str, EmailMessage], words: Words) -> None:
    """Find a text of the record in both parts of the letter of each language."""
    for code in LANGUAGES:
        for kind, text in parts(letters[code]).items():
            assert flat(words[code]) in text, f"not in the {kind} of the letter in {code}"


def speaks(words: Words, of: tuple[str, ...], in_armenian: tuple[str, ...]) -> bool:
    """Say whether a text speaks of all this in both languages."""
    english, armenian = flat(words["en"]), flat(words["hy"])
    return all(one in english for one in of) and all(one in armenian for one in in_armenian)


@pytest.mark.parametrize("id_", FIGURES)
def test_a_number_is_recorded_with_its_time_and_source_and_told(war: Event, letters: dict[str, EmailMessage], id_: str):
    value, qualifier, *amounts = FIGURES[id_]
    (figure,) = (figure for figure in war.figures if figure.id == id_)
    assert (figure.value, figure.qualifier, figure.as_of, figure.source) == (value, qualifier, "2024-09", "article")
    assert_told(letters, figure.label)
    assert_told(letters, dict(zip(LANGUAGES, amounts, strict=True)))
    assert_told(letters, AS_OF)


@pytest.mark.parametrize("point", TIMELINE)
def test_what_happened_is_recorded_with_its_time_and_source_and_told(
    war: Event, letters: dict[str, EmailMessage], point: str
):
    (on, until), of, in_armenian = TIMELINE[point]
    found = [one for one in war.timeline if (one.on, one.until) == (on, until) and speaks(one.text, of, in_armenian)]
    assert [one.source for one in found] == ["article"]
    assert_told(letters, found[0].text)


@pytest.mark.parametrize("point", UNRESOLVED)
def test_what_is_open_is_recorded_with_its_time_and_source_and_told(
    war: Event, letters: dict[str, EmailMessage], point: str
):
    (found,) = (one for one in war.unresolved if speaks(one.text, *UNRESOLVED[point]))
    assert (found.as_of, found.source) == ("2024-09", "article")
    assert_told(letters, found.text)


@pytest.mark.parametrize("point", NARRATIVE)
def test_what_the_article_judges_is_told_as_its_own_words(war: Event, letters: dict[str, EmailMessage], point: str):
    assert speaks(war.narrative, *NARRATIVE[point])
    for paragraphs in zip(*(war.narrative[code].split("\n\n") for code in LANGUAGES), strict=True):
        assert_told(letters, dict(zip(LANGUAGES, map(str.strip, paragraphs), strict=True)))


def test_the_source_is_the_article_with_its_byline(war: Event, letters: dict[str, EmailMessage]):
    (source,) = war.sources
    assert (source.author, source.date) == ("Albert Hovhannisyan", "2024-09")
    assert source.title["en"].startswith("Armenians Mark Four Years Since Azerbaijan’s Offensive in Artsakh")
    assert_told(letters, source.title)
    assert_told(letters, dict.fromkeys(LANGUAGES, "Albert Hovhannisyan"))


def test_it_says_how_long_ago_and_how_long(war: Event, letters: dict[str, EmailMessage]):
    assert (war.first_day, war.last_day) == ("2020-09-27", "2020-11-09")
    assert_told(letters, war.title)
    assert_told(letters, war.summary)
    assert_told(letters, {"en": "our years ago today", "hy": "որս տարի առաջ այս օրը"})  # with and without a capital
    assert_told(letters, {"en": "27 September – 9 November 2020, 44 days", "hy": "44 օր"})
    assert letters["en"]["Subject"] == "The 44-day war in Artsakh: four years ago today"
    assert letters["hy"]["Subject"] == "Արցախի 44-օրյա պատերազմը՝ չորս տարի առաջ այս օրը"


def test_it_tells_nothing_that_is_not_in_the_article(letters: dict[str, EmailMessage]):
    """Every number in the letter is a day, a count of the article, or how many years have passed."""
    (text, seen) = parts(letters["en"]).values()
    said = {number for one in (re.sub(r"http\S+", "", text), seen) for number in re.findall(r"\d[\d,]*\d|\d", one)}
    days = {"2020", "2022", "2023", "2024", "9", "19", "27", "44", "1"}
    assert said - days == {"3,830", "214", "21", "100,000", "300"}


@pytest.mark.parametrize("code", LANGUAGES)
def test_its_headers_are_those_of_a_letter_to_a_list(letters: dict[str, EmailMessage], code: str):
    letter = letters[code]
    assert letter["From"] == "Days of remembrance <days@remember.example.org>"
    assert letter["Reply-To"] == "days@remember.example.org"
    assert letter["To"] == f"{code}@example.org"
    assert parsedate_to_datetime(str(letter["Date"])).isoformat() == "2024-09-27T05:00:00+00:00"
    assert re.fullmatch(r"<[a-z0-9]{20,}\.[a-z2-7]{16}@remember\.example\.org>", letter["Message-ID"])
    assert re.fullmatch(r'"?Days of remembrance"? <[a-z]+\.remember\.example\.org>', letter["List-Id"])
    assert re.fullmatch(r"<https://remember\.example\.org/leave/[\w.-]+>", letter["List-Unsubscribe"])
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert re.fullmatch(r"[\w-]+:notice:remembrancer", letter["Feedback-ID"])
    assert [name for name, value in letter.items() if "example.org" in value and f"{code}@" in value] == ["To"]
    assert (letter["MIME-Version"], letter.get_content_type()) == ("1.0", "multipart/alternative")
    assert len(set(map(str.lower, letter.keys()))) == len(letter.keys())


def test_each_letter_has_a_message_id_of_its_own(letters: dict[str, EmailMessage]):
    assert len({letter["Message-ID"] for letter in letters.values()}) == 2
