"""Links: what is signed can be read, for its purpose and with the secrets of the time; nothing else can."""

import base64
import hmac
from datetime import UTC, datetime

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from service.domain.errors import InvalidError
from service.mail.tokens import Purpose, Tokens, read_stamp, stamp

OLD, NEW = b"old secret" * 4, b"new secret" * 4
tokens = Tokens((NEW, OLD))
parts = st.lists(st.text("ABCxyz0189_-", min_size=1, max_size=40), min_size=1, max_size=4).map(tuple)
purposes = st.sampled_from(Purpose)


@given(purposes, parts)
def test_what_is_signed_can_be_read(purpose, some):
    token = tokens.sign(purpose, *some)
    assert tokens.read(purpose, token) == some
    assert token.isascii()
    assert not set(token) - set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.")


@given(purposes, purposes, parts)
def test_a_token_is_worth_nothing_for_another_purpose(purpose, other, some):
    assume(purpose != other)
    assert tokens.read(other, tokens.sign(purpose, *some)) is None


@given(purposes, parts, st.integers(0, 200), st.characters())
def test_a_token_with_one_character_changed_is_worth_nothing(purpose, some, position, character):
    token = tokens.sign(purpose, *some)
    position %= len(token)
    changed = token[:position] + character + token[position + 1 :]
    assume(changed != token)
    assert tokens.read(purpose, changed) is None


@given(purposes, st.text())
def test_any_text_can_be_asked_about(purpose, text):
    assert tokens.read(purpose, text) is None


@pytest.mark.parametrize(
    "text", ["", ".", "..", "a", "a.", ".a", "a.b\n", "é.é", "\0", "\ud800", "a" * 10**6, "." * 10**6]
)
def test_odd_texts_are_no_tokens(text):
    assert tokens.read(Purpose.LEAVE, text) is None
    assert tokens.read(Purpose.LEAVE, tokens.sign(Purpose.LEAVE, "a") + text[:100]) in {
        None,
        ("a",) if not text else None,
    }


def test_the_division_into_parts_is_signed():
    seal = tokens.sign(Purpose.LEAVE, "ab", "c").rpartition(".")[2]
    assert tokens.read(Purpose.LEAVE, f"a.bc.{seal}") is None
    assert tokens.read(Purpose.LEAVE, f"abc.{seal}") is None


@pytest.mark.parametrize("wrong", [(), ("",), ("a b",), ("a.b",), ("a\n",), ("ö",), ("a" * 129,), ("a" * 128,) * 4])
def test_what_cannot_stand_in_a_link_is_not_signed(wrong):
    with pytest.raises(InvalidError):
        tokens.sign(Purpose.LEAVE, *wrong)


def test_links_signed_before_a_rotation_still_work_and_new_ones_need_the_new_secret():
    before, after, retired = Tokens((OLD,)), Tokens((NEW, OLD)), Tokens((NEW,))
    link = before.sign(Purpose.LEAVE, "reader")
    assert after.read(Purpose.LEAVE, link) == ("reader",)
    assert retired.read(Purpose.LEAVE, link) is None
    assert before.read(Purpose.LEAVE, after.sign(Purpose.LEAVE, "reader")) is None


def test_a_rotation_changes_no_message_id_and_no_hash_of_an_address():
    before, after = Tokens((OLD,)), Tokens((NEW, OLD))
    assert before.message_id_local("n1") == after.message_id_local("n1") != after.message_id_local("n2")
    assert before.address_hash("anna@example.org") == after.address_hash("anna@example.org")


@given(st.text("abc0189-_", max_size=200), st.binary(min_size=16, max_size=100))
def test_message_ids_and_seals_are_those_of_the_plain_standard_library(notice, secret):
    """They never change: an answer or a link may come back after years."""
    signed = Tokens((secret,))
    key, link_key = (
        hmac.digest(secret, f"remembrancer {use}".encode(), "sha256") for use in ("message-id", "link leave")
    )
    seal = hmac.digest(key, notice.encode(), "sha256")[:16]
    assert signed.message_id_local(notice) == f"{notice}.{base64.b32encode(seal).lower().decode()[:16]}"
    link_seal = hmac.digest(link_key, b"reader." + notice[:99].encode() + b"0", "sha256")[:16]
    written = base64.urlsafe_b64encode(link_seal).rstrip(b"=").decode()
    assert signed.sign(Purpose.LEAVE, "reader", notice[:99] + "0").rpartition(".")[2] == written


def test_a_message_id_and_a_link_made_in_2026_are_made_the_same():
    signed = Tokens((b"a secret of the house",))
    assert signed.message_id_local("0190f3c2-n") == "0190f3c2-n.z5kan2a4qm34u76p"
    assert signed.sign(Purpose.LEAVE, "0190f3c2-s", "0190f3c2-n") == "0190f3c2-s.0190f3c2-n.HhgmWwfvYhImogt1SCtsXA"


def test_a_message_id_proves_of_which_notice_it_is_and_nothing_else_does():
    notice = "0190f3c2d4e5f60718293a4b5c6d7e8f"
    local = tokens.message_id_local(notice)
    assert tokens.notice_of(f"<{local}@remember.example>") == tokens.notice_of(local.upper()) == notice
    assert Tokens((NEW,)).notice_of(local) is None
    assert all(tokens.notice_of(odd) is None for odd in ("", notice, f"{notice}.", f"x{local}", local + "a", "ä.b"))


@pytest.mark.parametrize("purpose", [Purpose.RETURN, Purpose.LEAVE_BY_MAIL, Purpose.CONFIRM_BY_MAIL])
def test_a_token_in_an_address_fits_and_is_read_in_capitals_but_for_no_other_purpose(purpose):
    notice = "0190f3c2d4e5f60718293a4b5c6d7e8f"
    token = tokens.postal(purpose, notice)
    assert len(f"mailbx+confirm+{token}") == 64
    assert tokens.read_postal(purpose, token) == tokens.read_postal(purpose, token.upper()) == notice
    others = set(Purpose) - {purpose}
    assert {tokens.read_postal(other, token) for other in others} == {None}
    assert tokens.read_postal(purpose, token[:-1]) is None
    assert tokens.notice_of(token) is None


def test_addresses_signed_before_a_rotation_are_read_after_it():
    before, after = Tokens((OLD,)), Tokens((NEW, OLD))
    assert after.read_postal(Purpose.RETURN, before.postal(Purpose.RETURN, "n1")) == "n1"
    assert before.read_postal(Purpose.RETURN, after.postal(Purpose.RETURN, "n1")) is None


def test_an_address_in_other_letters_is_the_same_person():
    assert tokens.address_hash("Anna@Example.org") == tokens.address_hash("anna@example.org")
    assert tokens.address_hash("anna@example.org") != tokens.address_hash("anne@example.org")


@pytest.mark.parametrize("secrets", [(), (b"short",), (OLD, b"short")])
def test_weak_secrets_are_refused(secrets):
    with pytest.raises(InvalidError):
        Tokens(secrets)


@given(st.datetimes(datetime(1970, 1, 1), datetime(4000, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_an_instant_can_be_read_back_to_the_second(instant):
    assert read_stamp(stamp(instant)) == instant.replace(microsecond=0)


@pytest.mark.parametrize("text", ["", "-1", "A", "zzzzzzzz", "1 ", "١", "z" * 1000])
def test_odd_texts_are_no_instants(text):
    assert read_stamp(text) is None
