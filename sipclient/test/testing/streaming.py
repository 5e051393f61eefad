"""Two programs that talk over streams, for the tests of TCP in memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.interfaces import (
    IAddress,
    IConnector,
    IHalfCloseableProtocol,
    IListeningPort,
)
from twisted.internet.protocol import ClientFactory, Factory, Protocol
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer

from sipclient.testing import FakeNetwork

A, B = "192.0.2.1", "192.0.2.2"
A6, B6 = "2001:db8::1", "2001:db8::2"


class Ear(Protocol):
    """Writes down what it is told, with the time."""

    transport: Any

    def __init__(self, seconds: Callable[[], float]) -> None:
        self.seconds = seconds
        #: what it does with what it hears.
        self.answer: Callable[[bytes], object] = lambda data: None
        self.heard: list[bytes] = []
        self.times: list[float] = []
        self.made_at: float | None = None
        self.lost: list[str] = []

    @property
    def text(self) -> bytes:
        return b"".join(self.heard)

    def connectionMade(self) -> None:
        self.made_at = self.seconds()

    def dataReceived(self, data: bytes) -> None:
        self.heard.append(data)
        self.times.append(self.seconds())
        self.answer(data)

    def connectionLost(self, reason: Failure | None = None) -> None:
        assert reason is not None and reason.type is not None
        self.lost.append(reason.type.__name__)


@implementer(IHalfCloseableProtocol)
class HalfEar(Ear):
    """One that is told of each half of its connection."""

    def __init__(self, seconds: Callable[[], float]) -> None:
        super().__init__(seconds)
        self.halves: list[str] = []

    def readConnectionLost(self) -> None:
        self.halves.append("read")

    def writeConnectionLost(self) -> None:
        self.halves.append("write")


class Server(Factory):
    """Keeps the protocols that it made."""

    noisy = False

    def __init__(self, make: Callable[[], Ear | None]) -> None:
        self.make = make
        self.ears: list[Ear] = []
        self.stops = 0

    def buildProtocol(self, addr: IAddress | None) -> Ear | None:
        ear = self.make()
        if ear is not None:
            self.ears.append(ear)
        return ear

    def stopFactory(self) -> None:
        self.stops += 1


class Caller(ClientFactory[Ear]):
    """Keeps its protocol, and what it hears of its connection."""

    noisy = False

    def __init__(self, make: Callable[[], Ear | None]) -> None:
        self.make = make
        self.ear: Ear | None = None
        self.failures: list[str] = []
        self.losses: list[str] = []

    def buildProtocol(self, addr: IAddress | None) -> Ear | None:
        self.ear = self.make()
        return self.ear

    def clientConnectionFailed(self, connector: IConnector, reason: Failure) -> None:
        assert reason.type is not None
        self.failures.append(reason.type.__name__)

    def clientConnectionLost(self, connector: IConnector, reason: Failure) -> None:
        assert reason.type is not None
        self.losses.append(reason.type.__name__)


class StreamTestCase(SynchronousTestCase):
    """Two hosts; b listens on port 5060, IPv4 and IPv6."""

    ear: type[Ear] = Ear

    def setUp(self) -> None:
        self.build(FakeNetwork())

    def build(self, network: FakeNetwork) -> None:
        self.network = network
        self.a = network.reactor(A, A6)
        self.b = network.reactor(B, B6)
        self.server = Server(self.make)
        self.port = self.b.listenTCP(5060, self.server)
        self.port6 = self.b.listenTCP(5060, self.server, interface="::")

    def make(self) -> Ear:
        return self.ear(self.network.seconds)

    def call(
        self, host: str = B, port: int = 5060, **given: Any
    ) -> tuple[Caller, IConnector]:
        """Begin to connect from a."""
        caller = Caller(self.make)
        return caller, self.a.connectTCP(host, port, caller, **given)

    def connected(self, host: str = B) -> tuple[Ear, Ear]:
        """The two protocols of a new connection."""
        caller, _ = self.call(host)
        before = len(self.server.ears)
        self.network.run(lambda: len(self.server.ears) > before)
        assert caller.ear is not None
        return caller.ear, self.server.ears[-1]

    def settle(self, seconds: float = 5.0) -> None:
        self.network.advance(seconds)

    def finished(self, port: IListeningPort) -> None:
        """Stop listening, and wait until it is so."""
        stopping = port.stopListening()
        assert stopping is not None
        self.network.result_of(stopping)

    def kinds(self) -> list[str]:
        return [segment.kind for segment in self.network.streams.log]

    def fates(self) -> list[str]:
        return [segment.fate for segment in self.network.streams.log]

    def states(self) -> list[str]:
        return [each.state for each in self.network.streams.connections]
