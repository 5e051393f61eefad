"""Whatever happens in whatever order: one end, no timer left, nothing remembered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from sipclient.errors import SIPICMPFailure, SIPInvalidTransactionState
from sipclient.message import build
from sipclient.test.transaction.world import (
    PEER,
    Said,
    World,
    request,
    response,
    write_request,
)
from sipclient.transaction.machine import ANY, Machine

DELAYS = st.sampled_from((0.0, 0.1, 0.5, 1.0, 2.5, 3.5, 4.0, 31.5, 32.0))
BRANCHES = st.sampled_from(("z9hG4bKa", "z9hG4bKb", "z9hG4bK", ""))
STATUSES = st.sampled_from((100, 180, 183, 200, 202, 302, 408, 486, 699))
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

    @settings(deadline=None, max_examples=200)
    @given(
        st.booleans(),
        st.booleans(),
        st.lists(
            st.one_of(
                st.tuples(st.just("pass"), DELAYS),
                st.tuples(st.just("answer"), STATUSES),
                st.tuples(st.just("cancel"), st.just(0)),
                st.tuples(st.just("answer the CANCEL"), st.sampled_from((200, 481))),
                st.tuples(st.just("refuse"), st.booleans()),
                st.tuples(st.just("unreachable"), st.just(0)),
                st.tuples(st.just("lose the flow"), st.just(0)),
            ),
            max_size=20,
        ),
    )
    def test_the_client_of_an_invite_ends_exactly_once(
        self, reliable: bool, refused: bool, history: list[tuple[str, Any]]
    ) -> None:
        """And so does its CANCEL; what is not 2xx is acknowledged, if it can be."""
        world = World(reliable=reliable)
        world.flow.refuses = refused
        client = world.invite()
        self.assertEqual(world.user.words, [])
        canceller = Said()
        cancelled = False
        for what, value in history:
            if what == "pass":
                world.clock.advance(value)
            elif what == "answer":
                world.answer(value, method="INVITE")
            elif what == "answer the CANCEL":
                world.answer(value, method="CANCEL")
            elif what == "cancel":
                can = client.state in ("Calling", "Proceeding") and not cancelled
                try:
                    client.cancel(canceller)
                except SIPInvalidTransactionState:
                    self.assertFalse(can)
                else:
                    self.assertTrue(can)
                    cancelled = True
            elif what == "refuse":
                world.flow.refuses = value
            elif what == "lose the flow":
                world.layer.flow_lost(world.flow, SIPICMPFailure("x"))
            else:
                quoted = write_request(method="INVITE")
                world.layer.unreachable(PEER, quoted, SIPICMPFailure("x"))
        world.clock.pump([0.5] * 80)
        if client.state == "Proceeding":  # somebody rings, and rings
            world.answer(603, method="INVITE")
            world.clock.pump([0.5] * 80)
        told = [word for word in world.user.words if word != "idle"]
        self.assertTrue(told[-1] == "completed" or told[-1].startswith("SIP"), told)
        ends = [word for word in told if not word.isdigit()]
        self.assertEqual(len(ends), 1)
        finals = [word for word in told if word.isdigit() and word >= "200"]
        if told[-1] == "completed":
            self.assertTrue(len(finals) == 1 or {*finals} <= {"200", "202"}, told)
        else:
            self.assertEqual(finals, [])
        ends = [word for word in canceller.words if word[0] == "S" or word >= "200"]
        self.assertEqual(len(ends), cancelled)
        self.assertTrue(world.is_clean())
        acks = [line for line in world.flow.start_lines if line[:3] == "ACK"]
        if not finals or finals[0] < "300":
            self.assertEqual(acks, [])

    @settings(deadline=None, max_examples=200)
    @given(
        st.booleans(),
        st.lists(
            st.one_of(
                st.tuples(st.just("pass"), DELAYS),
                st.tuples(st.just("receive"), BRANCHES),
                st.tuples(st.just("acknowledge"), BRANCHES),
                st.tuples(st.just("respond"), STATUSES),
                st.tuples(st.just("refuse"), st.booleans()),
            ),
            max_size=20,
        ),
    )
    def test_the_server_of_an_invite_is_answered_once_and_leaves_nothing(
        self, reliable: bool, history: list[tuple[str, Any]]
    ) -> None:
        world = World(reliable=reliable, pending_limit=2, linger_limit=2)
        for what, value in history:
            if what == "pass":
                world.clock.advance(value)
            elif what == "receive":
                invite = request(method="INVITE", branch=value, call_id=f"at-{value}")
                world.layer.receive(invite, world.flow)
            elif what == "acknowledge":
                world.acknowledge(branch=value, call_id=f"at-{value}")
            elif what == "refuse":
                world.flow.refuses = value
            elif world.user.served and value != 100:
                message, server = world.user.served[-1]
                can = server.request is not None or (
                    server.state == "Accepted" and 200 <= value < 300
                )
                data = build.response(message, value, to_tag="ours")
                try:
                    server.respond(value, data)
                except SIPInvalidTransactionState:
                    self.assertFalse(can)
                else:
                    self.assertTrue(can)
            self.assertLessEqual(world.layer.pending, 2)
            self.assertLessEqual(world.layer.live, 4)
        world.clock.pump([0.5] * 700)
        self.assertTrue(world.is_clean())
        for _, server in world.user.served:
            self.assertEqual(server.state, "Terminated")
        self.assertEqual(world.user.words.count("INVITE"), len(world.user.served))


# How each machine begins, and what comes with its inputs.
MACHINES: tuple[tuple[Callable[[World], Machine], dict[str, Any]], ...] = (
    (
        lambda world: world.ask(),
        {"1xx": response(100), "200-699": response(404)},
    ),
    (
        lambda world: world.serve(),
        {"100 from TU": b"100", "200-699 from TU": b"200"},
    ),
    (
        lambda world: world.invite(),
        {
            "1xx": response(180, method="INVITE"),
            "2xx": response(200, method="INVITE"),
            "300-699": response(486, method="INVITE"),
            "CANCEL from TU": (Said(), ()),
        },
    ),
    (
        lambda world: world.be_invited(),
        {
            "ACK": (request(method="ACK"), None),
            "101-199 from TU": b"180",
            "2xx from TU": b"200",
            "300-699 from TU": b"486",
        },
    ),
)


class InputTests(SynchronousTestCase):
    """Any inputs in any order, as no peer could make them."""

    @settings(deadline=None, max_examples=300)
    @given(st.sampled_from(MACHINES), st.booleans(), st.data())
    def test_a_machine_follows_its_table(
        self,
        kind: tuple[Callable[[World], Machine], dict[str, Any]],
        reliable: bool,
        data: st.DataObject,
    ) -> None:
        begin, told = kind
        world = World(reliable=reliable)
        machine = begin(world)
        ways: dict[tuple[str, str], str] = {}
        for row in machine.TABLE:
            if row.state == ANY:
                ways.update(
                    ((other.next, row.input), row.next) for other in machine.TABLE
                )
            ways[row.state, row.input] = row.next
        # The layer says this once, at a moment of its own.
        inputs = {row.input for row in machine.TABLE} - {"No answer yet"}
        names = data.draw(st.lists(st.sampled_from(sorted(inputs)), max_size=15))
        for number, name in enumerate(names):
            if name == "CANCEL from TU" and name in names[:number]:
                continue  # `cancel` refuses a second one
            before = machine.state
            what = told.get(name)
            if name == "Transport Err.":
                what = SIPICMPFailure("x")
            machine.input(name, what)
            if before == "Terminated":
                self.assertEqual(machine.state, before)
                continue
            follows = {ways.get((before, name), before)}
            # Over a reliable flow some timers expire at once.
            if reliable and follows & {"Completed", "Confirmed"}:
                follows.add("Terminated")
            self.assertIn(machine.state, follows, (before, name))
        self.assertEqual(self.flushLoggedErrors(), [])
        world.layer.stop()
        world.clock.pump([0.5] * 700)
        self.assertEqual(world.layer.live, 0)
        self.assertEqual(world.timers.live, 0)
        self.assertEqual(self.flushLoggedErrors(), [])
