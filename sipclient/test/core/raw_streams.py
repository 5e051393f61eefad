"""A running stack in memory, and a peer whose connections carry any bytes at all.

`RawStreams.converse` is one connection to the stack: what is sent along it, in pieces
as they are given, and what the stack does about it at once. As over UDP, the 100 for an
INVITE is left out and what wants an ACK gets one. What must hold after each is
`RawStreams.check_alive`, by a connection of its own, and in the end
`RawStreams.finish`.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any, NamedTuple

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IHalfCloseableProtocol
from twisted.internet.protocol import ClientFactory, Factory, Protocol, connectionDone
from twisted.python.failure import Failure
from zope.interface import implementer

from sipclient.client.elements import ResponseElements
from sipclient.errors import SIPParseError
from sipclient.message.build import ack
from sipclient.message.check import check
from sipclient.message.framing import Framer
from sipclient.message.model import Request, Response
from sipclient.message.parser import parse
from sipclient.test.core.raw_peer import HERE, STATUS, THERE, RawPeer, options
from sipclient.transport.connections import StreamTransport

#: Seconds after which no connection can be left that nobody closed.
_FORGOTTEN = 700


class Answered(NamedTuple):
    """What a connection led to.

    :ivar statuses: of the responses that came by it, without 100.
    :ivar closed: whether the stack has ended it.
    """

    statuses: list[int]
    closed: bool


@implementer(IHalfCloseableProtocol)
class RawStream(Protocol):
    """One connection of the peer's.

    :ivar sent: what was sent along it.
    :ivar received: what came by it.
    :ivar closed: whether the stack has ended it.
    """

    transport: Any

    def __init__(self) -> None:
        self.sent = b""
        self.received = b""
        self.closed = False

    def send(self, data: bytes) -> None:
        """Send bytes, if it still can be."""
        self.sent += data
        self.transport.write(data)

    @property
    def answers(self) -> list[bytes]:
        """The messages that came, without 100."""
        every = Framer().feed(self.received)
        return [each for each in every if each[:12] != b"SIP/2.0 100 "]

    @property
    def is_within_a_message(self) -> bool:
        """Whether what is sent next belongs to what was sent last."""
        framer = Framer()
        framer.feed(self.sent)
        return framer.partial > 0

    @property
    def outcome(self) -> Answered:
        """What it has led to."""
        found = [STATUS.match(answer) for answer in self.answers]
        return Answered([int(m[1]) for m in found if m is not None], self.closed)

    def acknowledgements(self) -> list[bytes]:
        """The ACKs for what answers an INVITE; a broken INVITE has none."""
        # Those are responses to others, too: of several Vias ours is the first.
        answers = {
            (answer.text("Call-ID"), answer.text("CSeq")): answer
            for answer in map(parse, self.answers)
            if isinstance(answer, Response)
        }
        acks = []
        for message in _understood(self.sent):
            if message.method == "INVITE":
                answer = answers.get((message.text("Call-ID"), message.text("CSeq")))
                if answer is not None:
                    acks.append(ack(message, answer))
        return acks

    def dataReceived(self, data: bytes) -> None:
        self.received += data

    def readConnectionLost(self) -> None:
        self.closed = True
        self.transport.loseConnection()

    def writeConnectionLost(self) -> None:
        """What is sent from now on goes nowhere."""

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.closed = True


class _Once(ClientFactory):
    """Makes one connection."""

    noisy = False

    def __init__(self, stream: RawStream) -> None:
        self._stream = stream

    def buildProtocol(self, addr: object) -> RawStream:
        return self._stream


class _Accepting(Factory):
    """Takes connections."""

    noisy = False

    def __init__(self) -> None:
        self.streams: list[RawStream] = []

    def buildProtocol(self, addr: object) -> RawStream:
        self.streams.append(RawStream())
        return self.streams[-1]


class RawStreams(RawPeer):
    """A stack that listens by TCP as well, and a peer with any number of connections.

    By UDP it can be used as `RawPeer`.
    """

    listen = (*RawPeer.listen, "tcp:5060:interface=192.0.2.1")

    def __init__(self, seed: int = 0) -> None:
        super().__init__(seed)
        self._accepting: Any = _Accepting()
        self._stream_port = self.reactor.listenTCP(
            THERE[1], self._accepting, interface=THERE[0]
        )

    @property
    def streams(self) -> StreamTransport:
        """The stack's TCP transport."""
        [found] = [
            each
            for each in self.agent.transport.transports
            if isinstance(each, StreamTransport)
        ]
        return found

    def connect(self) -> RawStream:
        """Make a connection."""
        stream = RawStream()
        self.reactor.connectTCP(*HERE, _Once(stream))
        self.network.advance(0)
        return stream

    def converse(self, *pieces: bytes, leaves: bool = True) -> RawStream:
        """Send pieces by a connection of their own, each when the last has arrived.

        :param leaves: whether the peer ends it afterwards. Without, nobody does.
        """
        stream = self.connect()
        for piece in pieces:
            stream.send(piece)
            self.network.advance(0)
        self._acknowledge_all(stream)
        if leaves and not stream.closed:
            outcome = stream.outcome
            stream.transport.abortConnection()
            self.network.advance(0)
            stream.closed = outcome.closed
        return stream

    def _acknowledge_all(self, stream: RawStream) -> None:
        """Send the ACKs, by a new connection where that one doesn't take them."""
        acks = stream.acknowledgements() if b"\nCSeq" in stream.received else []
        if acks and (stream.closed or stream.is_within_a_message):
            self.converse(*acks)
        elif acks:
            stream.transport.write(b"".join(acks))
            self.network.advance(0)

    def be_asked_by_stream(
        self,
    ) -> tuple[RawStream, Request, Deferred[ResponseElements]]:
        """Let the stack send a MESSAGE by TCP; see `RawPeer.be_asked`.

        Each comes by the connection that the stack has, or a new one.
        """
        outcome = self.connection.request(
            "MESSAGE", "sip:peer@192.0.2.200;transport=tcp", from_="sip:ua@192.0.2.1"
        )
        self.network.advance(0)
        stream: RawStream = self._accepting.streams[-1]
        request = _understood(stream.received)[-1]
        request.source = HERE
        return stream, request, outcome

    def check_alive(self) -> None:
        """See that an OPTIONS by a new connection is answered, and nothing raised."""
        super().check_alive()
        stream = self.converse(options(f"stream{self._serial}", "TCP"))
        if stream.outcome != ([200], False):
            raise AssertionError(f"an OPTIONS was answered {stream.received!r}")

    def finish(self) -> None:
        """Let time pass: no connection, no transaction, no delayed call is left."""
        self.network.advance(_FORGOTTEN)
        if self.streams.connections or self.network.streams.open:
            raise AssertionError(f"{self.network.streams.open} are left")
        self._stream_port.stopListening()
        super().finish()


def _understood(data: bytes) -> list[Request]:
    """The requests at the beginning of a stream, as far as they can be understood."""
    requests = []
    with suppress(SIPParseError):
        for each in Framer().feed(data):
            with suppress(SIPParseError):
                message = parse(each)
                check(message)
                if isinstance(message, Request):
                    requests.append(message)
    return requests
