"""What comes back: one mail's bytes to what it is and of which letter it speaks; reports first, then older forms.

Authorities: RFC 3464 (delivery reports; of one recipient the Action decides, then the class of the Status), RFC 5965
(feedback), RFC 8098 (receipts), RFC 3834 (automatic answers) and what was usual before it. Nothing raises here.
"""

import re
from collections.abc import Iterable, Mapping

from service.domain.errors import InvalidError
from service.domain.heard import By, Heard, What
from service.mail.answered import own_words
from service.mail.arrived import Arrived, decoded, opened
from service.mail.strays import failures

_WORDS_MOST = 500
_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
_CODE = re.compile(r"(?<![\d.])([45])\d\d(?![\d.])")
_MESSAGE_ID = re.compile(r"^message-id:\s*(<[^<>\s]{1,250}>)", re.MULTILINE | re.IGNORECASE)
_LEAVE = re.compile(r"^list-unsubscribe:[^\n]*?/leave/([A-Za-z0-9._-]{1,300})", re.MULTILINE | re.IGNORECASE)
_DELIVERY = ("message/delivery-status", "message/global-delivery-status")
_RECEIPTS = ("message/disposition-notification", "message/global-disposition-notification")
_QUOTED = ("message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers")
_NO_COMPLAINT = {"not-spam", "auth-failure", "dmarc", "virus"}
_ACTIONS = {"failed": What.BOUNCED, "delayed": What.DELAYED}
_PASSED_ON = {"delivered", "relayed", "expanded"}
_GRAVITY = (What.BOUNCED, What.DELAYED, What.PASSED_ON)
_GENERAL = ("5.0.0", "4.0.0", "")  # statuses that say nothing more than their class
_ROBOTS = re.compile(r"^\W*(?:mailer[-_.]?daemon|postmaster|mail[-_.]?delivery[\w.-]*|mdaemon)\b", re.IGNORECASE)
_UNANSWERED = re.compile(r"^\W*(?:no|do[-_.]?not)[-_.]?reply", re.IGNORECASE)
# RFC 3834, section 2: whose answers would go to those who look after a list.
_OF_OWNERS = re.compile(r"^\W*(?:owner-[^@\s]+|[^@\s]+-(?:owner|request|bounces?))@", re.IGNORECASE)
# Headers that only what answers by itself writes: of vacation programs, answering machines, and challenges.
_OF_ROBOTS = (
    "x-autoreply",
    "x-autorespond",
    "x-autoresponder",
    "x-auto-response",
    "x-vacation",
    "x-tmda-fingerprint",
    "x-tmda-confirm",
    "x-tmda-confirm-done",
    "x-boxtrapper",
    "x-ms-exchange-inbox-rules-loop",
    "x-failed-recipients",
    "x-loop",
)
_AUTHOR = re.compile(r"(?<![^\s<>(),;:\"])[^\s<>(),;:\"@]{1,64}+@[^\s<>(),;:\"@]{1,255}+(?!@)")  # whole, or none
_BULK = {"bulk", "list", "junk", "auto_reply"}
_OF_LISTS = ("list-id", "list-unsubscribe", "list-post", "mailing-list", "x-mailing-list", "x-beenthere")
# Of these, what knows older forms says that they are for good.
_PASSING = re.compile(
    r"warning message only|not need to resend|transient non-fatal|not yet been delivered|will (?:be|keep|continue)"
    r" (?:retried|trying|to be retried)",
    re.IGNORECASE,
)
_ABSENT = re.compile(
    r"^\W*(?:out of (?:the )?office|automatic reply|auto(?:matic)?[- ]?(?:reply|response|antwort)|autosvar|autoreply"
    r"|vacation\b|away from|abwesen|automatische antwort|r[ée]ponse automatique|absence du bureau"
    r"|respuesta autom[áa]tica|fuera de (?:la )?oficina|risposta automatica|resposta autom[áa]tica"
    r"|автоответ|автоматический ответ"
    r"|otomatik yan[ıi]t|automatisch antwoord|afwezig|autoodpowied[źz]"
    r"|ավտոմատ պատասխան|(?:מענה|תשובה) אוטומטי|رد تلقائي|自动回复|自動回覆|自動返信|自動応答"
    r"|report domain:)",
    re.IGNORECASE,
)


def read(raw: bytes, sender: str = "") -> Heard:
    """Say what a mail is, whatever its bytes are; `sender` is that of its envelope, "" for a bounce's."""
    try:
        mail = opened(raw)
    except InvalidError as error:
        return Heard(What.UNREADABLE, By.LIMITS, words=str(error))
    told = _feedback(mail) or _delivery(mail)
    if told is None and any(mail.of_kind(*_RECEIPTS)):
        told = Heard(What.AUTOMATIC, By.REPORT)
    return told or (_stray(mail) if _is_of_a_robot(mail, sender) else None) or _by_headers(mail, sender)


def quoted_letter(raw: bytes) -> tuple[str, str]:
    """Give what a mail quotes of the letter that it speaks of: its Message-ID, and the token of its link to leave."""
    try:
        mail = opened(raw)
    except InvalidError:
        return "", ""
    text = "\n".join(part.text for part in mail.parts)
    own = mail.header("list-unsubscribe")  # if it is the letter itself
    return _quoted(mail, _MESSAGE_ID, text) or mail.header("message-id"), _quoted(mail, _LEAVE, text) or leave_in(own)


def leave_in(header: str) -> str:
    """Give the token of the link in a List-Unsubscribe; "" if it has none of ours."""
    found = _LEAVE.search(f"list-unsubscribe: {header}")
    return found[1] if found else ""


def _feedback(mail: Arrived) -> Heard | None:
    """Read a feedback report (RFC 5965, section 3); of whom it speaks is often left out."""
    for part in mail.of_kind("message/feedback-report"):
        fields = _fields(part.text)
        kind = fields.get("feedback-type", "").lower()
        what = What.AUTOMATIC if kind in _NO_COMPLAINT else What.COMPLAINT
        recipient = _address(fields.get("original-rcpt-to", "") or fields.get("removal-recipient", ""))
        letter, leave = _quoted(mail, _MESSAGE_ID), _quoted(mail, _LEAVE)
        return Heard(what, By.FEEDBACK, "", kind[:_WORDS_MOST], recipient, letter, leave)
    return None


def _delivery(mail: Arrived) -> Heard | None:
    """Read a delivery report: of several recipients, the gravest that is told."""
    told = [
        heard
        for part in mail.of_kind(*_DELIVERY)
        for block in re.split(r"\n\s*\n", part.text)
        if (heard := _of_recipient(_fields(block), _quoted(mail, _MESSAGE_ID))) is not None
    ]
    return min(told, key=lambda heard: _GRAVITY.index(heard.what)) if told else None


def _of_recipient(fields: Mapping[str, str], message_id: str) -> Heard | None:
    """Read one recipient's fields (RFC 3464, section 2.3); None for those of the whole report."""
    if "action" not in fields and "status" not in fields:
        return None
    words = decoded(fields.get("diagnostic-code", "").partition(";")[2])[:_WORDS_MOST]
    status = status_in([fields.get("status", ""), words])
    action = fields.get("action", "").partition(" ")[0].partition("(")[0].strip().lower()
    if action in _PASSED_ON:
        what = What.PASSED_ON
    elif action in _ACTIONS:
        what = _ACTIONS[action]
    elif status:  # no action, or one that nobody knows
        what = {"5": What.BOUNCED, "4": What.DELAYED}.get(status[0], What.PASSED_ON)
    else:
        return None
    recipient = _address(fields.get("original-recipient", "") or fields.get("final-recipient", ""))
    return Heard(what, By.REPORT, status, words, recipient, message_id)


def _stray(mail: Arrived) -> Heard | None:
    """Read a bounce that is no report, by the words of the programs that write them."""
    found = failures(mail.message)
    if found is None:
        return None
    recipient, is_lasting = found
    text = "\n".join(part.text for part in mail.of_kind("text/plain", "text/html"))
    told = _telling_line(text)
    what = What.BOUNCED if is_lasting and not _PASSING.search(text) else What.DELAYED
    return Heard(what, By.WORDS, status_in([told]), told, _address(recipient), _quoted(mail, _MESSAGE_ID, text))


def _by_headers(mail: Arrived, sender: str) -> Heard:
    """Say what a mail without a report is, by what its headers say of who wrote it."""
    own = mail.header("auto-submitted").partition(";")[0].strip().lower()
    precedence = mail.header("precedence").strip().lower()
    names = _names(mail, sender)
    is_listed = (
        any(name in mail.headers for name in _OF_LISTS) or precedence == "list" or any(map(_OF_OWNERS.match, names))
    )
    if is_listed and own in {"", "no"}:
        return Heard(What.LISTED, By.HEADERS, subject=mail.header("subject"))
    is_automatic = (
        own not in {"", "no"}
        or precedence in _BULK
        or any(name in mail.headers for name in _OF_ROBOTS)
        or _ABSENT.match(mail.header("subject")) is not None
        or any(map(_UNANSWERED.match, names))
        or mail.kind == "multipart/report"
        or _is_of_a_robot(mail, sender)
    )
    return Heard(
        What.AUTOMATIC if is_automatic else What.PERSON,
        By.HEADERS,
        subject=mail.header("subject"),
        author=_author(mail.header("from")),
        languages=mail.header("content-language") or mail.header("accept-language"),
        opening=own_words(mail),
    )


def _is_of_a_robot(mail: Arrived, sender: str) -> bool:
    """Say whether a mail comes from a mail system: by its empty sender, or by who it says wrote it."""
    path = mail.header("return-path").strip()
    return not sender or path == "<>" or any(map(_ROBOTS.match, _names(mail, sender)))


def _author(field: str) -> str:
    """Give the address in a From; "" where there is not one and one alone.

    The standard library's reader of addresses follows comments within comments for as long as there are any.
    """
    found = _AUTHOR.findall(field)
    return found[0] if len(set(found)) == 1 else ""


def _names(mail: Arrived, sender: str) -> tuple[str, ...]:
    """Give what a mail says of who sent it: the envelope's sender, the name and the address."""
    return sender, mail.header("from"), mail.header("from").rpartition("<")[2]


def _fields(text: str) -> dict[str, str]:
    """Read the fields of a block, by their names in small letters, folded lines joined; the first of each."""
    fields: dict[str, str] = {}
    for line in re.sub(r"\r?\n[ \t]+", " ", text).splitlines():
        name, colon, value = line.partition(":")
        if colon:
            fields.setdefault(name.strip().lower(), value.strip())
    return fields


def status_in(texts: Iterable[str]) -> str:
    """Give the first status that says more than its class, else the first; "" without one."""
    first = ""
    for text in texts:
        for found in _STATUS.finditer(text):
            if found[0] not in _GENERAL:
                return found[0]
            first = first or found[0]
    if first:
        return first
    codes = [code[1] for text in texts if (code := _CODE.search(text))]
    return f"{codes[0]}.0.0" if codes else ""


def _telling_line(text: str) -> str:
    """Give the line of a bounce's words in which the foreign server says why: the first with a status, else a code."""
    lines = [" ".join(line.split()) for line in text.splitlines()]
    for form in (_STATUS, _CODE):
        for line in lines:
            if form.search(line):
                return line[:_WORDS_MOST]
    return ""


def _address(field: str) -> str:
    """Give the address of a field such as `rfc822; ani@example.org`."""
    return field.rpartition(";")[2].strip().strip("<>")[:320]


def _quoted(mail: Arrived, wanted: re.Pattern[str], text: str = "") -> str:
    """Give what a mail quotes of the letter that it speaks of; "" if it quotes none, or not that."""
    for quoted in (*(part.text for part in mail.of_kind(*_QUOTED)), text):
        if found := wanted.search(quoted):
            return found[1]
    return ""
