"""What a scripted peer speaks over: datagrams or streams, behind one face.

A wire carries bytes to a (host, port) and says which message came from which. Over
streams it listens, and connects to where it has no connection yet; each connection is
a `PeerStream`, with which a script can do what TCP can do.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol, TypeAlias

from twisted.internet.defer import Deferred, succeed
from twisted.internet.interfaces import (
    IAddress,
    IConnector,
    IDelayedCall,
    IListeningPort,
    IProtocolFactory,
)
from twisted.internet.protocol import ClientFactory, DatagramProtocol, Factory
from twisted.internet.protocol import Protocol as StreamProtocol
from twisted.python.failure import Failure

from ..errors import SIPParseError
from ..message.framing import Framer
from .address import Peer

#: Takes a message and where it came from, with why it is none if that is known.
Hear: TypeAlias = Callable[[bytes, Peer, SIPParseError | None], None]

#: Takes what could not be delivered, and where to.
Refused: TypeAlias = Callable[[Peer, bytes], None]


class PeerReactor(Protocol):
    """What a `ScriptedPeer` needs of a reactor: time, UDP and TCP."""

    def seconds(self) -> float:
        """See ``IReactorTime``."""

    def callLater(
        self, delay: float, callable: Any, *args: object, **kwargs: object
    ) -> IDelayedCall:
        """See ``IReactorTime``."""

    def listenUDP(
        self,
        port: int,
        protocol: DatagramProtocol,
        interface: str = ...,
        maxPacketSize: int = ...,
    ) -> IListeningPort:
        """See ``IReactorUDP``."""

    def listenTCP(
        self,
        port: int,
        factory: IProtocolFactory,
        backlog: int = ...,
        interface: str = ...,
    ) -> IListeningPort:
        """See ``IReactorTCP``."""

    def connectTCP(
        self,
        host: str,
        port: int,
        factory: ClientFactory[Any],
        timeout: float = ...,
        bindAddress: tuple[str, int] | None = ...,
    ) -> IConnector:
        """See ``IReactorTCP``."""


class Wire(Protocol):
    """Where the bytes of a peer come and go."""

    #: the one that it listens on.
    port: IListeningPort
    #: the connections that it has and had, in order; none over datagrams.
    streams: list[PeerStream]

    def send(self, data: bytes, destination: Peer) -> None:
        """Bring bytes on their way."""

    def stop(self) -> Deferred[None]:
        """Close all; the Deferred fires when the port is closed."""


class DatagramWire(DatagramProtocol):
    """One UDP socket."""

    noisy = False

    def __init__(
        self, reactor: PeerReactor, place: Peer, hear: Hear, refused: Refused
    ) -> None:
        self.streams: list[PeerStream] = []
        self._hear = hear
        self._refused = refused
        self.port = reactor.listenUDP(place[1], self, place[0], 65535)

    def send(self, data: bytes, destination: Peer) -> None:
        transport: Any = self.port
        transport.write(data, destination)

    def stop(self) -> Deferred[None]:
        return _stopped(self.port)

    def datagramReceived(self, datagram: bytes, addr: tuple[str, int]) -> None:
        self._hear(datagram, addr, None)

    def unreachable(self, destination: Peer, payload: bytes, error: OSError) -> None:
        """Take an ICMP error, from a network in memory."""
        self._refused(destination, payload)


class PeerStream(StreamProtocol):
    """One connection of a `ScriptedPeer`.

    Its ``transport`` is the script's: ``loseConnection()``, ``abortConnection()``,
    ``pauseProducing()`` for a peer that reads no more, and the rest of
    ``ITCPTransport``. It is None until the connection is there.
    """

    transport: Any

    def __init__(self, peer: Peer, hear: Hear) -> None:
        #: (host, port) of the other end.
        self.peer = peer
        #: all that came by it.
        self.received = bytearray()
        #: how it ended; None as long as it has not.
        self.lost: Failure | None = None
        self._hear = hear
        self._framer = Framer()
        # Whether nothing tells any more where a message begins.
        self._is_lost = False
        self._unsent: list[bytes] = []

    def send(self, data: bytes) -> None:
        """Send bytes, as soon as it is connected."""
        if self.transport is None:
            self._unsent.append(data)
        else:
            self.transport.write(data)

    def connectionMade(self) -> None:
        self.transport.writeSequence(self.unsent())

    def dataReceived(self, data: bytes) -> None:
        self.received += data
        if self._is_lost:
            return
        framer = self._framer
        # What it raises is told below, as where messages came before it.
        with suppress(SIPParseError):
            for message in framer.feed(data):
                self._hear(message, self.peer, None)
        if framer.error is not None:
            self._is_lost = True
            self._hear(framer.broken, self.peer, framer.error)

    def connectionLost(self, reason: Failure | None = None) -> None:
        self.lost = reason
        partial = self._framer.partial
        if partial:
            half = bytes(self.received[-partial:])
            error = SIPParseError("message", "", 0, "the rest of it before the end")
            self._hear(half, self.peer, error)

    def unsent(self) -> list[bytes]:
        """Take out what has not been sent."""
        unsent, self._unsent = self._unsent, []
        return unsent


class StreamWire(Factory):
    """A TCP socket that listens, and all connections of a peer."""

    noisy = False

    def __init__(
        self, reactor: PeerReactor, place: Peer, hear: Hear, refused: Refused
    ) -> None:
        self.streams: list[PeerStream] = []
        self._reactor = reactor
        self._hear = hear
        self._refused = refused
        self._host = place[0]
        self._connectors: list[IConnector] = []
        self.port = reactor.listenTCP(place[1], self, interface=place[0])

    def buildProtocol(self, addr: IAddress | None) -> PeerStream:
        address: Any = addr
        stream = PeerStream((address.host, address.port), self._hear)
        self.streams.append(stream)
        return stream

    def send(self, data: bytes, destination: Peer) -> None:
        """Send by the latest connection to there that lives, or by a new one."""
        for stream in reversed(self.streams):
            if stream.peer == destination and stream.lost is None:
                stream.send(data)
                return
        stream = PeerStream(destination, self._hear)
        stream.send(data)
        self.streams.append(stream)
        host, port = destination
        call = _Call(stream, self._refused)
        self._connectors.append(
            self._reactor.connectTCP(host, port, call, 30, (self._host, 0))
        )

    def stop(self) -> Deferred[None]:
        for connector in self._connectors:
            connector.disconnect()
        for stream in self.streams:
            if stream.transport is not None and stream.lost is None:
                stream.transport.loseConnection()
        return _stopped(self.port)


class _Call(ClientFactory[PeerStream]):
    """Connects a stream."""

    noisy = False

    def __init__(self, stream: PeerStream, refused: Refused) -> None:
        self._stream = stream
        self._refused = refused

    def buildProtocol(self, addr: IAddress | None) -> PeerStream:
        return self._stream

    def clientConnectionFailed(self, connector: IConnector, reason: Failure) -> None:
        self._stream.lost = reason
        for data in self._stream.unsent():
            self._refused(self._stream.peer, data)


#: By the name that stands in a Via.
WIRES: dict[str, Callable[[PeerReactor, Peer, Hear, Refused], Wire]] = {
    "UDP": DatagramWire,
    "TCP": StreamWire,
}


def _stopped(port: IListeningPort) -> Deferred[None]:
    stopping = port.stopListening()
    return succeed(None) if stopping is None else stopping
