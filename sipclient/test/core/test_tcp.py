"""Requests and answers over TCP: which way they take, and what they come to."""

from __future__ import annotations

from typing import Any

from sipclient import AccessPoint
from sipclient.core.limits import StackLimits
from sipclient.core.tokens import Tokens
from sipclient.errors import SIPTimedOut, SIPTooBig, SIPTransportFailure
from sipclient.testing import FakeNetwork, ScriptedPeer
from sipclient.transport.limits import StreamLimits
from sipclient.transport.target import Target

from .world import A, B, C, CoreCase, Resolver

BOTH = AccessPoint("default", listen=("udp:5060", "tcp:5060"))
LARGE = b"x" * 1300
TCP = Target("TCP", B, 5060)


class TCPCase(CoreCase):
    def tcp_peer(self, address: str = B, port: int = 5060) -> ScriptedPeer:
        return self.peer(address, port, transport="TCP")


class RequestTests(TCPCase):
    def test_a_target_of_tcp(self) -> None:
        agent, _ = self.open(BOTH, resolver=Resolver(TCP))
        peer = self.tcp_peer()
        owners = [self.send(agent) for _ in range(2)]
        for _ in owners:
            request = self.network.result_of(peer.expects("MESSAGE"))
            via = f" SIP/2.0/TCP {A}:5060;branch=z9hG4bK"
            self.assertTrue(request.index["via"].startswith(via))
            peer.answers(request, 200)
        self.network.advance(1)
        self.assertEqual([owner.heard for owner in owners], [[200], [200]])
        self.assertEqual(len(peer.streams), 1)
        # Nothing lingers over a reliable flow.
        self.assertEqual(agent.transactions.live, 0)

    def test_nothing_is_sent_again(self) -> None:
        agent, _ = self.open(BOTH, resolver=Resolver(TCP))
        peer = self.tcp_peer()
        owner = self.send(agent)
        self.network.advance(40)
        self.assertEqual(len(peer.heard), 1)
        error = self.failure(owner, SIPTimedOut)
        self.assertNotIn("UDP", str(error))

    def test_a_refused_connection(self) -> None:
        agent, _ = self.open(BOTH, resolver=Resolver(TCP))
        self.network.reactor(B)
        owners = [self.send(agent, f"sip:{name}@{B}") for name in ("a", "b")]
        self.network.advance(1)
        for owner, name in zip(owners, ("a", "b"), strict=True):
            error = self.failure(owner, SIPTransportFailure)
            self.assertIn(f"MESSAGE to sip:{name}@{B} at TCP {B}:5060", str(error))
            self.assertIn("Connection refused", str(error))

    def test_the_next_address_after_a_refused_one(self) -> None:
        resolver = Resolver(TCP, Target("UDP", C, 5060))
        agent, _ = self.open(BOTH, resolver=resolver)
        self.network.reactor(B)
        peer = self.peer(C)
        owner = self.send(agent)
        peer.answers(self.network.result_of(peer.expects("MESSAGE")), 200)
        self.network.advance(1)
        self.assertEqual(owner.heard, [200])

    def test_where_tcp_is_not_listened_on(self) -> None:
        agent, _ = self.open(resolver=Resolver(TCP))
        error = self.failure(self.send(agent), SIPTransportFailure)
        self.assertIn("no IPv4 address is listened on by TCP", str(error))

    def test_no_datagram_carries_it_but_a_stream_does(self) -> None:
        limits = StackLimits(datagram=1_000)
        agent, _ = self.open(BOTH, resolver=Resolver(TCP), limits=limits)
        peer = self.tcp_peer()
        self.send(agent, body=LARGE)
        request = self.network.result_of(peer.expects("MESSAGE"))
        self.assertEqual(request.body, LARGE)
        peer.answers(request, 200)

    def test_each_request_has_one_outcome_wherever_its_connection_dies(self) -> None:
        outcomes = set()
        for number in range(8):
            for how in ("reset", "close", "silence"):
                network = self.network = FakeNetwork(seed=number)
                self.here = network.reactor(A)
                agent, _ = self.open(BOTH, resolver=Resolver(TCP))
                peer = self.tcp_peer()
                severing: Any = network.streams.sever_at(number, how=how)
                owner = self.send(agent)
                asked = peer.expects("MESSAGE", timeout=20)
                asked.addCallbacks(
                    lambda request, peer=peer: peer.answers(request, 200),
                    lambda failure: None,
                )
                network.advance(60)
                self.assertEqual(len(owner.heard), 1, f"{number} {how}")
                outcomes.add(type(owner.heard[0]).__name__)
                self.assertEqual(agent.transactions.live, 0)
                self._stacks.pop().stop()
                network.advance(40)
                self.assertEqual(network.delayed_calls(), [])
                if severing.segment is None:
                    self.assertEqual(owner.heard, [200])
        self.assertEqual(outcomes, {"int", "SIPTransportFailure", "SIPTimedOut"})


class LargeRequestTests(TCPCase):
    """RFC 3261 §18.1.1: what is too large for UDP goes by TCP, if it may."""

    def body_for(self, agent: Any, size: int) -> bytes:
        """Give a body with which the request has so many bytes by UDP."""
        self.patch(Tokens, "cseq", lambda tokens: 7)
        peer = self.peer(C)
        self.send(agent, f"sip:bob@{C}", body=b"x" * 100)
        request = self.network.result_of(peer.expects("MESSAGE"))
        peer.answers(request, 200)
        # Content-Length has one digit more.
        return b"x" * (size - len(request.raw) + 100 - 1)

    def test_one_byte_too_many(self) -> None:
        agent, _ = self.open(BOTH)
        body = self.body_for(agent, 1300)
        udp, tcp = self.peer(), self.tcp_peer()
        self.send(agent, body=body)
        request = self.network.result_of(udp.expects("MESSAGE"))
        self.assertEqual(len(request.raw), 1300)
        udp.answers(request, 200)
        owner = self.send(agent, body=body + b"x")
        request = self.network.result_of(tcp.expects("MESSAGE"))
        self.assertTrue(request.index["via"].startswith(" SIP/2.0/TCP"))
        tcp.answers(request, 200)
        self.network.advance(1)
        self.assertEqual(owner.heard, [200])
        udp.finish()

    def test_the_limit_is_a_setting(self) -> None:
        agent, _ = self.open(BOTH, limits=StackLimits(udp_request=5_000))
        peer = self.peer()
        self.send(agent, body=LARGE)
        peer.answers(self.network.result_of(peer.expects("MESSAGE")), 200)

    def test_a_uri_that_asks_for_udp_gets_it(self) -> None:
        agent, _ = self.open(BOTH)
        self.tcp_peer()
        peer = self.peer()
        self.send(agent, f"sip:bob@{B};transport=udp", body=LARGE)
        peer.answers(self.network.result_of(peer.expects("MESSAGE")), 200)

    def test_a_proxy_that_is_asked_by_udp_is_as_well(self) -> None:
        proxy = f"sip:{B};transport=udp;lr"
        point = AccessPoint("p", listen=BOTH.listen, outbound_proxy=proxy)
        agent, _ = self.open(point)
        peer = self.peer()
        self.send(agent, f"sip:bob@{C}", body=LARGE)
        peer.answers(self.network.result_of(peer.expects("MESSAGE")), 200)

    def test_without_a_tcp_address_it_goes_by_udp(self) -> None:
        agent, _ = self.open()
        peer = self.peer()
        self.send(agent, body=LARGE)
        peer.answers(self.network.result_of(peer.expects("MESSAGE")), 200)

    def test_refused_it_goes_by_udp_after_all(self) -> None:
        agent, _ = self.open(BOTH)
        peer = self.peer()
        owner = self.send(agent, body=LARGE)
        request = self.network.result_of(peer.expects("MESSAGE"))
        self.assertTrue(request.index["via"].startswith(" SIP/2.0/UDP"))
        peer.answers(request, 200)
        self.network.advance(1)
        self.assertEqual(owner.heard, [200])

    def test_with_nobody_answering_it_goes_by_udp_after_all(self) -> None:
        limits = StackLimits(streams=StreamLimits(connect_time=3))
        agent, _ = self.open(BOTH, limits=limits)
        peer = self.peer()
        severing = self.network.streams.sever_at(0, how="silence")
        owner = self.send(agent, body=LARGE)
        self.network.advance(2.9)
        self.assertEqual(peer.heard, [])
        request = self.network.result_of(peer.expects("MESSAGE"))
        peer.answers(request, 200)
        self.network.advance(1)
        self.assertEqual(owner.heard, [200])
        self.assertIsNot(severing.segment, None)

    def test_where_neither_goes_there_is_one_failure(self) -> None:
        agent, _ = self.open(BOTH)
        self.network.reactor(B)
        owner = self.send(agent, body=LARGE)
        self.network.advance(1)
        self.failure(owner, SIPTransportFailure)

    def test_too_large_for_any_datagram_it_is_not_sent_by_udp(self) -> None:
        agent, _ = self.open(BOTH, limits=StackLimits(datagram=1_400))
        peer = self.peer()
        owner = self.send(agent, body=LARGE)
        self.network.advance(1)
        self.assertEqual(len(owner.heard), 1)
        self.assertIsInstance(owner.heard[0], (SIPTransportFailure, SIPTooBig))
        self.assertEqual(peer.heard, [])

    def test_a_connection_lost_later_is_a_failure(self) -> None:
        """The other side may have it; sent anew it could be served twice."""
        agent, _ = self.open(BOTH)
        peer, udp = self.tcp_peer(), self.peer()
        owner = self.send(agent, body=LARGE)
        self.network.result_of(peer.expects("MESSAGE"))
        self.network.streams.sever()
        self.network.advance(1)
        error = self.failure(owner, SIPTransportFailure)
        self.assertIn(f"TCP {B}:5060", str(error))
        self.assertEqual(udp.heard, [])


class AnswerTests(TCPCase):
    def asked(self, **options: Any) -> tuple[Any, ScriptedPeer, Any]:
        """Let a request come by TCP; gives the agent, its peer and the transaction."""
        agent, user = self.open(BOTH, **options)
        peer = self.tcp_peer()
        peer.sends("MESSAGE", f"sip:bob@{A}", (A, 5060))
        self.network.run(lambda: user.requests)
        return agent, peer, user.requests[0][1]

    def test_on_the_connection_of_the_request(self) -> None:
        agent, peer, transaction = self.asked()
        agent.respond(transaction, 200)
        self.network.result_of(peer.expects(200))
        self.assertEqual(len(self.network.streams.connections), 1)
        self.assertEqual(agent.transactions.live, 0)

    def test_on_a_new_one_when_that_is_gone(self) -> None:
        agent, peer, transaction = self.asked()
        self.network.streams.sever()
        self.network.advance(0)
        agent.respond(transaction, 200)
        self.network.result_of(peer.expects(200))
        first, second = self.network.streams.connections
        self.assertEqual(first.source[0], B)
        self.assertEqual(second.destination, (B, 5060))

    def test_it_may_be_larger_than_a_datagram(self) -> None:
        agent, peer, transaction = self.asked(limits=StackLimits(datagram=1_000))
        agent.respond(transaction, 200, body=LARGE)
        answer = self.network.result_of(peer.expects(200))
        self.assertEqual(answer.body, LARGE)

    def test_closing_lets_it_leave(self) -> None:
        agent, peer, transaction = self.asked()
        agent.close()
        self.network.advance(1)
        self.assertEqual(len(self.network.streams.open), 1)
        agent.respond(transaction, 200)
        self.network.result_of(peer.expects(200))
        self.network.advance(1)
        self.assertEqual(self.here.ports, ())


class BrokenTests(TCPCase):
    def test_what_has_no_end_is_answered_400_and_closed(self) -> None:
        agent, _ = self.open(BOTH)
        peer = self.tcp_peer()
        peer.sends_bytes(
            b"MESSAGE sip:b@h SIP/2.0\r\nVia: SIP/2.0/TCP h;branch=z9hG4bK1\r\n"
            b"From: <sip:a@h>;tag=1\r\nTo: <sip:b@h>\r\nCall-ID: 1\r\n"
            b"CSeq: 1 MESSAGE\r\n\r\n",
            (A, 5060),
        )
        answer = self.network.result_of(peer.expects(400))
        self.assertEqual(answer.reason, "Bad Request (Content-Length)")
        self.network.advance(6)
        self.assertEqual(self.network.streams.open, ())
        self.assertEqual(agent.unreadable, 1)

    def test_a_message_over_the_limits_is_answered_413_and_closed(self) -> None:
        self.open(BOTH)
        peer = self.tcp_peer()
        peer.sends_bytes(
            b"MESSAGE sip:b@h SIP/2.0\r\nVia: SIP/2.0/TCP h;branch=z9hG4bK1\r\n"
            b"From: <sip:a@h>;tag=1\r\nTo: <sip:b@h>\r\nCall-ID: 1\r\n"
            b"CSeq: 1 MESSAGE\r\nl: 70000\r\n\r\n",
            (A, 5060),
        )
        self.network.result_of(peer.expects(413))
        self.network.advance(6)
        self.assertEqual(self.network.streams.open, ())

    def test_what_is_whole_but_wrong_is_answered_400_and_no_more(self) -> None:
        """Others may share the connection; where the next message begins is known."""
        _, user = self.open(BOTH)
        peer = self.tcp_peer()
        peer.sends(
            "MESSAGE", f"sip:bob@{A}", (A, 5060), headers=[("Max-Forwards", "70")]
        )
        self.network.result_of(peer.expects(400))
        peer.sends("MESSAGE", f"sip:bob@{A}", (A, 5060))
        self.network.run(lambda: user.requests)
        self.assertEqual(len(self.network.streams.connections), 1)
