"""Hostile and broken templates (`faults.md`, B.6): the budget of a letter, as measured in the process that renders."""

import asyncio
import json
import pickle
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from service.delivery.chamber import Chamber
from service.delivery.child import Child, Patience
from service.domain.errors import TooManyRequestsError
from service.processes import command_of
from service.rendering import proof
from service.rendering.asked import Asked, Links
from service.rendering.render import Renderer
from tests.builders import SOURCE, a_collection, an_event, on
from tests.faults.bombs import BODY, COMPARED, COMPILED, RUN, Bomb
from tests.printers import shipped_set
from tests.unit.rendering.letters import due_on, seen

DAY = on("2024-09-27")
SHIPPED = shipped_set()
SLACK = 8.0  # this machine may have other work
MEGABYTE = 2**20
MJML = "letters/notice/body.mjml"

of_the_module = pytest.mark.asyncio(loop_scope="module")


def asked_for(**parts: Any) -> Asked:
    """A notice of one event, changed as said."""
    event = an_event(sources=[SOURCE], **parts)
    title = a_collection().title
    return Asked(proof.Kind.NOTICE, "en", DAY, (due_on(event, DAY),), (title,), {}, Links("https://remember.example"))


ASKED = asked_for()


@dataclass
class Cell:
    """The process that renders, asked directly: what it says, and how long it took to say it."""

    child: Child

    async def tried(self, name: str, source: str, asked: Asked = ASKED) -> dict[str, Any]:
        """Render with one template changed."""
        begun = time.monotonic()
        said = await self.child.ask(pickle.dumps((asked, SHIPPED.altered({name: source}))))
        return json.loads(said) | {"seconds": time.monotonic() - begun}

    async def goes_on(self) -> None:
        """See that a good letter comes, at once."""
        said = await self.tried(BODY, SHIPPED.pieces[BODY])
        assert said["findings"] == []
        assert said["seconds"] < SLACK


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def cell() -> AsyncIterator[Cell]:
    cell = Cell(Child(command_of("service.cell"), Patience(answer=60.0), b"{}"))
    await cell.tried(BODY, SHIPPED.pieces[BODY])  # it begins with this
    yield cell
    await cell.child.close()


def blamed(said: Mapping[str, Any], name: str, bomb: Bomb) -> None:
    """See that no letter came, and that the finding names the template and the line."""
    assert said["words"] is None
    (where, line, told), *_ = said["findings"]
    assert (where, line) == (name, bomb.line), told
    assert bomb.says in told


def those(bombs: Iterable[str], number: int) -> pytest.MarkDecorator:
    """Give the bombs of a case, by name."""
    return pytest.mark.parametrize("case", [name for name in bombs if name.startswith(f"{number:03d} ")])


async def refused_on_saving(cell: Cell, case: str) -> None:
    """See that it is refused before it takes time: when it is compiled, for a check, for a preview, to be sent."""
    bomb = COMPILED[case]
    begun = time.process_time()
    with pytest.raises(Exception, match=r"."):
        Renderer(SHIPPED.altered({BODY: bomb.source})).compile([BODY])
    assert time.process_time() - begun < 0.5
    said = await cell.tried(BODY, bomb.source)
    blamed(said, BODY, bomb)
    assert said["cpu"] < 0.5
    assert said["grew"] < 64 * MEGABYTE


async def refused_as_it_runs(cell: Cell, case: str) -> None:
    """See that the counters refuse it, with the line; a preview and what is sent are one in this."""
    bomb = RUN[case]
    said = await cell.tried(BODY, bomb.source)
    blamed(said, BODY, bomb)
    assert said["cpu"] < 0.9
    assert said["grew"] < 64 * MEGABYTE


@those(COMPILED, 82)
@of_the_module
async def test_case_082_a_power_is_refused_on_saving(cell: Cell, case: str) -> None:
    await refused_on_saving(cell, case)


@those(COMPILED, 83)
@of_the_module
async def test_case_083_what_could_blow_a_text_up_is_refused_on_saving(cell: Cell, case: str) -> None:
    await refused_on_saving(cell, case)


@those(RUN, 83)
@of_the_module
async def test_case_083_what_blows_a_text_up_is_refused_as_it_runs(cell: Cell, case: str) -> None:
    await refused_as_it_runs(cell, case)


@those(COMPILED, 84)
@of_the_module
async def test_case_084_a_filter_that_could_go_on_is_refused_on_saving(cell: Cell, case: str) -> None:
    await refused_on_saving(cell, case)


@those(RUN, 84)
@of_the_module
async def test_case_084_what_goes_on_and_on_is_stopped_by_its_steps(cell: Cell, case: str) -> None:
    await refused_as_it_runs(cell, case)


@those(RUN, 85)
@of_the_module
async def test_case_085_what_doubles_itself_is_stopped_by_its_size(cell: Cell, case: str) -> None:
    await refused_as_it_runs(cell, case)


@those(COMPILED, 86)
@of_the_module
async def test_case_086_what_is_nested_without_end_is_refused_on_saving(cell: Cell, case: str) -> None:
    await refused_on_saving(cell, case)


@those(COMPILED, 87)
@of_the_module
async def test_case_087_a_way_to_an_attribute_is_refused_on_saving(cell: Cell, case: str) -> None:
    await refused_on_saving(cell, case)


@those(RUN, 87)
@of_the_module
async def test_case_087_a_way_to_an_attribute_leads_nowhere_as_it_runs(cell: Cell, case: str) -> None:
    await refused_as_it_runs(cell, case)


@those(RUN, 88)
@of_the_module
async def test_case_088_only_pieces_of_the_set_can_be_brought_in(cell: Cell, case: str) -> None:
    await refused_as_it_runs(cell, case)


@those(RUN, 89)
@of_the_module
async def test_case_089_an_undefined_name_is_found_with_its_line(cell: Cell, case: str) -> None:
    await refused_as_it_runs(cell, case)


@those(COMPILED, 93)
@of_the_module
async def test_case_093_escaping_cannot_be_switched_off(cell: Cell, case: str) -> None:
    await refused_on_saving(cell, case)


@of_the_module
async def test_case_084_what_no_counter_sees_is_ended_after_a_second(cell: Cell) -> None:
    said = await cell.tried(BODY, COMPARED.source)
    blamed(said, BODY, COMPARED)
    assert 0.7 < said["cpu"] < 1.5
    assert said["seconds"] < 1.0 + SLACK
    await cell.goes_on()


@of_the_module
async def test_case_084_a_time_that_is_over_names_the_line_where_it_can(cell: Cell) -> None:
    """Each comparison is short, and between two of them the time can be told."""
    shorter = "{% set a = [1] %}{% set b = [1] %}" + "{% set a = [a, a] %}{% set b = [b, b] %}" * 19
    said = await cell.tried(BODY, f"{shorter}\n{{% for c in day %}}{{% for d in day %}}\n{{{{ 1 if a == b }}}}"
                                  "{% endfor %}{% endfor %}")  # fmt: skip
    blamed(said, BODY, replace(COMPARED, line=3))


@of_the_module
async def test_case_085_the_output_of_a_letter_has_an_end(cell: Cell) -> None:
    said = await cell.tried(BODY, "a" * 90_000 + "{% for a in [1, 2, 3, 4, 5, 6] %}" + "b" * 900 * 90 + "{% endfor %}")
    blamed(said, BODY, Bomb("", 1, "longer than"))
    said = await cell.tried(BODY, "{% for a in [1, 2, 3, 4, 5, 6] %}" + "b" * 90_000 + "{% endfor %}")
    blamed(said, BODY, Bomb("", 0, "more than 512,000 bytes"))


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>", '<p onerror="alert(1)">a</p>', '<a href="javascript:alert(1)">a</a>',
        '<meta http-equiv="refresh" content="0; url=https://evil.example" />', '<base href="https://evil.example/" />',
        '<form action="https://evil.example"><p>a</p></form>', '<svg onload="alert(1)" />',
        '<iframe src="https://evil.example" />', '<p style="background: url(https://evil.example/a)">a</p>',
        '<img src="https://evil.example/a.png" />', "<!-- a comment -->", '<a href="data:text/html,a">a</a>',
    ],
)  # fmt: skip
@of_the_module
async def test_case_091_what_has_no_place_in_a_letter_is_refused_with_its_line(cell: Cell, hostile: str) -> None:
    """Nothing is cleaned in silence: it is not in the proof, because there is none, and it says where it stands."""
    frame = "<mjml><mj-body><mj-section><mj-column><mj-text>\n{}\n</mj-text></mj-column></mj-section></mj-body></mjml>"
    said = await cell.tried(MJML, frame.format(hostile))
    assert said["words"] is None
    assert said["findings"][0][:2] == [MJML, 2]


def test_case_091_a_proof_is_shown_without_any_power() -> None:
    parts = [part.strip() for part in proof.POLICY.split(";")]
    assert parts == ["sandbox", "default-src 'none'", "img-src data:", "style-src 'unsafe-inline'"]


@of_the_module
async def test_case_092_styles_and_parts_are_fetched_from_nowhere(cell: Cell, tmp_path: Path) -> None:
    """Neither a file nor an address of this machine is read: not by MJML, not by what moves the styles."""
    sheet = tmp_path / "a.css"
    sheet.write_text("p { color: #123456 }")
    for part in (f'<link rel="stylesheet" href="file://{sheet}" />', f'<mj-include path="{sheet}" />'):
        said = await cell.tried(MJML, f"<mjml><mj-body>\n{part}</mj-body></mjml>")
        assert said["words"] is None
        assert said["findings"][0][1] == 2
    page = f'<html><head><link rel="stylesheet" href="file://{sheet}"></head><body><p>a</p></body></html>'
    assert "#123456" not in Renderer(SHIPPED)._inliner.inline(page)


@of_the_module
async def test_case_093_a_title_is_escaped_in_html_and_literal_in_text_and_subject(cell: Cell) -> None:
    said = await cell.tried(BODY, SHIPPED.pieces[BODY], asked_for(title={"en": "<b>A & b</b>"}))
    subject, html, text = said["words"]
    assert "<b>A & b</b>" in subject
    assert "<b>A & b</b>" in text
    assert "&lt;b&gt;A &amp; b&lt;/b&gt;" in html
    assert "b" not in seen(html).tags


@of_the_module
async def test_case_094_two_thousand_bad_previews_do_not_keep_an_edition_from_being_rendered() -> None:
    """Whoever is beyond the queue is refused at once, and the post renders with a process of its own."""
    previews, sending = Chamber(most_waiting=16, niceness=5), Chamber()
    await sending.letter(ASKED, SHIPPED)
    bad = SHIPPED.altered({BODY: RUN["083 a text"].source})
    asking = [asyncio.create_task(previews.letter(ASKED, bad)) for _ in range(2000)]
    await asyncio.sleep(0)
    begun = time.monotonic()
    rendered = await sending.letter(ASKED, SHIPPED)
    assert rendered.words is not None
    assert time.monotonic() - begun < SLACK
    answers = await asyncio.gather(*asking, return_exceptions=True)
    refused = [one for one in answers if isinstance(one, TooManyRequestsError)]
    assert len(refused) >= 1900
    assert all(not isinstance(one, BaseException) and one.words is None for one in answers if one not in refused)
    await previews.close()
    await sending.close()
