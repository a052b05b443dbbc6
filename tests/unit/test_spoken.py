"""What a command speaks: the language of the terminal, if nothing else is asked for."""

import pytest

from service.cli_common import terminal_language


@pytest.mark.parametrize(
    ("environment", "code"),
    [
        ({}, ""),
        ({"LANG": "ru_RU.UTF-8"}, "ru-RU"),
        ({"LANG": "ru_RU.UTF-8", "LC_ALL": ""}, "ru-RU"),
        ({"LANG": "ru_RU.UTF-8", "LC_MESSAGES": "hy_AM@latin"}, "hy-AM"),
        ({"LANG": "hy", "LC_ALL": "C.UTF-8"}, "C"),
    ],
)
def test_a_terminal_speaks_the_language_of_its_environment(environment: dict[str, str], code: str) -> None:
    assert terminal_language(environment) == code
