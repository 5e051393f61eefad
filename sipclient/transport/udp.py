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
from typing import Any, Final, TypeAlias

from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.interfaces import IListeningPort
from twisted.internet.protocol import DatagramProtocol

from ..errors import SIPError, SIPICMPFailure, SIPTooBig, SIPTransportFailure
from .carrier import Carrier, Received, spell
from .error_queue import reason
from .flow import Flow
from .peer import Peer, peer_of

#: Called with the destination, the quoted payload (often cut off) and the failure.
Unreachable: TypeAlias = Callable[[Peer, bytes, SIPError], None]

# Keep-alives of user agents behind NATs: nothing, or line ends only.
_LINE_ENDS: Final = b"\r\n"

# No room now, as happens to any datagram on its way: the retransmission will see.
_LOST: Final = frozenset(
    (errno.EAGAIN, errno.EWOULDBLOCK, errno.ENOBUFS, errno.ECONNREFUSED)
)


class SIPDatagramProtocol(DatagramProtocol):
    """The face towards Twisted of one listening UDP address.

    Made by `UDPTransport`, whose ``protocol`` it is.
    """

    noisy = False

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
            carrier.failed("what came from", addr)

    def unreachable(self, destination: Peer, payload: bytes, error: OSError) -> None:
        """Hear that a datagram did not reach ``destination`` (RFC 3261 §18.4)."""
        carrier = self._carrier
        carrier.unreachables += 1
        try:
            failure = SIPICMPFailure(
                f"sending to {spell(destination)}",
                reason(error),
                rule="RFC 3261 §18.4",
                advice="See whether a SIP program listens there, over UDP",
            )
            self._unreachable(peer_of(destination), payload, failure)
        except BaseException:
            carrier.failed("an unreachable", destination)


class UDPTransport(Carrier):
    """One listening UDP address.

    :param received: takes each datagram that may be a message.
    :param unreachable: told what the network could not deliver.

    :ivar protocol: for ``listenUDP`` or any other port of Twisted's.
    :ivar lost: how many could not leave because there was no room for them.
    :ivar refused: how many sends failed.
    :ivar unreachables: how many failures the network reported later.
    """

    name = "UDP"
    reliable = False

    def __init__(self, received: Received, unreachable: Unreachable) -> None:
        super().__init__()
        self.protocol = SIPDatagramProtocol(self, received, unreachable)
        self.lost = 0
        self.refused = 0
        self.unreachables = 0
        self._port: IListeningPort | None = None
        self._sendto: Callable[[bytes, Peer], int] = _not_open
        self._stopping: list[Deferred[None]] | None = None

    @property
    def listening(self) -> bool:
        return self._port is not None

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

    def flow_to(self, peer: Peer) -> Flow:
        return Flow(self, peer)

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
                f"sending to {spell(peer)}",
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
        attempted = f"sending {len(data)} bytes to {spell(peer)} over UDP"
        if problem.errno == errno.EMSGSIZE:
            return SIPTooBig(
                attempted,
                "no datagram is that large",
                rule="RFC 3261 §18.1.1",
                advice="Make the message shorter",
            )
        advice = _ADVICE.get(problem.errno or 0, "")
        if "{local}" in advice:
            advice = advice.format(local=spell(self.local))
        return SIPTransportFailure(attempted, reason(problem), advice=advice)

    def stop(self) -> Deferred[None]:
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
