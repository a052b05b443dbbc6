"""DKIM: what we sign, an independent verifier (dkimpy) confirms; what was changed on the way, it does not."""

import re
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import dkim as oracle
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from dkim.canonicalization import Relaxed
from hypothesis import example, given, settings
from hypothesis import strategies as st

from service.domain.errors import InvalidError
from service.domain.letter import Mark, Words
from service.domain.notice import Claim, Kind
from service.mail.compose import Composer, House
from service.mail.dkim import OVERSIGNED, KeyKind, Signer, relaxed
from service.mail.keys import check_selector, new_key, read_keys, signer
from service.mail.skeletons import skeleton
from service.mail.tokens import Tokens

AT = datetime(2024, 9, 27, 5, 0, 7, 250_000, tzinfo=UTC)
HOUSE = House("Յիշատակարան", "remember@Example.org", "editors@example.org", "https://remember.example.org/")
CLAIM = Claim(
    "0190f3c2-n", 1, Kind.NOTICE, "0190f3c2-e", "0190f3c2-s", "anna+list@example.org", AT, AT + timedelta(days=1), 0, 0
)
WORDS = Words("Այսօր՝ 4 years", f"<p>a  b <a href='{Mark.LEAVE_URL}'>leave</a></p>", f"For {Mark.ADDRESS}\n")
BLANKS = Words("two  blanks", "<td>\t \t</td>  \n\n \n", "a  b   c \n\t\n d \n\n\n")


@cache
def a_signer(kind: KeyKind) -> Signer:
    return signer(new_key(kind), f"{kind}2024", "Example.org")


ed25519 = a_signer(KeyKind.ED25519)
rsa_2048 = a_signer(KeyKind.RSA)


def composer(*signers: Signer, house: House = HOUSE) -> Composer:
    return Composer(house, Tokens((b"a secret of the house",)), signers)


both = composer(rsa_2048, ed25519)
quick = composer(ed25519)


def composed(words: Words = WORDS, claim: Claim = CLAIM, by: Composer = both) -> bytes:
    return by.compose(claim, skeleton(words)).content


def verdicts(content: bytes, signers: Iterable[Signer] = (rsa_2048, ed25519)) -> list[bool]:
    """Give what the oracle says of each signature; dkimpy counts them from the top."""
    records = {f"{one.record_name}.".encode(): one.record.encode() for one in signers}
    found = []
    for number in range(len(re.findall(rb"(?im)^DKIM-Signature:", content.partition(b"\r\n\r\n")[0]))):
        try:
            found.append(oracle.DKIM(content).verify(idx=number, dnsfunc=lambda name, **_: records[name]))
        except oracle.DKIMException:
            found.append(False)
    return found


texts = st.lists(
    st.one_of(
        st.text(st.characters(exclude_categories=["Cs"])),
        st.sampled_from(Mark),
        st.sampled_from([".", "\n", " ", "  ", "\t", "\n\n", " \n", "=", "From me", "x" * 75, "é" * 30]),
    ),
    max_size=12,
).map("".join)
subjects = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"])).map(
    lambda text: text.replace("RMBR", "")
)
addresses = st.builds(
    "{}@{}.org".format,
    st.text("abcXYZ019!#$%&'*+/=^_`{|}~-աբգ", min_size=1, max_size=20),
    st.text("abc019", min_size=1),
)
claims = st.builds(
    replace,
    st.just(CLAIM),
    id=st.text("abc0-_", min_size=1, max_size=40),
    edition=st.text(),
    address=addresses,
    dated_at=st.datetimes(datetime(1970, 1, 2), datetime(2026, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
)


class TestTheOracle:
    @settings(max_examples=250)
    @given(texts, texts, subjects, claims)
    @example("", "", "", CLAIM)
    @example(BLANKS.text, BLANKS.html, BLANKS.subject, CLAIM)
    def test_any_letter_of_any_kind_signed_with_ed25519_verifies(self, text, html, subject, claim):
        bones = skeleton(Words(subject, html, text))
        for kind in Kind:
            assert verdicts(quick.compose(replace(claim, kind=kind), bones).content) == [True]

    @settings(max_examples=150)
    @given(texts, texts, subjects, claims)
    def test_any_letter_signed_with_both_keys_verifies_twice(self, text, html, subject, claim):
        assert verdicts(composed(Words(subject, html, text), claim)) == [True, True]

    @given(subjects)
    def test_any_name_of_the_house_verifies(self, name):
        assert verdicts(composed(by=composer(ed25519, house=replace(HOUSE, sender_name=name)))) == [True]

    @given(st.binary().map(lambda raw: b"Name" + raw.replace(b"\r", b"").replace(b"\n", b"\r\n ") + b"\r\n"))
    @example(b"Subject \t :  a \t b\r\n\t c  \r\n")
    def test_a_header_is_made_canonical_as_the_oracle_does(self, header):
        name, _, value = header.partition(b":")
        if b":" not in header or b"\r\n" in name:
            return
        ((canonical_name, canonical),) = Relaxed.canonicalize_headers([(name, value)])
        assert relaxed(header) == canonical_name + b":" + canonical


class TestWhatIsChanged:
    """A relay that changes what a reader relies on breaks every signature; one that adds its trace breaks none."""

    def test_a_changed_address_to_leave_by(self):
        content = composed()
        assert (
            verdicts(content.replace(b"List-Unsubscribe: <https://r", b"List-Unsubscribe: <https://e")) == [False] * 2
        )
        assert verdicts(content.replace(b"=One-Click", b"=Two-Click")) == [False, False]

    @pytest.mark.parametrize("name", OVERSIGNED)
    @pytest.mark.parametrize("kind", [Kind.NOTICE, Kind.CONFIRMATION])
    def test_a_second_header_that_readers_rely_on(self, name, kind):
        content = composed(claim=replace(CLAIM, kind=kind))
        added = f"{name}: evil@example.net\r\n".encode()
        assert verdicts(added + content) == [False, False]
        head, _, body = content.partition(b"\r\n\r\n")
        assert verdicts(head + b"\r\n" + added + b"\r\n" + body) == [False, False]

    @given(st.integers(0, 10**6), st.binary(min_size=1, max_size=3))
    def test_anything_put_into_the_body(self, place, octets):
        content = composed(by=quick)
        body = content.index(b"\r\n\r\n") + 4
        place = body + place % (len(content) - body)
        changed = content[:place] + octets + content[place:]
        if changed[body:].rstrip(b"\r\n \t") != content[body:].rstrip() and not octets.isspace():
            assert verdicts(changed) == [False]

    def test_a_trace_of_the_relay_does_no_harm(self):
        added = b"Received: from a by b; Fri, 27 Sep 2024 05:00:08 +0000\r\nX-Spam: no\r\n"
        assert verdicts(added + composed()) == [True, True]

    def test_every_header_of_the_letter_is_signed_and_the_whole_body(self):
        content = composed()
        head = re.sub(rb"\r\n ", b" ", content.partition(b"\r\n\r\n")[0])
        names = [line.partition(b":")[0].lower().decode() for line in head.split(b"\r\n")]
        for signature in re.findall(rb"DKIM-Signature: (.*)", head):
            tags = dict(tag.strip().split(b"=", 1) for tag in signature.split(b";"))
            signed = tags[b"h"].decode().replace(" ", "").split(":")
            assert b"l" not in tags
            assert sorted(signed) == sorted([name for name in names if name != "dkim-signature"] + list(OVERSIGNED))


class TestSignatures:
    def test_the_second_copy_is_the_first_byte_for_byte(self):
        again = replace(CLAIM, generation=9, attempts=4, doubts=1)
        assert composed() == composed(claim=again) == composed(claim=again, by=composer(rsa_2048, ed25519))

    def test_they_stand_on_top_and_the_letter_below_is_as_without_them(self):
        signed, bare = composed(), composed(by=composer())
        assert signed.endswith(bare)
        assert re.findall(rb"a=(\S+);", signed.removesuffix(bare)) == [b"rsa-sha256", b"ed25519-sha256"]
        assert b"DKIM" not in bare

    def test_a_composer_says_whether_it_signs(self):
        assert [by.signs for by in (composer(), quick, both)] == [False, True, True]

    def test_their_date_is_the_letters(self):
        assert set(re.findall(rb"\r\n t=(\d+);", composed())) == {b"%d" % int(AT.timestamp())}

    def test_their_lines_are_short(self):
        head = composed().partition(b"\r\nFrom:")[0]
        assert max(map(len, head.split(b"\r\n"))) <= 76

    def test_many_threads_compose_what_one_does(self):
        bones = [skeleton(replace(WORDS, subject=f"edition {number}")) for number in range(5)]
        several = [(replace(CLAIM, id=f"n{number}"), bones[number % 5]) for number in range(200)]
        by = composer(rsa_2048, ed25519)
        with ThreadPoolExecutor(4) as threads:
            found = list(threads.map(lambda each: by.compose(*each), several))
        assert found == [both.compose(*each) for each in several]


class TestKeys:
    def test_the_record_of_a_key_is_what_the_standards_say(self):
        assert ed25519.record_name == "ed255192024._domainkey.example.org"
        assert re.fullmatch(r"v=DKIM1; k=ed25519; p=[A-Za-z0-9+/]{43}=", ed25519.record)
        assert re.fullmatch(r"v=DKIM1; k=rsa; p=MIIBIjAN[A-Za-z0-9+/]{380,}=*", rsa_2048.record)

    def test_a_long_record_is_divided_in_a_zone_file(self):
        strings = re.findall(r'"([^"]*)"', rsa_2048.record_in_zone)
        assert "".join(strings) == rsa_2048.record
        assert [len(string) <= 255 for string in strings] == [True, True]

    def test_keys_are_read_rsa_first(self, tmp_path):
        files = [(str(kind), kept(tmp_path / kind, new_key(kind))) for kind in (KeyKind.ED25519, KeyKind.RSA)]
        assert [one.kind for one in read_keys(files, "example.org")] == [KeyKind.RSA, KeyKind.ED25519]

    @pytest.mark.parametrize(
        "content", [b"", b"\0\xff", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"]
    )
    def test_a_file_that_holds_no_key_is_refused_by_its_name(self, tmp_path, content):
        assert "there is no private key in it" in refusal(kept(tmp_path / "key.pem", content))

    def test_a_key_that_may_not_sign_is_refused(self, tmp_path):
        short = rsa.generate_private_key(65537, 1024)  # noqa: S505  (what is to be refused)
        curve = ec.generate_private_key(ec.SECP256R1())
        public = rsa.generate_private_key(65537, 2048).public_key()
        spki = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        locked = as_pem(short, serialization.BestAvailableEncryption(b"words"))
        assert "the key has 1024 bits" in refusal(kept(tmp_path / "short", as_pem(short)))
        assert "the key is of another kind" in refusal(kept(tmp_path / "curve", as_pem(curve)))
        assert "there is no private key in it" in refusal(kept(tmp_path / "public", spki))
        assert "kept by a passphrase" in refusal(kept(tmp_path / "locked", locked))

    def test_a_file_that_cannot_be_read_is_refused_by_its_name(self, tmp_path):
        assert "No such file" in refusal(tmp_path / "absent.pem")
        assert "Is a directory" in refusal(tmp_path)

    def test_one_selector_has_one_key(self, tmp_path):
        path = kept(tmp_path / "key.pem", new_key(KeyKind.ED25519))
        with pytest.raises(InvalidError, match="named twice"):
            read_keys([("a", path), ("A", path)], "example.org")

    @pytest.mark.parametrize(
        "text", ["", ".", "a.", ".a", "-a", "a-", "a_b", "a b", "é", "../a", "a/b", "a\n", "a" * 64]
    )
    def test_what_is_no_selector_is_refused(self, text):
        with pytest.raises(InvalidError, match="is not a selector"):
            check_selector(text)

    @pytest.mark.parametrize("text", ["a", "2026a", "s1.mail", "A-1", "a" * 63])
    def test_what_is_a_selector_is_given_back(self, text):
        assert check_selector(text) == text


def as_pem(key, protection=None):
    kept_by = protection or serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, kept_by)


def kept(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def refusal(path: Path) -> str:
    with pytest.raises(InvalidError) as caught:
        read_keys([("s1", path)], "example.org")
    assert caught.value.field == "dkim_keys"
    assert str(path) in str(caught.value)
    assert "allowed: " in str(caught.value)
    return str(caught.value)
