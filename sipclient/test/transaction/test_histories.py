"""Whatever happens in whatever order: one end, no timer left, nothing remembered."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from sipclient.errors import SIPICMPFailure, SIPInvalidTransactionState
from sipclient.message import build
from sipclient.test.transaction.world import PEER, World, request, write_request

DELAYS = st.sampled_from((0.0, 0.1, 0.5, 1.0, 2.5, 3.5, 4.0, 31.5, 32.0))
BRANCHES = st.sampled_from(("z9hG4bKa", "z9hG4bKb", "z9hG4bK", ""))
ENDS = ("SIPTimedOut", "SIPTransportFailure", "SIPICMPFailure", "200", "408", "699")


class HistoryTests(SynchronousTestCase):
    @settings(deadline=None, max_examples=200)
    @given(
        st.booleans(),
        st.booleans(),
        st.lists(
            st.one_of(
                st.tuples(st.just("pass"), DELAYS),
                st.tuples(
                    st.just("answer"), st.sampled_from((100, 183, 200, 408, 699))
                ),
                st.tuples(st.just("refuse"), st.booleans()),
                st.tuples(st.just("unreachable"), st.just(0)),
            ),
            max_size=20,
        ),
    )
    def test_a_client_ends_exactly_once(
        self, reliable: bool, refused: bool, history: list[tuple[str, Any]]
    ) -> None:
        world = World(reliable=reliable)
        world.flow.refuses = refused
        world.ask()
        self.assertEqual(world.user.words, [])
        for what, value in history:
            if what == "pass":
                world.clock.advance(value)
            elif what == "answer":
                world.answer(value)
            elif what == "refuse":
                world.flow.refuses = value
            else:
                world.layer.unreachable(PEER, write_request(), SIPICMPFailure("x"))
        world.clock.pump([0.5] * 80)
        ends = [word for word in world.user.words if word in ENDS]
        self.assertEqual(len(ends), 1)
        told = [word for word in world.user.words if word != "idle"]
        self.assertEqual(told[-1], ends[0])
        self.assertEqual(world.user.words.count("idle"), 1)
        self.assertTrue(world.is_clean())

    @settings(deadline=None, max_examples=200)
    @given(
        st.booleans(),
        st.lists(
            st.one_of(
                st.tuples(st.just("pass"), DELAYS),
                st.tuples(st.just("receive"), BRANCHES),
                st.tuples(st.just("respond"), st.sampled_from((100, 200, 404))),
                st.tuples(st.just("refuse"), st.booleans()),
            ),
            max_size=20,
        ),
    )
    def test_a_server_is_answered_once_and_leaves_nothing(
        self, reliable: bool, history: list[tuple[str, Any]]
    ) -> None:
        world = World(reliable=reliable, pending_limit=2, linger_limit=2)
        finals: dict[bytes, set[bytes]] = {}
        for what, value in history:
            if what == "pass":
                world.clock.advance(value)
            elif what == "receive":
                world.layer.receive(
                    request(branch=value, call_id=f"at-{value}"), world.flow
                )
            elif what == "refuse":
                world.flow.refuses = value
            elif world.user.served:
                message, server = world.user.served[-1]
                answered = server.request is None
                data = build.response(message, value, to_tag=f"t{len(finals)}")
                try:
                    server.respond(value, data)
                except SIPInvalidTransactionState:
                    self.assertTrue(answered)
                else:
                    self.assertFalse(answered)
            self.assertLessEqual(world.layer.pending, 2)
            self.assertLessEqual(world.layer.live, 4)
        for line in world.flow.start_lines:
            self.assertIn(line.split()[1], ("100", "200", "404", "503"))
        world.clock.pump([0.5] * 140)
        self.assertTrue(world.is_clean())
        served = world.user.words.count("OPTIONS")
        self.assertEqual(served, len(world.user.served))
