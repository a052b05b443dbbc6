"""The wheel, installed where there is no checkout: an empty folder and an empty home, and the first page answers."""

import asyncio
import sys
from pathlib import Path

from tests.journeys.program import Program, eventually
from tests.peers import ROOT
from tests.wheel import build, install, surroundings

# What of the checkout a process opens, it and those that it forks, is written down; the libraries lie there, too.
WATCHING = """
import os, runpy, sys
own, libraries, seen = {own!r}, {libraries!r}, open({seen!r}, "a", buffering=1)
def look(event, arguments):
    if event == "open" and isinstance(arguments[0], (str, bytes)):
        path = os.path.abspath(os.fsdecode(arguments[0]))
        if path.startswith(own) and not path.startswith(libraries):
            print(path, file=seen)
sys.addaudithook(look)
runpy.run_module("service", run_name="__main__", alter_sys=True)
"""


async def test_the_wheel_runs_from_an_empty_folder_and_reads_nothing_of_the_checkout(tmp_path: Path) -> None:
    home, seen = tmp_path / "home", tmp_path / "seen"
    home.mkdir()
    (tmp_path / "wheel").mkdir()
    (tmp_path / "installed").mkdir()
    installed = install(build(tmp_path / "wheel"), tmp_path / "installed")
    watching = WATCHING.format(own=f"{ROOT}/", libraries=f"{sys.prefix}/", seen=str(seen))
    path = surroundings(installed)["PYTHONPATH"]
    unset = ("-u", "REMEMBRANCER_DATA_DIR", "-u", "REMEMBRANCER_SECRET_KEY")
    clean = ("env", *unset, f"PYTHONPATH={path}", f"HOME={home}", sys.executable, "-S", "-c", watching)
    program = Program(tmp_path / "empty", command=clean)
    outbox = program.folder / "data" / "var" / "outbox"
    async with program.running("--sample") as service:
        answers = [await service.get(page) for page in ("/", "/collections", "/static/style.css", "/?lang=hy")]
        letters = await eventually(lambda: sorted(outbox.glob("*.eml")))
        mailbox = await service.get("/outbox")
    assert [answer.status for answer in (*answers, mailbox)] == [200] * 5
    assert "Remembrancer" in answers[0].text
    assert letters
    assert await asyncio.to_thread(seen.read_text) == ""
    assert list(home.iterdir()) == []
