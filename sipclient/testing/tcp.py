"""Twisted's own TCP transports, on sockets in memory.

Ports, connectors and connections are those of ``twisted.internet.tcp``: how they write
later, pause producers, flush, close by halves and report failures is Twisted's, not an
imitation of it. What is ours is the socket below, and `Poller`, which tells them when
it can be read and written, as a reactor does.

The one contract: a transport is told by the network's clock only, never inside a call.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from twisted.internet import tcp
from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.error import ConnectionDone, DNSLookupError
from twisted.internet.interfaces import IDelayedCall
from twisted.python.failure import Failure

from .address import Peer, canonical_host
from .stream_socket import FakeStreamSocket

if TYPE_CHECKING:
    from .reactor import FakeReactor


class Poller:
    """What Twisted's transports need of the reactor of one host."""

    def __init__(self, host: FakeReactor) -> None:
        self.host = host
        # Dictionaries for their order: it must be the same in each run.
        self._readers: dict[Any, None] = {}
        self._writers: dict[Any, None] = {}
        self._soon: set[Any] = set()
        self._stalled = False

    def addReader(self, reader: Any) -> None:
        self._readers[reader] = None
        self._watch(reader)

    def addWriter(self, writer: Any) -> None:
        self._writers[writer] = None
        self._watch(writer)

    def removeReader(self, reader: Any) -> None:
        self._readers.pop(reader, None)

    def removeWriter(self, writer: Any) -> None:
        self._writers.pop(writer, None)

    def seconds(self) -> float:
        return self.host.seconds()

    def callLater(
        self, delay: float, call: Callable[..., Any], *args: object, **kwargs: object
    ) -> IDelayedCall:
        # What is due at once is not a program's timer that could be left behind.
        owner = self.host if delay else None
        return self.host.network.schedule(delay, owner, call, args, kwargs)

    def resolve(self, name: str) -> Deferred[str]:
        """Numeric addresses only: no program here looks up names this way."""
        try:
            return succeed(canonical_host(name))
        except ValueError:
            return fail(DNSLookupError(f"{name!a} is not a numeric address"))

    def poll(self, descriptor: Any) -> None:
        """Let a transport read and write once each, if it wants and can."""
        self._soon.discard(descriptor)
        if self._stalled:
            return
        if self._can_read(descriptor):
            self._let(descriptor, descriptor.doRead, True)
        if self._can_write(descriptor):
            self._let(descriptor, descriptor.doWrite, False)
        if self._can_read(descriptor) or self._can_write(descriptor):
            self._poll_soon(descriptor)

    def stall(self) -> None:
        """Tell no transport anything."""
        self._stalled = True

    def resume(self) -> None:
        """Tell them what they missed."""
        self._stalled = False
        for descriptor in self._readers | self._writers:
            self._poll_soon(descriptor)

    def _watch(self, descriptor: Any) -> None:
        descriptor.socket.watcher = descriptor
        if self._can_read(descriptor) or self._can_write(descriptor):
            self._poll_soon(descriptor)

    def _can_read(self, descriptor: Any) -> bool:
        return descriptor in self._readers and descriptor.socket.is_readable

    def _can_write(self, descriptor: Any) -> bool:
        return descriptor in self._writers and descriptor.socket.is_writable

    def _poll_soon(self, descriptor: Any) -> None:
        if descriptor not in self._soon:
            self._soon.add(descriptor)
            self.host.network.schedule(0, None, self.poll, (descriptor,))

    def _let(self, descriptor: Any, act: Callable[[], Any], reading: bool) -> None:
        try:
            why = act()
        except Exception as error:
            # As any reactor does; and the clock tells the test.
            self._disconnect(descriptor, error, reading)
            raise
        if why is not None:
            self._disconnect(descriptor, why, reading)

    def _disconnect(self, descriptor: Any, why: Exception, reading: bool) -> None:
        self.removeReader(descriptor)
        if reading and why.__class__ is ConnectionDone:
            descriptor.readConnectionLost(Failure(why))
        else:
            self.removeWriter(descriptor)
            descriptor.connectionLost(Failure(why))


class FakeStreamPort(tcp.Port):
    """What `FakeReactor.listenTCP` returns."""

    reactor: Any  # a Poller
    #: where it is bound to; the host is "0.0.0.0" or "::" for a wildcard.
    bound: Peer = ("", 0)

    def createInternetSocket(self) -> Any:
        return FakeStreamSocket(self.reactor.host, self.addressFamily)

    def startListening(self) -> None:
        super().startListening()
        host, port = self.getHandle().getsockname()[:2]
        self.bound = host, port

    def getHandle(self) -> FakeStreamSocket:
        """The socket."""
        handle: Any = self.socket
        assert isinstance(handle, FakeStreamSocket)
        return handle

    def __repr__(self) -> str:
        return f"<FakeStreamPort {self.bound[0]} {self.bound[1]}>"


class FakeClient(tcp.Client):
    """The transport of a connection that its program asked for."""

    def createInternetSocket(self) -> Any:
        connector: FakeConnector = self.connector
        return FakeStreamSocket(connector.reactor.host, self.addressFamily)


class FakeConnector(tcp.Connector):
    """What `FakeReactor.connectTCP` returns."""

    reactor: Any  # a Poller

    def _makeTransport(self) -> FakeClient:
        make: Any = FakeClient  # Twisted's has no annotations
        client: FakeClient = make(
            self.host, self.port, self.bindAddress, self, self.reactor
        )
        return client
