"""`remembrancer rehearse`: every letter that a subscriber, or a reader of a collection, will be sent."""

from typing import Annotated

import typer

from service.actions import rehearsing
from service.actions.rehearsing import MONTHS, Rehearsal
from service.app import App
from service.cli_common import Json, Spoken, play, print_json, spoken
from service.domain.errors import InvalidError
from service.domain.slot import Slot, check_hour, check_zone
from service.domain.subscription import Rhythm, Status
from service.rendering.locales import Language
from service.rendering.rehearsal_words import LetterSeen, letter_words

commands = typer.Typer()


@commands.command("rehearse")
def rehearse_command(
    subscriber: Annotated[str, typer.Option(metavar="ADDRESS", help="Whose letters.")] = "",
    collection: Annotated[str, typer.Option(metavar="ID", help="Those of somebody who asks for a collection.")] = "",
    months: Annotated[int, typer.Option(help="How far ahead.")] = MONTHS,
    zone: Annotated[str, typer.Option(help="With --collection: the reader's time zone.")] = "UTC",
    hour: Annotated[str, typer.Option(help="With --collection: the reader's hour.")] = "09:00",
    language: Spoken = "",
    json: Json = False,
) -> None:
    """Show every letter of the coming months: days, hours, clock changes, moved days. Nothing is planned or sent."""

    async def looking(app: App) -> tuple[Rehearsal, Language]:
        if bool(subscriber) == bool(collection):
            raise InvalidError("say either --subscriber ADDRESS or --collection ID")
        words = spoken(app.languages, language, json=json)
        now = app.clock()
        async with app.store.read() as tx:
            if subscriber:
                found = await rehearsing.of_subscriber(tx, subscriber, months, now)
            else:
                slot = Slot(check_zone(zone), check_hour(hour))
                found = await rehearsing.of_collection(tx, collection, slot, Rhythm(), months, now)
        return found, words

    found, words = play(looking)
    told = {id_: kept.event for id_, kept in found.events.items()}
    letters = [letter_words(letter, told, words) for letter in found.letters]
    if json:
        for letter, said in zip(found.letters, letters, strict=True):
            print_json({"on": letter.day, "hour": letter.hour, "paused": letter.paused} | _plain(said))
        return
    slot, often = found.reader.slot, found.reader.rhythm.cadence
    print(f"{found.first} to {found.last}, {slot.hour} in {slot.zone}, {often}: {len(letters)} letters")
    if found.status is not Status.ACTIVE:
        print(f"None of them is sent: the subscriber is {found.status}.")
    for said in letters:
        _print(said)


def _plain(said: LetterSeen) -> dict[str, object]:
    return {
        "local": said.local.isoformat(),
        "due_at": said.due_at,
        "kind": said.kind,
        "remarks": said.remarks,
        "told": [
            {"event": one.event, "title": one.title.text, "on": one.on, "words": one.words, "reasons": one.reasons}
            for one in said.told
        ],
    }


def _print(said: LetterSeen) -> None:
    print(f"\n{said.day}, {said.local:%H:%M} ({said.due_at:%Y-%m-%dT%H:%MZ}), {said.kind}")
    for one in said.told:
        print(f"  {one.title.text}: {one.words or one.on}")
        for reason in one.reasons:
            print(f"    {reason}")
    for remark in said.remarks:
        print(f"  {remark}")
