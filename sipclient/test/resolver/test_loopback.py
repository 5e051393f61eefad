"""DNS on real sockets of loopback: UDP, and TCP for what is too long."""

from __future__ import annotations

from typing import Any

from twisted.internet import reactor as _reactor
from twisted.internet.defer import Deferred
from twisted.trial.unittest import TestCase

from sipclient import AccessPoint, SIPClient, Stack
from sipclient.message.uri import parse_uri
from sipclient.resolver.limits import ResolverLimits
from sipclient.resolver.resolver import Resolver
from sipclient.test.contract.world import EVERYBODY, message
from sipclient.test.transport.loopback import has_ipv6, turns
from sipclient.testing import RecordingObserver

from .server import Behaviour, DNSServer, says, silent

# Which reactor it is shows at run time only.
reactor: Any = _reactor

NAME = "sip.example.com"
MANY = [f"{NAME}. 60 IN A 127.0.0.{number}" for number in range(1, 60)]
CUT = says(tc=True)


def closes(query: object) -> list[bytes]:
    """Close the connection instead of answering."""
    return [b""]


class LoopbackCase(TestCase):
    timeout = 20
    host = "127.0.0.1"
    limits = ResolverLimits(wait=0.2, message=1_024)

    def setUp(self) -> None:
        self.server = DNSServer(reactor, self.host, 0)
        self.addCleanup(lambda: Deferred.fromCoroutine(self.server.stop()))
        self.resolver = Resolver(
            reactor,
            servers=[self.server.address],
            hosts=self.mktemp(),
            limits=self.limits,
        )

    async def resolve(self, name: str = NAME) -> Any:
        result: Deferred[Any] = Deferred()
        self.resolver.resolve(parse_uri(f"sip:{name}"), result.callback)
        outcome = await result
        await turns(2)
        if isinstance(outcome, Exception):
            return str(outcome)
        return [target.host for target in outcome]


class UDPTests(LoopbackCase):
    async def test_addresses(self) -> None:
        self.server.has(NAME, "127.0.0.7", "::1")
        self.assertEqual(await self.resolve(), ["127.0.0.7", "::1"])

    async def test_no_such_name(self) -> None:
        self.assertIn("doesn't exist", await self.resolve())

    async def test_a_server_that_is_silent_and_one_that_is_not_there(self) -> None:
        self.server.on(NAME, silent)
        self.assertIn("didn't answer within 0.4 s", await self.resolve())
        await self.server.udp.stopListening()
        self.assertIn("didn't answer within 0.4 s", await self.resolve("a.example.com"))

    async def test_many_at_once(self) -> None:
        for number in range(200):
            self.server.has(f"{number}.example.com", "127.0.0.1")
        results: list[Any] = []
        for number in range(200):
            uri = parse_uri(f"sip:{number}.example.com")
            self.resolver.resolve(uri, results.append)
        while len(results) < 200:
            await turns(1)
        await turns(2)
        self.assertEqual({result[0].host for result in results}, {"127.0.0.1"})


class IPv6Tests(UDPTests):
    host = "::1"
    skip = None if has_ipv6() else "this machine has no IPv6"


class TCPTests(LoopbackCase):
    """RFC 1035 §4.2.2, RFC 2181 §9: what was cut comes by TCP."""

    async def cut(self, does: Behaviour) -> Any:
        """Cut the answer about IPv4 over UDP; over TCP do that."""
        self.server.has(NAME)
        self.server.on(NAME, CUT, "A", "udp")
        self.server.on(NAME, does, "A", "tcp")
        outcome = await self.resolve()
        while self.server.connections:
            await turns(1)
        return outcome

    async def test_the_whole_answer_is_taken(self) -> None:
        self.server.listen_tcp()
        found = await self.cut(says(*MANY))
        self.assertEqual(found, [f"127.0.0.{number}" for number in range(1, 17)])
        self.assertIn(("tcp", NAME, "A"), self.server.asked)

    async def test_a_server_without_tcp(self) -> None:
        text = await self.cut(silent)
        self.assertIn("couldn't be connected to (Connection was refused", text)

    async def test_one_that_closes(self) -> None:
        self.server.listen_tcp()
        text = await self.cut(closes)
        self.assertIn("closed the connection without an answer", text)

    async def test_one_that_is_silent(self) -> None:
        self.server.listen_tcp()
        self.assertIn("didn't answer within 0.4 s", await self.cut(silent))

    async def test_one_that_says_something_else(self) -> None:
        self.server.listen_tcp()
        text = await self.cut(lambda query: [b"hello"])
        self.assertIn("answered something else", text)

    async def test_one_that_says_too_much(self) -> None:
        self.server.listen_tcp()
        text = await self.cut(lambda query: [b"x" * 1_025])
        self.assertIn("answered 1025 bytes, more than 1024", text)

    async def test_cancelled_it_closes_the_connection(self) -> None:
        self.server.listen_tcp()
        for transport, does in (("udp", CUT), ("tcp", silent)):
            self.server.on(NAME, does, "", transport)
        pending = self.resolver.resolve(parse_uri(f"sip:{NAME}"), self.fail)
        while len(self.server.connections) < 2:
            await turns(1)
        pending.cancel()
        while self.server.connections:
            await turns(1)


class RequestTests(LoopbackCase):
    """A request to a name, from one application to another."""

    async def test_it_arrives_at_the_address_where_somebody_listens(self) -> None:
        self.server.has(NAME, "127.0.0.2", "127.0.0.1")
        bob = await self.connected("bob", Stack(reactor), {"MESSAGE": 200})
        alice = await self.connected("alice", Stack(reactor, resolver=self.resolver))
        [address] = bob.listening
        sent = await alice.send_request(message(f"sip:bob@{NAME}:{address.port}"))
        self.assertEqual((await sent.final()).status_code, 200)

    async def connected(self, uid: str, stack: Stack, answers: Any = None) -> Any:
        client = await SIPClient.embed(stack, uid, capabilities=EVERYBODY)
        self.addCleanup(stack.stop)
        point = AccessPoint(
            "point", listen=("udp:0:interface=127.0.0.1",), domains=(NAME,)
        )
        return await client.connect(point, RecordingObserver(answers))
