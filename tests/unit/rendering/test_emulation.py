"""A letter by night and by day, whatever the screen is set to."""

from service.rendering.emulation import emulated, without_links_out

LETTER = """<html><head>
<meta name="color-scheme" content="light dark"><meta content="light dark" name="supported-color-schemes">
<style>:root { color-scheme: light dark; } @media (prefers-color-scheme: dark) { a { color: red } }
@media ( PREFERS-color-scheme :light ) and (max-width: 479px) { a { color: blue } }</style>
</head><body>x</body></html>"""


def test_by_night_its_rules_for_the_night_hold_and_those_for_the_day_do_not():
    night = emulated(LETTER, dark=True)
    assert "@media (min-width: 0) { a { color: red } }" in night
    assert "@media (max-width: 0) and (max-width: 479px) { a { color: blue } }" in night
    assert night.count('content="dark"') == 2
    assert "color-scheme: dark; }" in night


def test_by_day_it_is_the_other_way_round():
    day = emulated(LETTER, dark=False)
    assert "@media (max-width: 0) { a { color: red } }" in day
    assert "@media (min-width: 0) and (max-width: 479px)" in day
    assert day.count('content="light"') == 2


def test_nothing_else_of_the_letter_is_touched():
    plain = "<html><body><p>prefers-color-scheme: dark is a query</p></body></html>"
    assert emulated(plain, dark=True) == plain


def test_links_would_open_a_window_and_so_lead_nowhere():
    assert without_links_out(LETTER).startswith('<html><head><base target="_blank">')
    assert without_links_out("no head") == '<base target="_blank">no head'
