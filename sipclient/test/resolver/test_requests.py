"""Requests to names, by the public API: the guide's example of an error after the send.

Real resolvers ask a DNS server on a network in memory; two applications, and two
stacks, share one.
"""

from __future__ import annotations

from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from sipclient import AccessPoint, ConnectionState, SIPClient, Stack, TransactionState
from sipclient.errors import (
    SIPResolvingFailure,
    SIPServerTerminated,
    SIPTimedOut,
    SIPTransportFailure,
)
from sipclient.resolver.resolver import Resolver
from sipclient.test.contract.world import message
from sipclient.testing import FakeNetwork, RecordingObserver, ScriptedPeer

from .server import DNSServer, silent

HERE, DNS, BOB, CAROL = "192.0.2.1", "192.0.2.53", "192.0.2.2", "192.0.2.3"
NAME = "sip.example.com"
URI = f"sip:bob@{NAME}"


class RequestCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.network = FakeNetwork()
        self.here = self.network.reactor(HERE)
        self.dns = DNSServer(self.network.reactor(DNS), DNS)
        self.dns.delay = 0.1
        hosts = Path(self.mktemp())
        hosts.write_text("", encoding="utf-8")
        self.resolver = Resolver(self.here, servers=[DNS], hosts=hosts)
        self.stack = Stack(self.here, resolver=self.resolver)
        self.clients: list[SIPClient] = []
        self.observer = RecordingObserver()
        self.addCleanup(self._finish)

    def _finish(self) -> None:
        for client in self.clients:
            client.close()
        self.network.advance(40)
        self.assertEqual(self.network.delayed_calls(), [])
        self.assertEqual(self.here.ports, ())

    def run_(self, test: Coroutine[Deferred[Any], Any, Any]) -> Any:
        return self.network.result_of(test, 100)

    def peer(self, address: str) -> ScriptedPeer:
        return ScriptedPeer(self.network.reactor(address), address)

    async def connection(
        self, uid: str = "org.example.one", stack: Stack | None = None, port: int = 5060
    ) -> Any:
        client = await SIPClient.embed(stack or self.stack, uid)
        self.clients.append(client)
        point = AccessPoint(f"point{port}", listen=(f"udp:{port}",))
        return await client.connect(point, self.observer)


class FailureTests(RequestCase):
    def test_a_name_that_does_not_exist_is_told_once_after_the_send(self) -> None:
        async def test() -> None:
            connection = await self.connection()
            observer = self.observer
            transaction = await connection.send_request(message(URI))
            self.assertEqual(transaction.state, TransactionState.TRYING)
            self.assertEqual(observer.all("error_occurred"), [])
            event = await observer.next("error_occurred")
            error = event[1]
            self.assertIsInstance(error, SIPResolvingFailure)
            self.assertEqual(event[2:], (transaction, transaction))
            self.assertIn(f"the DNS server {DNS} says that the name", str(error))
            self.assertIn("after 0.1 s", str(error))
            self.assertEqual(transaction.state, TransactionState.TERMINATED)
            with self.assertRaises(SIPResolvingFailure):
                await transaction.final()
            await self.network.sleep(40)
            self.assertEqual(observer.names[1:], ["error_occurred"])
            self.assertIs(connection.state, ConnectionState.ACTIVE)

        self.run_(test())

    def test_servers_that_are_silent(self) -> None:
        self.dns.on(NAME, silent)

        async def test() -> None:
            connection = await self.connection()
            with self.assertRaises(SIPResolvingFailure) as caught:
                await connection.request("MESSAGE", URI, from_="sip:alice@example.com")
            self.assertIn("didn't answer within 2 s, after 3 s", str(caught.exception))
            self.assertEqual(self.network.seconds(), 3.0)

        self.run_(test())


class AddressesTests(RequestCase):
    """RFC 3263 §4.3: the addresses of a name are tried in their order."""

    def test_the_next_one_is_tried(self) -> None:
        self.dns.has(NAME, BOB, CAROL)
        self.network.reactor(BOB)  # nobody listens there
        carol = self.peer(CAROL)

        async def test() -> None:
            connection = await self.connection()
            sent = await connection.send_request(message(URI))
            carol.answers(await carol.expects("MESSAGE"), 200)
            response = await sent.final()
            self.assertEqual(response.status_code, 200)
            self.assertEqual(self.observer.names[1:], ["incoming_response"])

        self.run_(test())

    def test_none_answers_and_all_are_named(self) -> None:
        self.dns.has(NAME, BOB, CAROL, "2001:db8::7")
        self.network.reactor(BOB)

        async def test() -> None:
            connection = await self.connection()
            sent = await connection.send_request(message(URI))
            with self.assertRaises(SIPTimedOut) as caught:
                await sent.final()
            self.assertIn(
                f"at UDP {CAROL}:5060: no final response within 32 s; tried before:"
                f" UDP {BOB}:5060 (RFC",
                str(caught.exception),
            )

        self.run_(test())

    def test_only_addresses_of_a_family_that_is_not_listened_on(self) -> None:
        self.dns.has(NAME, "2001:db8::7")

        async def test() -> None:
            connection = await self.connection()
            sent = await connection.send_request(message(URI))
            with self.assertRaises(SIPTransportFailure) as caught:
                await sent.final()
            self.assertIn("no IPv6 address is listened on", str(caught.exception))

        self.run_(test())


class OthersTests(RequestCase):
    """Whoever goes meanwhile takes nobody along."""

    def setUp(self) -> None:
        super().setUp()
        self.dns.has(NAME, BOB)
        self.bob = self.peer(BOB)

    async def answered(self, waiting: Any) -> None:
        request = await self.bob.expects("MESSAGE")
        self.bob.answers(request, 200)
        self.assertEqual((await waiting.final()).status_code, 200)

    def test_another_application_that_closes(self) -> None:
        async def test() -> None:
            one = await self.connection("org.example.one")
            two = await self.connection("org.example.two")
            await one.send_request(message("sip:carol@" + NAME))
            sent = await two.send_request(message(URI))
            await self.network.sleep(0.05)
            one.client.close()
            requests = [await self.bob.expects("MESSAGE") for _ in range(2)]
            for request in requests:
                self.bob.answers(request, 200)
            self.assertEqual((await sent.final()).status_code, 200)
            self.assertEqual(len(self.dns.asked), 2)

        self.run_(test())

    def test_another_stack_that_stops(self) -> None:
        other = Stack(self.here, resolver=self.resolver)

        async def test() -> None:
            one = await self.connection("org.example.one", other, 5062)
            two = await self.connection("org.example.two")
            gone = await one.send_request(message("sip:carol@" + NAME))
            sent = await two.send_request(message(URI))
            await self.network.sleep(0.05)
            ended = gone.final()
            await other.stop()
            with self.assertRaises(SIPServerTerminated):
                await ended
            await self.answered(sent)
            self.assertEqual(len(self.dns.asked), 2)
            self.assertEqual(other.resolving, set())

        self.run_(test())

    def test_who_waits_and_cancels(self) -> None:
        async def test() -> None:
            connection = await self.connection()
            one, two = [await connection.send_request(message(URI)) for _ in range(2)]
            waiting = one.final()
            waiting.addErrback(lambda _: None)
            waiting.cancel()
            one.close()
            requests = [await self.bob.expects("MESSAGE") for _ in range(2)]
            for request in requests:
                self.bob.answers(request, 200)
            self.assertEqual((await two.final()).status_code, 200)

        self.run_(test())


class StoppedTests(RequestCase):
    def test_a_stack_that_stops_leaves_no_look_up(self) -> None:
        self.dns.on(NAME, silent)

        async def test() -> None:
            connection = await self.connection()
            await connection.send_request(message(URI))
            await self.network.sleep(0.05)
            await self.stack.stop()
            await self.network.sleep(0)

        self.run_(test())
        self.assertEqual(self.network.delayed_calls(), [])
        self.assertEqual(self.here.ports, ())

    def test_a_stack_ends_the_resolver_that_it_made_itself(self) -> None:
        self.dns.has(NAME, BOB)
        self.dns.on(NAME, silent, "AAAA")

        def own(stack: Any) -> Resolver:
            stack._own_resolver = self.resolver
            return self.resolver

        self.patch(Stack, "_usual_resolver", own)
        self.stack = Stack(self.here)

        async def test() -> None:
            connection = await self.connection()
            await connection.send_request(message(URI))
            await self.network.sleep(0.5)  # it is sent, and AAAA isn't there yet
            await self.stack.stop()
            await self.network.sleep(0)

        self.run_(test())
        self.assertEqual(self.network.delayed_calls(), [])

    def test_a_resolver_whose_cancel_breaks_holds_up_nothing(self) -> None:
        class Broken:
            def cancel(self) -> None:
                raise ZeroDivisionError

        self.patch(self.resolver, "resolve", lambda uri, done: Broken())

        async def test() -> None:
            connection = await self.connection()
            await connection.send_request(message(URI))
            await self.network.sleep(0)
            await self.stack.stop()

        self.run_(test())
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)
