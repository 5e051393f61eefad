"""A UDP port of a host in memory, and the socket that its handle shows.

They refuse what Twisted's port and a Linux socket refuse, with the same exceptions,
and say nothing where those say nothing: a datagram that nobody gets is no error.
"""

from __future__ import annotations

import errno
import socket
from typing import TYPE_CHECKING

from twisted.internet.abstract import isIPAddress, isIPv6Address
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.defer import Deferred
from twisted.internet.error import (
    CannotListenError,
    InvalidAddressError,
    MessageLengthError,
)
from twisted.internet.interfaces import IListeningPort, ISystemHandle, IUDPTransport
from twisted.internet.protocol import DatagramProtocol
from zope.interface import implementer

from .address import WILDCARDS, Peer, canonical_host, is_loopback, os_error

if TYPE_CHECKING:
    from .reactor import FakeReactor

# The UDP payload that one IP packet can carry at most (RFC 768, RFC 791, RFC 8200).
_LARGEST = 65507
_LARGEST_IPV6 = 65527


@implementer(IListeningPort, IUDPTransport, ISystemHandle)
class FakePort:
    """What `FakeReactor.listenUDP` returns and its protocol has for a transport."""

    def __init__(
        self,
        reactor: FakeReactor,
        port: int,
        protocol: DatagramProtocol,
        interface: str,
        max_packet_size: int,
    ) -> None:
        self.reactor = reactor
        self.protocol = protocol
        self.interface = interface
        self.port = port
        #: bytes; what arrives is cut off there.
        self.max_packet_size = max_packet_size
        #: whether datagrams are received.
        self.connected = False
        #: where it is bound to; the host is "0.0.0.0" or "::" for a wildcard.
        self.bound: Peer = ("", 0)
        self.family = socket.AF_INET6 if ":" in interface else socket.AF_INET
        self._peer: Peer | None = None
        self._broadcast = False
        self._stopped: Deferred[None] = Deferred()
        self._socket = FakeSocket(self)

    def startListening(self) -> None:
        ports = self.reactor.datagram_ports
        try:
            self.bound = ports.bind(self, self.interface, self.port)
        except OSError as error:
            raise CannotListenError(self.interface, self.port, error) from None
        self.connected = True
        self.protocol.makeConnection(self)

    def stopListening(self) -> Deferred[None]:
        """Stop: nothing is received from now on, the port is free a moment later.

        The Deferred fires then, as with Twisted: it takes `FakeNetwork.advance`. When
        stopped before, it gives the same Deferred again.
        """
        if self.connected:
            self.connected = False
            self.reactor.network.schedule(0, None, self._close)
        return self._stopped

    def _close(self) -> None:
        self.reactor.datagram_ports.release(self.bound)
        self._socket.closed = True
        try:
            self.protocol.doStop()
        finally:
            self._stopped.callback(None)

    def getHost(self) -> IPv4Address | IPv6Address:
        if self.family == socket.AF_INET6:
            return IPv6Address("UDP", *self.bound)
        return IPv4Address("UDP", *self.bound)

    def getHandle(self) -> FakeSocket:
        """The socket, of which ``sendto`` and ``getsockname`` work."""
        return self._socket

    def connect(self, host: str, port: int) -> None:
        if self._peer is not None:
            raise RuntimeError("connected already: a port connects once")
        if not isIPAddress(host) and not isIPv6Address(host):
            raise InvalidAddressError(host, "not a numeric address")
        self._peer = self._socket.checked((host, port))

    def write(self, packet: bytes, addr: tuple[str, int] | None = None) -> None:
        if self._peer is not None:
            if addr not in (None, self._peer):
                raise AssertionError(f"connected to {self._peer}, not to {addr}")
            addr = self._peer
        if addr is None:
            raise AssertionError("a port that is not connected needs an address")
        if not isIPAddress(addr[0]) and not isIPv6Address(addr[0]):
            raise InvalidAddressError(addr[0], "only numeric addresses can be sent to")
        if isIPv6Address(addr[0]) != (self.family == socket.AF_INET6):
            raise InvalidAddressError(addr[0], "the port is of the other IP version")
        try:
            self._socket.sendto(packet, addr)
        except OSError as error:
            if error.errno == errno.EMSGSIZE:
                raise MessageLengthError("message too long") from None
            raise

    def setBroadcastAllowed(self, enabled: bool) -> None:
        self._broadcast = enabled

    def getBroadcastAllowed(self) -> bool:
        return self._broadcast

    def receive(self, data: bytes, source: Peer) -> None:
        """A datagram has arrived; called by the network."""
        if self.connected and self._peer in (None, source):
            self.protocol.datagramReceived(data, source)

    def refused(self, peer: Peer, payload: bytes) -> None:
        """An ICMP error has arrived for what was sent to ``peer``."""
        if not self.connected:
            return
        hear = getattr(self.protocol, "unreachable", None)
        if hear is not None:
            hear(peer, payload, os_error(errno.ECONNREFUSED))
        elif self._peer == peer:
            self.protocol.connectionRefused()

    def __repr__(self) -> str:
        return f"<FakePort {self.bound[0]} {self.bound[1]}>"


class FakeSocket:
    """The part of a UDP socket that a transport needs for sending directly."""

    def __init__(self, port: FakePort) -> None:
        self.family = port.family
        #: whether the port has been closed; sending raises EBADF then.
        self.closed = False
        self._port = port

    def getsockname(self) -> tuple[str, int] | tuple[str, int, int, int]:
        """Where it is bound to, in the shape of its address family."""
        self._check_open()
        host, port = self._port.bound
        if self.family == socket.AF_INET6:
            return host, port, 0, 0
        return host, port

    def sendto(
        self,
        data: bytes | bytearray | memoryview,
        address: tuple[str, int] | tuple[str, int, int, int],
    ) -> int:
        """Hand a datagram to the network; the number of bytes is returned.

        Raises what the kernel would: OSError with EMSGSIZE, EINVAL, ENETUNREACH or
        EBADF, socket.gaierror for an address of the other family or a name, and
        OverflowError for a port over 65535.
        """
        self._check_open()
        peer = self.checked(address)
        port = self._port
        limit = _LARGEST_IPV6 if self.family == socket.AF_INET6 else _LARGEST
        if len(data) > limit:
            raise os_error(errno.EMSGSIZE)
        source = port.bound[0]
        if source in WILDCARDS:
            source = port.reactor.towards(peer[0])
        elif is_loopback(source) and not port.reactor.is_local(peer[0]):
            raise os_error(errno.EINVAL)
        port.reactor.network.carry(bytes(data), (source, port.bound[1]), peer, port)
        return len(data)

    def checked(self, address: tuple[str, int] | tuple[str, int, int, int]) -> Peer:
        """The address in canonical spelling, or the exception that it deserves."""
        port = address[1]
        try:
            host = canonical_host(address[0])
        except ValueError:
            raise socket.gaierror(socket.EAI_NONAME, "not a numeric address") from None
        if (":" in host) != (self.family == socket.AF_INET6):
            raise socket.gaierror(socket.EAI_ADDRFAMILY, "the other IP version")
        if not 0 <= port <= 65535:
            raise OverflowError("sendto(): port must be 0-65535.")
        if port == 0:
            raise os_error(errno.EINVAL)
        return host, port

    def _check_open(self) -> None:
        if self.closed:
            raise os_error(errno.EBADF)
