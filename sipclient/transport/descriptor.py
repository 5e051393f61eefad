"""Our own UDP port for reactors with file descriptors: fast, and it hears ICMP.

Twisted's port dies of the first ICMP error when its socket is asked to keep them. This
one reads them from the error queue and goes on; it leaves the addresses of link-local
peers whole, and it bounds the work of one turn by datagrams. Its socket is never
connected, so that one descriptor serves all peers.

The contract: ``protocol`` is one that raises nothing. It gets ``datagramReceived(data,
peer)`` and, where it has such a method, ``unreachable(destination, payload, error)``.
Nothing but `stopListening`, the reactor's end and a broken socket closes the port.
"""

from __future__ import annotations

import socket
from contextlib import suppress
from typing import Any, Final

from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.defer import Deferred
from twisted.internet.error import CannotListenError
from twisted.internet.interfaces import (
    IHalfCloseableDescriptor,
    IListeningPort,
    IReadDescriptor,
    ISystemHandle,
)
from twisted.internet.protocol import DatagramProtocol
from twisted.python.failure import Failure
from zope.interface import implementer

from .error_queue import hear_errors, read_errors
from .peer import family_of, peer_at, peer_of

#: bytes; no UDP datagram is longer.
LARGEST_DATAGRAM: Final = 65535

# The usual default holds some ninety datagrams: less than what comes while a garbage
# collection runs. The kernel grants what its own limit (net.core.rmem_max) allows.
_RECEIVE_BUFFER: Final = 4 * 1024 * 1024

# A burst may take the reactor for so many datagrams before timers get their turn.
_DATAGRAMS_PER_TURN: Final = 256
_ERRORS_PER_TURN: Final = 64


@implementer(IListeningPort, ISystemHandle, IReadDescriptor, IHalfCloseableDescriptor)
class DatagramDescriptor:
    """A UDP socket in a reactor, for one protocol.

    A half-closeable descriptor hears of a poll error in `readConnectionLost`: that is
    how an ICMP error is told from the end.

    :param interface: the numeric address to listen on.
    :param reactor: one with file descriptors.

    :ivar hears_errors: whether the platform keeps ICMP errors for the socket.
    """

    def __init__(
        self, port: int, protocol: DatagramProtocol, interface: str, reactor: Any
    ) -> None:
        self._reactor = reactor
        self._protocol = protocol
        self._address = interface, port
        self._family = family_of(interface)
        self._deliver: Any = protocol.datagramReceived
        self._unreachable: Any = getattr(protocol, "unreachable", None)
        self._listening = False
        self._stopped: Deferred[None] | None = None
        self.hears_errors = False

    def startListening(self) -> None:
        try:
            self._socket = self._bound()
        except OSError as error:
            raise CannotListenError(*self._address, error) from error
        self._listening = True
        self._protocol.makeConnection(self)  # type: ignore[arg-type]  # it asks too much
        self._reactor.addReader(self)

    def _bound(self) -> socket.socket:
        skt = socket.socket(self._family, socket.SOCK_DGRAM)
        try:
            skt.setblocking(False)
            with suppress(OSError):
                skt.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
            if self._family == socket.AF_INET6:
                # IPv4 has sockets of its own: no peer may come by two addresses.
                skt.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            self.hears_errors = hear_errors(skt)
            skt.bind(peer_at(*self._address))
        except OSError:
            skt.close()
            raise
        return skt

    def stopListening(self) -> Deferred[None] | None:
        """Stop: nothing is delivered from now on, the port is free in the next turn.

        Called again it gives the same Deferred, and None once the port is closed.
        """
        if self._listening:
            self._listening = False
            self._stopped = Deferred()
            self._reactor.removeReader(self)
            self._reactor.callLater(0, self.connectionLost, None)
        return self._stopped

    def getHost(self) -> IPv4Address | IPv6Address:
        host, port = self._socket.getsockname()[:2]
        if self._family == socket.AF_INET6:
            return IPv6Address("UDP", host, port)
        return IPv4Address("UDP", host, port)

    def getHandle(self) -> socket.socket:
        """The socket; for sending, as reading is this descriptor's work."""
        return self._socket

    def fileno(self) -> int:
        return self._socket.fileno()

    def logPrefix(self) -> str:
        return "SIP over UDP"

    def doRead(self) -> None:
        receive = self._socket.recvfrom
        deliver = self._deliver
        short = self._family == socket.AF_INET
        for count in range(_DATAGRAMS_PER_TURN):
            try:
                data, peer = receive(LARGEST_DATAGRAM)
            except BlockingIOError:
                if not count:
                    # select() shows an error as something to read.
                    self._read_errors()
                return
            except OSError:
                # An ICMP error is told once in place of a datagram, and is kept for
                # the error queue. It says nothing about this socket.
                self._read_errors()
            else:
                deliver(data, peer if short else peer_of(peer))
            if not self._listening:
                return

    def readConnectionLost(self, reason: Failure) -> None:
        """The poll showed an error and nothing to read: an ICMP error has come."""
        if not self._listening:
            return
        self._read_errors()
        if self._listening:
            # An error that found no room in the queue would show again for ever.
            self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            self._reactor.addReader(self)

    def _read_errors(self) -> None:
        """Hand on what stands in the error queue; what's left is shown again."""
        failures = read_errors(self._socket, _ERRORS_PER_TURN)
        if self._unreachable is not None:
            for destination, payload, error in failures:
                if self._listening:
                    self._unreachable(destination, payload, error)

    def writeConnectionLost(self, reason: Failure) -> None:
        """UDP has no such end."""

    def connectionLost(self, reason: Failure | None) -> None:
        """It is over: stopped, or the reactor ended."""
        self._listening = False
        self._protocol.doStop()
        self._socket.close()
        stopped, self._stopped = self._stopped, None
        if stopped is not None:
            stopped.callback(None)

    def __repr__(self) -> str:
        return f"<DatagramDescriptor {self._address[0]} {self._address[1]}>"
