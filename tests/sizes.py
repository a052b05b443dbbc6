"""How much is tried: what a case names is a part of it in an ordinary run, and all of it with `TEST_WHOLE=true`."""

import os

WHOLE = os.environ.get("TEST_WHOLE") == "true"


def sized(whole: int, ordinary: int) -> int:
    """Give how many there are of something in this run."""
    return whole if WHOLE else ordinary
