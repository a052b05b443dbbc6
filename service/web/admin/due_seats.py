"""The pages of what is due by address, each with the least role that may ask for it."""

from service.domain.editor import Role
from service.web.admin import calendar, corrections, days, days_letter, due, due_editions, due_notices, heard, rehearsal
from service.web.admin.access import Seat
from service.web.admin.calendar import CALENDAR
from service.web.admin.corrections import CORRECTIONS
from service.web.admin.days import DAYS
from service.web.admin.due import DUE
from service.web.admin.due_editions import EDITIONS
from service.web.admin.due_notices import NOTICES
from service.web.admin.heard import HEARD, MAILS
from service.web.admin.rehearsal import REHEARSAL

DUE_SEATS: tuple[Seat, ...] = (
    Seat(DUE, due.shown, Role.VIEWER),
    Seat("/admin/post", due.switched, Role.APPROVER, "POST"),
    Seat("/admin/pauses", due.target_switched, Role.APPROVER, "POST"),
    Seat(CALENDAR, calendar.shown, Role.VIEWER),
    Seat(f"{DAYS}/{{day}}", days.shown, Role.VIEWER),
    Seat(f"{DAYS}/{{day}}", days.judged, Role.APPROVER, "POST"),
    Seat(f"{DAYS}/{{day}}/many", days.many_judged, Role.APPROVER, "POST", fresh=True),
    Seat(f"{DAYS}/{{day}}/letters/{{event}}", days_letter.shown, Role.VIEWER),
    Seat(f"{DAYS}/{{day}}/letters/{{event}}/html", days_letter.as_html, Role.VIEWER),
    Seat(f"{EDITIONS}/{{id}}", due_editions.shown, Role.VIEWER),
    Seat(f"{EDITIONS}/{{id}}", due_editions.changed, Role.APPROVER, "POST"),
    Seat(f"{EDITIONS}/{{id}}/send", due_editions.sent, Role.APPROVER, "POST", fresh=True),
    Seat(f"{EDITIONS}/{{id}}/first", due_editions.first_sent, Role.APPROVER, "POST", fresh=True),
    Seat(f"{NOTICES}/{{id}}", due_notices.shown, Role.VIEWER),
    Seat(f"{NOTICES}/{{id}}", due_notices.released, Role.APPROVER, "POST", fresh=True),
    Seat(HEARD, heard.listed, Role.VIEWER),
    Seat(f"{MAILS}/{{id}}", heard.source, Role.OWNER),
    Seat(f"{MAILS}/{{id}}/again", heard.read_again, Role.APPROVER, "POST"),
    Seat(f"{HEARD}/{{id}}", heard.shown, Role.VIEWER),
    Seat(f"{HEARD}/{{id}}", heard.undone, Role.APPROVER, "POST", fresh=True),
    Seat(CORRECTIONS, corrections.listed, Role.VIEWER),
    Seat(f"{CORRECTIONS}/{{event}}", corrections.shown, Role.VIEWER),
    Seat(f"{CORRECTIONS}/{{event}}", corrections.added, Role.APPROVER, "POST"),
    Seat(f"{CORRECTIONS}/{{event}}/withdraw", corrections.withdrawn, Role.APPROVER, "POST"),
    Seat(REHEARSAL, rehearsal.shown, Role.EDITOR),
    Seat(REHEARSAL, rehearsal.of_subscriber, Role.EDITOR, "POST"),
)
