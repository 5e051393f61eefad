"""The connections of one listening address: which there are, and how they end.

RFC 3261 §18: connections are kept for some time after the last message, and used again
for whatever goes to the same address and port. Everything that a peer can make us hold
or wait for is bounded by `StreamLimits`.

The contract: every flow that `StreamTransport.flow_to` gave, or a message came by, is
reported to ``lost`` once, when nothing can come along it any more: its connection could
not be made, ended, or was closed for a limit. After `StreamTransport.stop` nothing is
reported, and once that has fired no delayed call is left.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, Final, TypeAlias

from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.error import ConnectionDone
from twisted.internet.error import TimeoutError as ConnectTimeout
from twisted.internet.interfaces import (
    IListeningPort,
    ILoggingContext,
    IReactorTime,
)
from twisted.internet.protocol import ClientFactory, Factory
from twisted.python.failure import Failure
from zope.interface import implementer

from ..errors import SIPError, SIPParseError, SIPTransportFailure
from ..message.limits import DEFAULT_LIMITS, MessageLimits
from .carrier import Carrier, Received, spell
from .deadlines import Deadlines
from .flow import Flow
from .limits import DEFAULT_STREAM_LIMITS, StreamLimits
from .peer import Peer
from .stream import SIPStreamProtocol, StreamFlow

#: Called once with each flow along which nothing will come any more, and why.
Lost: TypeAlias = Callable[[Flow, SIPError], None]
#: Called with what ended a stream: the error, what came of the message, its flow.
Broken: TypeAlias = Callable[[SIPParseError, bytes, Flow], None]

# Seconds that a connection which one side has ended waits for the other side.
_LINGER: Final = 5
# Connections that do so; with one more the first of them is cut off.
_MOST_LINGERING: Final = 256


class StreamTransport(Carrier):
    """One listening address of a stream transport, and its connections.

    :param clock: for the times in ``limits``.
    :param received: takes each message.
    :param lost: told of each flow that is lost.
    :param broken: told of what can't be cut into messages; it may send an answer, and
        the connection is closed then.
    :param limits: of connections.
    :param message_limits: of messages.

    :ivar factory: for ``listenTCP``, an endpoint or an adopted socket.
    :ivar idle: connections, each until it was unused too long.
    :ivar slow: those of which a message is awaited, until that takes too long.
    :ivar stuck: those whose peer doesn't read, until that takes too long.
    :ivar refused: connections of peers closed at once, as there were too many.
    :ivar idled: connections closed because nothing passed for ``limits.idle``.
    :ivar slowed: connections closed as a message took longer than
        ``limits.message_time`` to arrive.
    :ivar unread: connections cut off as what was sent took so long to leave.
    :ivar overflows: sends that failed because of ``limits.unsent``.
    :ivar broken: connections closed because of what came.
    :ivar unmade: connections of ours that could not be made.
    """

    reliable = True

    def __init__(
        self,
        clock: IReactorTime,
        received: Received,
        lost: Lost | None = None,
        broken: Broken | None = None,
        limits: StreamLimits = DEFAULT_STREAM_LIMITS,
        message_limits: MessageLimits = DEFAULT_LIMITS,
    ) -> None:
        super().__init__()
        self.limits = limits
        self.message_limits = message_limits
        self.factory = _Accepting(self)
        self.idle = Deadlines(clock, limits.idle, self._idle_too_long)
        self.slow = Deadlines(clock, limits.message_time, self._slow_too_long)
        self.stuck = Deadlines(clock, limits.message_time, self._stuck_too_long)
        self.refused = 0
        self.idled = 0
        self.slowed = 0
        self.unread = 0
        self.overflows = 0
        self.broken = 0
        self.unmade = 0
        self._received = received
        self._lost = lost
        self._broken = broken
        self._port: IListeningPort | None = None
        self._lingering = Deadlines(clock, _LINGER, self._lingered)
        self._flows: set[StreamFlow] = set()
        # Those that something can be sent along and answered, by where they lead.
        self._reusable: dict[Peer, StreamFlow] = {}
        self._making: dict[StreamFlow, Any] = {}
        # How many connections each address has made.
        self._made_by: dict[str, int] = {}
        self._incoming = 0
        self._closing = False
        self._stopping: list[Deferred[None]] | None = None

    @property
    def listening(self) -> bool:
        return self._port is not None

    @property
    def connections(self) -> int:
        """How many there are, those included that are being made."""
        return len(self._flows)

    def listened(self, port: Any) -> None:
        """Take the port of Twisted's that accepts connections."""
        here = port.getHost()
        self.local = (here.host or "0.0.0.0", here.port)
        self._port = port

    # Making connections.

    def flow_to(self, peer: Peer) -> Flow:
        """Give the connection to a peer, where there is one; else begin to make it."""
        flow = self._reusable.get(peer)
        if flow is not None:
            return flow
        attempted = f"connecting to {spell(peer)} over {self.name}"
        if self._stopping is not None:
            raise SIPTransportFailure(attempted, "the access point is closed")
        if len(self._flows) - self._incoming >= self.limits.connections:
            raise SIPTransportFailure(
                attempted,
                f"there are {self.limits.connections} connections already",
                rule="StreamLimits.connections",
            )
        flow = StreamFlow(self, peer, incoming=False)
        self._flows.add(flow)
        self._reusable[peer] = flow
        connector = self.connect(peer, _Making(self, flow))
        if flow.error is not None:
            raise flow.error
        if not flow.connected:
            self._making[flow] = connector
        return flow

    def connect(self, peer: Peer, factory: ClientFactory) -> Any:
        """Begin to connect; gives something with ``stopConnecting()``."""
        raise NotImplementedError

    def admits(self, host: str) -> bool:
        """Tell whether one more connection of that address is taken."""
        limits = self.limits
        if (
            self._stopping is None
            and self._incoming < limits.connections
            and self._made_by.get(host, 0) < limits.connections_per_peer
        ):
            return True
        self.refused += 1
        return False

    def accepted(self, peer: Peer) -> StreamFlow:
        """A peer has made a connection: give it its flow."""
        flow = StreamFlow(self, peer, incoming=True)
        self._flows.add(flow)
        self._reusable[peer] = flow
        self._incoming += 1
        self._made_by[peer[0]] = self._made_by.get(peer[0], 0) + 1
        self.slow.start(flow)
        return flow

    def opened(self, flow: StreamFlow) -> None:
        """There is a connection now."""
        self._making.pop(flow, None)
        self.idle.start(flow)

    # What comes.

    def deliver(self, message: bytes, flow: StreamFlow) -> None:
        """Hand on a message."""
        self.messages_received += 1
        try:
            if self.tap is not None:
                self.tap.received(flow, message)
            self._received(message, flow)
        except BaseException:
            self.failed("what came from", flow.peer)

    def deliver_broken(
        self, error: SIPParseError, data: bytes, flow: StreamFlow
    ) -> None:
        """Hand on what ended a stream; close its connection (RFC 3261 §18.3)."""
        self.broken += 1
        try:
            if self._broken is not None:
                self._broken(error, data, flow)
        except BaseException:
            self.failed("what came from", flow.peer)
        flow.uncork()
        failure = self._failure(
            flow, f"it sent what can't be read, and was closed: {error}"
        )
        self._lose(flow, failure)
        flow.finish(failure)

    # How connections end.

    def peer_ended(self, flow: StreamFlow) -> None:
        """The peer sends nothing any more.

        Where something passed just before, it may wait for an answer to that.
        """
        answering = flow in self.idle and self.idle.running(flow) < _LINGER
        failure = self._failure(flow, "the other side closed it")
        self._lose(flow, failure)
        if answering and flow.alive:
            self.linger(flow)
        else:
            flow.end(failure)

    def linger(self, flow: StreamFlow) -> None:
        """One side has ended it: let the other end it, too, but not for ever."""
        lingering = self._lingering
        lingering.start(flow)
        if len(lingering) > _MOST_LINGERING:
            oldest = lingering.oldest()
            lingering.cancel(oldest)
            oldest.cut_off(self._failure(oldest, "it was closed, as others were"))

    def gone(self, flow: StreamFlow, why: BaseException | None) -> None:
        """There is no connection any more, or could be none."""
        if flow not in self._flows:
            return
        failure = flow.error or self._explained(flow, why)
        flow.closed(failure)
        self._flows.discard(flow)
        self._making.pop(flow, None)
        self.stuck.cancel(flow)
        self._lingering.cancel(flow)
        if flow.incoming:
            self._incoming -= 1
            host = flow.peer[0]
            left = self._made_by[host] - 1
            if left:
                self._made_by[host] = left
            else:
                del self._made_by[host]
        elif not flow.connected:
            self.unmade += 1
        self._lose(flow, failure)
        self._stopped()

    def _lose(self, flow: StreamFlow, error: SIPError) -> None:
        """Nothing will come along it any more: say so, once."""
        if flow.lost:
            return
        flow.lost = True
        if self._reusable.get(flow.peer) is flow:
            del self._reusable[flow.peer]
        self.idle.cancel(flow)
        self.slow.cancel(flow)
        if self._lost is not None and self._stopping is None:
            try:
                self._lost(flow, error)
            except BaseException:
                self.failed("the loss of", flow.peer)

    def _end(self, flow: StreamFlow, why: str) -> None:
        failure = self._failure(flow, why)
        self._lose(flow, failure)
        flow.end(failure)

    def _idle_too_long(self, flow: StreamFlow) -> None:
        self.idled += 1
        self._end(flow, f"it was idle for {self.limits.idle:g} s, and was closed")

    def _slow_too_long(self, flow: StreamFlow) -> None:
        self.slowed += 1
        self._end(flow, f"no whole message came in {self.limits.message_time:g} s")

    def _stuck_too_long(self, flow: StreamFlow) -> None:
        self.unread += 1
        flow.cut_off(
            self._failure(
                flow,
                "the other side took nothing of what was sent for"
                f" {self.limits.message_time:g} s",
            )
        )

    def _lingered(self, flow: StreamFlow) -> None:
        failure = self._failure(flow, "it was closed")
        if flow.alive:
            flow.end(failure)  # the answer that it waited for didn't come
        else:
            flow.cut_off(failure)

    def _failure(self, flow: StreamFlow, came: str) -> SIPTransportFailure:
        way = "from" if flow.incoming else "to"
        return SIPTransportFailure(
            f"keeping the {self.name} connection {way} {spell(flow.peer)}", came
        )

    def _explained(
        self, flow: StreamFlow, why: BaseException | None
    ) -> SIPTransportFailure:
        if flow.connected:
            if isinstance(why, ConnectionDone):
                return self._failure(flow, "it was closed")
            return self._failure(flow, _text_of(why))
        if isinstance(why, ConnectTimeout):
            came = f"nobody answered within {self.limits.connect_time:g} s"
        else:
            came = _text_of(why)
        return SIPTransportFailure(
            f"connecting to {spell(flow.peer)} over {self.name}",
            came,
            rule="RFC 3261 §18.4",
            advice=f"See whether a SIP program listens there, over {self.name}",
        )

    # The end of all.

    def stop(self) -> Deferred[None]:
        """Accept nothing more and close all connections, after what was sent on them.

        Fires when all are closed: a peer that keeps one open is cut off after a while.
        May be called again.
        """
        done: Deferred[None] = Deferred()
        if self._stopping is None:
            self._stopping = []
            port, self._port = self._port, None
            if port is not None:
                self._closing = True
                maybeDeferred(port.stopListening).addBoth(self._port_closed)
            for flow in list(self._flows):
                self._stop(flow)
        self._stopping.append(done)
        self._stopped()
        return done

    def _stop(self, flow: StreamFlow) -> None:
        failure = self._failure(flow, "the access point is closed")
        self._lose(flow, failure)
        if flow.connected:
            flow.end(failure)
            return
        flow.error = failure
        connector = self._making.pop(flow, None)
        if connector is not None:
            connector.stopConnecting()  # it says so to the factory

    def _port_closed(self, result: object) -> None:
        self._closing = False
        self._stopped()

    def _stopped(self) -> None:
        """Tell those who wait for the end, once it is reached."""
        if self._stopping is None or self._flows or self._closing:
            return
        for deadlines in (self.idle, self.slow, self.stuck, self._lingering):
            deadlines.stop()
        waiting, self._stopping = self._stopping, []
        for done in waiting:
            done.callback(None)


@implementer(ILoggingContext)
class _Accepting(Factory):
    """Makes the protocols of connections that peers make."""

    noisy = False

    def __init__(self, transport: StreamTransport) -> None:
        self._transport = transport

    def logPrefix(self) -> str:
        """Say what listens, in the log of Twisted."""
        return f"SIP over {self._transport.name}"

    def buildProtocol(self, addr: Any) -> SIPStreamProtocol | None:
        host = addr.host.partition("%")[0]
        if not self._transport.admits(host):
            return None
        return SIPStreamProtocol(self._transport)


class _Making(ClientFactory):
    """Makes the protocol of the connection that a flow waits for."""

    noisy = False

    def __init__(self, transport: StreamTransport, flow: StreamFlow) -> None:
        self._transport = transport
        self._flow = flow

    def buildProtocol(self, addr: Any) -> SIPStreamProtocol:
        return SIPStreamProtocol(self._transport, self._flow)

    def clientConnectionFailed(self, connector: Any, reason: Failure) -> None:
        self._transport.gone(self._flow, reason.value)


def _text_of(why: BaseException | None) -> str:
    """Say in a few words what Twisted says in many."""
    number = getattr(why, "osError", None)
    if isinstance(number, int):
        return os.strerror(number)
    return str(why).rstrip(".")
