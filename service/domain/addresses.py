"""Addresses: as people type them, as they go on the wire, and when two are one person's, or one mailbox."""

import unicodedata

import email_validator

from service.domain.errors import InvalidError

LONGEST_LOCAL_PART = 64  # octets (RFC 5321, section 4.5.3.1.1)
_WITHOUT_DOTS = {"gmail.com": "gmail.com", "googlemail.com": "gmail.com"}

# Names such as .local and .test are refused by default; the relay of a closed network knows better than we.
email_validator.SPECIAL_USE_DOMAIN_NAMES.clear()


def check_address(text: str) -> str:
    """Give an address as it goes on the wire: the local part as typed, the domain in A-labels.

    Authorities: RFC 5321 for lengths, RFC 6531 for letters beyond ASCII in the local part, IDNA 2008 for
    the domain. Refused with InvalidError: quoted local parts, comments, literals, encoded words, more than one address.
    """
    try:
        checked = email_validator.validate_email(
            text.strip(),
            strict=True,
            check_deliverability=False,
            globally_deliverable=False,
        )
    except email_validator.EmailNotValidError as error:
        raise InvalidError(f"{text!r} is not an e-mail address: {error}", "address") from None
    if "=?" in checked.local_part:  # a careless reader would decode it (RFC 2047, section 5)
        raise InvalidError(f"{text!r} is not an e-mail address: it holds an encoded word", "address")
    if len(checked.local_part.encode()) > LONGEST_LOCAL_PART:  # the library counts letters
        raise InvalidError(f"{text!r} is not an e-mail address: the part before the @-sign is too long", "address")
    if "." not in checked.ascii_domain and checked.ascii_domain != "localhost":
        raise InvalidError(f"{text!r} is not an e-mail address: the part after the @-sign has no dot", "address")
    return f"{checked.local_part}@{checked.ascii_domain}"


def address_key(address: str) -> str:
    """Give what makes an address one person's: letters' case does not."""
    return address.casefold()


def mailbox_key(address: str) -> str:
    """Give what is the same for every way of writing the address of a mailbox; the domain is in A-labels already.

    It is for limits, which must not be got round, and for nothing else. A tag behind a plus sign is the same mailbox
    wherever tags are known (RFC 5233), and Google takes no account of dots. Nobody is taken for somebody else by it:
    two people who share a key share how often they may be asked, no more.
    """
    local, _, domain = unicodedata.normalize("NFKC", address).casefold().rpartition("@")
    domain = domain.rstrip(".")
    local = local.partition("+")[0] or local
    if domain in _WITHOUT_DOTS:
        domain, local = _WITHOUT_DOTS[domain], local.replace(".", "")
    return f"{local}@{domain}"
