"""The local mailbox: on this machine only, and its letters without any power."""

import pytest

from tests.unit.web.client import Client
from tests.unit.web.given import Grounds

PATHS = ["/outbox", "/outbox/n1", "/outbox/n1/html"]


@pytest.fixture
def grounds_with_mail(grounds: Grounds) -> Grounds:
    """The grounds, with one letter."""
    grounds.letter(
        "n1", "A war: four years ago", "<html><head></head><body><script>x</script><p>Began</p></body></html>"
    )
    return grounds


def here(grounds: Grounds) -> Client:
    """Somebody on this machine."""
    return Client(grounds.app(public_url="http://127.0.0.1:8080"), "127.0.0.1")


async def test_letters_can_be_read_on_this_machine(grounds_with_mail: Grounds) -> None:
    client = here(grounds_with_mail)
    assert "A war: four years ago" in (await client.get("/outbox", host="127.0.0.1:8080")).text
    page = await client.get("/outbox/n1", host="localhost:8080")
    assert '<iframe src="/outbox/n1/html" sandbox="' in page.text
    assert "allow-scripts" not in page.text
    assert "allow-same-origin" not in page.text
    assert "frame-src 'self'" in page.headers["content-security-policy"]
    letter = await client.get("/outbox/n1/html", host="127.0.0.1:8080")
    assert "Began" in letter.text
    policy = letter.headers["content-security-policy"]
    assert policy.startswith("sandbox")
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "frame-ancestors 'self'" in policy
    assert "A war: four years ago" in (await client.get("/", host="127.0.0.1")).text


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("address", "headers"),
    [
        ("203.0.113.7", {}),
        ("::ffff:203.0.113.7", {}),
        ("", {}),
        ("127.0.0.1", {"x_forwarded_for": "127.0.0.1"}),
        ("127.0.0.1", {"forwarded": "for=127.0.0.1"}),
        ("127.0.0.1", {"host": "evil.example"}),
    ],
)
async def test_nobody_else_is_told_that_there_is_a_mailbox(
    grounds_with_mail: Grounds, path: str, address: str, headers: dict[str, str]
) -> None:
    client = Client(grounds_with_mail.app(public_url="http://127.0.0.1:8080"), address)
    answer = await client.get(path, **({"host": "127.0.0.1:8080"} | headers))
    assert answer.status == 404
    assert "A war: four" not in answer.text
    first = await client.get("/", **({"host": "127.0.0.1:8080"} | headers))
    assert "outbox" not in first.text


@pytest.mark.parametrize("path", PATHS)
async def test_there_is_no_mailbox_when_letters_go_to_a_server(grounds_with_mail: Grounds, path: str) -> None:
    client = Client(grounds_with_mail.app(public_url="http://127.0.0.1:8080", outbox=None), "127.0.0.1")
    assert (await client.get(path, host="127.0.0.1:8080")).status == 404


@pytest.mark.parametrize("name", ["..%2f..%2fsecret", "../secret", "none", "%00", "n1.eml"])
async def test_a_letter_is_found_by_its_name_only(grounds_with_mail: Grounds, name: str) -> None:
    assert (await here(grounds_with_mail).get(f"/outbox/{name}", host="127.0.0.1")).status == 404


async def test_a_hostile_subject_is_shown_and_not_run(grounds: Grounds) -> None:
    grounds.letter("bad", "<script>alert(1)</script>")
    for path in ("/", "/outbox", "/outbox/bad", "/outbox/bad?view=headers"):
        page = await here(grounds).get(path, host="127.0.0.1")
        assert "<script>alert" not in page.text
        assert "&lt;script&gt;" in page.text
