"""A stack of one's own with a user above it, and what it sent, for tests of core/."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer

from sipclient import AccessPoint, Stack
from sipclient.core.outgoing import OutgoingRequest
from sipclient.core.user_agent import UserAgent
from sipclient.errors import SIPError
from sipclient.interfaces import IPendingResolution, IResolver
from sipclient.message.address import parse_address
from sipclient.message.model import Request, Response
from sipclient.message.uri import parse_uri
from sipclient.testing import FakeNetwork, ScriptedPeer
from sipclient.transport.target import Target

A, B, C = "192.0.2.1", "192.0.2.2", "192.0.2.3"

POINT = AccessPoint("default")


@implementer(IPendingResolution)
class Pending:
    """A resolution that the test ends."""

    def cancel(self) -> None:
        """Nothing to be done."""


@implementer(IResolver)
class Resolver:
    """Gives what the test says, at once or when it says.

    :ivar asked: the URIs that were to be resolved.
    """

    def __init__(self, *targets: Target, later: bool = False) -> None:
        self.answer: tuple[Target, ...] | SIPError = targets
        self.asked: list[str] = []
        self.waiting: list[Callable[[Any], None]] = []
        self._later = later

    def resolve(self, uri: Any, done: Callable[[Any], None]) -> Pending:
        self.asked.append(str(uri))
        if self._later:
            self.waiting.append(done)
        else:
            done(self.answer)
        return Pending()


class Owner:
    """Who sent a request: keeps what it hears."""

    def __init__(self) -> None:
        self.heard: list[Any] = []

    def response(self, response: Response) -> None:
        self.heard.append(response.status)

    def failed(self, error: SIPError) -> None:
        self.heard.append(error)


class User:
    """A transaction user that keeps the requests it is given."""

    def __init__(self) -> None:
        self.requests: list[tuple[Request, Any]] = []

    def incoming_request(
        self, agent: UserAgent, request: Request, transaction: Any
    ) -> None:
        self.requests.append((request, transaction))

    def stack_stopped(self) -> None:
        """Nothing to be done."""


class CoreCase(SynchronousTestCase):
    """One stack at A, opened with an access point, and peers elsewhere."""

    def setUp(self) -> None:
        self.network = FakeNetwork(seed=1)
        self.here = self.network.reactor(A)
        self.addCleanup(self._finish)
        self._stacks: list[Stack] = []

    def _finish(self) -> None:
        for stack in self._stacks:
            stack.stop()
        self.network.advance(40)
        self.assertEqual(self.network.delayed_calls(), [])

    def open(
        self, access_point: AccessPoint = POINT, **options: Any
    ) -> tuple[UserAgent, User]:
        stack = Stack(self.here, random=Random(1).randbytes, **options)
        self._stacks.append(stack)
        stack.user = user = User()
        return stack.open(access_point), user

    def peer(self, address: str = B, port: int = 5060, **options: Any) -> ScriptedPeer:
        host = self.network._hosts.get(address) or self.network.reactor(address)
        return ScriptedPeer(host, address, port, **options)

    def send(
        self,
        agent: UserAgent,
        uri: str = f"sip:bob@{B}",
        *headers: tuple[str, str],
        method: str = "MESSAGE",
        body: bytes = b"",
    ) -> Owner:
        """Send a request; its owner hears the rest."""
        owner = Owner()
        parsed = parse_uri(uri)
        outgoing = OutgoingRequest(
            agent,
            owner,
            method,
            parsed,
            parse_address("<sip:alice@example.com>"),
            parse_address(f"<{uri}>"),
            headers,
            body,
        )
        self.outgoing = outgoing
        outgoing.start()
        return owner

    def failure(self, owner: Owner, kind: type[SIPError]) -> SIPError:
        """The one thing that the owner heard: a failure of that kind."""
        self.assertEqual(len(owner.heard), 1, str(owner.heard))
        error = owner.heard[0]
        self.assertIsInstance(error, kind)
        assert isinstance(error, SIPError)
        return error
