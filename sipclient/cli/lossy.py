"""A way between two UDP addresses that loses what it is told to lose."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred, gatherResults, maybeDeferred
from twisted.internet.protocol import DatagramProtocol

#: A numeric host, and a port.
Place = tuple[str, int]


class LossyWay:
    """Two ports on loopback: what comes to ``front`` leaves from ``back``, and back.

    :param lost: called with source, destination and data of what gets lost.

    :ivar target: where the way leads to; to be set before it is used.
    :ivar losses: how many datagrams are still to be lost, there and back.
    """

    def __init__(
        self, reactor: Any, lost: Callable[[Place, Place, bytes], None]
    ) -> None:
        self.target: Place = ("127.0.0.1", 0)
        self.losses = [0, 0]
        self._lost = lost
        self._caller: Place | None = None
        self._front = _End(self, 0)
        self._back = _End(self, 1)
        for end in (self._front, self._back):
            reactor.listenUDP(0, end, interface="127.0.0.1", maxPacketSize=65535)

    @property
    def front(self) -> Place:
        """The address that callers send to."""
        return self._front.place

    @property
    def back(self) -> Place:
        """The address that the target hears from."""
        return self._back.place

    def pass_on(self, direction: int, data: bytes, source: Place) -> None:
        """Take a datagram that came to one end: lose it, or send it from the other."""
        came, leaves = self._front, self._back
        if direction:
            came, leaves = leaves, came
        else:
            self._caller = source
        if self.losses[direction]:
            self.losses[direction] -= 1
            self._lost(source, came.place, data)
        elif (to := self._caller if direction else self.target) is not None:
            leaves.send(data, to)

    def stop(self) -> Deferred[Any]:
        """Close both ends."""
        return gatherResults([self._front.stop(), self._back.stop()])


class _End(DatagramProtocol):
    noisy = False

    def __init__(self, way: LossyWay, direction: int) -> None:
        self._way = way
        self._direction = direction

    @property
    def place(self) -> Place:
        here: Any = self.transport
        address = here.getHost()
        return address.host, address.port

    def datagramReceived(self, datagram: bytes, addr: Any) -> None:
        self._way.pass_on(self._direction, datagram, (addr[0], addr[1]))

    def send(self, data: bytes, to: Place) -> None:
        there: Any = self.transport
        there.write(data, to)

    def stop(self) -> Deferred[Any]:
        port: Any = self.transport
        return maybeDeferred(port.stopListening)
