"""Which providers there are, and which of them the operator has named."""

from collections.abc import Callable, Mapping

from service.domain.errors import InvalidError
from service.domain.heard import Heard
from service.mail.hooks import mailgun, postmark, sendgrid, ses
from service.mail.hooks.posted import Hook

_MADE: Mapping[str, Callable[[str], Hook]] = {
    "mailgun": mailgun.Mailgun.of,
    "postmark": postmark.Postmark.of,
    "sendgrid": sendgrid.SendGrid.of,
    "ses": ses.Ses.of,
}
TOLD: Mapping[str, Callable[[bytes], list[Heard]]] = {
    "mailgun": mailgun.told,
    "postmark": postmark.told,
    "sendgrid": sendgrid.told,
    "ses": ses.told,
}
FORMS = f"{ses.FORM}; {postmark.FORM}; {mailgun.FORM}; {sendgrid.FORM}"


def hooks_of(setting: str) -> dict[str, Hook]:
    """Make whom to believe of a setting's lines, PROVIDER=KEY; raise InvalidError for another form."""
    made: dict[str, Hook] = {}
    for line in filter(None, map(str.strip, setting.splitlines())):
        name, _, key = (part.strip() for part in line.partition("="))
        if name not in _MADE or name in made:
            raise InvalidError(f"each line names one provider, and each once (allowed: {FORMS})", "hooks")
        made[name] = _MADE[name](key)
    return made
