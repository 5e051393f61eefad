"""What every contract test stands on: hosts with stacks, applications, raw peers, time.

A chapter of the contract is a mixin over `ContractCase` in a module of its own.
``test_in_process`` and ``test_delayed`` run all of them, each against one kind of
provider; another provider is one more such module.

The one contract: a test ends with every application closed, 40 s later, and no delayed
call may be left then.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from random import Random
from typing import Any, TypeVar

from twisted.internet.defer import Deferred
from twisted.logger import LogEvent, capturedLogs
from twisted.trial.unittest import SynchronousTestCase

from sipclient import (
    AccessPoint,
    Capabilities,
    RequestElements,
    SIPClient,
    SIPConnection,
    Stack,
)
from sipclient.interfaces import IStack
from sipclient.testing import FakeNetwork, ScriptedPeer

T = TypeVar("T")

#: The application's host, the peer's, and that of a third party.
A, B, C = "192.0.2.1", "192.0.2.2", "192.0.2.3"

#: An address where no host is: what goes there is never heard of again.
NOWHERE = "sip:nobody@192.0.2.99"

#: A URI whose host no resolver of this version can find.
UNRESOLVABLE = "sip:bob@example.invalid"

POINT = AccessPoint("default", listen=["udp:5060"])
EVERYBODY = Capabilities(users="*")


class World:
    """A network, and how to come by stacks on it.

    :param provide: makes the provider under test of a stack.
    """

    def __init__(self, provide: Callable[[Stack], IStack]) -> None:
        self.network = FakeNetwork(seed=1)
        self.clients: list[SIPClient] = []
        self._provide = provide
        self._hosts: dict[str, Any] = {}
        self._stacks: dict[int, Stack] = {}
        self._peers: list[ScriptedPeer] = []

    def reactor(self, address: str) -> Any:
        """The reactor of the host with that address."""
        if address not in self._hosts:
            self._hosts[address] = self.network.reactor(address)
        return self._hosts[address]

    def provider(self, address: str = A, **options: Any) -> IStack:
        """A provider for a new stack on that host."""
        stack = Stack(self.reactor(address), random=Random(1).randbytes, **options)
        provider = self._provide(stack)
        self._stacks[id(provider)] = stack
        return provider

    def stop(self, provider: IStack) -> Deferred[None]:
        """End the provider's stack under its applications."""
        return self._stacks[id(provider)].stop()

    def peer(self, address: str = B, port: int = 5060, **options: Any) -> ScriptedPeer:
        """A raw peer; whatever it gets, the test has to expect."""
        peer = ScriptedPeer(self.reactor(address), address, port, **options)
        self._peers.append(peer)
        return peer

    def finish(self) -> None:
        """Close everything; nothing may be left 40 s later."""
        for client in self.clients:
            client.close()
        self.network.advance(40)
        for peer in self._peers:
            peer.finish()
        left = self.network.delayed_calls()
        assert not left, f"delayed calls are left: {left}"


class ContractCase(SynchronousTestCase):
    """A test of the contract; the provider under test comes from a subclass."""

    #: whether the provider replies before ``submit`` returns.
    synchronous = False

    def provide(self, stack: Stack) -> IStack:
        raise NotImplementedError

    def setUp(self) -> None:
        self._begin()
        self.addCleanup(self._finish)

    def _begin(self) -> None:
        self.world = World(self.provide)
        self.network = self.world.network

    def _finish(self) -> None:
        self.world.finish()

    def anew(self) -> None:
        """Finish, and go on in another world."""
        self.world.finish()
        self._begin()

    def run_(self, test: Coroutine[Deferred[Any], Any, T], limit: float = 100.0) -> T:
        """Run a coroutine in fake time."""
        return self.network.result_of(test, limit)

    def clock(self) -> Any:
        """The application's clock."""
        return self.world.reactor(A)

    async def turns(self, seconds: float = 0.0) -> None:
        """Let that time pass, and all turns of the reactor that are due by then."""
        for _ in range(8):
            await self.network.sleep(0)
        if seconds:
            await self.network.sleep(seconds)

    async def client(
        self,
        uid: str = "org.example.app",
        observer: Any = None,
        *,
        capabilities: Capabilities | None = EVERYBODY,
        provider: IStack | None = None,
    ) -> SIPClient:
        """An application, on a stack of its own at A unless given."""
        provider = provider or self.world.provider()
        client = await SIPClient.attach(
            provider, uid, observer, capabilities=capabilities
        )
        self.world.clients.append(client)
        return client

    async def connection(
        self,
        observer: Any = None,
        *,
        uid: str = "org.example.app",
        capabilities: Capabilities | None = EVERYBODY,
        provider: IStack | None = None,
        access_point: AccessPoint | str = POINT,
    ) -> SIPConnection:
        """An active connection of a new application."""
        client = await self.client(uid, capabilities=capabilities, provider=provider)
        return await client.connect(access_point, observer)

    async def fails(self, kind: type[T], waiting: Deferred[Any]) -> T:
        """Wait for a failure of that kind, and give it."""
        try:
            result = await waiting
        except BaseException as error:
            if isinstance(error, kind):
                return error
            raise
        raise self.failureException(f"{result!r} came, and no {kind.__name__}")

    def logs_of(self, action: Callable[[], object]) -> list[LogEvent]:
        """What is logged by us while ``action`` runs."""
        with capturedLogs() as logs:
            action()
        return [
            event
            for event in logs
            if event.get("log_namespace", "").startswith("sipclient")
        ]


def message(uri: str = f"sip:bob@{B}", **options: Any) -> RequestElements:
    """A MESSAGE that can be sent."""
    return RequestElements(uri, "MESSAGE", from_="sip:alice@example.com", **options)
