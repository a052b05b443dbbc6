"""The first owner comes in by the link on the console, once; secrets stand nowhere that anybody reads."""

import re
from pathlib import Path
from urllib.parse import urlencode

from tests.journeys.program import KEY, Program, Running, asked

FORM = {"sec-fetch-site": "same-origin", "content-type": "application/x-www-form-urlencoded"}
OWNER = {"address": "ani@example.org", "name": "Ani", "password": "seven lanterns on the shore"}
PATHS = ("", "none", "admin/enter", "health/ready", "manage/x", "subscribe", "admin/link/x", "status/x")


async def post(url: str, **fields: str) -> str:
    return (await asked(url, urlencode(fields).encode(), "POST", FORM)).text


async def everything_told(service: Running, link: str) -> str:
    """Come in by the link, and give all that the pages said meanwhile."""
    told = [await post(link, **OWNER | {"address": "no"}), await post(link, **OWNER)]
    told += [(await service.get(path)).text for path in PATHS]
    told.append(await post(f"{service.address}admin/enter", address=OWNER["address"], password=OWNER["password"]))
    return "".join(told)


async def test_case_117_one_link_is_on_the_console_and_case_118_secrets_nowhere(
    tmp_path: Path, sqlite_url: str
) -> None:
    secret = {"SMTP_URL": "smtp://us:hunter2-hunter2@127.0.0.1:9", "OLD_SECRET_KEYS": "tiger3" * 8}
    program = Program(tmp_path / "home", {"DATABASE_URL": sqlite_url, **secret})
    async with program.running("--roles", "web") as service:
        found = re.search(r"http\S+/admin/link/[\w-]{43}", service.greeting)
        assert found, service.greeting
        link = found[0]
        assert "first owner" in (await asked(link)).text
        told = await everything_told(service, link)
        assert (await asked(link)).status == 404
        assert (await asked(link, urlencode(OWNER).encode(), "POST", FORM)).status == 404
    async with program.running("--roles", "web") as service:
        assert "/admin/link/" not in service.greeting
        assert f"{service.address}admin\n" in service.greeting
    log = (program.folder / "errors.log").read_text()
    for hidden in ("hunter2", "tiger3", KEY, OWNER["password"]):
        assert hidden not in told + log
    assert link.rpartition("/")[2] not in log
