"""What stops the start, in words that say what to do."""

import asyncio
import socket

from tests.journeys.program import Program


async def test_a_taken_port_ends_with_words_and_status_1(alone: Program):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = await alone.with_(PORT=port).ends("run")
    assert ended.status == 1
    assert "REMEMBRANCER_PORT" in ended.err
    assert port in ended.err
    assert "Traceback" not in ended.err


async def test_of_two_starts_on_one_port_at_the_same_time_one_says_that_it_is_taken(alone: Program):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    first, second = [await alone.with_(PORT=port).start("run") for _ in range(2)]
    done, waiting = await asyncio.wait(
        {asyncio.create_task(process.communicate()) for process in (first, second)},
        timeout=15,
        return_when=asyncio.FIRST_COMPLETED,
    )
    for process in (first, second):
        if process.returncode is None:
            process.terminate()
    await asyncio.gather(*waiting)
    assert len(done) == 1, "both of them run"
    (ended,) = done
    errors = ended.result()[1].decode()
    assert "Traceback" not in errors
    assert "REMEMBRANCER_PORT" in errors
    assert sorted([first.returncode, second.returncode]) == [0, 1]


async def test_an_unknown_variable_ends_with_its_name_and_status_1(alone: Program):
    ended = await alone.with_(COLOUR="red").ends("run")
    assert (ended.status, ended.out) == (1, "")
    assert "REMEMBRANCER_COLOUR" in ended.err
    assert "Traceback" not in ended.err


async def test_a_wrong_value_ends_with_its_name_and_what_is_allowed(alone: Program):
    ended = await alone.with_(PORT="99999", PUBLIC_URL="remember").ends("run")
    assert ended.status == 1
    assert "REMEMBRANCER_PORT" in ended.err
    assert "65535" in ended.err
    assert "REMEMBRANCER_PUBLIC_URL" in ended.err
    assert "https://" in ended.err
    assert "Traceback" not in ended.err


async def test_the_url_of_no_mailbox_ends_with_what_is_allowed_and_without_its_password(alone: Program):
    ended = await alone.with_(IMAP_URL="imap://ani:hunter2@mail.example.org/").ends("run")
    assert (ended.status, ended.out) == (1, "")
    assert "REMEMBRANCER_IMAP_URL" in ended.err
    assert "imaps://USER:PASSWORD@HOST" in ended.err
    assert "hunter2" not in ended.err
    assert "Traceback" not in ended.err


async def test_a_role_that_there_is_not_ends_with_the_roles_that_there_are(alone: Program):
    ended = await alone.ends("run", "--roles", "web,cook")
    assert ended.status == 1
    assert "web, clock, post" in ended.err
