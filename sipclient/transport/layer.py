"""The transport layer: the listening addresses and the ways out (RFC 3261 §18).

What comes in is handed on with the flow that it came by. What goes out takes a flow
that is chosen here: for a request by its target, for a response by the request's top
Via. The contract: nothing here looks up a name or waits.
"""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING, Any, cast

from twisted.internet.defer import Deferred, DeferredList
from twisted.internet.error import CannotListenError
from twisted.internet.interfaces import IReactorFDSet, IReactorTime, IReactorUDP

from ..errors import SIPCouldNotConnect, SIPError, SIPInUse, SIPTransportFailure
from ..interfaces import ILocalAddresses
from ..message.host import MAX_PORT
from ..message.limits import DEFAULT_LIMITS, MessageLimits
from .carrier import Carrier, Received, TransportTap
from .connections import Broken, Lost
from .descriptor import LARGEST_DATAGRAM, DatagramDescriptor
from .error_queue import reason
from .flow import Flow
from .limits import DEFAULT_STREAM_LIMITS, StreamLimits
from .local_addresses import KernelAddresses
from .peer import Peer, is_numeric, peer_at
from .response_routing import response_destination, stream_response_destination
from .target import Target
from .tcp import TCPTransport
from .udp import UDPTransport, Unreachable

if TYPE_CHECKING:
    from ..bearer.access_point import ListenAddress
    from ..message.model import Request


class TransportLayer:
    """All listening addresses of one stack.

    :param reactor: where sockets come from. Where it can be adapted to
        :class:`ILocalAddresses`, it answers for the machine's addresses.
    :param received: called with each message and its flow.
    :param unreachable: called with the peer, the quoted payload and a
        :class:`SIPError` when the network could not deliver what was sent.
    :param lost: called once with each flow of a stream transport along which nothing
        will come any more, and a :class:`SIPTransportFailure`.
    :param broken: called with what ends a stream, as no message can be cut out of it:
        the error, what came, and the flow, which may still be answered on. It is closed
        then.
    :param limits: of connections.
    :param message_limits: of what comes in a stream.
    """

    def __init__(
        self,
        reactor: IReactorUDP,
        received: Received,
        unreachable: Unreachable,
        lost: Lost | None = None,
        broken: Broken | None = None,
        *,
        limits: StreamLimits = DEFAULT_STREAM_LIMITS,
        message_limits: MessageLimits = DEFAULT_LIMITS,
    ) -> None:
        self._reactor = reactor
        self._received = received
        self._unreachable = unreachable
        self._lost = lost
        self._broken = broken
        self._limits = limits
        self._message_limits = message_limits
        own: ILocalAddresses | None = ILocalAddresses(reactor, None)
        if own is None:
            own = KernelAddresses(cast("IReactorTime", reactor))
        self._addresses = own
        self._transports: tuple[Carrier, ...] = ()
        self._tap: TransportTap | None = None

    @property
    def transports(self) -> tuple[Carrier, ...]:
        """The addresses that are listened on, in the order of their opening."""
        return self._transports

    @property
    def tap(self) -> TransportTap | None:
        """Who sees every message; None when nobody does."""
        return self._tap

    @tap.setter
    def tap(self, tap: TransportTap | None) -> None:
        self._tap = tap
        for transport in self._transports:
            transport.tap = tap

    def listen(self, address: ListenAddress, owner: object = None) -> Carrier:
        """Open an address; its transport's ``local`` tells the real port.

        :param owner: kept as the transport's ``owner``.

        Raises :class:`SIPInUse` when somebody has the address already, and
        :class:`SIPCouldNotConnect` when it can't be opened for another reason.
        """
        try:
            if address.transport == "TCP":
                transport: Carrier = self._open_tcp(address)
            else:
                transport = self._open_udp(address)
        except CannotListenError as error:
            raise _not_listening(address, error.socketError) from error
        transport.owner = owner
        transport.tap = self._tap
        self._transports += (transport,)
        return transport

    def _open_udp(self, address: ListenAddress) -> UDPTransport:
        transport = UDPTransport(self._received, self._unreachable)
        if IReactorFDSet.providedBy(self._reactor):
            DatagramDescriptor(
                address.port,
                transport.protocol,
                address.host,
                self._reactor,
            ).startListening()
        else:
            self._reactor.listenUDP(
                address.port,
                transport.protocol,
                interface=address.host,
                maxPacketSize=LARGEST_DATAGRAM,
            )
        return transport

    def _open_tcp(self, address: ListenAddress) -> TCPTransport:
        transport = TCPTransport(
            cast("IReactorTime", self._reactor),
            self._received,
            self._lost,
            self._broken,
            self._limits,
            self._message_limits,
        )
        transport.listen(self._reactor, address.host, address.port)
        return transport

    def close(self, transport: Carrier) -> Deferred[None]:
        """Stop listening on one address; fires when its port is free."""
        self._transports = tuple([one for one in self._transports if one != transport])
        return transport.stop()

    def stop(self) -> Deferred[None]:
        """Stop listening; fires when all ports are free."""
        transports, self._transports = self._transports, ()
        done: Deferred[Any] = DeferredList([one.stop() for one in transports])
        return done.addCallback(lambda _: None)

    def flow_to(self, target: Target, owner: object = None) -> Flow:
        """Choose the flow that a request to a target takes.

        With a stream transport it is the living connection to that address and port, or
        one that is made from now on, and takes what is sent meanwhile.

        Of several addresses of the right family it is the one that the kernel would
        use towards the target, else one that takes all, else the first.

        :param owner: only addresses that were opened for this one; None for any.

        Raises :class:`SIPTransportFailure` when there is no such address.
        """
        attempted = f"sending to {target}"
        if not is_numeric(target.host):
            raise SIPTransportFailure(attempted, "that is no numeric address")
        if not 0 < target.port <= MAX_PORT:
            raise SIPTransportFailure(attempted, "that is no port to send to")
        able = self._able(target, owner)
        if not able:
            is_ipv6 = ":" in target.host
            name = target.transport.lower()
            raise SIPTransportFailure(
                attempted,
                f"no {'IPv6' if is_ipv6 else 'IPv4'} address is listened on by"
                f" {target.transport}",
                advice="Add one to the access point: "
                + (f"sip:[::]:5060;transport={name}" if is_ipv6 else f"{name}:5060"),
            )
        transport = able[0] if len(able) == 1 else self._best(able, target.host)
        try:
            peer = peer_at(target.host, target.port)
        except OSError as error:
            raise SIPTransportFailure(attempted, reason(error)) from error
        return transport.flow_to(peer)

    def can_reach(self, target: Target) -> bool:
        """Tell whether an address is listened on by its transport and IP version."""
        return bool(self._able(target, None))

    def _able(self, target: Target, owner: object) -> list[Carrier]:
        is_ipv6 = ":" in target.host
        return [
            transport
            for transport in self._transports
            if transport.is_ipv6 is is_ipv6
            and transport.name == target.transport
            and (owner is None or transport.owner == owner)
        ]

    def _best(self, able: list[Carrier], host: str) -> Carrier:
        try:
            here = self._addresses.towards(host)
        except OSError:
            return able[0]
        for transport in able:
            if transport.local[0].partition("%")[0] == here:
                return transport
        return next((one for one in able if one.is_wildcard), able[0])

    def sent_by(self, flow: Flow) -> tuple[str, int]:
        """Give the address for Via and Contact of what is sent along a flow.

        It is the one that the kernel would use towards the peer. Raises
        :class:`SIPTransportFailure` where no route leads there.
        """
        transport = flow.transport
        host, port = transport.local
        if transport.is_wildcard:
            peer = flow.peer
            there = f"{peer[0]}%{peer[3]}" if len(peer) == 4 else peer[0]
            try:
                host = self._addresses.towards(there)
            except OSError as error:
                raise SIPTransportFailure(
                    f"finding the address to reach {peer[0]} from",
                    reason(error),
                    advice="See whether the network is up",
                ) from error
        return host.partition("%")[0], port

    def is_local(self, host: str) -> bool:
        """Tell whether a numeric host is this machine's; names are not looked up."""
        return self._addresses.is_local(host)

    def response_flow(self, request: Request, flow: Flow) -> Flow:
        """Choose the flow for the responses to a request that came by ``flow``.

        RFC 3261 §18.2.2 and RFC 3581 §4. With a stream transport that is the connection
        itself; when that is gone, one to the sent-by's port of the same peer. Raises
        :class:`SIPTransportFailure` when no address that is listened on can reach it.
        """
        if flow.reliable:
            return flow if flow.alive else self._flow_anew(request, flow)
        via = request.index.get("via", "").lower()
        if ";rport" in via and "," not in via and "maddr" not in via:
            return flow
        source = flow.source
        return self.flow_beside(
            flow, response_destination(request.text("via") or "", source)
        )

    def _flow_anew(self, request: Request, flow: Flow) -> Flow:
        via = request.text("via") or ""
        host, port = stream_response_destination(via, flow.source)
        peer: Peer = (host, port)
        if len(flow.peer) == 4:
            peer = (host, port, 0, flow.peer[3])
        return flow.transport.flow_to(peer)

    def flow_beside(self, flow: Flow, destination: tuple[str, int]) -> Flow:
        """Give the flow to ``destination`` for an answer to what came by ``flow``.

        It is the same flow when it leads there or is a connection, one from the same
        address when only the port differs, and the best that there is otherwise. Raises
        :class:`SIPTransportFailure` when no address that is listened on can reach it.
        """
        host, port = destination
        source = flow.source
        if destination == source or flow.reliable:
            return flow
        if host != source[0]:
            target = Target(flow.transport.name, host, port)
            return self.flow_to(target, flow.transport.owner)
        peer: Peer = (host, port)
        if len(flow.peer) == 4:
            peer = (host, port, 0, flow.peer[3])
        return Flow(flow.transport, peer)


def _not_listening(address: ListenAddress, problem: object) -> SIPError:
    attempted = f"listening on {address}"
    number = problem.errno if isinstance(problem, OSError) else None
    text = reason(problem) if isinstance(problem, OSError) else str(problem)
    if number == errno.EADDRINUSE:
        kind = "t" if address.transport == "TCP" else "u"
        return SIPInUse(
            attempted,
            "another program or access point has that address",
            advice=f"Stop it (ss -{kind}lpn 'sport = :{address.port}' names it), or"
            " listen on another port; port 0 takes a free one",
        )
    return SIPCouldNotConnect(attempted, text, advice=_ADVICE.get(number or 0, ""))


_ADVICE = {
    errno.EADDRNOTAVAIL: "No interface of this machine has that address",
    errno.EACCES: "Ports below 1024 need privileges; take one above",
    errno.EINVAL: "A link-local address names its interface: fe80::1%eth0",
    errno.EAFNOSUPPORT: "This machine has no such IP version",
    errno.ENODEV: "There is no interface of that name",
}
