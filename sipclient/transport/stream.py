"""SIP over a stream: one connection, what is sent along it and what comes.

RFC 3261 §18.3, RFC 5626 §3.5.1. `SIPStreamProtocol` is a plain protocol of Twisted's:
it works under ``listenTCP``, endpoints and adopted sockets. `StreamFlow` is the
connection as the rest of the stack sees it: it is there before the connection is, and
as long as somebody holds it afterwards. What all connections of one listening address
share (limits, times, who is told) is the business of ``connections``.

The contract: nothing that comes from the network raises past here. What is sent leaves
in its order, or the flow is lost; a flow is lost once. What a peer doesn't read is kept
up to a limit and for a time; then the connection is cut off.
"""

from __future__ import annotations

import socket
from contextlib import suppress
from copy import copy
from typing import TYPE_CHECKING, Any, Final

from twisted.internet.interfaces import (
    IHalfCloseableProtocol,
    IPullProducer,
    ITCPTransport,
)
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure
from zope.interface import implementer

from ..errors import SIPError, SIPParseError, SIPTransportFailure
from ..message.framing import Framer
from .carrier import spell
from .flow import Flow
from .peer import Peer, peer_of

if TYPE_CHECKING:
    from .connections import StreamTransport

_PONG: Final = b"\r\n"


@implementer(IPullProducer)
class StreamFlow(Flow):
    """One connection, from its making to its end; equal to no other.

    It sends past the transport's buffer as long as nothing waits there, and all that is
    sent while a piece of the stream is handled leaves together.

    :ivar incoming: whether the peer made it.
    :ivar lost: whether nothing can come along it any more.
    :ivar error: why nothing can be sent along it any more; None while it can.
    """

    __slots__ = (
        "_corked",
        "_finishing",
        "_made",
        "_pulled",
        "_queue",
        "_queued",
        "_socket",
        "_wire",
        "error",
        "incoming",
        "lost",
    )

    transport: StreamTransport

    def __init__(self, transport: StreamTransport, peer: Peer, incoming: bool) -> None:
        super().__init__(transport, peer)
        self._made = False
        self.incoming = incoming
        self.lost = False
        self.error: SIPError | None = None
        self._wire: Any = None
        # Where bytes may go directly, as nothing stands between it and us.
        self._socket: Any = None
        self._queue: list[bytes] = []
        # Bytes in the queue, and those that the transport was given last.
        self._queued = 0
        self._corked = False
        # Whether the transport asks for more when it has sent what it has.
        self._pulled = False
        self._finishing = False

    @property
    def connected(self) -> bool:
        return self._made

    @property
    def alive(self) -> bool:
        return self.error is None

    def send(self, data: bytes) -> None:
        """Send one message; what is sent before there is a connection waits for it.

        Raises :class:`SIPTransportFailure` where the connection is gone, or the peer
        doesn't read what it gets. Later failures are told by the transport's ``lost``.
        """
        if self.error is not None:
            error = copy(self.error)
            error.attempted = f"sending to {spell(self.peer)}"
            raise error
        self.write(data)
        transport = self.transport
        transport.messages_sent += 1
        if not self.lost and self._made:
            transport.idle.start(self)
        if transport.tap is not None:
            transport.tap.sent(self, data)

    def write(self, data: bytes) -> None:
        """Send bytes that are no message of their own."""
        if self._wire is None or self._corked or self._pulled:
            self._keep(data)
        else:
            self._leave(data)

    def _leave(self, data: bytes) -> None:
        """Send what nothing waits before; the rest goes as the peer takes it."""
        if self._socket is not None:
            # No room, or it is broken: then the transport finds the same, and tells.
            with suppress(OSError):
                data = data[self._socket.send(data) :]
            if not data:
                return
        self._queue.append(data)
        self._queued += len(data)
        self._pulled = True
        self._wire.registerProducer(self, False)

    def _keep(self, data: bytes) -> None:
        limit = self.transport.limits.unsent
        if self._queued and self._queued + len(data) > limit:
            self.transport.overflows += 1
            error = SIPTransportFailure(
                f"sending to {spell(self.peer)}",
                f"more than {limit} bytes wait for it, and it doesn't take them",
                advice="See what the other side is busy with",
            )
            if self._wire is not None:
                self.cut_off(error)
            raise error
        self._queue.append(data)
        self._queued += len(data)

    def cork(self) -> None:
        """Let what is sent from now on wait for `uncork`."""
        self._corked = True

    def uncork(self) -> None:
        """Send together what was sent since `cork`."""
        self._corked = False
        if self._queue and self._wire is not None and not self._pulled:
            data = b"".join(self._queue)
            self._queue.clear()
            self._queued = 0
            self._leave(data)

    def resumeProducing(self) -> None:
        """Give the transport what waits: it has sent what it had."""
        if self._queue:
            data = b"".join(self._queue)
            self._queue.clear()
            self._queued = len(data)
            self.transport.stuck.start(self)
            self._wire.write(data)
            return
        self._queued = 0
        self._pulled = False
        self.transport.stuck.cancel(self)
        self._wire.unregisterProducer()
        if self._finishing:
            self._close_half()

    def stopProducing(self) -> None:
        """Hear that the transport takes nothing any more; its end follows."""

    # Its life.

    def opened(self, wire: Any) -> None:
        """There is a connection now."""
        self._wire = wire
        self._socket = _direct_socket(wire)
        self._made = True
        if ITCPTransport.providedBy(wire):
            # A message waits for nothing: what belongs together is sent together.
            wire.setTcpNoDelay(True)
        if self._socket is not None and hasattr(socket, "TCP_USER_TIMEOUT"):
            # A peer that vanished is noticed by what it doesn't acknowledge.
            most = round(self.transport.limits.message_time * 1000)
            self._socket.setsockopt(
                socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, min(most, 2**31 - 1)
            )
        self.uncork()

    def closed(self, error: SIPError) -> None:
        """There is no connection any more, and there won't be one."""
        if self.error is None:
            self.error = error
        self._wire = None
        self._socket = None
        self._pulled = False
        self._queue.clear()
        self._queued = 0

    def end(self, error: SIPError) -> None:
        """Close it when what was sent has left; nothing else is sent.

        A peer that doesn't let it go is cut off after a while.
        """
        if self.error is None:
            self.error = error
        self.uncork()
        self._wire.loseConnection()
        self.transport.linger(self)

    def finish(self, error: SIPError) -> None:
        """Say that nothing else will be sent, and leave the closing to the peer.

        Closed at once, with something unread, it would take back what was sent last.
        """
        if self.error is None:
            self.error = error
        self._finishing = True
        if not self._pulled:
            self._close_half()
        self.transport.linger(self)

    def peer_ended(self) -> None:
        """The peer sends nothing any more."""
        if self._finishing:
            self._wire.loseConnection()

    def _close_half(self) -> None:
        getattr(self._wire, "loseWriteConnection", self._wire.loseConnection)()

    def cut_off(self, error: SIPError) -> None:
        """End it at once; what waits is lost."""
        if self.error is None:
            self.error = error
        self._queue.clear()
        if self._wire is not None:
            getattr(self._wire, "abortConnection", self._wire.loseConnection)()

    __eq__ = object.__eq__
    __hash__ = object.__hash__


@implementer(IHalfCloseableProtocol)
class SIPStreamProtocol(Protocol):
    """The face towards Twisted of one connection.

    :param transport: whose connection it is.
    :param flow: the flow that waits for this connection; None where the peer made it.
    """

    def __init__(
        self, transport: StreamTransport, flow: StreamFlow | None = None
    ) -> None:
        self._owner = transport
        self._flow = flow
        self._framer = Framer(transport.message_limits)

    @property
    def flow(self) -> StreamFlow:
        """The connection as the stack sees it; there is one once it is made."""
        assert self._flow is not None
        return self._flow

    def connectionMade(self) -> None:
        wire: Any = self.transport
        if self._flow is None:
            there = wire.getPeer()
            scope = getattr(there, "scopeID", 0) or 0
            peer = peer_of((there.host, there.port, 0, int(scope)))
            self._flow = self._owner.accepted(peer)
        self._flow.opened(wire)
        self._owner.opened(self._flow)

    def dataReceived(self, data: bytes) -> None:
        if self.flow.lost:
            return  # it was broken; until the peer has noticed, this leads nowhere
        flow, owner, framer = self.flow, self._owner, self._framer
        pings = framer.pings
        messages: list[bytes] = []
        try:
            messages = framer.feed(data)
        except SIPParseError as error:
            assert error is framer.error
        pings = framer.pings - pings
        if len(messages) > 1 or pings:
            flow.cork()
        for message in messages:
            if not flow.lost:
                owner.deliver(message, flow)
        if pings:
            owner.keepalives += pings
            self._pong(pings)
        if framer.error is not None and not flow.lost:
            owner.deliver_broken(framer.error, framer.broken, flow)
        flow.uncork()
        if flow.lost:
            return
        if messages or pings:
            owner.idle.start(flow)
            owner.slow.cancel(flow)
        if framer.partial and flow not in owner.slow:
            owner.slow.start(flow)

    def _pong(self, pings: int) -> None:
        try:
            self.flow.write(_PONG * pings)
        except SIPError:
            return  # it doesn't read what it gets, and is cut off

    def readConnectionLost(self) -> None:
        """The peer sends nothing any more; it may still wait for answers."""
        if self.flow.lost:
            self.flow.peer_ended()
        else:
            self._owner.peer_ended(self.flow)

    def writeConnectionLost(self) -> None:
        """We send nothing any more."""

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        if self._flow is not None:
            self._owner.gone(self._flow, reason.value)


def _direct_socket(wire: Any) -> Any:
    """The socket of a connection of Twisted's with nothing between, as TLS would be."""
    from twisted.internet.tcp import Connection

    direct = isinstance(wire, Connection) and not getattr(wire, "TLS", False)
    return wire.getHandle() if direct else None
