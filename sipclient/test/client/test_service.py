"""A client as a service: what `.tac` files and twistd rely on."""

from __future__ import annotations

from twisted.application.service import MultiService
from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from sipclient import (
    AccessPoint,
    Capabilities,
    ConnectionState,
    SIPClient,
    SIPClientService,
    Stack,
)
from sipclient.errors import SIPAlreadyExists, SIPInUse
from sipclient.testing import FakeNetwork, RecordingObserver

POINT = AccessPoint("default", listen=("udp:5060:interface=192.0.2.1",))


class ServiceTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.network = FakeNetwork(seed=1)
        self.reactor = self.network.reactor("192.0.2.1")
        self.observer = RecordingObserver(answers={"MESSAGE": 200})
        self.service = SIPClientService(
            "org.example.bob",
            POINT,
            self.observer,
            reactor_or_stack=self.reactor,
            capabilities=Capabilities(users="bob"),
        )

    def start(self) -> None:
        self.network.result_of(self.service.startService())

    def test_it_connects_when_it_starts(self) -> None:
        """Started, it has an open client and an active connection."""
        self.start()
        assert self.service.client is not None
        assert self.service.connection is not None
        self.assertEqual(self.service.client.uid, "org.example.bob")
        self.assertIs(self.service.connection.state, ConnectionState.ACTIVE)
        self.assertTrue(self.service.running)

    def test_it_serves_while_it_runs(self) -> None:
        """A request that fits reaches the observer that it was made with."""
        self.start()
        answer = self.network.result_of(self.ask())
        self.assertEqual(answer, 200)
        self.assertIn("incoming_request", self.observer.names)

    async def ask(self) -> int:
        client = await SIPClient.embed(self.network.reactor("192.0.2.2"), "alice")
        point = AccessPoint("default", listen=("udp:5060:interface=192.0.2.2",))
        async with client, await client.connect(point) as connection:
            response = await connection.request(
                "MESSAGE", "sip:bob@192.0.2.1", from_="sip:alice@192.0.2.2"
            )
        return response.status_code

    def test_it_leaves_when_it_stops(self) -> None:
        """Stopped, its client is closed, and nothing of it is left on the reactor."""
        self.start()
        client = self.service.client
        assert client is not None
        self.network.result_of(self.service.stopService())
        self.assertTrue(client.closed)
        self.assertIsNone(self.service.client)
        self.assertIsNone(self.service.connection)
        self.network.advance(1)
        self.assertEqual(self.network.delayed_calls(), [])
        self.assertEqual(list(self.reactor.ports), [])

    def test_it_starts_again(self) -> None:
        """What was stopped can be started once more, under the same uid."""
        self.start()
        self.network.result_of(self.service.stopService())
        self.start()
        self.assertIsNotNone(self.service.connection)

    def test_stopping_what_never_started_is_nothing(self) -> None:
        stopped = self.service.stopService()
        self.assertIsNone(self.successResultOf(stopped))

    def test_a_failed_start_is_told_and_leaves_nothing(self) -> None:
        """The error of an address in use names it, and no client stays."""
        other = SIPClientService(
            "org.example.eve", POINT, reactor_or_stack=self.reactor
        )
        self.network.result_of(other.startService())
        started = self.service.startService()
        self.network.advance(0)
        failure = self.failureResultOf(started, SIPInUse)
        self.assertIn("192.0.2.1", str(failure.value))
        self.assertIsNone(self.service.client)

    def test_a_taken_uid_fails_the_start(self) -> None:
        """Two services of one uid on one stack: the second is refused."""
        stack = Stack(self.reactor, access_points=(POINT,))
        first = SIPClientService("bob", "default", reactor_or_stack=stack)
        self.network.result_of(first.startService())
        again = SIPClientService("bob", "default", reactor_or_stack=stack)
        self.failureResultOf(again.startService(), SIPAlreadyExists)

    def test_stopping_while_it_starts_leaves_nothing(self) -> None:
        """A stop that comes before the connection is active ends the start."""
        started: Deferred[None] = self.service.startService()
        self.network.result_of(self.service.stopService())
        self.network.advance(1)
        self.assertTrue(started.called)
        self.assertIsNone(self.service.client)
        self.assertIsNone(self.service.connection)
        self.assertEqual(list(self.reactor.ports), [])
        started.addErrback(lambda _: None)

    def test_it_lives_in_a_multi_service(self) -> None:
        """An application starts and stops it with everything else."""
        application = MultiService()
        self.service.setServiceParent(application)
        application.startService()
        self.network.advance(0)
        self.assertIsNotNone(self.service.connection)
        self.network.result_of(application.stopService())
        self.assertIsNone(self.service.client)
