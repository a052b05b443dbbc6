"""Exports of listmonk, Mailman and Mailchimp: whom each row names. The people are invented, the columns are not."""

import codecs
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from service.actions.subscriber_checks import Asked
from service.actions.subscriber_exports import Whom
from service.actions.subscriber_rows import Barred, Entry, LeftOut, Row, chunks
from service.actions.subscriber_sources import checked
from service.domain.errors import ImportRefusedError, InvalidError
from service.domain.subscription import Habit, Wish
from tests.builders import at

NOW = at("2026-09-01T08:00")
WHOM = Whom((Wish(collection="wars"),), Habit(zone="Asia/Yerevan"))
LISTMONK = "uuid,email,name,attributes,status,created_at,updated_at\n"
ANI_IN_LISTMONK = (
    '6f5e9d3a-0c1b-4f6e-9a63-0d6c0a3f7a11,ani@example.org,Ani,"{""lang"": ""hy-AM"", ""timezone"": ""Europe/Paris""}",'
    "enabled,2024-03-14 09:12:31.123456 +0000 UTC,2024-03-15 10:00:00 +0000 UTC\n"
)
LOCATED = "LATITUDE,LONGITUDE,GMTOFF,DSTOFF,TIMEZONE,CC,REGION,LAST_CHANGED,LEID,EUID,NOTES,TAGS"
MAILCHIMP = (
    f'"Email Address","First Name","Last Name",MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,{LOCATED}'
)
SIGNED_UP = (
    'ani@example.org,Ani,Petrosyan,4,"2018-10-11 09:55:14",192.0.2.44,"2018-10-11 09:57:02",192.0.2.44,'
    '48.86,2.35,1,2,Europe/Paris,FR,IDF,"2019-01-02 03:04:05",90498395,810826c56e,,"""friends"""'
)
ADDED = (
    'boris@example.org,"Boris, the elder",,2,,,"2013-06-25 17:38:27",,'
    ',,,,,,,"2013-06-27 12:11:50",44877845,c2cb0681af,,'
)
GONE = 'vera@example.org,,,2,,,"2013-06-25 17:38:27",,,,,,,,,"2020-01-01 00:00:00",44877846,c2cb0681b0,,'

Read = Callable[..., list[Entry]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Write a file and read it."""

    def reads(
        content: str | bytes, name: str = "people.csv", whom: Whom | None = WHOM, system: str = ""
    ) -> list[Entry]:
        file = tmp_path / name
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        with checked(file, Asked(("en", "hy"), ["collection:wars"], NOW, whom, system)) as (spool, _):
            return [entry for chunk in chunks(spool) for entry in chunk]

    return reads


def test_listmonk_names_readers_with_their_language_and_zone_and_no_proof_of_consent(read: Read) -> None:
    (ani,) = read(LISTMONK + ANI_IN_LISTMONK)
    assert isinstance(ani, Row)
    assert (ani.address, ani.confirmed_at, ani.wishes) == ("ani@example.org", None, WHOM.wishes)
    assert (ani.habit.language, ani.habit.zone) == ("hy", "Europe/Paris")
    assert ani.evidence == {"consent_source": "listmonk, where they are since 2024-03-14"}
    assert ani.where.endswith("people.csv:2")


def test_who_is_blocklisted_in_listmonk_is_barred_and_who_is_disabled_stays_out(read: Read) -> None:
    barred, out = read(
        LISTMONK
        + ANI_IN_LISTMONK.replace("enabled", "blocklisted")
        + ANI_IN_LISTMONK.replace("enabled", "disabled").replace("ani@", "boris@")
    )
    assert isinstance(barred, Barred)
    assert (barred.address, barred.since, barred.left) == ("ani@example.org", at("2024-03-15T10:00"), False)
    assert isinstance(out, LeftOut)
    assert out.address == "boris@example.org"


def test_what_the_operator_says_of_consent_has_a_moment_only_where_the_export_has_one(read: Read) -> None:
    whom = Whom(WHOM.wishes, WHOM.habit, "double opt-in, by the form on our page")
    (ani,) = read(LISTMONK + ANI_IN_LISTMONK, whom=whom)
    (member,) = read("ani@example.org\n", whom=whom)
    (changed,) = read(f"{MAILCHIMP}\n{ADDED.replace('2013-06-25 17:38:27', '')}\n", whom=whom)
    assert all(isinstance(one, Row) and one.is_vouched_for for one in (ani, member, changed))
    told = [one.confirmed_at for one in (ani, member, changed) if isinstance(one, Row)]
    assert told == [at("2024-03-14T09:12:31"), None, None]
    assert isinstance(member, Row)
    assert member.evidence == {"consent_source": "Mailman: double opt-in, by the form on our page"}


@pytest.mark.parametrize(
    "content",
    [
        "Ani Petrosyan <ani@example.org>\nboris@example.org\n",  # list_members --fullnames, mailman members
        '"Petrosyan, Ani" <ani@example.org>\n=?utf-8?q?=D4=B2?= <boris@example.org>\n',
        "ani@example.org found in:\n     memory\n     (as owner) news\nboris@example.org found in:\n     memory\n",
        "ani@example.org\r\nboris@example.org\r\n",  # Postorius' Subscribers.csv
        "\ufeffani@example.org\n\n\nboris@example.org",
        "memory@lists.example.org has no members\nani@example.org\nboris@example.org\n",
    ],
    ids=["names", "quoted and encoded names", "find_member", "Postorius", "a mark and empty lines", "an empty list"],
)
def test_mailman_names_members_a_line_each(read: Read, content: str) -> None:
    found = read(content, "members.txt")
    assert [one.address for one in found] == ["ani@example.org", "boris@example.org"]
    assert all(isinstance(one, Row) and one.confirmed_at is None and one.habit == WHOM.habit for one in found)


def test_mailchimp_proves_the_consent_of_who_signed_up_and_not_of_who_was_added(read: Read) -> None:
    ani, boris = read(f"{MAILCHIMP}\r\n{SIGNED_UP}\r\n{ADDED}\r\n")
    assert isinstance(ani, Row)
    assert isinstance(boris, Row)
    assert (ani.address, ani.confirmed_at) == ("ani@example.org", at("2018-10-11T09:57:02"))
    assert ani.habit.zone == "Europe/Paris"
    told = "Mailchimp, signed up 2018-10-11, confirmed 2018-10-11"
    assert ani.evidence == {"consent_source": told, "consent_network": "192.0.2.0/24"}
    assert (boris.address, boris.confirmed_at, boris.habit.zone) == ("boris@example.org", None, "Asia/Yerevan")


def test_the_files_of_mailchimp_that_bar_are_known_by_their_name_or_by_their_columns(read: Read) -> None:
    left = f'{MAILCHIMP},UNSUB_TIME,UNSUB_CAMPAIGN_TITLE,UNSUB_REASON\n{GONE},"2021-05-06 07:08:09",News,NORMAL\n'
    for name in ("gone.csv", "unsubscribed_email_audience_export_ab12.csv"):
        (one,) = read(left, name)
        assert isinstance(one, Barred)
        assert (one.address, one.since, one.left) == ("vera@example.org", at("2021-05-06T07:08:09"), True)
    (one,) = read(f"{MAILCHIMP},CLEAN_TIME\n{GONE},2021-05-06 07:08:09\n")
    assert isinstance(one, Barred)
    assert not one.left
    (out,) = read(f"{MAILCHIMP}\n{GONE}\n", "nonsubscribed_members_export_ab12.csv")
    assert isinstance(out, LeftOut)
    (back,) = read(left, "subscribed_members_export_ab12.csv")  # a column that somebody kept from before
    assert isinstance(back, Row)
    with pytest.raises(ImportRefusedError, match=r"gone.csv:2: UNSUB_TIME: this is empty"):
        read(left.replace('"2021-05-06 07:08:09"', ""), "gone.csv")


def test_mailchimps_archive_is_read_as_it_comes_and_who_left_comes_first(read: Read) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("subscribed_email_audience_export_ab12.csv", f"{MAILCHIMP}\n{SIGNED_UP}\n")
        archive.writestr("cleaned_email_audience_export_ab12.csv", f"{MAILCHIMP},CLEAN_TIME\n{GONE},2021-05-06\n")
        archive.writestr("sms_only_audience_export_ab12.csv", "Phone\n+37400000000\n")
    barred, row = read(packed.getvalue(), "audience_export_ab12.zip")
    assert isinstance(barred, Barred)
    assert isinstance(row, Row)
    assert row.where.endswith("audience_export_ab12.zip/subscribed_email_audience_export_ab12.csv:2")
    with pytest.raises(InvalidError, match="cannot be unpacked"):
        read(packed.getvalue()[:200], "broken.zip")


def test_a_file_that_a_spreadsheet_saved_again_is_read(read: Read) -> None:
    text = LISTMONK + ANI_IN_LISTMONK
    cells = ["ani@example.org", *[""] * MAILCHIMP.count(",")]
    tabs = "\n".join((MAILCHIMP.replace(",", "\t"), "\t".join(cells)))
    assert [one.address for one in read(codecs.BOM_UTF16_LE + tabs.encode("utf-16-le"))] == ["ani@example.org"]
    assert [one.address for one in read(b"\xef\xbb\xbf" + text.encode())] == ["ani@example.org"]
    assert [one.address for one in read(f"{MAILCHIMP}\n{GONE}\n".replace(",", ";"))] == ["vera@example.org"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (LISTMONK + ANI_IN_LISTMONK.replace("ani@", "ani at "), "people.csv:2: email: "),
        (LISTMONK + ANI_IN_LISTMONK.replace("enabled", "gone"), "people.csv:2: status: 'gone' is not a status"),
        (LISTMONK + ANI_IN_LISTMONK.replace('"{""lang', '"""lang'), "people.csv:2: attributes: "),
        (LISTMONK + ANI_IN_LISTMONK.replace("2024-03-14", "2024-13-14"), "people.csv:2: created_at: "),
        (
            LISTMONK + ANI_IN_LISTMONK.replace("2024-03-14", "2026-09-02"),
            "people.csv:2: created_at: this is yet to come (allowed: until 2026-09-01T08:00:00Z)",
        ),
        (f"{MAILCHIMP},UNSUB_TIME\n{GONE},2026-11-01\n", "people.csv:2: UNSUB_TIME: this is yet to come"),
        (f"{MAILCHIMP},CLEAN_TIME\n{GONE},2026-11-01\n", "people.csv:2: CLEAN_TIME: this is yet to come"),
        (f"{MAILCHIMP}\n{ADDED.replace('2013-06-25', '2026-11-01')}\n", "people.csv:2: CONFIRM_TIME: this is yet to"),
        (f"{MAILCHIMP}\n{SIGNED_UP.replace('2018-10-11 09:55', '2027-01-01 09:55')}\n", "people.csv:2: OPTIN_TIME: "),
        (
            LISTMONK + ANI_IN_LISTMONK.replace("Europe/Paris", "Europe/Erewhon"),
            "people.csv:2: attributes: timezone: 'Europe/Erewhon' is not a time zone (allowed: an IANA name",
        ),
        (f"{MAILCHIMP}\n{SIGNED_UP.replace('Europe/Paris', 'Paris')}\n", "people.csv:2: TIMEZONE: 'Paris' is not a "),
        (LISTMONK + "only,two\n", "people.csv:2: row: "),
        (f"{MAILCHIMP}\n{SIGNED_UP}\n{ADDED.replace('2013-06-25', 'June')}\n", "people.csv:3: CONFIRM_TIME: "),
        ("Ani <ani@example.org>\nBoris\n", "people.csv:2: member: 'Boris' is not an e-mail address"),
    ],
)
def test_what_is_wrong_is_named_by_line_and_column(read: Read, content: str, said: str) -> None:
    with pytest.raises(ImportRefusedError) as refused:
        read(content)
    (finding,) = refused.value.findings
    assert said in finding


def test_in_a_file_of_ours_nobody_has_confirmed_what_is_yet_to_come(read: Read) -> None:
    with pytest.raises(ImportRefusedError, match=r"people.csv:2: confirmed_at: this is yet to come \(allowed: until "):
        read("email,collections,confirmed_at\nani@example.org,wars,2026-09-01T08:00:01Z\n", whom=None)
    (now,) = read("email,collections,confirmed_at\nani@example.org,wars,2026-09-01T12:00:00+04:00\n", whom=None)
    assert isinstance(now, Row)
    assert now.confirmed_at == NOW


def test_a_line_of_signs_alone_is_refused_as_fast_as_any(read: Read) -> None:
    for line in ("<" + "a@" * 30_000, "@" * 60_000 + " found in:", "<" * 60_000):
        with pytest.raises(ImportRefusedError, match=r"people.csv:1: member: "):
            read(line, system="mailman")


def test_what_people_are_to_remember_must_be_named_for_an_export_and_not_for_a_file_of_ours(read: Read) -> None:
    with pytest.raises(ImportRefusedError, match="--collection or --event"):
        read(LISTMONK + ANI_IN_LISTMONK, whom=None)
    with pytest.raises(ImportRefusedError, match=r"a file of our own form .* leave out --collection"):
        read("email,collections\nani@example.org,wars\n")
    with pytest.raises(ImportRefusedError, match=r"no column 'attributes' .*begins with 'email', 'collections'"):
        read("email,collections\nani@example.org,wars\n", system="listmonk")
    (forced,) = read("Email Address,LEID,EUID\nani@example.org,1,2\n", system="mailchimp")
    assert forced.address == "ani@example.org"


@pytest.mark.parametrize("whom", [WHOM, None], ids=["with a collection", "without"])
def test_of_a_file_that_is_not_known_it_is_said_what_was_seen_and_what_is_known(read: Read, whom: Whom | None) -> None:
    with pytest.raises(ImportRefusedError) as refused:
        read("Name;Mail;Town;Since;Tags\nAni;ani@example.org;Gyumri;2019;x\n", whom=whom)
    (finding,) = refused.value.findings
    assert (
        "people.csv:1: this is no file of subscribers that is known: it begins with 'Name', 'Mail', 'Town', …"
        in finding
    )
    for known in (
        "email, language, zone",
        "listmonk (uuid, email",
        "Mailchimp (LEID, EUID",
        "Mailman (an address a line",
    ):
        assert known in finding
