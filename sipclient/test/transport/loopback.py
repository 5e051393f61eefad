"""What the tests with real sockets share: loopback addresses and a plain peer."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

from twisted.internet import reactor as _reactor
from twisted.internet.defer import Deferred
from twisted.trial.unittest import TestCase

from sipclient.bearer.access_point import ListenAddress
from sipclient.errors import SIPError
from sipclient.transport.flow import Flow
from sipclient.transport.layer import TransportLayer
from sipclient.transport.peer import Peer, peer_at
from sipclient.transport.udp import UDPTransport

# Which reactor it is shows at run time only.
reactor: Any = _reactor


def has_ipv6() -> bool:
    """Tell whether this machine has the IPv6 loopback address."""
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


def link_local() -> tuple[str, str] | None:
    """Give a link-local address of this machine and its interface, if it has one."""
    try:
        with open("/proc/net/if_inet6", encoding="ascii") as table:
            rows = [line.split() for line in table]
    except OSError:
        return None
    for digits, _, _, scope, _, interface in rows:
        if scope == "20":
            raw = bytes.fromhex(digits)
            return socket.inet_ntop(socket.AF_INET6, raw), interface
    return None


async def turns(count: int) -> None:
    """Let the reactor go around so many times."""
    for _ in range(count):
        turn: Deferred[None] = Deferred()
        reactor.callLater(0, turn.callback, None)
        await turn


class Inbox:
    """Receives for a transport layer, and lets a test wait for what it wants."""

    def __init__(self) -> None:
        self.received: list[tuple[bytes, Flow]] = []
        self.unreachables: list[tuple[Peer, bytes, SIPError]] = []
        self.lost: list[tuple[Flow, SIPError]] = []
        self._waiting: list[tuple[Callable[[], object], Deferred[None]]] = []

    def hear(self, data: bytes, flow: Flow) -> None:
        self.received.append((data, flow))
        self.look()

    def hear_unreachable(self, peer: Peer, payload: bytes, error: SIPError) -> None:
        self.unreachables.append((peer, payload, error))
        self.look()

    def hear_lost(self, flow: Flow, error: SIPError) -> None:
        self.lost.append((flow, error))
        self.look()

    def look(self) -> None:
        waiting, self._waiting = self._waiting, []
        for condition, done in waiting:
            if condition():
                done.callback(None)
            else:
                self._waiting.append((condition, done))

    def when(self, condition: Callable[[], object]) -> Deferred[None]:
        """Give a Deferred that fires once the condition holds after an event."""
        done: Deferred[None] = Deferred()
        self._waiting.append((condition, done))
        self.look()
        return done


class LoopbackTestCase(TestCase):
    """Transport layers and plain sockets on loopback, all closed at the end."""

    timeout = 10.0

    def layer(self, inbox: Inbox | None = None) -> TransportLayer:
        inbox = inbox or Inbox()
        layer = TransportLayer(reactor, inbox.hear, inbox.hear_unreachable)
        self.addCleanup(layer.stop)
        return layer

    def listening(self, inbox: Inbox, host: str = "127.0.0.1") -> UDPTransport:
        """Give a transport of a layer of its own."""
        transport = self.layer(inbox).listen(ListenAddress("UDP", host, 0))
        assert isinstance(transport, UDPTransport)
        return transport

    def socket(self, host: str = "127.0.0.1") -> socket.socket:
        """Give a plain peer's blocking socket, bound to a free port."""
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        skt = socket.socket(family, socket.SOCK_DGRAM)
        self.addCleanup(skt.close)
        skt.settimeout(5)
        skt.bind(peer_at(host, 0))
        return skt

    def dead_port(self, host: str = "127.0.0.1") -> tuple[str, int]:
        """Give an address where nobody listens (any more)."""
        with self.socket(host) as skt:
            address = skt.getsockname()
        return address[0], address[1]
