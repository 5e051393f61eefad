"""A DNS server for tests: it says what the test wants, on a fake host or a real one.

Messages are read and written by dnspython, so that what both sides of twisted.names
would get wrong together is seen.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
from twisted.internet.defer import maybeDeferred
from twisted.internet.protocol import DatagramProtocol, Factory
from twisted.protocols.basic import Int16StringReceiver

#: From a question to datagrams, or messages of a stream.
Behaviour: TypeAlias = Callable[[Any], list[bytes]]

SOA = "example.com. {ttl} IN SOA ns.example.com. admin.example.com. 1 2 3 4 {minimum}"


def rrsets(*lines: str) -> list[Any]:
    """Records from lines of a zone file."""
    made = []
    for line in lines:
        name, ttl, cls, kind, data = line.split(None, 4)
        made.append(dns.rrset.from_text(name, int(ttl), cls, kind, data))
    return made


def says(*lines: str, code: str = "NOERROR", soa: str = "", **flags: bool) -> Behaviour:
    """Answer with these records, in this order."""

    def behaviour(query: Any) -> list[bytes]:
        response = dns.message.make_response(query)
        response.set_rcode(dns.rcode.from_text(code))
        response.answer = rrsets(*lines)
        response.authority = rrsets(*([soa] if soa else []))
        for flag, value in flags.items():
            if value:
                response.flags |= dns.flags.from_text(flag.upper())
        return [response.to_wire()]

    return behaviour


def missing(*lines: str, code: str = "NXDOMAIN", ttl: int = 60) -> Behaviour:
    """Answer that there is no such thing, for that many seconds."""
    return says(*lines, code=code, soa=SOA.format(ttl=ttl, minimum=ttl))


def silent(query: object) -> list[bytes]:
    """Answer nothing."""
    return []


def in_turn(*behaviours: Behaviour) -> Behaviour:
    """Behave differently each time; the last one stays."""
    left = list(behaviours)

    def behaviour(query: Any) -> list[bytes]:
        return (left.pop(0) if len(left) > 1 else left[0])(query)

    return behaviour


class DNSServer:
    """One server, by UDP, and by TCP where its reactor has that.

    :ivar asked: (transport, name, type) of each question.
    :ivar delay: seconds before it answers.
    """

    def __init__(self, reactor: Any, host: str, port: int = 53) -> None:
        self.reactor = reactor
        self.host = host
        self.delay = 0.0
        self.asked: list[tuple[str, str, str]] = []
        self.udp = reactor.listenUDP(port, _Datagrams(self), interface=host)
        self.port: int = self.udp.getHost().port
        self.connections: list[Any] = []
        self.tcp: Any = None
        self._does: dict[tuple[str, str, str], Behaviour] = {}

    @property
    def address(self) -> tuple[str, int]:
        return self.host, self.port

    def listen_tcp(self) -> None:
        """Serve by TCP, too."""
        factory = Factory.forProtocol(_Stream)
        factory.server = self  # type: ignore[attr-defined]  # Twisted's way
        factory.noisy = False
        self.tcp = self.reactor.listenTCP(self.port, factory, interface=self.host)

    def on(
        self, name: str, does: Behaviour, kind: str = "", transport: str = ""
    ) -> None:
        """Say how it behaves when asked for a name; "" is any type or transport."""
        self._does[name, kind, transport] = does

    def has(self, name: str, *addresses: str, ttl: int = 60) -> None:
        """Say which addresses a name has; for other types it has no record."""
        self.on(name, missing(code="NOERROR"))
        for kind in ("A", "AAAA"):
            own = [a for a in addresses if (":" in a) == (kind == "AAAA")]
            if own:
                lines = [f"{name}. {ttl} IN {kind} {address}" for address in own]
                self.on(name, says(*lines), kind)

    def replies(self, data: bytes, transport: str) -> list[bytes]:
        """What it sends for what it got."""
        query = dns.message.from_wire(data)
        [question] = query.question
        name = question.name.to_text(omit_final_dot=True)
        kind = question.rdtype.name
        self.asked.append((transport, name, kind))
        for key in ((kind, transport), (kind, ""), ("", transport), ("", "")):
            does = self._does.get((name.lower(), *key))
            if does is not None:
                return does(query)
        return missing()(query)

    def send(self, send: Callable[[bytes], object], replies: list[bytes]) -> None:
        """Send now, or after the delay."""
        for reply in replies:
            if self.delay:
                self.reactor.callLater(self.delay, send, reply)
            else:
                send(reply)

    async def stop(self) -> None:
        await maybeDeferred(self.udp.stopListening)
        if self.tcp is not None:
            await self.tcp.stopListening()
        for connection in self.connections:
            connection.transport.abortConnection()


class _Datagrams(DatagramProtocol):
    noisy = False

    def __init__(self, server: DNSServer) -> None:
        self._server = server

    def datagramReceived(self, datagram: bytes, addr: Any) -> None:
        def send(reply: bytes) -> None:
            if self.transport is not None:
                self.transport.write(reply, addr)

        self._server.send(send, self._server.replies(datagram, "udp"))


class _Stream(Int16StringReceiver):
    factory: Any
    transport: Any

    def connectionMade(self) -> None:
        self.factory.server.connections.append(self)

    def connectionLost(self, reason: object = None) -> None:
        self.factory.server.connections.remove(self)

    def stringReceived(self, string: bytes) -> None:
        server = self.factory.server
        replies = server.replies(string, "tcp")
        if replies == [b""]:
            self.transport.loseConnection()
            return
        server.send(
            lambda reply: self.transport.write(len(reply).to_bytes(2, "big") + reply),
            replies,
        )
