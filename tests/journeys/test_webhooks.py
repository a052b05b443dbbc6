"""Webhooks as an operator has them: whatever process plays the post tells what happens."""

import asyncio

import pytest
from standardwebhooks.webhooks import Webhook

from tests.hook_server import HookServer
from tests.journeys.program import PATIENCE_SECONDS, Program


@pytest.mark.parametrize("roles", ["web,clock,post", "post"])
async def test_the_process_that_plays_the_post_tells_what_happened(alone: Program, roles: str) -> None:
    async with HookServer() as server:
        secret = (await alone.does("webhook", "add", server.url, "--for", "confirmed", "--private")).out.strip()
        process = await alone.with_(PORT="0").start("run", "--roles", roles, "--sample", stderr=None)
        try:
            await server.was_told(2, PATIENCE_SECONDS)
        finally:
            process.terminate()
            await asyncio.wait_for(process.communicate(), PATIENCE_SECONDS)
    assert process.returncode == 0
    told = [Webhook(secret).verify(one.body, one.headers) for one in server.told]
    assert {(one["type"], one["data"]["source"]) for one in told} == {("confirmed", "sample")}
