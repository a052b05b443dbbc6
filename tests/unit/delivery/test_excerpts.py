"""What of a letter goes by a channel: its beginning, honestly cut, and its links in the edition's own words."""

import json
import re

from service.delivery.excerpts import BEGINNING, WHOLE, excerpt
from service.domain.letter import Mark, Words
from service.domain.notice import Claim, Kind
from service.mail.compose import Composer, House
from service.mail.tokens import Tokens
from tests.builders import at

MOMENT = at("2026-09-27T05:00")
FOOT = f"""-- 
27 September 2026

You receive this letter because you asked to be reminded.

Change what you asked for
{Mark.MANAGE_URL}

Why this letter came, and how to end only this
{Mark.LEAVE_URL}

Unsubscribe
{Mark.LEAVE_URL}
"""  # noqa: W291  (as it stands in a letter)
ON_WEB = "\nRead this letter on the web\nhttps://remember.example/editions/1\n"


def cut(told: str, foot: str = FOOT + ON_WEB, *, late: bool = False) -> str:
    return excerpt(Words("A war", "", f"{told}\n\n{foot}", late="It is late."), (), late=late).body


def test_the_links_follow_in_the_words_of_the_letter_each_once() -> None:
    assert cut("A war: 6 years.\n2020") == (
        "A war: 6 years.\n2020\n\nRead this letter on the web\nhttps://remember.example/editions/1"
        f"\n\nChange what you asked for\n{Mark.MANAGE_URL}"
    )


def test_a_long_letter_is_cut_between_paragraphs_and_says_that_there_is_more() -> None:
    told = "\n\n".join([f"{number}" + " words" * 40 for number in range(20)])
    begun, rest = cut(told).split("\n\n…\n\n")
    assert told.startswith(begun)
    assert len(begun) <= BEGINNING
    assert rest.startswith("Read this letter on the web")


def test_a_first_paragraph_that_is_longer_is_cut_between_words() -> None:
    begun, _ = cut("word " * 1000).split("\n\n…\n\n")
    assert begun.endswith("word")
    assert len(begun) <= BEGINNING


def test_a_letter_without_a_copy_on_the_web_goes_as_far_as_there_is_room() -> None:
    told = "\n\n".join([("words " * 40).strip()] * 30)
    begun, _ = cut(told, FOOT).split("\n\n…\n\n")
    assert BEGINNING < len(begun) <= WHOLE


def test_a_late_one_says_so() -> None:
    assert "\n\nIt is late.\n\n" in cut("A war", late=True)


def test_without_a_foot_a_reader_still_finds_the_way_to_their_page() -> None:
    assert cut("A war", "") == f"A war\n\n{Mark.MANAGE_URL}"


def test_what_leads_to_a_readers_own_page_stands_in_no_message() -> None:
    text = f"A war\n\nLeave: {Mark.LEAVE_URL}\n\n{FOOT}{ON_WEB}"
    claim = Claim("n", 1, Kind.NOTICE, "e", "s", "ntfy:ani-remembers-2wz7", MOMENT, MOMENT, 0, 0)
    composer = Composer(House("We", "we@remember.example", "", "https://remember.example/"), Tokens((b"k" * 32,)))
    _, body = json.loads(excerpt(Words("A war", "", text), ()).letter(composer, claim).content)
    assert body.endswith("Change what you asked for\nhttps://remember.example/manage")
    assert not re.search(r"/(manage|leave)/", body)
