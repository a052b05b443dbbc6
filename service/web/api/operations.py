"""What the API can do, one value an operation: how it is asked, what it needs, what it answers.

The same value makes the route that checks a request and its part of the description, so that they cannot differ.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from starlette.requests import Request

from service.domain.editor import Editor
from service.domain.scope import Scope
from service.store.api_tokens import Token
from service.store.dialect import Tx
from service.web.given import Site

Q = TypeVar("Q")
B = TypeVar("B")


@dataclass(frozen=True, slots=True)
class Call(Generic[Q, B]):
    """One request that was read and may be done: in this transaction, for the editor whose token it shows.

    `based_on` is what If-Match names, without its quotes: "*" for whatever there is now, "" if nothing was said.
    `is_new` says that nothing may be there yet (If-None-Match: *).
    """

    tx: Tx
    site: Site
    token: Token
    by: Editor
    now: datetime
    path: Mapping[str, str]
    query: Q
    body: B
    based_on: str = ""
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered: a value of the operation's kind, the tag of its version, and where it is from now on."""

    body: Any = None
    tag: str = ""
    location: str = ""
    status: int | None = None  # if it is another than the operation's own
    after: Callable[[Site], Awaitable[None]] | None = None  # done when all is committed


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that can be asked.

    `path` lies below /api/v1; a name in it may be `{name:path}`. `answers` is the kind of the answer, None for none.
    `also` is the other status with the same answer: 201 where something may be new, 200 where it may be known.
    `tags` says that the answer has a version, which `matched` operations want to be named. `looks` says that it only
    reads, though it has a body. `before` looks at what was read before a transaction is opened, if that takes long.
    `else_` are the kinds of problems that it may answer with beside those of all.
    """

    method: str
    path: str
    does: Callable[[Call[Any, Any]], Awaitable[Answer]]
    scope: Scope
    summary: str
    answers: Any = None
    status: int = 200
    also: int | None = None
    query: Any = None
    body: Any = None
    tags: bool = False
    matched: bool = False
    else_: tuple[str, ...] = ()
    example: Mapping[str, Any] = field(default_factory=dict)
    looks: bool = False
    before: Callable[[Request, Any], Awaitable[None]] | None = None

    @property
    def writes(self) -> bool:
        """Whether it may change anything."""
        return self.method != "GET" and not self.looks

    @property
    def keyed(self) -> bool:
        """Whether it can be sent again under a key without being done again."""
        return self.method == "POST" and not self.looks

    @property
    def noun(self) -> str:
        """What it is about."""
        return self.path.split("/")[1]

    @property
    def name(self) -> str:
        """What it is called in the description."""
        words = re.findall(r"[a-z]+", self.path.replace(":path", ""))
        return "-".join([self.method.lower(), *words])

    @property
    def names(self) -> list[str]:
        """The names in its path."""
        return re.findall(r"{(\w+)(?::path)?}", self.path)

    @property
    def plain_path(self) -> str:
        """Its path as the description writes it."""
        return self.path.replace(":path}", "}")
