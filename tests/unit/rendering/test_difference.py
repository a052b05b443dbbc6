"""Two texts side by side, and two people's changes of one text put together."""

from hypothesis import given
from hypothesis import strategies as st

from service.rendering.difference import merged, rows

LINES = "".join(f"line {number}\n" for number in range(1, 21))
TEXTS = st.lists(st.sampled_from(["a\n", "b\n", "c\n", "d\n"]), max_size=8).map("".join)


def test_the_same_text_differs_in_nothing():
    assert rows(LINES, LINES) == []


def test_a_changed_line_stands_beside_what_it_was_with_its_words_marked():
    changed = [row for row in rows(LINES, LINES.replace("line 9\n", "line nine\n")) if not row.same]
    (row,) = changed
    assert row.before is not None
    assert row.after is not None
    assert (row.before.number, row.before.pieces) == (9, (("line ", False), ("9", True)))
    assert (row.after.number, row.after.pieces) == (9, (("line ", False), ("nine", True)))


def test_what_is_far_from_a_change_is_left_out_and_counted():
    found = rows(LINES, LINES.replace("line 5\n", "").replace("line 17\n", "line 17\nnew\n"))
    assert [row.skipped for row in found if row.skipped] == [1, 6]
    gone, came = (row for row in found if not row.same)
    assert (gone.before and gone.before.number, gone.after) == (5, None)
    assert (came.before, came.after and came.after.pieces) == (None, (("new", True),))


def test_changes_of_different_lines_go_together():
    mine, theirs = LINES.replace("line 3\n", "three\n"), LINES.replace("line 15\n", "")
    assert merged(LINES, mine, theirs) == LINES.replace("line 3\n", "three\n").replace("line 15\n", "")


def test_changes_of_one_line_do_not():
    assert merged("a\nb\n", "A\nb\n", "X\nb\n") is None
    assert merged("a\n", "a\nmine\n", "a\ntheirs\n") is None


@given(TEXTS, TEXTS)
def test_who_changed_nothing_takes_nothing_away(base: str, other: str):
    assert merged(base, base, other) == other
    assert merged(base, other, base) == other
    assert merged(base, other, other) == other


@given(TEXTS, TEXTS, TEXTS)
def test_it_does_not_matter_who_is_asked(base: str, one: str, other: str):
    assert merged(base, one, other) == merged(base, other, one)
