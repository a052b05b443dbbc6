"""Asking DNS, from this machine's resolver or a named one. dnspython is needed here and nowhere else.

Authorities: RFC 1035; RFC 7208, section 3.3, and RFC 6376, section 3.6.2.2: strings of a TXT are joined without blanks.
"""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import dns.asyncresolver
import dns.exception
import dns.name
import dns.resolver

from service.domain.errors import InvalidError, RemembrancerError
from service.mail.zone import Answers, Kind, Question

T = TypeVar("T")
_SECONDS = 6.0  # for one question, repeats included
_ROUNDS = 30  # each follows what the one before led to; a chain of SPF has at most ten, each with hosts behind


class Lookup:
    """A resolver; `server` is an IP address and a port, None for what this machine uses."""

    def __init__(self, server: tuple[str, int] | None = None) -> None:
        try:
            self._resolver = dns.asyncresolver.Resolver(configure=server is None)
            if server is not None:
                self._resolver.nameservers = [server[0]]
                self._resolver.port = server[1]
        except dns.resolver.NoResolverConfiguration:
            raise RemembrancerError("this machine names no DNS server (allowed: --resolver ADDRESS:PORT)") from None
        except ValueError:
            raise InvalidError(f"{server and server[0]!r} is not an IP address", "--resolver") from None
        self._resolver.lifetime = _SECONDS

    async def enough_for(self, check: Callable[[Answers], T]) -> T:
        """Run a check, ask what it wanted, and run it again until nothing is missing; give its last result."""
        known: dict[Question, tuple[str, ...] | None] = {}
        for _ in range(_ROUNDS):
            answers = Answers(dict(known))
            result = check(answers)
            if not answers.wanted:
                return result
            known |= await self._ask_all(answers.wanted)
            if all(answer is None for answer in known.values()):
                raise RemembrancerError(
                    "no DNS server answered: is there a network? (--resolver ADDRESS:PORT names another server)"
                )
        return result

    async def _ask_all(self, questions: Iterable[Question]) -> dict[Question, tuple[str, ...] | None]:
        ordered = sorted(questions)
        found = await asyncio.gather(*map(self._ask, ordered))
        return dict(zip(ordered, found, strict=True))

    async def _ask(self, question: Question) -> tuple[str, ...] | None:
        try:
            name = dns.name.from_text(question.name)
            answer = await self._resolver.resolve(name, question.kind, raise_on_no_answer=False)
        except (dns.resolver.NXDOMAIN, dns.name.LabelTooLong, dns.name.NameTooLong, dns.name.EmptyLabel):
            return ()
        except (dns.exception.DNSException, OSError):
            return None
        return tuple(sorted(_text(question.kind, record) for record in answer.rrset or ()))


def _text(kind: Kind, record: Any) -> str:
    match kind:
        case Kind.TXT:
            return b"".join(record.strings).decode("utf-8", "replace")
        case Kind.MX:
            return f"{record.preference} {_name(record.exchange)}"
        case Kind.PTR:
            return _name(record.target)
    return str(record.address)


def _name(name: dns.name.Name) -> str:
    return name.to_text(omit_final_dot=True).lower() if name != dns.name.root else "."
