"""A TCP socket of a host in memory: what Twisted's own transports need of one.

Names, errors and their numbers are those of a non-blocking socket of Linux. The socket
says when it has something new to the `Poller` of its host.
"""

from __future__ import annotations

import errno
import socket
import struct
from collections import deque
from typing import TYPE_CHECKING, Any, TypeAlias

from .address import WILDCARDS, Peer, canonical_host, is_loopback, os_error
from .stream import End

if TYPE_CHECKING:
    from .reactor import FakeReactor

#: An address in the shape of its family: (host, port), and two zeros more for IPv6.
SocketAddress: TypeAlias = tuple[str, int] | tuple[str, int, int, int]


class FakeStreamSocket:
    """A stream socket, that listens, connects, or was accepted.

    :param host: whose it is.
    :param family: ``socket.AF_INET`` or ``socket.AF_INET6``.
    :param end: of the connection that it was accepted for.
    """

    def __init__(self, host: FakeReactor, family: int, end: End | None = None) -> None:
        self.host = host
        self.family = family
        #: whether it takes connections.
        self.listens = False
        #: whether it has been closed.
        self.closed = False
        #: who waits for it to become readable or writable; for `Poller` only.
        self.watcher: Any = None
        self._end = end
        self._bound: Peer | None = None
        self._backlog = 0
        self._queue: deque[End] = deque()
        self._aborts = False
        self._options: dict[tuple[int, int], int] = {}

    def bind(self, address: SocketAddress) -> None:
        self._check_family(address[0])
        self._bound = self.host.stream_ports.bind(self, address[0], address[1])

    def listen(self, backlog: int) -> None:
        self.listens = True
        self._backlog = backlog

    def accept(self) -> tuple[FakeStreamSocket, SocketAddress]:
        if not self._queue:
            raise os_error(errno.EAGAIN)
        end = self._queue.popleft()
        assert end.socket is not None
        return end.socket, self._shaped(end.peer.address)

    def connect_ex(self, address: SocketAddress) -> int:
        """Begin to connect, or say how far it has come: an errno."""
        end = self._end
        if end is None:
            return self._begin(address)
        if end.error:
            number, end.error = end.error, 0
            return number
        return errno.EISCONN if end.established else errno.EALREADY

    def recv(self, size: int) -> bytes:
        return self._connected().read(size)

    def send(self, data: bytes | memoryview) -> int:
        return self._connected().write(data)

    def shutdown(self, how: int) -> None:
        end = self._connected()
        if how != socket.SHUT_RD and not self._aborts and not end.received:
            end.finish()

    def close(self) -> None:
        if self.closed:
            return
        self.closed = True
        self.listens = False
        self.watcher = None
        if self._bound is not None:
            self.host.stream_ports.release(self._bound)
        while self._queue:
            self._queue.popleft().abort()
        end = self._end
        if end is not None and self._aborts and end.established:
            end.abort()
        elif end is not None:
            end.close()

    def getsockname(self) -> SocketAddress:
        self._check_open()
        if self._end is not None:
            return self._shaped(self._end.address)
        anywhere = "::" if self.family == socket.AF_INET6 else "0.0.0.0"
        return self._shaped(self._bound or (anywhere, 0))

    def getpeername(self) -> SocketAddress:
        return self._shaped(self._connected().peer.address)

    def setsockopt(self, level: int, option: int, value: int | bytes) -> None:
        self._check_open()
        if isinstance(value, bytes):
            if (level, option) == (socket.SOL_SOCKET, socket.SO_LINGER):
                self._aborts = struct.unpack("ii", value) == (1, 0)
            return
        self._options[level, option] = int(value)

    def getsockopt(self, level: int, option: int) -> int:
        self._check_open()
        if (level, option) == (socket.SOL_SOCKET, socket.SO_ERROR):
            number = 0
            if self._end is not None:
                number, self._end.error = self._end.error, 0
            return number
        return self._options.get((level, option), 0)

    def setblocking(self, flag: bool) -> None:
        """It never blocks."""

    def fileno(self) -> int:
        """No number stands for it."""
        return -1

    @property
    def is_readable(self) -> bool:
        """Whether `recv` or `accept` has something to say."""
        return bool(self._queue) or (self._end is not None and self._end.is_readable)

    @property
    def is_writable(self) -> bool:
        """Whether `send` or `connect_ex` has something to say."""
        return self._end is not None and self._end.is_writable

    @property
    def is_full(self) -> bool:
        """Whether more connections wait to be accepted than it asked for."""
        return len(self._queue) > self._backlog

    def queue_up(self, end: End) -> bool:
        """Keep an established connection until it is accepted; False if closed."""
        if not self.listens:
            return False
        socket = FakeStreamSocket(self.host, self.family, end)
        self.host.network.streams.hold(end, socket)
        self._queue.append(end)
        return True

    def wake(self) -> None:
        """Something is new; called by the network's clock only."""
        if self.watcher is not None:
            self.host.poller.poll(self.watcher)

    def _begin(self, address: SocketAddress) -> int:
        host, port = canonical_host(address[0]), address[1]
        if not 0 <= port <= 65535:
            raise OverflowError("connect_ex: port must be 0-65535.")
        try:
            source = self.host.towards(host)
            if self._bound is None:
                self._bound = self.host.stream_ports.bind(self, source, 0)
        except OSError as error:
            return error.errno or errno.EADDRNOTAVAIL
        if self._bound[0] not in WILDCARDS:
            source = self._bound[0]
        if is_loopback(source) and not self.host.is_local(host):
            return errno.EINVAL
        streams = self.host.network.streams
        self._end = streams.connect(self, (source, self._bound[1]), (host, port))
        return errno.EINPROGRESS

    def _connected(self) -> End:
        self._check_open()
        if self._end is None:
            raise os_error(errno.ENOTCONN)
        return self._end

    def _check_open(self) -> None:
        if self.closed:
            raise os_error(errno.EBADF)

    def _check_family(self, host: str) -> None:
        if host and (":" in host) != (self.family == socket.AF_INET6):
            raise socket.gaierror(socket.EAI_ADDRFAMILY, "the other IP version")

    def _shaped(self, address: Peer) -> SocketAddress:
        if self.family == socket.AF_INET6:
            return *address, 0, 0
        return address
