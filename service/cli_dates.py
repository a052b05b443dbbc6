"""`remembrancer dates`: questions as JSON lines in, occasions as JSON lines out, in order, streaming."""

import json
import sys
from collections.abc import Iterable
from datetime import date
from typing import Any

from service.domain.documents import DocumentError, read_question
from service.domain.errors import InvalidError
from service.domain.occasion import Occasion, occasions


def answer(line: str) -> dict[str, Any]:
    """Answer one question; a bad one is answered by its `error`, in words."""
    id_: object = None
    try:
        asked = json.loads(line)
        if not isinstance(asked, dict):
            return _answer(None, error="this is not a JSON object")
        id_ = asked.get("id")
        question = read_question(asked)
    except json.JSONDecodeError as error:
        return _answer(None, error=f"this is not JSON: {error.msg} at column {error.colno}")
    except DocumentError as error:
        return _answer(id_, error=_in_their_words(str(error)))
    if question.last < question.first:
        return _answer(id_, error="`to` is before `from`")
    try:
        found = occasions(question.event, question.rule, question.first, question.last)
    except InvalidError as error:  # the event lies beyond the tables of the rule's calendar
        return _answer(id_, error=str(error))
    return _answer(id_, [_written(occasion) for occasion in found])


def answer_all(lines: Iterable[str]) -> None:
    """Answer every line that is not empty, as it comes."""
    for line in lines:
        if line.strip():
            sys.stdout.write(json.dumps(answer(line), ensure_ascii=False) + "\n")
            sys.stdout.flush()


def in_words(lines: Iterable[str]) -> None:
    """Answer for a person: a heading for each question, a line for each occasion."""
    for line in lines:
        if line.strip():
            answered = answer(line)
            print(f"{answered['id'] if answered['id'] is not None else '-'}:")
            if answered["error"]:
                print(f"  {answered['error']}")
            for occasion in answered["occasions"]:
                moved = f"  ({occasion['reason']})" if occasion["reason"] else ""
                weekday = date.fromisoformat(occasion["on"]).strftime("%A")
                print(f"  {occasion['on']}  {weekday:<9}  no. {occasion['number']}, day {occasion['day']}{moved}")


def _answer(id_: object, found: list[dict[str, Any]] | None = None, error: str | None = None) -> dict[str, Any]:
    return {"id": id_, "occasions": found or [], "error": error}


def _written(occasion: Occasion) -> dict[str, Any]:
    written: dict[str, Any] = {
        "on": occasion.on.isoformat(),
        "number": occasion.number,
        "day": occasion.day,
        "begins_on": occasion.begins_on.isoformat() if occasion.begins_on else None,
        "reason": occasion.reason,
    }
    return written | ({"provisional": True} if occasion.provisional else {})


def _in_their_words(message: str) -> str:
    """Name the window's ends as the question does."""
    return message.replace("first: ", "from: ").replace("last: ", "to: ")
