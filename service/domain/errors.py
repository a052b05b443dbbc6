"""The one family of errors; a class's docstring is its message."""


class RemembrancerError(Exception):
    """Something went wrong."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (type(self).__doc__ or "").strip())


class NotFoundError(RemembrancerError):
    """There is nothing here by that name."""


class InvalidError(RemembrancerError, ValueError):
    """What was given cannot be used. `field` names the part that is wrong, "" if it is the whole."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class ImportRefusedError(RemembrancerError):
    """The import was refused and nothing was changed. `findings` are sentences that begin with file and line."""

    def __init__(self, findings: tuple[str, ...]) -> None:
        super().__init__("\n".join(findings))
        self.findings = findings


class ConflictError(RemembrancerError):
    """Somebody else has changed this in the meantime; nothing of theirs was overwritten."""

    def __init__(self, number: int) -> None:
        """Take the number of the newer version."""
        super().__init__()
        self.number = number


class NotAllowedError(RemembrancerError):
    """Your role does not allow this."""


class TooManyRequestsError(RemembrancerError):
    """Too many requests from here; please try again later."""


class CrowdedError(TooManyRequestsError):
    """Many ask at this moment; whoever has waited for it, or whose browser has worked for it, is let in."""


class StoreError(RemembrancerError):
    """The database cannot be used as it is."""
