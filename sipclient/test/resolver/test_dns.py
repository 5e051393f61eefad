"""Questions to DNS servers that are slow, silent, lying or no help, in fake time."""

from __future__ import annotations

from typing import Any

import dns.message
from twisted.internet.error import CannotListenError
from twisted.trial.unittest import SynchronousTestCase

from sipclient.resolver.answer import Answer
from sipclient.resolver.dns import DNSClient
from sipclient.resolver.limits import ResolverLimits
from sipclient.resolver.servers import Server
from sipclient.testing import FakeNetwork

from .server import DNSServer, in_turn, missing, says, silent

NAME = "sip.example.com"
HERE, ONE, TWO, THREE = "192.0.2.1", "192.0.2.51", "192.0.2.52", "2001:db8::53"
GOOD = says(f"{NAME}. 60 IN A 192.0.2.7")


class DNSCase(SynchronousTestCase):
    """A host, and two DNS servers."""

    limits = ResolverLimits()

    def setUp(self) -> None:
        self.network = FakeNetwork()
        self.here = self.network.reactor(HERE, "2001:db8::1")
        self.one = DNSServer(self.network.reactor(ONE), ONE)
        self.two = DNSServer(self.network.reactor(TWO), TWO)
        self.servers: tuple[Server, ...] = (Server(ONE), Server(TWO))
        self.answers: list[Answer] = []
        self.client = self.make(self.limits)
        self.addCleanup(self.nothing_is_left)

    def make(self, limits: ResolverLimits) -> DNSClient:
        numbers = iter(range(1, 60_000))
        return DNSClient(
            self.here,
            lambda: self.servers,
            limits,
            lambda length: next(numbers).to_bytes(length, "big"),
        )

    def nothing_is_left(self) -> None:
        self.assertEqual(self.network.delayed_calls(), [])
        self.assertEqual(self.here.ports, ())

    def ask(self, name: str = NAME, kind: str = "A") -> Any:
        return self.client.ask(name, kind, self.answers.append)

    def answer(self) -> Answer:
        """Let time pass until there is one, and give the only one."""
        self.network.run(lambda: self.answers)
        self.network.advance(0)
        [answer] = self.answers
        self.answers.clear()
        return answer

    def counts(self) -> tuple[int, int]:
        return len(self.one.asked), len(self.two.asked)


class FoundTests(DNSCase):
    def test_the_first_server_that_knows_is_believed(self) -> None:
        self.one.has(NAME, "192.0.2.7", "192.0.2.8", "2001:db8::7", ttl=50)
        self.ask()
        self.assertEqual(self.answers, [])
        self.assertEqual(self.answer(), Answer(("192.0.2.7", "192.0.2.8"), ttl=50))
        self.ask(kind="AAAA")
        self.assertEqual(self.answer(), Answer(("2001:db8::7",), ttl=50))
        self.assertEqual(self.counts(), (2, 0))

    def test_a_server_with_an_ipv6_address(self) -> None:
        self.servers = (Server(THREE, 5353),)
        three = DNSServer(self.network.reactor(THREE), THREE, 5353)
        three.on(NAME, GOOD)
        self.ask()
        self.assertEqual(self.answer().records, ("192.0.2.7",))

    def test_a_time_without_measure_has_one(self) -> None:
        self.one.has(NAME, "192.0.2.7", ttl=999_999)
        self.ask()
        self.assertEqual(self.answer().ttl, self.limits.longest_ttl)

    def test_an_alias_is_asked_for_where_the_server_leaves_it_at_that(self) -> None:
        self.one.on(NAME, says(f"{NAME}. 30 IN CNAME a.example.net."))
        self.one.has("a.example.net", "192.0.2.7", ttl=60)
        self.ask()
        self.assertEqual(self.answer(), Answer(("192.0.2.7",), ttl=30))

    def test_aliases_that_lead_on_and_on(self) -> None:
        for server in (self.one, self.two):
            server.on(NAME, says(f"{NAME}. 30 IN CNAME 0.net."))
        for number in range(20):
            alias = f"{number}.net. 30 IN CNAME {number + 1}.net."
            self.one.on(f"{number}.net", says(alias))
        self.two.has("0.net", "192.0.2.7")
        self.ask()
        self.assertEqual(self.answer(), Answer(("192.0.2.7",), ttl=30))
        self.assertEqual(self.counts(), (9, 2))
        self.two.on(NAME, says(code="REFUSED"))
        self.ask()
        self.assertIn("answered with more than 8 aliases", self.answer().came)


class MissingTests(DNSCase):
    def test_no_such_name_is_final(self) -> None:
        self.ask()
        came = f"the DNS server {ONE} says that the name doesn't exist"
        self.assertEqual(self.answer(), Answer(came=came, missing=True, ttl=60))
        self.assertEqual(self.counts(), (1, 0))

    def test_no_such_record_is_final(self) -> None:
        self.one.has(NAME, "192.0.2.7")
        self.ask(kind="AAAA")
        came = f"the DNS server {ONE} says that the name has no such record"
        self.assertEqual(self.answer(), Answer(came=came, missing=True, ttl=60))

    def test_its_time_has_a_measure(self) -> None:
        for ttl, kept in ((99_999, self.limits.negative_ttl), (0, 1.0)):
            self.one.on(NAME, missing(ttl=ttl))
            self.ask()
            self.assertEqual(self.answer().ttl, kept)


class TroubleTests(DNSCase):
    def test_silence_leads_to_the_next_server(self) -> None:
        self.one.on(NAME, silent)
        self.two.on(NAME, GOOD)
        self.ask()
        self.assertEqual(self.answer().records, ("192.0.2.7",))
        self.assertEqual(self.network.seconds(), 1.0)

    def test_a_host_that_is_not_there_or_where_nobody_listens(self) -> None:
        self.network.reactor("192.0.2.53")
        self.servers = (Server("192.0.2.53"), Server("192.0.2.54"), Server(TWO))
        self.two.on(NAME, GOOD)
        self.ask()
        self.assertEqual(self.answer().records, ("192.0.2.7",))

    def test_all_silent_they_are_asked_again_with_more_patience(self) -> None:
        for server in (self.one, self.two):
            server.on(NAME, silent)
        self.ask()
        answer = self.answer()
        self.assertEqual(self.network.seconds(), self.limits.patience)
        self.assertEqual(self.counts(), (2, 2))
        self.assertEqual(
            answer,
            Answer(
                came=f"the DNS server {ONE} didn't answer within 2 s,"
                f" the DNS server {TWO} didn't answer within 1 s",
                ttl=1.0,
            ),
        )

    def test_one_silent_server(self) -> None:
        self.servers = (Server(ONE),)
        self.one.on(NAME, silent)
        self.ask()
        came = f"the DNS server {ONE} didn't answer within 2 s"
        self.assertEqual(self.answer().came, came)
        self.assertEqual(self.network.seconds(), 3.0)

    def test_a_lost_question_is_asked_again(self) -> None:
        self.servers = (Server(ONE),)
        self.one.on(NAME, in_turn(silent, GOOD))
        self.ask()
        self.assertEqual(self.answer().records, ("192.0.2.7",))

    def test_a_slow_answer_that_comes_in_time(self) -> None:
        self.one.on(NAME, GOOD)
        self.one.delay = 0.9
        self.ask()
        self.assertEqual(self.answer().records, ("192.0.2.7",))
        self.assertEqual(self.counts(), (1, 0))

    def test_an_answer_that_comes_too_late_finds_nobody(self) -> None:
        self.one.on(NAME, GOOD)
        self.one.delay = 1.5
        self.two.on(NAME, says(f"{NAME}. 60 IN A 192.0.2.8"))
        self.two.delay = 0.9
        self.ask()
        self.assertEqual(self.answer().records, ("192.0.2.8",))

    def test_a_server_that_fails_leads_to_the_next(self) -> None:
        self.two.on(NAME, GOOD)
        for code in ("SERVFAIL", "REFUSED", "NOTIMP"):
            self.one.on(NAME, says(code=code))
            self.ask()
            self.assertEqual(self.answer().records, ("192.0.2.7",))
        self.assertEqual(self.network.seconds(), 0.0)

    def test_all_fail(self) -> None:
        self.one.on(NAME, says(code="SERVFAIL"))
        self.two.on(NAME, says(code="REFUSED"))
        self.ask()
        answer = self.answer()
        self.assertEqual(
            answer.came,
            f"the DNS server {ONE} answered SERVFAIL (it failed to find out),"
            f" the DNS server {TWO} answered REFUSED (it doesn't serve us)",
        )
        self.assertFalse(answer.missing)
        self.assertEqual(self.counts(), (2, 2))

    def test_it_recovers(self) -> None:
        self.servers = (Server(ONE),)
        self.one.on(NAME, in_turn(says(code="SERVFAIL"), GOOD))
        self.ask()
        self.assertEqual(self.answer().records, ("192.0.2.7",))

    def test_without_a_socket(self) -> None:
        def listen(*args: object, **kwargs: object) -> None:
            raise CannotListenError("", 0, OSError(24, "Too many open files"))

        self.patch(self.here, "listenUDP", listen)
        self.ask()
        self.assertEqual(self.answers, [])
        self.assertIn("couldn't be asked ([Errno 24] Too many", self.answer().came)

    def test_without_a_route(self) -> None:
        self.servers = (Server("2001:db8::53"), Server(ONE))
        self.here = self.network.reactor("192.0.2.2")  # without IPv6
        self.client = self.make(self.limits)
        self.one.on(NAME, GOOD)
        self.ask()
        self.assertEqual(self.answer().records, ("192.0.2.7",))


class LyingTests(DNSCase):
    """RFC 5452: what isn't the answer is waited over."""

    def test_another_number_another_question_noise(self) -> None:
        def liar(query: Any) -> list[bytes]:
            other = dns.message.make_query("evil.example.com", "A", id=query.id)
            lie = says("evil.example.com. 60 IN A 192.0.2.66")(other)[0]
            wrong = bytearray(GOOD(query)[0])
            wrong[1] ^= 1
            return [lie, bytes(wrong), b"", b"\0" * 40, query.to_wire(), *GOOD(query)]

        self.one.on(NAME, liar)
        self.ask()
        self.assertEqual(self.answer().records, ("192.0.2.7",))

    def test_only_lies_are_silence(self) -> None:
        self.servers = (Server(ONE),)
        self.one.on(NAME, lambda query: [b"hello", b"\0" * 12])
        self.ask()
        self.assertEqual(
            self.answer().came,
            f"the DNS server {ONE} didn't answer within 2 s, but said 2 times what was"
            " no answer",
        )

    def test_from_another_address_or_port(self) -> None:
        mallory = self.network.reactor("192.0.2.66")
        lies: list[Any] = []

        def race(query: Any) -> list[bytes]:
            [port] = self.here.ports
            there = (HERE, port.getHost().port)
            lie = says(f"{NAME}. 60 IN A 192.0.2.66")(query)[0]
            for reactor in (mallory, self.one.reactor):
                liar = DNSServer(reactor, reactor.addresses[0], 5300)
                liar.udp.write(lie, there)
                lies.append(lie)
            return GOOD(query)

        self.one.on(NAME, race)
        self.one.delay = 0.5
        self.ask()
        self.assertEqual(self.answer().records, ("192.0.2.7",))
        self.assertEqual(len(lies), 2)

    def test_each_question_has_a_port_and_a_number_of_its_own(self) -> None:
        for server in (self.one, self.two):
            server.on(NAME, silent)
        self.ask()
        self.answer()
        sent = [entry for entry in self.network.log if entry.destination[1] == 53]
        self.assertEqual(len({entry.source for entry in sent}), 4)
        self.assertEqual(len({entry.data[:2] for entry in sent}), 4)


class CancelTests(DNSCase):
    def test_cancelled_nothing_comes_and_nothing_is_left(self) -> None:
        self.one.on(NAME, silent)
        look_up = self.ask()
        for seconds in (0, 0.5, 1.0, 1.0):
            other = self.ask("other.example.com")
            self.network.advance(seconds)
            other.cancel()
        look_up.cancel()
        look_up.cancel()
        self.network.advance(0)
        self.nothing_is_left()


class ManyTests(DNSCase):
    """No more questions at a time than sockets can be had."""

    limits = ResolverLimits(at_once=2, waiting=3)

    def test_others_wait_for_their_turn(self) -> None:
        self.one.delay = 0.5
        most = 0
        for number in range(5):
            self.ask(f"{number}.example.com")
        while len(self.answers) < 5:
            most = max(most, len(self.here.ports))
            self.network.advance(0.1)
        self.assertEqual(most, 2)
        self.assertEqual(
            [name for _, name, _ in self.one.asked],
            [f"{number}.example.com" for number in range(5)],
        )

    def test_one_too_many_fails(self) -> None:
        for _ in range(6):
            self.ask()
        self.assertEqual((self.answers, self.client.refused), ([], 1))
        self.network.advance(0)
        self.assertEqual(len(self.answers), 6)
        refused = [answer for answer in self.answers if not answer.missing]
        self.assertEqual([a.came for a in refused], ["3 others wait to be looked up"])

    def test_one_that_waits_can_be_cancelled_or_never_gets_its_turn(self) -> None:
        for server in (self.one, self.two):
            for name in ("a", "b"):
                server.on(name, silent)
        for name in "ab":
            self.ask(name)
        self.ask("c").cancel()
        self.network.advance(0.1)
        self.network.advance(4.85)
        late = self.ask("d")
        self.network.advance(0.05)
        self.assertEqual(len(self.answers), 3)
        late.cancel()
        self.answers.clear()
        self.client.limits = ResolverLimits(at_once=0, patience=1.0)
        self.ask("e")
        self.assertEqual(self.answer().came, "its turn never came")
