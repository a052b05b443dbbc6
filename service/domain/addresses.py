"""When two addresses are one mailbox: for limits, which must not be got round, and for nothing else.

A tag behind a plus sign is the same mailbox wherever tags are known (RFC 5233), and Google takes no account of dots.
Nobody is taken for somebody else by it: two people who share a key share how often they may be asked, no more.
"""

import unicodedata

_WITHOUT_DOTS = {"gmail.com": "gmail.com", "googlemail.com": "gmail.com"}


def mailbox_key(address: str) -> str:
    """Give what is the same for every way of writing the address of a mailbox; the domain is in A-labels already."""
    local, _, domain = unicodedata.normalize("NFKC", address).casefold().rpartition("@")
    domain = domain.rstrip(".")
    local = local.partition("+")[0] or local
    if domain in _WITHOUT_DOTS:
        domain, local = _WITHOUT_DOTS[domain], local.replace(".", "")
    return f"{local}@{domain}"
