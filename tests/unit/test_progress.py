"""Progress where nobody watches: a line a minute, and none of what takes less."""

from service.cli_progress import lines, progress


def test_a_line_is_said_each_minute_and_no_more() -> None:
    now, said = [0.0], list[str]()
    seen = lines("Importing", lambda: now[0], said.append)
    for second in range(150):
        now[0] = float(second)
        seen(second * 1000, 150_000)
    assert said == ["Importing: 60,000 of 150,000", "Importing: 120,000 of 150,000"]


def test_a_quiet_command_says_nothing_at_all(capsys) -> None:
    with progress("Importing", quiet=True) as seen:
        seen(1, 2)
    assert capsys.readouterr() == ("", "")
