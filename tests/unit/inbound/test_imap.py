"""The URL of a mailbox: what is read in it, and what is refused without being repeated."""

import pytest

from service.domain.errors import InvalidError
from service.inbound.imap import Account


@pytest.mark.parametrize(
    ("url", "account"),
    [
        (
            "imaps://letters%40example.org:pass%2Fword%20%C3%A9@imap.example.org:9930/INBOX%2FBack",
            Account("imap.example.org", 9930, "letters@example.org", "pass/word é", "INBOX/Back"),
        ),
        (
            " imaps://letters@example.org:secret@imap.example.org ",
            Account("imap.example.org", 993, "letters@example.org", "secret", "INBOX"),
        ),
        ("imaps://ani:secret@[::1]/", Account("::1", 993, "ani", "secret", "INBOX")),
        ("imaps://ani:secret@host/Հիշատակ", Account("host", 993, "ani", "secret", "Հիշատակ")),
    ],
)
def test_the_parts_of_a_url_are_decoded(url: str, account: Account) -> None:
    assert Account.of(url) == account


@pytest.mark.parametrize(
    "url",
    [
        "imap://ani:hunter2@host/",
        "imaps://ani@host/hunter2",
        "imaps://:hunter2@host/",
        "imaps://ani:hunter2@/",
        "imaps://ani:hunter2@host:port/",
        "imaps://ani:hunter2@host:99999/",
        "imaps://ani:hunter2%0D%0A@host/",
        "imaps://ani:hunter2@host/INBOX%00",
        "imaps://ani:hunter2@host/?folder=a",
        "imaps://ani:hunter2@host/#a",
        "imaps://ani:hunter2@[host/",
        "hunter2",
    ],
)
def test_any_other_form_is_refused_without_being_repeated(url: str) -> None:
    with pytest.raises(InvalidError, match="allowed: imaps://USER:PASSWORD@HOST") as refused:
        Account.of(url)
    assert "hunter2" not in str(refused.value)


def test_an_account_does_not_print_its_password() -> None:
    assert "hunter2" not in repr(Account.of("imaps://ani:hunter2@host/"))
