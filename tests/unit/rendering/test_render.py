"""Letters as they leave: subject, HTML and text of the shipped templates, and what becomes of bad ones."""

import re
import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest

from service.domain.letter import Mark, Words
from service.domain.notice import Kind
from service.rendering.asked import Rendered
from service.rendering.locales import Language
from service.rendering.render import LARGEST_HTML, Renderer
from service.rendering.templates import shipped_templates
from service.rendering.views import EventView
from tests.builders import SOURCE, an_event
from tests.unit.rendering.letters import (
    LANGUAGES,
    LOCALES,
    RENDERER,
    SHIPPED,
    TEMPLATES,
    context_of,
    flat,
    letter_of,
    seen,
    shipped,
)

DAY = date(2024, 9, 27)
HOSTILE = '<b>War</b> {{ 7*7 }} " onload="x\nBcc: a@b.example\r\n\'&amp; {0} </mj-title>'
LITERAL = '<b>War</b> {{ 7*7 }} " onload="x Bcc: a@b.example \'&amp; {0} </mj-title>'
ALL = [kind for kind in Kind if kind is not Kind.TEST]  # which has no words of its own
MANY = "{% for a in day %}" * 5 + "x" * 100 + "{% endfor %}" * 5


def words_of(rendered: Rendered) -> Words:
    assert [str(finding) for finding in rendered.findings] == []
    assert rendered.words is not None
    return rendered.words


def any_letter(kind: Kind, language: str = "en") -> Words:
    events = shipped().events if kind.remembers or kind is Kind.WELCOME else ()
    days = [DAY + timedelta(days=ahead) for ahead in (0, 3)]
    return words_of(letter_of(*events, day=DAY, language=language, kind=kind, on=days))


def with_template(folder: Path, name: str, source: str) -> Rendered:
    shutil.copytree(TEMPLATES, folder, dirs_exist_ok=True)
    (folder / name).write_text(source, encoding="utf-8")
    return Renderer(shipped_templates(folder)).letter(context_of(shipped().events[0], day=DAY))


@pytest.mark.parametrize("language", LANGUAGES.codes)
@pytest.mark.parametrize("kind", ALL)
def test_every_shipped_letter_renders_in_every_language(kind: Kind, language: str) -> None:
    said = any_letter(kind, language)
    assert f'<html lang="{language}" dir="{LANGUAGES.of(language).direction}"' in said.html
    assert said.subject
    assert "!" not in said.subject + said.text
    assert "{" not in said.subject + said.text


def test_a_letter_in_a_language_from_right_to_left_begins_at_the_right() -> None:
    hebrew = Language("he", "rtl", "עברית")
    html = words_of(RENDERER.letter(context_of(shipped().events[0], day=DAY, language=hebrew))).html
    assert '<html lang="he" dir="rtl"' in html
    assert 'lang="en" dir="ltr"' in html
    body = html.replace(" ", "").partition("<body")[2].replace("text-align:left;direction", "")
    assert body.count("text-align:left") == 2  # of the summary and the narrative, which are English


def test_a_name_that_runs_the_other_way_is_isolated_in_a_subject_and_the_whole_stays_short() -> None:
    for code in ("he", "ar"):
        subject = any_letter(Kind.NOTICE, code).subject
        assert subject.startswith("\u2068The 44-day war in Artsakh\u2069")
        long = an_event(title={"en": "A very long name of a war that lasted for so many years that all forgot"})
        subject = words_of(letter_of(long, day=DAY, language=code)).subject
        assert len(subject) < 60
        assert (subject[0], subject.count("\u2068"), subject.count("\u2069")) == ("\u2068", 1, 1)


def test_the_subject_names_the_event_first_and_how_long_ago_it_was() -> None:
    assert (
        words_of(letter_of(shipped().events[0], day=DAY)).subject == "The 44-day war in Artsakh: four years ago today"
    )
    armenian = words_of(letter_of(shipped().events[0], day=DAY, language="hy")).subject
    assert armenian == "Արցախի 44-օրյա պատերազմը՝ չորս տարի առաջ այս օրը"


def test_a_subject_of_several_events_counts_the_others() -> None:
    events = [an_event(id=f"war-{n}", title={"en": f"War {n}"}) for n in range(3)]
    assert words_of(letter_of(*events, day=DAY)).subject == "War 0: four years ago today, and 2 more"


@pytest.mark.parametrize("language", LANGUAGES.codes)
@pytest.mark.parametrize("kind", [Kind.NOTICE, Kind.WEEKLY, Kind.MONTHLY])
@pytest.mark.parametrize("years", [1, 14, 33, 111])
def test_the_subject_of_several_long_named_events_is_under_sixty_characters(
    language: str, kind: Kind, years: int
) -> None:
    titles = [{"en": f"The battle at the village of Number {one}, which had a long name"} for one in range(7)]
    told = [
        an_event(id=f"war-{one}", first_day=f"{2024 - years}-09-27", title=title) for one, title in enumerate(titles)
    ]
    assert len(words_of(letter_of(*told, day=DAY, language=language, kind=kind)).subject) < 60


@pytest.mark.parametrize(
    ("kind", "day", "period"),
    [
        (Kind.WEEKLY, date(2024, 9, 23), "This week"),
        (Kind.WEEKLY, date(2024, 9, 26), "The coming week"),
        (Kind.MONTHLY, date(2024, 9, 1), "September 2024"),
        (Kind.MONTHLY, date(2024, 9, 15), "The coming month"),
    ],
)
def test_a_summary_says_of_what_it_is(kind: Kind, day: date, period: str) -> None:
    said = words_of(letter_of(shipped().events[0], day=day, on=[DAY], kind=kind))
    assert said.subject == f"{period}: The 44-day war in Artsakh"
    assert flat(said.text).startswith(period)


def test_what_stands_below_a_letter_begins_as_mail_programs_know_it() -> None:
    """RFC 3676, section 4.3: two hyphens and a blank."""
    assert "\n-- \nFriday, 27 September 2024\n" in any_letter(Kind.NOTICE).text


@pytest.mark.parametrize("language", LANGUAGES.codes)
def test_a_subject_stays_within_sixty_characters(language: str) -> None:
    event = an_event(title={"en": "A very long name of an event that goes on and on, and on again, to its end"})
    for on in (DAY, DAY + timedelta(days=365)):
        assert len(words_of(letter_of(event, day=on, language=language)).subject) <= 60


@pytest.mark.parametrize("language", LANGUAGES.codes)
def test_the_text_begins_with_what_it_was_how_long_ago_and_when(language: str) -> None:
    event, spoken = shipped().events[0], LANGUAGES.of(language)
    first, when = words_of(letter_of(event, day=DAY, language=language)).text.split("\n")[:2]
    assert spoken.pick(event.title)[0] in first
    assert spoken.elapsed(4) in first
    assert "2020" in when
    assert "44" in when


@pytest.mark.parametrize("language", LANGUAGES.codes)
@pytest.mark.parametrize("kind", ALL)
def test_every_word_and_link_of_the_html_is_in_the_text(kind: Kind, language: str) -> None:
    said = any_letter(kind, language)
    text = flat(said.text)
    found = seen(said.html)
    assert [link for link in found.links if link.removeprefix("mailto:") not in text] == []
    spoken = [re.sub(r"^[.,]? ?", "", one) for one in found.texts]
    assert [one for one in spoken if one.casefold() not in text.casefold()] == []


def shown(view: EventView) -> list[str]:
    """Everything of an event that a whole letter must tell."""
    return [
        str(view.title), str(view.summary), view.when, view.length, str(view.place),
        *(part for one in view.figures for part in (one.amount, str(one.label), one.source.title.text)),
        *(part for one in view.timeline for part in (one.when, str(one.text))),
        *(str(one.text) for one in view.unresolved),
        *(part for one in view.links for part in (one.kind, str(one.title))),
        *(part for one in view.sources for part in (str(one.title), one.line, one.address, str(one.note or ""))),
        *(view.narrative.text.split("\n\n") if view.narrative else ()),
    ]  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES.codes)
def test_all_that_the_record_holds_is_told_in_html_and_text(language: str) -> None:
    context = context_of(shipped().events[0], day=DAY, language=language)
    said = words_of(RENDERER.letter(context))
    html, text = " ".join(seen(said.html).texts), flat(said.text)
    parts = [flat(part) for part in shown(context.today[0].event)]
    assert [part for part in parts if part not in html] == []
    assert [part for part in parts if part not in text] == []


@pytest.mark.parametrize("kind", [kind for kind in ALL if kind.remembers])
def test_a_hostile_title_is_text_everywhere(kind: Kind) -> None:
    event = an_event(title={"en": HOSTILE}, narrative={"en": HOSTILE}, place={"name": {"en": HOSTILE}})
    said = words_of(letter_of(event, day=DAY, kind=kind, because=[{"en": HOSTILE}]))
    found = seen(said.html)
    assert "\n" not in said.subject
    assert "b" not in found.tags
    assert not any(name.startswith("on") for _, name, _ in found.attributes)
    assert LITERAL in " ".join(found.texts)
    assert LITERAL in flat(said.text)
    assert "49" not in said.html.replace("#", "") or "{{ 7*7 }}" in said.html


@pytest.mark.parametrize("language", LANGUAGES.codes)
@pytest.mark.parametrize("kind", ALL)
def test_nothing_is_fetched_from_anywhere(kind: Kind, language: str) -> None:
    html = any_letter(kind, language).html
    names = {name for _, name, _ in seen(html).attributes}
    assert not names & {"src", "srcset", "background", "poster", "data"}
    assert not {"img", "link", "script", "iframe", "object", "video"} & set(seen(html).tags)
    assert not re.search(r"url\s*\(|@import|<img|src\s*=", html, re.IGNORECASE)


@pytest.mark.parametrize("kind", [kind for kind in ALL if kind.remembers])
def test_a_letter_that_remembers_says_why_it_came_and_how_to_leave(kind: Kind) -> None:
    said = any_letter(kind)
    assert {Mark.MANAGE_URL.value, Mark.LEAVE_URL.value} <= set(seen(said.html).links)
    assert Mark.LEAVE_URL.value in said.text
    assert "because you asked to be reminded of this: Artsakh" in flat(said.text)


def test_a_confirmation_holds_one_link_and_nothing_that_somebody_chose() -> None:
    event = an_event(title={"en": "Buy this"})
    said = words_of(letter_of(event, day=DAY, kind=Kind.CONFIRMATION, because=[{"en": "Buy that"}]))
    assert seen(said.html).links == [Mark.CONFIRM_URL.value]
    assert re.findall(r"RMBRz\w+|https?:\S+", said.text) == [Mark.CONFIRM_URL.value]
    assert "Buy" not in said.subject + said.html + said.text
    assert "7 days" in said.text
    assert "nothing will be sent" in flat(said.text)


def test_a_link_letter_holds_the_manage_link_alone() -> None:
    said = any_letter(Kind.LINK)
    assert seen(said.html).links == [Mark.MANAGE_URL.value]
    assert re.findall(r"RMBRz\w+", said.text) == [Mark.MANAGE_URL.value]


def test_a_text_in_another_language_is_marked_and_told_of() -> None:
    event = an_event(title={"en": "A war", "hy": "Պատերազմ"}, narrative={"en": "It *began*."})
    said = words_of(letter_of(event, day=DAY, language="hy"))
    assert re.search(r'<p (?=[^>]*class="lead")(?=[^>]*lang="en")(?=[^>]*dir="ltr")[^>]*>It began.</p>', said.html)
    assert re.search(r'<div (?=[^>]*class="told")(?=[^>]*lang="en")', said.html)
    assert "այլ լեզվով՝ անգլերեն" in flat(said.text)
    assert "այլ լեզվով՝ անգլերեն" in said.html


def test_a_moved_day_says_why_in_html_and_text() -> None:
    said = words_of(letter_of(an_event(first_day="2020-02-29"), day=date(2023, 2, 28)))
    assert "it is kept on the last day of the month." in said.html
    assert "it is kept on the last day of the month." in flat(said.text)


def test_earlier_figures_are_told_in_html_and_text() -> None:
    old = {"id": "a", "label": {"en": "Killed"}, "as_of": "2020", "source": "book", "value": 2783, "superseded_by": "b"}
    new = {"id": "b", "label": {"en": "Killed"}, "as_of": "2024", "source": "book", "value": 3830}
    said = words_of(letter_of(an_event(figures=[old, new]), day=DAY))
    assert "Earlier: 2,783, as of 2020, source [1]" in said.html
    assert "Earlier: 2,783, as of 2020, source [1]" in said.text


def test_the_preview_is_not_shown_and_yet_not_written_in_the_colour_of_its_ground() -> None:
    """White on white is what spam does: SpamAssassin counts it, in every letter."""
    hidden = re.search(r'<body[^>]*><div style="([^"]*)">', any_letter(Kind.CONFIRMATION).html)
    assert hidden
    assert "display:none" in hidden[1]
    assert not re.search(r"(?<!-)color", hidden[1])


def test_dark_and_light_are_both_provided_for() -> None:
    html = any_letter(Kind.NOTICE).html
    for part in ('name="color-scheme"', 'name="supported-color-schemes"', "prefers-color-scheme: dark", "[data-ogsc]"):
        assert part in html
    assert 'class="ground"' in html


@pytest.mark.parametrize(("count", "words"), [(3, 900), (40, 300), (250, 1)])
def test_a_long_letter_tells_less_rather_than_being_cut_off(count: int, words: int) -> None:
    told = {"en": "\n\n".join(["word " * 60] * (words // 10))}
    events = [an_event(id=f"war-{n}", title={"en": f"War {n}"}, narrative=told) for n in range(count)]
    said = words_of(letter_of(*events, day=DAY))
    assert len(said.html.encode()) <= LARGEST_HTML
    assert all(f"events/war-{n}" in said.html and f"events/war-{n}" in said.text for n in range(count))


def test_what_would_be_cut_off_all_the_same_is_refused() -> None:
    events = [an_event(id=f"war-{n}", title={"en": f"War {n} " * 30}) for n in range(600)]
    rendered = letter_of(*events, day=DAY)
    assert rendered.words is None
    assert "mail programs cut it off" in rendered.findings[0].message


@pytest.mark.parametrize(
    ("name", "source", "line", "message"),
    [
        ("letters/notice/body.txt", "\n\n{{ nowhere }}", 3, "'nowhere' is undefined"),
        ("letters/notice/body.txt", "\n{{ today[0].event.nowhere }}", 2, "has no attribute 'nowhere'"),
        ("letters/notice/subject.txt", "\n{% if %}", 2, "Expected an expression"),
        ("letters/notice/subject.txt", " \n ", 0, "the subject is empty"),
        ("letters/notice/body.mjml", "{% extends 'letters/_none.mjml' %}", 1, "there is no template"),
        ("letters/notice/body.mjml", "<mjml><mj-body>\n\n<mj-tex/></mj-body></mjml>", 3, "<mj-tex> is not a known"),
        ("letters/notice/body.mjml", "<mjml>\n{{ 'a' }} & b</mjml>", 2, "not well-formed"),
        ("letters/notice/body.txt", "{{ 'a' * 200000000 }}", 1, "small numbers only"),
        ("letters/notice/body.txt", "{{ t('about {date}') }}{{ t('about {date}', day=1) }}", 1, "needs date"),
        ("letters/notice/body.txt", MANY, 0, "more than 512,000 bytes"),
    ],
)  # fmt: skip
def test_a_bad_template_gives_a_finding_with_its_line(
    tmp_path: Path, name: str, source: str, line: int, message: str
) -> None:
    rendered = with_template(tmp_path, name, source)
    assert rendered.words is None
    assert (rendered.findings[0].template, rendered.findings[0].line) == (name, line)
    assert message in rendered.findings[0].message


def test_a_bad_element_in_a_shared_part_is_found_where_it_stands(tmp_path: Path) -> None:
    source = (TEMPLATES / "letters" / "_parts.mjml").read_text(encoding="utf-8").replace("mj-table", "mj-tabel")
    finding = with_template(tmp_path, "letters/_parts.mjml", source).findings[0]
    assert finding.template == "letters/_parts.mjml"
    assert "<mj-tabel" in source.split("\n")[finding.line - 1]


def test_a_draft_comes_before_the_file() -> None:
    renderer = Renderer(SHIPPED.altered({"letters/notice/subject.txt": "A draft"}))
    assert words_of(renderer.letter(context_of(shipped().events[0], day=DAY))).subject == "A draft"
    broken = Renderer(SHIPPED.altered({"letters/notice/subject.txt": "\n{{ nowhere }}"}))
    finding = broken.letter(context_of(shipped().events[0], day=DAY)).findings[0]
    assert (finding.template, finding.line) == ("letters/notice/subject.txt", 2)


def test_the_version_names_the_templates_drafts_and_catalogues(tmp_path: Path) -> None:
    shutil.copytree(TEMPLATES, tmp_path, dirs_exist_ok=True)
    same = shipped_templates(tmp_path, LOCALES).version
    assert same == RENDERER.version
    (tmp_path / "letters" / "notice" / "subject.txt").write_text("x")
    changed = shipped_templates(tmp_path, LOCALES)
    versions = {same, changed.version, shipped_templates(tmp_path).version, changed.altered({"letters/a": "x"}).version}
    assert len(versions) == 4


def test_the_same_letter_is_the_same_bytes() -> None:
    events = [an_event(sources=[SOURCE | {"address": "https://a.example/?b=1&c=2"}])]
    assert letter_of(*events, day=DAY) == letter_of(*events, day=DAY)


def test_a_letter_tells_the_day_as_it_was_written_in_both_its_forms() -> None:
    event = an_event(first_day="1915-04-11", calendar="julian", rules=[{"kind": "yearly"}])
    letter = letter_of(event, day=date(2025, 4, 24))
    assert letter.words is not None
    for form in (letter.words.html, letter.words.text):
        assert "11 April 1915 of the Julian calendar" in flat(form)
        assert "24 April 1915" in flat(form)


@pytest.mark.parametrize("name", ["body.txt", "body.mjml"])
def test_a_template_that_would_tell_a_readers_own_link_to_others_is_refused(tmp_path: Path, name: str) -> None:
    source = (TEMPLATES / "letters/notice" / name).read_text()
    away = "https://evil.example/?{{ manage_url }}"
    in_foot = source.replace("{{ foot() }}", f"<p>{away}</p>{{{{ foot() }}}}")
    told = source + away if name == "body.txt" else in_foot
    assert told != source
    rendered = with_template(tmp_path, f"letters/notice/{name}", told)
    assert rendered.words is None
    assert "behind another address" in rendered.findings[0].message


def test_words_of_an_event_never_become_a_readers_own_link() -> None:
    narrative = "See [the photograph](https://evil.example/?RMBR&#122;MANAGEzURLz4f1c), RMB**R**zLEAVEzURLz4f1c."
    event = an_event(narrative={"en": narrative}, title={"en": "RMBRzMANAGEzURLz4f1c"})
    usual = words_of(letter_of(an_event(narrative={"en": "See."}), day=DAY))
    told = words_of(letter_of(event, day=DAY))
    for mark in Mark:
        assert (told.html.count(mark), told.text.count(mark)) == (usual.html.count(mark), usual.text.count(mark))
