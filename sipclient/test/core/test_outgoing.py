"""Requests on their way out: what the stack fills in, where they go, and go next."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sipclient import AccessPoint
from sipclient.core.limits import StackLimits
from sipclient.errors import (
    SIPForbidden,
    SIPICMPFailure,
    SIPResolvingFailure,
    SIPTimedOut,
    SIPTooBig,
    SIPTransportFailure,
)
from sipclient.transport.target import Target

from .world import B, C, CoreCase, Pending, Resolver


class FillingTests(CoreCase):
    def test_what_every_request_has(self) -> None:
        """RFC 3261 §8.1.1: six headers, tags and branches that nobody can guess."""
        agent, _ = self.open()
        peer = self.peer()
        seen: list[Any] = []
        for _ in range(2):
            self.send(agent, f"sip:bob@{B}", ("Subject", "x"), body=b"hello")
            request = self.network.result_of(peer.expects("MESSAGE"))
            peer.answers(request, 200)
            seen.append(request)
        first, second = seen
        self.assertEqual(first.uri, f"sip:bob@{B}")
        self.assertEqual(first.text("To"), f"<sip:bob@{B}>")
        self.assertEqual(first.text("Max-Forwards"), "70")
        self.assertEqual(first.text("Subject"), "x")
        self.assertEqual(first.text("Content-Length"), "5")
        self.assertTrue(first.branch.startswith("z9hG4bK"))
        self.assertTrue(first.text("Via").endswith(";rport"))
        self.assertEqual(first.cseq_method, "MESSAGE")
        self.assertLess(first.cseq, 2**31)
        for name in ("branch", "from_tag", "call_id"):
            one, two = getattr(first, name), getattr(second, name)
            self.assertGreaterEqual(len(one), 16)
            self.assertNotEqual(one, two)

    def test_a_request_that_no_datagram_carries(self) -> None:
        agent, _ = self.open(limits=StackLimits(datagram=1_000))
        owner = self.send(agent, body=b"x" * 1_000)
        self.network.advance(0)
        error = self.failure(owner, SIPTooBig)
        self.assertIn("1000", str(error))
        self.assertEqual(list(self.network.log), [])
        overhead = 0
        peer = self.peer()
        self.send(agent, body=b"")
        request = self.network.result_of(peer.expects("MESSAGE"))
        peer.answers(request, 200)
        overhead = len(request.raw) + len("00")
        fits = self.send(agent, body=b"x" * (1_000 - overhead - 16))
        peer.answers(self.network.result_of(peer.expects("MESSAGE")), 200)
        self.network.advance(0)
        self.assertEqual(fits.heard, [200])


class RouteTests(CoreCase):
    """RFC 3261 §8.1.2, §12.2.1.1: route sets, strict and loose, and proxies."""

    def _sent(
        self,
        routes: tuple[str, ...],
        proxy: str | None = None,
        uri: str = "sip:bob@example.com",
    ) -> tuple[str, list[str]]:
        """The Request-URI and the Route of what arrives at B."""
        agent, _ = self.open(AccessPoint("default", outbound_proxy=proxy))
        peer = self.peer()
        self.send(agent, uri, *[("Route", text) for text in routes])
        request = self.network.result_of(peer.expects("MESSAGE"))
        peer.answers(request, 200)
        peer.finish()
        self.assertEqual(request.text("To"), f"<{uri}>")
        return request.uri, [str(route) for route in request.headers("Route")]

    def test_a_loose_route(self) -> None:
        self.assertEqual(
            self._sent((f"<sip:{B};lr>", "<sip:p2.example.com;lr>")),
            ("sip:bob@example.com", [f"<sip:{B};lr>", "<sip:p2.example.com;lr>"]),
        )

    def test_several_routes_in_one_line(self) -> None:
        self.assertEqual(
            self._sent((f"<sip:{B};lr>,<sip:p2.example.com;lr>",)),
            ("sip:bob@example.com", [f"<sip:{B};lr>", "<sip:p2.example.com;lr>"]),
        )

    def test_a_strict_route_is_the_request_uri_and_the_target_goes_last(self) -> None:
        self.assertEqual(
            self._sent((f"<sip:{B}>", "<sip:p2.example.com;lr>")),
            (f"sip:{B}", ["<sip:p2.example.com;lr>", "<sip:bob@example.com>"]),
        )

    def test_what_a_request_uri_can_not_have_is_left_out_of_it(self) -> None:
        """§12.2.1.1: of a strict route's URI, headers and the method parameter."""
        self.assertEqual(
            self._sent((f"<sip:{B};method=INVITE;x=y?Subject=z>",)),
            (f"sip:{B};x=y", ["<sip:bob@example.com>"]),
        )

    def test_an_outbound_proxy(self) -> None:
        for proxy in (f"sip:{B};lr", f"sip:{B}"):
            self.assertEqual(
                self._sent((), proxy), ("sip:bob@example.com", [f"<{proxy}>"])
            )
            self._finish()
            self.setUp()

    def test_routes_of_the_application_come_before_the_proxy(self) -> None:
        self.assertEqual(
            self._sent((f"<sip:{B};lr>",), "sip:192.0.2.77;lr"),
            ("sip:bob@example.com", [f"<sip:{B};lr>"]),
        )
        self._finish()
        self.setUp()
        self.assertEqual(
            self._sent((f"<sip:{B}>",), "sip:192.0.2.77;lr"),
            (f"sip:{B}", ["<sip:bob@example.com>"]),
        )

    def test_what_is_resolved_is_the_next_hop(self) -> None:
        for routes, proxy, hop in (
            ((), None, "sip:bob@example.com"),
            (("<sip:p1.example.com;lr>",), None, "sip:p1.example.com;lr"),
            (("<sip:p1.example.com>",), None, "sip:p1.example.com"),
            ((), "sip:proxy.example.com;lr", "sip:proxy.example.com;lr"),
        ):
            resolver = Resolver(Target("UDP", B, 5060))
            agent, _ = self.open(
                AccessPoint("default", outbound_proxy=proxy), resolver=resolver
            )
            self.send(agent, "sip:bob@example.com", *[("Route", r) for r in routes])
            self.assertEqual(resolver.asked, [hop])
            self._finish()
            self.setUp()

    def test_a_uri_of_another_scheme_goes_to_the_proxy(self) -> None:
        uri, routes = self._sent((), f"sip:{B};lr", "tel:+358-555-1234567")
        self.assertEqual((uri, routes), ("tel:+358-555-1234567", [f"<sip:{B};lr>"]))


class FailoverTests(CoreCase):
    """RFC 3263 §4.3: the next address is tried when one fails."""

    first, second = Target("UDP", B, 5060), Target("UDP", C, 5060)

    def setUp(self) -> None:
        super().setUp()
        self.resolver = Resolver(self.first, self.second)
        self.agent, _ = self.open(resolver=self.resolver)

    def _both_got(self, one: Any, two: Any) -> None:
        """A new branch, and everything else the same."""
        self.assertNotEqual(one.branch, two.branch)
        self.assertEqual(
            (one.call_id, one.cseq, one.from_tag, one.body),
            (two.call_id, two.cseq, two.from_tag, two.body),
        )

    def test_after_503_the_next_one_is_asked(self) -> None:
        peers = [self.peer(B), self.peer(C)]
        owner = self.send(self.agent)
        one = self.network.result_of(peers[0].expects("MESSAGE"))
        peers[0].answers(one, 503)
        two = self.network.result_of(peers[1].expects("MESSAGE"))
        peers[1].answers(two, 200)
        self.network.advance(0)
        self._both_got(one, two)
        self.assertEqual(owner.heard, [200])

    def test_the_last_ones_503_is_the_answer(self) -> None:
        peers = [self.peer(B), self.peer(C)]
        owner = self.send(self.agent)
        for peer in peers:
            peer.answers(self.network.result_of(peer.expects("MESSAGE")), 503)
        self.network.advance(40)
        self.assertEqual(owner.heard, [503])

    def test_another_final_answer_is_the_answer(self) -> None:
        for status in (404, 486, 500, 603):
            peer = self.peer(B)
            owner = self.send(self.agent)
            peer.answers(self.network.result_of(peer.expects("MESSAGE")), status)
            self.network.advance(40)
            self.assertEqual(owner.heard, [status])
            self.network.result_of(peer.stop())

    def test_after_an_icmp_error(self) -> None:
        self.network.reactor(B)  # a host where nobody listens
        peer = self.peer(C)
        owner = self.send(self.agent)
        peer.answers(self.network.result_of(peer.expects("MESSAGE")), 200)
        self.network.advance(0)
        self.assertEqual(owner.heard, [200])
        self.assertEqual(self.network.seconds(), 0.0)

    def test_after_silence(self) -> None:
        peer = self.peer(C)
        owner = self.send(self.agent)
        request = self.network.result_of(peer.expects("MESSAGE"))
        self.assertEqual(self.network.seconds(), 32.0)
        peer.answers(request, 200)
        self.network.advance(0)
        self.assertEqual(owner.heard, [200])

    def test_provisional_answers_are_passed_on_but_100(self) -> None:
        peers = [self.peer(B), self.peer(C)]
        owner = self.send(self.agent)
        for peer, last in zip(peers, (503, 200), strict=True):
            request = self.network.result_of(peer.expects("MESSAGE"))
            for status in (100, 182, last):
                peer.answers(request, status)
            self.network.advance(0)
        self.assertEqual(owner.heard, [182, 182, 200])

    def test_the_last_failure_is_the_outcome(self) -> None:
        self.network.reactor(B)
        self.network.reactor(C)
        owner = self.send(self.agent)
        self.network.advance(1)
        error = self.failure(owner, SIPICMPFailure)
        self.assertIn(C, str(error))

    def test_an_address_that_can_not_be_sent_to_is_passed_over(self) -> None:
        self.resolver.answer = (Target("UDP", "2001:db8::2", 5060), self.second)
        peer = self.peer(C)
        owner = self.send(self.agent)
        peer.answers(self.network.result_of(peer.expects("MESSAGE")), 200)
        self.network.advance(0)
        self.assertEqual(owner.heard, [200])

    def test_where_none_can_be_sent_to_the_failure_is_the_last_ones(self) -> None:
        self.resolver.answer = (Target("UDP", "2001:db8::2", 5060),)
        owner = self.send(self.agent)
        self.failure(owner, SIPTransportFailure)

    def test_no_address_at_all(self) -> None:
        self.resolver.answer = ()
        self.failure(self.send(self.agent), SIPTransportFailure)

    def test_a_resolution_that_fails(self) -> None:
        error = SIPResolvingFailure("finding it", "there is none")
        self.resolver.answer = error
        self.assertIs(self.failure(self.send(self.agent), SIPResolvingFailure), error)


class OutcomeTests(CoreCase):
    def test_a_challenge_is_a_failure_that_names_the_realm(self) -> None:
        agent, _ = self.open()
        peer = self.peer()
        for status, name in (
            (401, "WWW-Authenticate"),
            (407, "Proxy-Authenticate"),
            (494, "WWW-Authenticate"),
        ):
            owner = self.send(agent)
            request = self.network.result_of(peer.expects("MESSAGE"))
            challenge = 'Digest realm="atlanta.com", nonce="84a4cc6f3082"'
            peer.answers(request, status, headers=[(name, challenge)])
            self.network.advance(0)
            error = self.failure(owner, SIPForbidden)
            self.assertIn(str(status), str(error))
            self.assertIn("atlanta.com", str(error))

    def test_a_challenge_that_can_not_be_read_is_one_all_the_same(self) -> None:
        agent, _ = self.open()
        peer = self.peer()
        for headers in ([("WWW-Authenticate", "???")], []):
            owner = self.send(agent)
            request = self.network.result_of(peer.expects("MESSAGE"))
            peer.answers(request, 401, headers=headers)
            self.network.advance(0)
            self.failure(owner, SIPForbidden)

    def test_silence_says_what_was_tried(self) -> None:
        agent, _ = self.open()
        owner = self.send(agent, "sip:bob@192.0.2.99:5070")
        self.network.advance(40)
        text = str(self.failure(owner, SIPTimedOut))
        for word in ("MESSAGE", "sip:bob@192.0.2.99:5070", "UDP", "32 s", "Timer F"):
            self.assertIn(word, text)

    def test_abandoned_it_goes_on_without_a_word(self) -> None:
        agent, _ = self.open()
        peer = self.peer()
        owner = self.send(agent)
        self.outgoing.abandon()
        peer.answers(self.network.result_of(peer.expects("MESSAGE")), 200)
        self.network.advance(40)
        self.assertEqual(owner.heard, [])

    def test_a_slow_resolution_keeps_the_access_point_open(self) -> None:
        resolver = Resolver(later=True)
        agent, _ = self.open(resolver=resolver)
        owner = self.send(agent)
        agent.close()
        self.network.advance(100)
        self.assertEqual(len(self.here.ports), 1)
        resolver.waiting.pop()((Target("UDP", B, 5060),))
        peer = self.peer()
        peer.answers(self.network.result_of(peer.expects("MESSAGE")), 200)
        self.network.advance(0)
        self.assertEqual(owner.heard, [200])
        self.network.advance(6)
        self.assertEqual(self.here.ports, ())

    def test_a_resolver_that_breaks_is_a_failure_like_others(self) -> None:
        class Broken(Resolver):
            def resolve(self, uri: Any, done: Callable[[Any], None]) -> Pending:
                raise ZeroDivisionError

        agent, _ = self.open(resolver=Broken())
        self.failure(self.send(agent), SIPResolvingFailure)
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)
        agent.close()
        self.network.advance(0)
        self.assertEqual(self.here.ports, ())

    def test_a_resolver_that_answers_twice_is_heard_once(self) -> None:
        resolver = Resolver(later=True)
        agent, _ = self.open(resolver=resolver)
        owner = self.send(agent)
        done = resolver.waiting.pop()
        for _ in range(2):
            done(SIPResolvingFailure("finding it"))
        self.failure(owner, SIPResolvingFailure)

    def test_a_resolution_that_fails_lets_it_close(self) -> None:
        resolver = Resolver(later=True)
        agent, _ = self.open(resolver=resolver)
        self.send(agent)
        agent.close()
        resolver.waiting.pop()(SIPResolvingFailure("finding it"))
        self.network.advance(0)
        self.assertEqual(self.here.ports, ())
