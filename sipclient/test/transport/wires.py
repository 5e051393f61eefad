"""What the tests of streams share: layers on a network in memory, and plain peers."""

from __future__ import annotations

from typing import Any

from twisted.internet.interfaces import IHalfCloseableProtocol
from twisted.internet.protocol import ClientFactory, Factory, Protocol, connectionDone
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer

from sipclient.bearer.access_point import ListenAddress
from sipclient.errors import SIPError
from sipclient.testing import FakeNetwork, FakeReactor
from sipclient.transport.connections import StreamTransport
from sipclient.transport.flow import Flow
from sipclient.transport.layer import TransportLayer
from sipclient.transport.limits import StreamLimits
from sipclient.transport.stream import StreamFlow
from sipclient.transport.target import Target

HERE, THERE, ELSEWHERE = "192.0.2.1", "192.0.2.2", "192.0.2.3"


def message(number: int = 1, size: int = 5, start: str = "") -> bytes:
    """Give a request, or what begins with ``start``, that a stream can carry."""
    start = start or "MESSAGE sip:b@h SIP/2.0"
    head = f"{start}\r\nVia: SIP/2.0/TCP h;branch=z9hG4bK{number}\r\nl: {size}\r\n\r\n"
    return head.encode() + b"x" * size


ANSWER = message(start="SIP/2.0 200 OK", size=0)


@implementer(IHalfCloseableProtocol)
class Wire(Protocol):
    """A plain peer of a connection: keeps what comes, until it ends.

    :ivar data: all that came.
    :ivar ended: whether the other side sends nothing more.
    :ivar why: how the connection ended; None while it is there.
    """

    def __init__(self) -> None:
        self.data = b""
        self.ended = False
        self.why: BaseException | None = None

    @property
    def wire(self) -> Any:
        """The transport, with all that a TCP transport has."""
        return self.transport

    def dataReceived(self, data: bytes) -> None:
        self.data += data

    def readConnectionLost(self) -> None:
        self.ended = True

    def writeConnectionLost(self) -> None:
        pass

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.why = reason.value


class Wires(Factory):
    """Keeps the wires of the connections that it takes."""

    noisy = False

    def __init__(self) -> None:
        self.wires: list[Wire] = []

    def buildProtocol(self, addr: object) -> Wire:
        wire = Wire()
        self.wires.append(wire)
        return wire


class OneWire(ClientFactory):
    """For one connection that is made."""

    noisy = False

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def buildProtocol(self, addr: object) -> Wire:
        return self._wire

    def clientConnectionFailed(self, connector: object, reason: Failure) -> None:
        self._wire.why = reason.value


class Heard:
    """What a layer told.

    :ivar lost: the flows that were lost, in order, and why.
    :ivar answers: whether each request is answered at once.
    """

    def __init__(self, answers: bool = False) -> None:
        self.received: list[tuple[bytes, Flow]] = []
        self.lost: list[tuple[Flow, SIPError]] = []
        self.broken: list[tuple[SIPError, bytes, Flow]] = []
        self.answers = answers

    def hear(self, data: bytes, flow: Flow) -> None:
        self.received.append((data, flow))
        if self.answers and not data.startswith(b"SIP/"):
            flow.send(ANSWER)

    def hear_lost(self, flow: Flow, error: SIPError) -> None:
        self.lost.append((flow, error))

    def hear_broken(self, error: SIPError, data: bytes, flow: Flow) -> None:
        self.broken.append((error, data, flow))
        flow.send(b"SIP/2.0 400 Bad Request\r\nl: 0\r\n\r\n")


class WiresTestCase(SynchronousTestCase):
    """Layers and plain peers on a network in memory; nothing is left at the end."""

    def setUp(self) -> None:
        self.network = FakeNetwork(seed=3)
        self.here = self.network.reactor(HERE)
        self.there = self.network.reactor(THERE)
        self.layers: list[TransportLayer] = []
        self.addCleanup(self.finish)

    def finish(self) -> None:
        for layer in self.layers:
            layer.stop()
        for connection in self.network.streams.open:
            for end in connection.ends:
                if end.socket is not None and end.socket.watcher is not None:
                    end.socket.watcher.abortConnection()
        self.network.advance(1000)
        self.assertEqual(self.network.delayed_calls(), [])

    def layer(
        self,
        heard: Heard | None = None,
        reactor: FakeReactor | None = None,
        **limits: Any,
    ) -> TransportLayer:
        """Give a layer that listens on port 5060 by TCP, at HERE unless told."""
        heard = heard or Heard()
        reactor = reactor or self.here
        layer = TransportLayer(
            reactor,
            heard.hear,
            lambda *_: None,
            heard.hear_lost,
            heard.hear_broken,
            limits=StreamLimits(**limits),
        )
        layer.listen(ListenAddress("TCP", reactor.addresses[0], 5060))
        self.layers.append(layer)
        return layer

    def connect(self, host: str = HERE, reactor: FakeReactor | None = None) -> Wire:
        """Connect a plain peer, from THERE unless told."""
        wire = Wire()
        (reactor or self.there).connectTCP(host, 5060, OneWire(wire))
        self.network.advance(0)
        return wire

    def listen(self, port: int = 5060) -> list[Wire]:
        """Let a plain peer listen at THERE."""
        factory: Any = Wires()
        self.there.listenTCP(port, factory)
        wires: list[Wire] = factory.wires
        return wires

    def flow_to(
        self, layer: TransportLayer, port: int = 5060, host: str = THERE
    ) -> StreamFlow:
        flow = layer.flow_to(Target("TCP", host, port))
        assert isinstance(flow, StreamFlow)
        return flow

    def transport(self, layer: TransportLayer) -> StreamTransport:
        [transport] = layer.transports
        assert isinstance(transport, StreamTransport)
        return transport
