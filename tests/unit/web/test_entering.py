"""Signing in: the door of the editors' room."""

from tests.unit.web.given import Grounds


async def test_the_door_is_shown_to_everybody(grounds: Grounds) -> None:
    answer = await grounds.client().get("/admin/enter")
    assert answer.status == 200
    assert "Sign in" in answer.text
