"""What is left of an envelope in the headers of a mail that lies in a mailbox."""

import pytest

from service.domain.letter_box import For, LetterBox
from service.mail.delivered import Envelope, envelope

DOMAIN = LetterBox.of("", "Letters@remember.example")
SHARED = LetterBox.of("ani+@mail.example", "ani@mail.example")


def _read(headers: str, box: LetterBox = DOMAIN) -> Envelope | None:
    def is_told(address: str) -> bool:
        addressed = box.read(address)
        return addressed is not None and addressed.to is not For.HOUSE

    raw = headers.encode("utf-8", "surrogateescape").replace(b"\n", b"\r\n") + b"\r\n\r\nTo: help@remember.example"
    return envelope(raw, lambda address: box.read(address) is not None, is_told)


def test_the_surest_header_tells_for_whom_a_mail_came() -> None:
    told = _read(
        "Return-Path: <ani@example.org>\nTo: help@remember.example\nX-Original-To: subscribe+wars@remember.example"
    )
    assert told == Envelope("ani@example.org", "subscribe+wars@remember.example")


@pytest.mark.parametrize(
    "name", ["Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "To", "Cc", "DELIVERED-TO"]
)
def test_each_header_that_servers_write_is_known(name: str) -> None:
    told = _read(f"Subject: subscribe\n{name}: <unsubscribe@remember.example>\nFrom: <ani@example.org>")
    assert told == Envelope("", "unsubscribe@remember.example")


def test_an_address_that_is_not_ours_does_not_hide_one_that_is() -> None:
    told = _read('Delivered-To: box17@host.example\nTo: "Help, please" <a@b.example>, Us <HELP@Remember.Example>')
    assert told == Envelope("", "HELP@Remember.Example")


def test_the_mailbox_that_gets_everything_does_not_hide_what_a_mail_is_for() -> None:
    told = _read("Delivered-To: ani@mail.example\nTo: <ani+b+token@mail.example>", SHARED)
    assert told == Envelope("", "ani+b+token@mail.example")
    assert _read("Delivered-To: ani@mail.example\nTo: friends@mail.example", SHARED) == Envelope("", "ani@mail.example")


def test_the_first_copy_of_a_header_is_of_the_last_server() -> None:
    told = _read("Delivered-To: help@remember.example\nReceived: x\nDelivered-To: manage@remember.example")
    assert told == Envelope("", "help@remember.example")


@pytest.mark.parametrize("path", ["", "Return-Path:", "Return-Path: <>", "Return-Path: no path\n x y <z>"])
def test_without_a_return_path_nobody_sent_it(path: str) -> None:
    told = _read(f"{path}\nTo: help@remember.example".strip())
    assert told == Envelope("", "help@remember.example")


def test_folded_headers_are_read_as_one_line() -> None:
    told = _read("Return-Path:\n <ani@example.org>\nTo: a@b.example,\n\tmanage@remember.example")
    assert told == Envelope("ani@example.org", "manage@remember.example")


def test_mail_for_others_is_not_ours_whatever_its_text_says() -> None:
    assert _read("Delivered-To: ani@example.org\nTo: ani@example.org") is None


@pytest.mark.parametrize(
    "headers",
    ["", "To:", "To: \udcff\udcfe@remember.example", "To: " + "a@b.example, " * 100_000, "To" * 100_000, ":\n" * 9],
)
def test_odd_headers_are_nobodys(headers: str) -> None:
    assert _read(headers) is None
