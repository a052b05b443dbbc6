"""Channels: how an operator declares them, and what a reader may give, which can be nothing but itself."""

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.channel import Channel, Way, check_to, example, is_for_good, is_the_readers, read_channels, read_way
from service.domain.errors import InvalidError

TOKEN = "123456789:AAGbcdefghijklmnopqrstuvwxyz012345678"
ALL = f"""
ntfy=ntfys://user:password@ntfy.example.org/{{to}}?auth=basic
telegram=tgram://{TOKEN}/{{to}}

matrix=matrixs://syt_token-1@matrix.example.org/{{to}}
signal = signal://gateway.example.org:8080/+15550100123/{{to}}
"""
HOSTILE = [
    "",
    "a/b",
    "a?priority=max",
    "a&email=x",
    "a#b",
    "a b",
    "a,b",
    "a%2Fb",
    "../admin",
    "a@evil.example",
    "evil.example:80",
    "a\r\nX-Email: x",
    "a\n",
    "а",  # a letter of the Cyrillic script
    "{to}",
    "a" * 300,
]


def test_every_channel_is_read_in_its_form() -> None:
    read = read_channels(ALL)
    assert read.names == tuple(Channel)
    assert read.host_of(Channel.NTFY) == "ntfy.example.org"
    assert "password" not in repr(read)
    assert read.url_of(Way(Channel.SIGNAL, "+15550100999")).endswith("/+15550100123/%2B15550100999")


@pytest.mark.parametrize(
    "line",
    [
        "ntfy",
        "ntfy=",
        "mail=mailto://user:hidden@example.org/{to}",
        "ntfy=https://hidden.example.org/{to}",
        "ntfy=ntfys://{to}",
        "ntfy=ntfys://{to}.example.org/{to}",
        "ntfy=ntfys://hidden.example.org:99999/{to}",
        "ntfy=ntfys://hidden_server/{to}",
        "ntfy=ntfys://hidden.example.org/{to}?mode=cloud",
        "ntfy=ntfys://hidden.example.org/topic",
        "ntfy=ntfys://hidden.example.org/other/{to}",
        "ntfy=ntfys://hidden.example.org/{to}/{to}",
        "ntfy=ntfys://hidden.example.org/{to}?to=other",
        "ntfy=ntfys://hidden.example.org/{to}?priority=max&RETRY=3",
        "telegram=tgram://hidden/{to}",
        "matrix=matrixs://matrix.example.org/hidden/{to}",
        "matrix=matrixs://hidden.example.org/{to}",
        "matrix=matrixs://user:hidden@matrix.example.org/{to}",
        "matrix=matrixs://hidden@matrix.example.org/{to}?user=somebody",
        "matrix=matrixs://hidden@matrix.example.org/{to}?e2ee=no&PASS=word",
        "matrix=matrixs://hidden@matrix.example.org/{to}?token=other",
        "signal=signal://hidden.example.org/{to}",
    ],
)
def test_another_form_is_refused_by_line_and_form_without_its_secrets(line: str) -> None:
    with pytest.raises(InvalidError) as refused:
        read_channels(f"\n{line}")
    assert "line 2" in str(refused.value)
    assert "/{to}" in str(refused.value)
    assert "hidden" not in str(refused.value)


def test_who_gives_a_password_for_matrix_is_told_to_give_a_token() -> None:
    with pytest.raises(InvalidError, match=r"matrixs://TOKEN@HOST.*an access token, and no user with a password"):
        read_channels("matrix=matrixs://user:hidden@matrix.example.org/{to}")


def test_one_channel_is_declared_once() -> None:
    with pytest.raises(InvalidError, match="line 2: ntfy is declared twice"):
        read_channels("ntfy=ntfy://one.example/{to}\nntfy=ntfy://two.example/{to}")


@pytest.mark.parametrize("channel", Channel)
@pytest.mark.parametrize("to", HOSTILE)
def test_what_is_more_than_an_address_there_is_refused(channel: Channel, to: str) -> None:
    with pytest.raises(InvalidError) as refused:
        check_to(channel, to)
    assert refused.value.field == "to"


@pytest.mark.parametrize(
    ("channel", "to"),
    [
        (Channel.TELEGRAM, "@everybody"),
        (Channel.TELEGRAM, "0123456"),
        (Channel.TELEGRAM, "١٢٣٤٥٦"),
        (Channel.MATRIX, "#room:example.org"),
        (Channel.MATRIX, "@user:example.org"),
        (Channel.SIGNAL, "15550100999"),
        (Channel.NTFY, "fifteen-letters"),
        (Channel.SIGNAL, "@group.abc"),
    ],
)
def test_a_crowd_or_what_is_guessed_is_nobodys_address(channel: Channel, to: str) -> None:
    with pytest.raises(InvalidError):
        check_to(channel, to)


@given(st.sampled_from(Channel), st.text(max_size=90))
def test_whatever_is_accepted_changes_nothing_but_the_last_part_of_the_path(channel: Channel, to: str) -> None:
    read = read_channels(ALL)
    try:
        check_to(channel, to)
    except InvalidError:
        return
    made, plain = urlsplit(read.url_of(Way(channel, to))), urlsplit(read.url_of(Way(channel, example(channel))))
    assert (made.scheme, made.netloc, made.query) == (plain.scheme, plain.netloc, plain.query)
    assert made.path.count("/") == plain.path.count("/")


@pytest.mark.parametrize("channel", Channel)
def test_a_way_is_written_and_read(channel: Channel) -> None:
    way = Way(channel, example(channel))
    assert read_way(way.address) == way


def test_what_speaks_of_us_or_of_the_server_says_nothing_of_a_reader() -> None:
    for channel in Channel:
        of_reader = [code for code in (0, 400, 401, 403, 404, 407, 410, 429, 500, 503) if is_the_readers(channel, code)]
        assert of_reader == ([400, 403] if channel is Channel.TELEGRAM else [400, 403, 404])


def test_what_is_for_good_and_what_is_not() -> None:
    assert [code for code in (0, 200, 400, 401, 403, 404, 408, 425, 429, 500, 503) if is_for_good(code)] == [
        *(400, 401, 403, 404),
    ]
