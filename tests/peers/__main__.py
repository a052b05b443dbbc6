"""Prepares what the tests need beyond pip, while pip is at work: `python -m tests.peers [--unpack]`."""

import os
import sys

from tests.peers import UnavailableError, chromium, dovecot, exim, gmime, opendkim, perl, pgbouncer


def main(arguments: list[str]) -> int:
    """Bring each peer and say which it is; a missing one is an error only in CI, where nothing may be left out."""
    missing = False
    brought = (
        ("PgBouncer", pgbouncer.bring),
        ("SpamAssassin", perl.bring),
        ("GMime", gmime.bring),
        ("OpenDKIM", opendkim.bring),
        ("Dovecot", dovecot.bring),
        ("Chromium", lambda: chromium.bring(arguments)),
        ("Exim", exim.bring),
    )
    for name, bring in brought:
        try:
            print(f"{name}: {bring()}", flush=True)
        except UnavailableError as error:
            missing = True
            print(f"{name}: not brought, tests that need it will not run. {error}", file=sys.stderr, flush=True)
    return int(missing and os.environ.get("CI") == "true")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
