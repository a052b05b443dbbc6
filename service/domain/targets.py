"""What subscriptions, editions and lines call a private event, beside `collection:ID` and `event:ID`."""

_PREFIX = "private:"


def target_of(id_: str) -> str:
    """Give what subscriptions, editions and lines call a private event: `private:ID`."""
    return f"{_PREFIX}{id_}"


def id_in(target: str) -> str | None:
    """Give the id of a private event from such a name; None of anything public."""
    return target.removeprefix(_PREFIX) if is_private(target) else None


def is_private(target: str) -> bool:
    """Say whether a target is private."""
    return target.startswith(_PREFIX)
