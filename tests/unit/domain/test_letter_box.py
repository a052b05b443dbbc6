"""The letter box: which addresses are ours, and what mail to each is for."""

import pytest

from service.domain.errors import InvalidError
from service.domain.letter_box import Addressed, For, LetterBox

OF_A_DOMAIN = LetterBox.of("", "remembrancer@example.org")
OF_A_MAILBOX = LetterBox.of("notice+@mail.example", "notice@mail.example")


@pytest.mark.parametrize(
    ("recipient", "wanted"),
    [
        ("subscribe+artsakh@example.org", Addressed(For.SUBSCRIBE, "artsakh")),
        ("SUBSCRIBE+Artsakh@EXAMPLE.org", Addressed(For.SUBSCRIBE, "artsakh")),
        ("<unsubscribe@example.org>", Addressed(For.UNSUBSCRIBE)),
        ("leave+0190.abcd@example.org", Addressed(For.LEAVE, "0190.abcd")),
        ("b+0190.abcd@example.org", Addressed(For.RETURN, "0190.abcd")),
        ("remembrancer@example.org", Addressed(For.HOUSE)),
        ("abuse@example.org", Addressed(For.HOUSE)),
        ("help@example.org", Addressed(For.HELP)),
        ("nobody@example.org", None),
        ("@example.org", None),
        ("", None),
        ("help@elsewhere.example", None),
        ("help@sub.example.org", None),
    ],
)
def test_of_a_whole_domain_each_address_says_what_its_mail_is_for(recipient, wanted):
    assert OF_A_DOMAIN.read(recipient) == wanted


@pytest.mark.parametrize(
    ("recipient", "wanted"),
    [
        ("notice+subscribe+artsakh@mail.example", Addressed(For.SUBSCRIBE, "artsakh")),
        ("notice@mail.example", Addressed(For.HOUSE)),
        ("subscribe+artsakh@mail.example", None),
        ("other+subscribe+artsakh@mail.example", None),
    ],
)
def test_of_one_mailbox_only_its_own_sub_addresses_are_ours(recipient, wanted):
    assert OF_A_MAILBOX.read(recipient) == wanted


@pytest.mark.parametrize("box", [OF_A_DOMAIN, OF_A_MAILBOX])
@pytest.mark.parametrize("to", [to for to in For if to])
def test_an_address_that_is_given_out_is_read_as_what_it_is_for(box, to):
    assert box.read(box.address(to, "a.b")) == Addressed(to, "a.b")
    assert box.read(box.address(to)) == Addressed(to)


def test_letters_may_come_from_another_domain_than_their_answers_go_to():
    box = LetterBox.of("@bounces.example.org", "remembrancer@example.org")
    assert box.address(For.HELP) == "help@bounces.example.org"
    assert box.read("remembrancer@example.org") is None


@pytest.mark.parametrize("setting", ["example.org", "a@b@c", "toolonganame+@example.org", "no te+@example.org", "x+@"])
def test_another_form_of_the_setting_is_refused_with_the_allowed_ones(setting):
    with pytest.raises(InvalidError, match="allowed: @DOMAIN"):
        LetterBox.of(setting, "remembrancer@example.org")
