"""The stack: what its access points share, how they open, close and end."""

from __future__ import annotations

from random import Random

from twisted.internet.protocol import DatagramProtocol
from twisted.trial.unittest import SynchronousTestCase

from sipclient import AccessPoint, Stack
from sipclient.core.tokens import MAGIC_COOKIE, Tokens
from sipclient.errors import SIPBadName, SIPCouldNotConnect, SIPInUse

from .world import POINT, A, B, CoreCase


class AccessPointTests(CoreCase):
    def test_a_name_is_known_or_an_error_that_lists_those_known(self) -> None:
        points = [AccessPoint("one"), AccessPoint("two", listen="udp:5062")]
        stack = Stack(self.here, access_points=points)
        self.assertIs(stack.configured("two"), points[1])
        error = self.assertRaises(SIPBadName, stack.configured, "three")
        self.assertIn("one, two", str(error))
        self.assertEqual(Stack(self.here).configured("default").id, "default")
        empty = Stack(self.here, access_points=())
        error = self.assertRaises(SIPBadName, empty.configured, "default")
        self.assertIn("none", str(error))

    def test_nothing_listens_before_it_is_opened(self) -> None:
        Stack(self.here)
        self.assertEqual(self.here.ports, ())

    def test_all_addresses_are_opened_or_none(self) -> None:
        stack = Stack(self.here)
        taken = self.here.listenUDP(5064, DatagramProtocol())
        for listen, kind in (
            (["udp:5060", "udp:5064"], SIPInUse),
            (["udp:5060", "udp:5062:interface=203.0.113.1"], SIPCouldNotConnect),
        ):
            point = AccessPoint("x", listen=listen)
            self.assertRaises(kind, stack.open, point)
            self.network.advance(0)
            self.assertEqual(self.here.ports, (taken,))
            self.assertEqual(stack.agents, {})

    def test_opened_twice_it_is_one(self) -> None:
        agent, _ = self.open()
        self.assertIs(agent.stack.open(POINT), agent)
        self.assertEqual(len(self.here.ports), 1)

    def test_closed_it_ends_in_a_later_turn(self) -> None:
        agent, _ = self.open()
        agent.close()
        self.assertEqual(agent.stack.agents, {"default": agent})
        self.network.advance(0)
        self.assertEqual(agent.stack.agents, {})
        self.assertEqual(self.here.ports, ())

    def test_opened_again_before_it_ends_it_stays(self) -> None:
        agent, _ = self.open()
        for _ in range(3):
            agent.close()
            self.assertIs(agent.stack.open(POINT), agent)
        self.network.advance(1)
        self.assertEqual(len(self.here.ports), 1)

    def test_closed_it_waits_for_what_is_unanswered(self) -> None:
        agent, user = self.open()
        peer = self.peer()
        peer.sends("MESSAGE", f"sip:alice@{A}")
        self.network.advance(0)
        agent.close()
        self.network.advance(31)
        self.assertEqual(len(self.here.ports), 1)
        agent.respond(user.requests[0][1], 200)
        self.network.advance(31)
        self.assertEqual(len(self.here.ports), 1)
        self.network.advance(2)
        self.assertEqual(self.here.ports, ())

    def test_draining_it_makes_room_for_another_of_its_id(self) -> None:
        agent, user = self.open()
        stack = agent.stack
        peer = self.peer(absorbs=False)
        request = peer.sends("MESSAGE", f"sip:alice@{A}")
        self.network.advance(0)
        agent.respond(user.requests[0][1], 200)
        self.network.result_of(peer.expects(200))
        agent.close()
        other = stack.open(AccessPoint("default", listen="udp:5070"))
        self.assertIsNot(other, agent)
        stack.tap = tap = object()
        self.assertIs(agent.tap, tap)
        stack.tap = None
        peer.sends_bytes(request.raw, (A, 5060))
        self.network.result_of(peer.expects(200))
        self.network.advance(33)
        self.assertEqual([port.bound[1] for port in self.here.ports], [5070])
        self.assertEqual(stack.agents, {"default": other})

    def test_the_end_closes_everything_at_once(self) -> None:
        agent, user = self.open()
        peer = self.peer()
        peer.sends("MESSAGE", f"sip:alice@{A}")
        self.send(agent, f"sip:nobody@{B}:5099")
        self.network.advance(0)
        agent.close()
        agent.stack.open(AccessPoint("default", listen="udp:5070"))
        stopped = agent.stack.stop()
        self.assertEqual(self.network.delayed_calls(), [])
        self.network.advance(0)
        self.successResultOf(stopped)
        self.assertEqual(self.here.ports, ())
        self.assertEqual(len(user.requests), 1)
        self.network.advance(40)
        self.assertEqual(len(self.network.log), 2)


class TokenTests(SynchronousTestCase):
    def test_words_come_from_the_source_and_never_twice(self) -> None:
        tokens = Tokens(Random(1).randbytes)
        words = [tokens.word() for _ in range(1_000)]
        self.assertEqual(len(set(words)), 1_000)
        for word in words:
            self.assertRegex(word, "^[0-9a-f]{16}$")
        again = Tokens(Random(1).randbytes)
        self.assertEqual([again.word() for _ in range(1_000)], words)

    def test_branches_begin_with_the_magic_cookie(self) -> None:
        self.assertRegex(Tokens().branch(), f"^{MAGIC_COOKIE}[0-9a-f]{{16}}$")

    def test_a_first_cseq_is_small_and_not_0(self) -> None:
        tokens = Tokens(Random(1).randbytes)
        numbers = [tokens.cseq() for _ in range(1_000)]
        self.assertTrue(all(1 <= number <= 65_536 for number in numbers))
        self.assertGreater(len(set(numbers)), 900)
