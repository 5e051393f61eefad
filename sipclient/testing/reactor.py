"""One host of a `FakeNetwork`: what a stack takes for its reactor.

`FakeReactor` provides ``IReactorTime``, ``IReactorUDP``, ``IReactorTCP`` and
``ILocalAddresses``, and adapts to `IResolver`, so that a stack finds time, sockets, its
own addresses and a resolver at one place, as on a real machine. It has no file
descriptors and no threads.
"""

from __future__ import annotations

import errno
from collections.abc import Callable
from functools import lru_cache
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, cast

from twisted.internet.interfaces import (
    IDelayedCall,
    IProtocolFactory,
    IReactorFromThreads,
    IReactorTCP,
    IReactorTime,
    IReactorUDP,
)
from twisted.internet.protocol import ClientFactory, DatagramProtocol
from zope.interface import implementer

from ..interfaces import ILocalAddresses, IResolver
from .address import canonical_host, is_loopback, os_error
from .binding import PortTable
from .clock import FakeDelayedCall
from .names import FakeResolver
from .port import FakePort
from .stream_socket import FakeStreamSocket
from .tcp import FakeConnector, FakeStreamPort, Poller

if TYPE_CHECKING:
    from .network import FakeNetwork


@implementer(
    IReactorTime, IReactorUDP, IReactorTCP, IReactorFromThreads, ILocalAddresses
)
class FakeReactor:
    """The reactor of one host; made by `FakeNetwork.reactor`."""

    def __init__(self, network: FakeNetwork, addresses: tuple[str, ...]) -> None:
        #: the network that the host is part of; its `advance` moves the time.
        self.network = network
        #: the host's addresses in canonical spelling, as they were given.
        self.addresses = addresses
        #: whether the host runs: always.
        self.running = True
        #: who has which UDP port; for `FakePort` and the network.
        self.datagram_ports: PortTable[FakePort] = PortTable(self.is_local)
        #: likewise, for TCP: listening sockets and those that connect.
        self.stream_ports: PortTable[FakeStreamSocket] = PortTable(self.is_local)
        #: what tells its streams when there is something to do.
        self.poller = Poller(self)
        self._resolver = FakeResolver(self)

    def seconds(self) -> float:
        return self.network.seconds()

    def callLater(
        self,
        delay: float,
        callable: Callable[..., Any],
        *args: object,
        **kwargs: object,
    ) -> FakeDelayedCall:
        return self.network.schedule(delay, self, callable, args, kwargs)

    def getDelayedCalls(self) -> list[IDelayedCall]:
        return cast("list[IDelayedCall]", self.network.delayed_calls(self))

    def callFromThread(
        self, callable: Callable[..., Any], *args: object, **kwargs: object
    ) -> None:
        self.network.schedule(0, None, callable, args, kwargs)

    def callWhenRunning(
        self, callable: Callable[..., Any], *args: object, **kwargs: object
    ) -> None:
        """Call at once, as a running reactor does."""
        callable(*args, **kwargs)

    def listenUDP(
        self,
        port: int,
        protocol: DatagramProtocol,
        interface: str = "",
        maxPacketSize: int = 8192,
    ) -> FakePort:
        fake = FakePort(self, port, protocol, interface, maxPacketSize)
        fake.startListening()
        return fake

    def listenTCP(
        self,
        port: int,
        factory: IProtocolFactory,
        backlog: int = 50,
        interface: str = "",
    ) -> FakeStreamPort:
        fake = FakeStreamPort(port, factory, backlog, interface, self.poller)
        fake.startListening()
        return fake

    def connectTCP(
        self,
        host: str,
        port: int,
        factory: ClientFactory[Any],
        timeout: float = 30.0,
        bindAddress: tuple[str, int] | None = None,
    ) -> FakeConnector:
        """Connect; ``host`` is numeric."""
        fake = FakeConnector(host, port, factory, timeout, bindAddress, self.poller)
        fake.connect()
        return fake

    def towards(self, host: str) -> str:
        """The own address that a datagram to ``host`` would come from.

        Of several, the one that shares most leading bits with ``host``. Raises OSError
        (ENETUNREACH) when the host has no address of that family.
        """
        return _nearest(self.addresses, host)

    def is_local(self, host: str) -> bool:
        """Whether ``host`` is one of this host's addresses, loopback included."""
        try:
            name = canonical_host(host)
        except ValueError:
            return False
        return is_loopback(name) or name in self.addresses

    @property
    def ports(self) -> tuple[FakePort | FakeStreamPort, ...]:
        """The ports that are open: those of UDP, and those that listen for TCP.

        Each kind is in the order in which they were opened.
        """
        listening = [each.watcher for each in self.stream_ports.holders if each.listens]
        return (*self.datagram_ports.holders, *listening)

    def __conform__(self, interface: object) -> FakeResolver | None:
        """Adapt to `IResolver` by a resolver that knows the network's names."""
        return self._resolver if interface is IResolver else None

    def __repr__(self) -> str:
        return f"<FakeReactor {' '.join(self.addresses)}>"


# Each datagram from a wildcard port asks for it.
@lru_cache(maxsize=10_000)
def _nearest(addresses: tuple[str, ...], host: str) -> str:
    try:
        there = ip_address(canonical_host(host))
    except ValueError:
        raise OSError(f"{host!a} is not a numeric address") from None
    if there.is_loopback:
        return "127.0.0.1" if there.version == 4 else "::1"
    own = [ip_address(address) for address in addresses]
    same = [address for address in own if address.version == there.version]
    if not same:
        raise os_error(errno.ENETUNREACH)
    return str(min(same, key=lambda address: int(address) ^ int(there)))
