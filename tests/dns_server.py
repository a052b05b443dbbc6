"""A real DNS server on loopback (UDP), authoritative for what a test lays into its zone; other names do not exist."""

import asyncio
from dataclasses import dataclass, field
from typing import Self, cast

import dns.flags
import dns.message
import dns.rcode
import dns.rrset


@dataclass
class DnsServer:
    """The server. `zone` gives records as a zone file has them, by name and type; names in `broken` get SERVFAIL."""

    zone: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    port: int = 0

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: _Answering(self), ("127.0.0.1", 0))
        self.port = self._transport.get_extra_info("sockname")[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._transport.close()

    @property
    def address(self) -> str:
        """Where it listens, as an option has it."""
        return f"127.0.0.1:{self.port}"

    def answer(self, query: dns.message.Message) -> dns.message.Message:
        """Answer a query from the zone."""
        (question,) = query.question
        name = question.name.to_text(omit_final_dot=True).lower()
        kind = dns.rdatatype.to_text(question.rdtype)
        self.asked.append(f"{name} {kind}")
        reply = dns.message.make_response(query)
        reply.flags |= dns.flags.AA | dns.flags.RA
        if name in self.broken:
            reply.set_rcode(dns.rcode.SERVFAIL)
        elif not any(known == name for known, _ in self.zone):
            reply.set_rcode(dns.rcode.NXDOMAIN)
        elif found := self.zone.get((name, kind)):
            reply.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, *found))
        return reply


class _Answering(asyncio.DatagramProtocol):
    """The server's socket."""

    def __init__(self, house: DnsServer) -> None:
        self._house = house

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)  # it is none by its class, in Python 3.11

    def datagram_received(self, data: bytes, peer: tuple[str, int]) -> None:
        reply = self._house.answer(dns.message.from_wire(data))
        self._transport.sendto(reply.to_wire(max_size=4096), peer)
