"""From URIs to targets, in fake time: hosts file, DNS, order, and what is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from twisted.internet import reactor as real_reactor
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from sipclient import Stack
from sipclient.errors import SIPInvalidURIType, SIPNotSupported, SIPResolvingFailure
from sipclient.interfaces import IPendingResolution, IResolver
from sipclient.message.uri import parse_uri
from sipclient.resolver.limits import ResolverLimits
from sipclient.resolver.numeric import NumericResolver
from sipclient.resolver.resolver import Resolver, default_resolver
from sipclient.testing import FakeNetwork
from sipclient.testing.clock import FakeClock
from sipclient.transport.target import Target

from .server import DNSServer, in_turn, missing, says, silent

HERE, DNS = "192.0.2.1", "192.0.2.53"
NAME = "sip.example.com"


class ResolverCase(SynchronousTestCase):
    limits = ResolverLimits()

    def setUp(self) -> None:
        self.network = FakeNetwork()
        self.here = self.network.reactor(HERE)
        self.server = DNSServer(self.network.reactor(DNS), DNS)
        self.hosts = Path(self.mktemp())
        self.hosts.write_text("127.0.0.1 localhost\n", encoding="utf-8")
        self.resolver = Resolver(
            self.here, servers=[DNS], hosts=self.hosts, limits=self.limits
        )
        self.outcomes: list[Any] = []
        self.addCleanup(self.nothing_is_left)

    def nothing_is_left(self) -> None:
        self.network.advance(0)
        self.assertEqual(self.network.delayed_calls(), [])
        self.assertEqual(self.here.ports, ())

    def resolve(self, text: str = f"sip:{NAME}") -> Any:
        return self.resolver.resolve(parse_uri(text), self.outcomes.append)

    def outcome(self, text: str = f"sip:{NAME}") -> Any:
        """Resolve, and let the time pass that it takes."""
        self.outcomes.clear()
        self.resolve(text)
        self.network.run(lambda: self.outcomes)
        self.network.advance(0)
        [outcome] = self.outcomes
        return outcome

    def addresses(self, text: str = f"sip:{NAME}") -> list[str]:
        return [target.host for target in self.outcome(text)]


class KnownTests(ResolverCase):
    """What needs no DNS is known at once, and DNS isn't asked."""

    def at_once(self, text: str) -> Any:
        self.outcomes.clear()
        pending = self.resolve(text)
        verifyObject(IPendingResolution, pending)
        pending.cancel()
        [outcome] = self.outcomes
        self.assertEqual(self.server.asked, [])
        return outcome

    def test_it_is_what_it_says(self) -> None:
        verifyObject(IResolver, self.resolver)

    def test_addresses_and_localhost(self) -> None:
        for text, target in (
            ("sip:bob@192.0.2.7", Target("UDP", "192.0.2.7", 5060)),
            ("sip:[2001:db8::7]:5070", Target("UDP", "2001:db8::7", 5070)),
            ("sip:192.0.2.7;transport=tcp", Target("TCP", "192.0.2.7", 5060)),
            ("sip:bob@localhost:5070", Target("UDP", "127.0.0.1", 5070)),
            ("sip:a.b;maddr=192.0.2.7", Target("UDP", "192.0.2.7", 5060)),
        ):
            self.assertEqual(self.at_once(text), (target,), text)

    def test_uris_that_lead_nowhere(self) -> None:
        for text, kind in (
            ("tel:+358501234567", SIPInvalidURIType),
            ("sips:bob@example.com", SIPNotSupported),
            ("sip:bob@example.com;transport=ws", SIPNotSupported),
            ("sip:bob@example.com:0", SIPResolvingFailure),
        ):
            self.assertIsInstance(self.at_once(text), kind)

    def test_the_hosts_file(self) -> None:
        self.hosts.write_text(
            "2001:db8::7 phone\n192.0.2.7 phone # ours\n192.0.2.8 phone other\n",
            encoding="utf-8",
        )
        self.assertEqual(
            self.at_once("sip:bob@PHONE.:5070;transport=tcp"),
            (
                Target("TCP", "192.0.2.7", 5070),
                Target("TCP", "192.0.2.8", 5070),
                Target("TCP", "2001:db8::7", 5070),
            ),
        )
        self.hosts.write_text("192.0.2.99 phone", encoding="utf-8")
        self.assertEqual(self.addresses("sip:phone"), ["192.0.2.99"])

    def test_a_name_that_the_hosts_file_puts_nowhere(self) -> None:
        self.hosts.write_text("0.0.0.0 ads.example.com", encoding="utf-8")
        error = self.at_once("sip:ads.example.com")
        self.assertIsInstance(error, SIPResolvingFailure)
        self.assertIn("hosts file says that it is at 0.0.0.0", str(error))

    def test_names_that_can_not_exist(self) -> None:
        long = ".".join(["a" * 60] * 5)
        for host in ("bob.invalid", "BOB.INVALID.", long, f"{'a' * 64}.com"):
            error = self.at_once(f"sip:{host}")
            self.assertIsInstance(error, SIPResolvingFailure)
            self.assertIn(host.lower().rstrip("."), str(error))


class NamesTests(ResolverCase):
    """RFC 3263 §4.2: A and AAAA records."""

    def test_both_types_are_asked_for_and_ipv4_comes_first(self) -> None:
        self.server.has(NAME, "2001:db8::7", "192.0.2.8", "192.0.2.7")
        self.assertEqual(
            self.outcome(f"sip:bob@{NAME}:5070;transport=tcp"),
            (
                Target("TCP", "192.0.2.8", 5070),
                Target("TCP", "192.0.2.7", 5070),
                Target("TCP", "2001:db8::7", 5070),
            ),
        )
        asked = sorted(kind for _, _, kind in self.server.asked)
        self.assertEqual(asked, ["A", "AAAA"])

    def test_one_type_is_enough(self) -> None:
        for address in ("192.0.2.7", "2001:db8::7"):
            name = f"x{len(address)}.example.com"
            self.server.has(name, address)
            self.assertEqual(self.addresses(f"sip:{name}"), [address])

    def test_one_type_that_fails_harms_nothing(self) -> None:
        self.server.has(NAME, "192.0.2.7")
        self.server.on(NAME, says(code="SERVFAIL"), "AAAA")
        self.assertEqual(self.addresses(), ["192.0.2.7"])

    def test_one_type_that_never_comes_is_not_waited_for(self) -> None:
        self.server.has(NAME, "192.0.2.7")
        self.server.on(NAME, silent, "AAAA")
        self.assertEqual(self.addresses(), ["192.0.2.7"])
        self.assertEqual(self.network.seconds(), self.limits.grace)
        self.network.advance(5)

    def test_one_type_that_comes_late_is_there_the_next_time(self) -> None:
        self.server.has(NAME, "192.0.2.7", "2001:db8::7")
        late = says(f"{NAME}. 60 IN AAAA 2001:db8::7")
        self.server.on(NAME, in_turn(silent, late), "AAAA")
        self.assertEqual(self.addresses(), ["192.0.2.7"])
        self.network.advance(2)
        self.assertEqual(self.addresses(), ["192.0.2.7", "2001:db8::7"])

    def test_names_are_the_same_in_any_case(self) -> None:
        self.server.has(NAME, "192.0.2.7")
        self.addresses("sip:SIP.example.COM.")
        self.addresses()
        self.assertEqual(len(self.server.asked), 2)

    def test_what_is_known_is_told_at_once(self) -> None:
        self.server.has(NAME, "192.0.2.7", ttl=30)
        self.addresses()
        self.network.advance(29)
        self.outcomes.clear()
        self.resolve()
        self.assertEqual(self.outcomes, [(Target("UDP", "192.0.2.7", 5060),)])
        self.network.advance(1)
        self.server.has(NAME, "192.0.2.8")
        self.assertEqual(self.addresses(), ["192.0.2.8"])

    def test_it_does_not_hang_on_a_server_that_stalls_and_recovers(self) -> None:
        self.server.on(NAME, silent)
        self.assertIsInstance(self.outcome(), SIPResolvingFailure)
        self.server.has(NAME, "192.0.2.7")
        self.assertIsInstance(self.outcome(), SIPResolvingFailure)
        self.network.advance(1)
        self.assertEqual(self.addresses(), ["192.0.2.7"])


class TextTests(ResolverCase):
    """A failure says what was asked of whom, what came, and how long it took."""

    def text(self) -> str:
        error = self.outcome()
        self.assertIsInstance(error, SIPResolvingFailure)
        return str(error)

    def test_no_such_name(self) -> None:
        self.server.delay = 0.03
        self.assertEqual(
            self.text(),
            f"finding where to send a request for {NAME}: {self.hosts} doesn't have it;"
            f" asked for A and AAAA records, the DNS server {DNS} says that the name"
            " doesn't exist, after 0.03 s (RFC 3263 §4.2). Check the name",
        )

    def test_remembered(self) -> None:
        self.text()
        self.network.advance(12)
        self.assertIn("says that the name doesn't exist, 12 s ago", self.text())

    def test_silence(self) -> None:
        self.server.on(NAME, silent)
        self.hosts.unlink()
        text = self.text()
        for words in (
            f"{self.hosts} can't be read (No such file or directory)",
            f"the DNS server {DNS} didn't answer within 2 s, after 3 s",
            "See whether the DNS servers can be reached",
            "outbound proxy",
        ):
            self.assertIn(words, text)

    def test_each_type_its_own(self) -> None:
        self.server.on(NAME, missing(code="NOERROR"))
        self.server.on(NAME, says(code="REFUSED"), "AAAA")
        text = self.text()
        self.assertIn("asked for A records, the DNS server", text)
        self.assertIn("no such record; asked for AAAA records, the DNS server", text)
        self.assertIn("REFUSED", text)

    def test_no_password(self) -> None:
        error = self.outcome(f"sip:bob:secret@{NAME}")
        self.assertNotIn("secret", str(error))


class CancelTests(ResolverCase):
    def test_one_that_is_cancelled_harms_no_other(self) -> None:
        self.server.has(NAME, "192.0.2.7")
        self.server.delay = 0.1
        first = self.resolve()
        self.resolve()
        first.cancel()
        self.network.advance(0.1)
        self.assertEqual(self.outcomes, [(Target("UDP", "192.0.2.7", 5060),)])
        self.assertEqual(len(self.server.asked), 2)
        first.cancel()

    def test_the_last_one_that_is_cancelled_ends_it(self) -> None:
        self.server.on(NAME, silent)
        for pending in [self.resolve() for _ in range(3)]:
            pending.cancel()
        self.nothing_is_left()
        self.assertEqual(self.outcomes, [])

    def test_cancelled_while_one_type_is_there(self) -> None:
        self.server.has(NAME, "192.0.2.7")
        self.server.on(NAME, silent, "AAAA")
        pending = self.resolve()
        self.network.advance(0.1)
        pending.cancel()
        self.nothing_is_left()
        self.assertEqual(self.outcomes, [])

    def test_stopped(self) -> None:
        self.server.on(NAME, silent)
        self.resolve()
        self.resolver.stop()
        self.nothing_is_left()
        self.assertEqual(self.outcomes, [])


class DefaultTests(SynchronousTestCase):
    """Which resolver a stack has."""

    def test_what_was_given(self) -> None:
        given = NumericResolver()
        stack = Stack(FakeNetwork().reactor(HERE), resolver=given)
        self.assertIs(stack.resolver, given)

    def test_what_the_reactor_brings(self) -> None:
        own = NumericResolver()

        class Reactor(FakeClock):
            """Brings its own."""

            def __conform__(self, interface: object) -> object:
                return own if interface is IResolver else None

        self.assertIs(Stack(Reactor()).resolver, own)

    def test_dns_where_the_reactor_knows_of_names(self) -> None:
        self.assertIsInstance(default_resolver(real_reactor), Resolver)
        self.assertIsInstance(Stack(real_reactor).resolver, Resolver)

    def test_none_where_there_is_only_time_and_sockets(self) -> None:
        class Bare:
            """Knows nothing."""

        self.assertIsInstance(default_resolver(Bare()), NumericResolver)
