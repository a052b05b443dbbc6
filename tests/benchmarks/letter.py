"""The letter that every sender is measured with: the class of `performance.md`, about 13 KB on the wire.

8.1 KB of HTML and 3.6 KB of text, four values of the reader (the address twice, two links), letters beyond ASCII.
"""

import json
from pathlib import Path

from service.domain.letter import Mark, Words

SUBJECT = "In memory of Zofia Nałkowska — Kraków remembers"
_SENTENCE = (
    "She kept all her life the habit of rising early, and her neighbours say the light in her kitchen was the first"
    " on the street — and the last to go out."
)
_PARAGRAPH = '<tr><td style="padding:8px 32px"><p style="margin:0 0 12px;font-size:16px">{}</p></td></tr>\n'
_LINE = (
    '<tr><td style="padding:6px 8px;border-bottom:1px solid #eeeeee"><a'
    ' href="https://remember.example.org/events/{}" style="color:#5a4a2f">'
    "Day of remembrance {} in Kraków</a></td></tr>\n"
)
_HTML = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>In memory of Zofia Nałkowska</title></head>
<body style="margin:0;background:#f4f1ec;font-family:Georgia,serif"><table role="presentation" width="600">
<tr><td><p>To {address}</p><h1 style="font-weight:normal">In memory of Zofia Nałkowska</h1></td></tr>
{rows}<tr><td><p>Sent to {address}. <a href="{manage}">Your wishes</a> | <a href="{leave}">Leave</a></p></td></tr>
</table></body></html>
"""
_TEXT = """To {address}

In memory of Zofia Nałkowska

{rows}
Sent to {address}.
Your wishes: {manage}
Leave: {leave}
"""
_MARKS = {"address": Mark.ADDRESS.value, "manage": Mark.MANAGE_URL.value, "leave": Mark.LEAVE_URL.value}


def words() -> Words:
    """Give what the letter says, with marks for the reader's values."""
    lines = "".join(_LINE.format(1000 + number, number + 1) for number in range(18))
    rows = 16 * _PARAGRAPH.format(_SENTENCE) + lines
    html = _HTML.format(rows=rows, **_MARKS)
    text = _TEXT.format(rows=22 * f"{_SENTENCE}\n\n", **_MARKS)
    return Words(SUBJECT, html, text)


def write_for_nodemailer(path: Path) -> Path:
    """Write the same words for nodemailer.js, with the names of the marks."""
    said = words()
    path.write_text(json.dumps({"subject": said.subject, "html": said.html, "text": said.text, "marks": _MARKS}))
    return path
