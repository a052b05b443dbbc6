"""Plain text: lines that keep their addresses, and texts that are cut between words."""

from service.rendering.plain import one_line, shorten, wrap

ADDRESS = "https://remember.example/" + "a" * 80


def test_lines_are_wrapped_and_addresses_stay_whole() -> None:
    lines = wrap(f"{'word ' * 30}{ADDRESS} end", "  ").split("\n")
    assert f"  {ADDRESS}" in lines
    assert all(line.startswith("  ") and (len(line) <= 72 or ADDRESS in line) for line in lines)


def test_lists_and_quotations_hang() -> None:
    assert wrap("- " + "word " * 20).split("\n")[1].startswith("  word")
    assert wrap("12. " + "word " * 20).split("\n")[1].startswith("    word")
    assert wrap("> " + "word " * 20).split("\n")[1].startswith("> word")


def test_a_text_is_cut_between_words() -> None:
    assert shorten("The 44-day war in Artsakh", 25) == "The 44-day war in Artsakh"
    assert shorten("The 44-day war in Artsakh", 20) == "The 44-day war in…"
    assert shorten("x" * 30, 10) == "x" * 9 + "…"


def test_a_title_is_one_line() -> None:
    assert one_line(" A\nwar\u2029\x85 of\tdays ") == "A war of days"
