"""SIP over UDP: one message a datagram (RFC 3261 §18).

`SIPDatagramProtocol` works on any UDP port of Twisted: plain ``reactor.listenUDP``, an
adopted socket, our own descriptor. `UDPTransport` is the listening address as the rest
of the stack sees it; it sends by the port's socket, as Twisted's port would check
again and again an address that is known to be numeric.

The contract: nothing that comes from the network raises past here. What UDP loses
silently on the way it may lose here too (a full send buffer), counted and unsaid;
what is sure to fail is said at once.
"""

from __future__ import annotations

import errno
from collections.abc import Callable
from typing import Any, Final, Protocol, TypeAlias

from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.interfaces import IListeningPort
from twisted.internet.protocol import DatagramProtocol
from twisted.logger import Logger

from ..errors import SIPError, SIPICMPFailure, SIPTooBig, SIPTransportFailure
from ..message.host import write_host
from .error_queue import reason
from .flow import Flow
from .peer import Peer, peer_of

#: Called with each datagram and the flow that its answers take.
Received: TypeAlias = Callable[[bytes, Flow], None]
#: Called with the destination, the quoted payload (often cut off) and the failure.
Unreachable: TypeAlias = Callable[[Peer, bytes, SIPError], None]

# Keep-alives of user agents behind NATs: nothing, or line ends only.
_LINE_ENDS: Final = b"\r\n"

# No room now, as happens to any datagram on its way: the retransmission will see.
_LOST: Final = frozenset(
    (errno.EAGAIN, errno.EWOULDBLOCK, errno.ENOBUFS, errno.ECONNREFUSED)
)


class TransportTap(Protocol):
    """Somebody who sees what passes through a transport; it must not raise."""

    def received(self, flow: Flow, data: bytes) -> None:
        """Hear of a datagram before anybody understood it."""

    def sent(self, flow: Flow, data: bytes) -> None:
        """Hear of a datagram that the network took."""


class SIPDatagramProtocol(DatagramProtocol):
    """The face towards Twisted of one listening UDP address.

    Made by `UDPTransport`, whose ``protocol`` it is.
    """

    noisy = False
    _log = Logger()

    def __init__(
        self, carrier: UDPTransport, received: Received, unreachable: Unreachable
    ) -> None:
        self._carrier = carrier
        self._received = received
        self._unreachable = unreachable

    def startProtocol(self) -> None:
        self._carrier.opened(self.transport)

    def stopProtocol(self) -> None:
        self._carrier.closed()

    def datagramReceived(self, datagram: bytes, addr: Any) -> None:
        carrier = self._carrier
        # An empty slice is in it, too: an empty datagram counts as a keep-alive.
        if datagram[:1] in _LINE_ENDS and not datagram.strip(_LINE_ENDS):
            carrier.keepalives += 1
            return
        carrier.messages_received += 1
        try:
            flow = Flow(carrier, addr)
            if carrier.tap is not None:
                carrier.tap.received(flow, datagram)
            self._received(datagram, flow)
        except BaseException:
            self._failed("what came from", addr)

    def unreachable(self, destination: Peer, payload: bytes, error: OSError) -> None:
        """Hear that a datagram did not reach ``destination`` (RFC 3261 §18.4)."""
        carrier = self._carrier
        carrier.unreachables += 1
        try:
            failure = SIPICMPFailure(
                f"sending to {_spell(destination)}",
                reason(error),
                rule="RFC 3261 §18.4",
                advice="See whether a SIP program listens there, over UDP",
            )
            self._unreachable(peer_of(destination), payload, failure)
        except BaseException:
            self._failed("an unreachable", destination)

    def _failed(self, what: str, peer: Peer) -> None:
        """Log a failure of the stack's: the 1st, 2nd, 4th, 8th, so no peer floods."""
        carrier = self._carrier
        carrier.failures += 1
        if not carrier.failures & (carrier.failures - 1):
            self._log.failure(
                "Handling {what} {peer} failed (failure {count} of this transport).",
                what=what,
                peer=_spell(peer),
                count=carrier.failures,
            )


class UDPTransport:
    """One listening UDP address.

    :param received: takes each datagram that may be a message.
    :param unreachable: told what the network could not deliver.

    :ivar protocol: for ``listenUDP`` or any other port of Twisted's.
    :ivar local: numeric host and port it listens on, the real one for port 0; the host
        is ``0.0.0.0`` or ``::`` where it takes all. ``("", 0)`` before it listens.
    :ivar owner: whose it is: an access point's name, say. For the user of this class.
    :ivar tap: who sees every datagram, None when nobody does.
    :ivar messages_received: how many datagrams were handed on.
    :ivar messages_sent: how many the network took.
    :ivar keepalives: how many held nothing, or line ends only.
    :ivar lost: how many could not leave because there was no room for them.
    :ivar refused: how many sends failed.
    :ivar unreachables: how many failures the network reported later.
    :ivar failures: how often handling one raised.
    """

    name: Final = "UDP"
    reliable: Final = False

    def __init__(self, received: Received, unreachable: Unreachable) -> None:
        self.protocol = SIPDatagramProtocol(self, received, unreachable)
        self.local = ("", 0)
        self.owner: object = None
        self.tap: TransportTap | None = None
        self.messages_received = 0
        self.messages_sent = 0
        self.keepalives = 0
        self.lost = 0
        self.refused = 0
        self.unreachables = 0
        self.failures = 0
        self._port: IListeningPort | None = None
        self._sendto: Callable[[bytes, Peer], int] = _not_open
        self._stopping: list[Deferred[None]] | None = None

    @property
    def listening(self) -> bool:
        """Whether it is open."""
        return self._port is not None

    @property
    def is_wildcard(self) -> bool:
        """Whether it listens on all addresses of its family."""
        return self.local[0] in ("0.0.0.0", "::", "")

    @property
    def is_ipv6(self) -> bool:
        """Whether its peers have IPv6 addresses."""
        return ":" in self.local[0]

    def opened(self, port: Any) -> None:
        """Send and listen by this port of Twisted's; called by the protocol."""
        here = port.getHost()
        self.local = (here.host or "0.0.0.0", here.port)
        self._port = port
        self._sendto = port.getHandle().sendto

    def closed(self) -> None:
        """The port is gone; called by the protocol."""
        self._port = None
        self._sendto = _not_open

    def send(self, data: bytes, peer: Peer) -> None:
        """Send one datagram to a numeric address of the right family.

        Raises :class:`SIPTransportFailure` where the network refuses it at once, and
        :class:`SIPTooBig` where it is more than a datagram carries.
        """
        try:
            self._sendto(data, peer)
        except BlockingIOError:
            self.lost += 1
            return
        except (OSError, OverflowError):
            if not self._sent_again(data, peer):
                return
        self.messages_sent += 1
        if self.tap is not None:
            self.tap.sent(Flow(self, peer), data)

    def _sent_again(self, data: bytes, peer: Peer) -> bool:
        """Try once more: the error may have been an older datagram's.

        The kernel tells an ICMP error in place of whatever is done next, and only
        once. What comes the second time is about this datagram. False where it got
        lost.
        """
        try:
            self._sendto(data, peer)
        except OverflowError as problem:
            self.refused += 1
            raise SIPTransportFailure(
                f"sending to {_spell(peer)}",
                "ports end at 65535",
                advice="Correct the port in the URI",
            ) from problem
        except OSError as problem:
            if problem.errno in _LOST:
                self.lost += 1
                return False
            self.refused += 1
            raise self._refusal(problem, data, peer) from problem
        return True

    def _refusal(self, problem: OSError, data: bytes, peer: Peer) -> SIPError:
        attempted = f"sending {len(data)} bytes to {_spell(peer)} over UDP"
        if problem.errno == errno.EMSGSIZE:
            return SIPTooBig(
                attempted,
                "no datagram is that large",
                rule="RFC 3261 §18.1.1",
                advice="Make the message shorter",
            )
        advice = _ADVICE.get(problem.errno or 0, "")
        if "{local}" in advice:
            advice = advice.format(local=_spell(self.local))
        return SIPTransportFailure(attempted, reason(problem), advice=advice)

    def stop(self) -> Deferred[None]:
        """Close it; fires when the port is free. May be called again."""
        done: Deferred[None] = Deferred()
        if self._stopping is not None:
            self._stopping.append(done)
            return done
        port, self._port = self._port, None
        self._sendto = _not_open
        if port is None:
            done.callback(None)
            return done
        self._stopping = [done]
        maybeDeferred(port.stopListening).addBoth(self._stopped)
        return done

    def _stopped(self, result: object) -> None:
        waiting, self._stopping = self._stopping, None
        for done in waiting or ():
            done.callback(None)

    def __repr__(self) -> str:
        return f"<UDPTransport {_spell(self.local)}>"


_ADVICE: Final = {
    errno.ENETUNREACH: "No route leads there: see whether the network is up",
    errno.EHOSTUNREACH: "See whether the network is up and the address is right",
    errno.EPERM: "A packet filter of this machine forbids it",
    errno.EACCES: "It is a broadcast address, or a filter of this machine forbids it",
    errno.EINVAL: "{local} can't reach it: listen on an address of the right network",
    errno.EADDRNOTAVAIL: "{local} is no address of this machine any more: listen anew",
    errno.ENETDOWN: "The interface is down",
    errno.EBADF: "It listens no more: open the access point again",
}


def _not_open(data: bytes, peer: Peer) -> int:
    raise OSError(errno.EBADF, "the transport is closed")


def _spell(peer: Peer) -> str:
    return f"{write_host(peer[0])}:{peer[1]}"
