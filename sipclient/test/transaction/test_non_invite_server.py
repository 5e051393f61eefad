"""The non-INVITE server transaction: every state, every input, every second."""

from __future__ import annotations

import gc
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from sipclient.bearer.timing import TimerValues, timer_values
from sipclient.errors import (
    SIPArgumentError,
    SIPICMPFailure,
    SIPInvalidTransactionState,
)
from sipclient.message import build
from sipclient.test.transaction.world import Watcher, World, request
from sipclient.transaction.non_invite_server import NonInviteServer

# RFC 3261 figure 8 with RFC 4320: for each state and input the next state, what is
# sent, what the user hears ("idle" comes from the layer), how many timers run then.
FIGURE: dict[tuple[str, str], tuple[str, list[str], list[str], int]] = {
    ("Trying", "100 from TU"): ("Trying", [], [], 1),
    ("Trying", "200-699 from TU"): ("Completed", ["mine"], [], 1),
    ("Trying", "Timer F"): ("Terminated", [], ["timed out", "idle"], 0),
    ("Trying", "Transport Err."): ("Terminated", [], ["transport failed", "idle"], 0),
    ("Trying", "Stop"): ("Terminated", [], [], 0),
    ("Proceeding", "Request"): ("Proceeding", ["SIP/2.0 100 Trying"], [], 1),
    ("Proceeding", "100 from TU"): ("Proceeding", ["mine"], [], 1),
    ("Proceeding", "200-699 from TU"): ("Completed", ["mine"], [], 1),
    ("Proceeding", "Timer F"): ("Terminated", [], ["timed out", "idle"], 0),
    ("Proceeding", "Transport Err."): (
        "Terminated",
        [],
        ["transport failed", "idle"],
        0,
    ),
    ("Proceeding", "Stop"): ("Terminated", [], [], 0),
    ("Completed", "Request"): ("Completed", ["SIP/2.0 200 OK"], [], 1),
    ("Completed", "Timer J"): ("Terminated", [], ["idle"], 1),
    ("Completed", "Linger limit"): ("Terminated", [], ["idle"], 1),
    ("Completed", "Stop"): ("Terminated", [], [], 1),
}
# These start a timer beside the one that runs, so they are left to time itself.
BY_TIME = {("Trying", "Timer E"), ("Trying", "No answer yet")}
STATES = {"Trying": 1, "Proceeding": 1, "Completed": 1, "Terminated": 0}
INPUTS: dict[str, Any] = {
    "Request": None,
    "No answer yet": None,
    "ACK": None,
    "100 from TU": b"mine",
    "200-699 from TU": b"mine",
    "Timer E": None,
    "Timer F": None,
    "Timer J": None,
    "Linger limit": None,
    "Transport Err.": SIPICMPFailure("sending"),
    "Stop": None,
}


def final(server: NonInviteServer, status: int = 200) -> bytes:
    assert server.request is not None
    return build.response(server.request, status, to_tag="ours")


def in_state(world: World, state: str) -> NonInviteServer:
    server = world.serve()
    if state == "Proceeding":
        world.clock.advance(3.5)
    elif state in ("Completed", "Terminated"):
        server.respond(200, final(server))
        if state == "Terminated":
            world.clock.advance(32)
    assert server.state == state
    world.flow.sent.clear()
    world.user.words.clear()
    return server


class FigureTests(SynchronousTestCase):
    """Each pair of a state and an input."""

    def test_every_pair(self) -> None:
        for state, running in STATES.items():
            for name, what in INPUTS.items():
                if (state, name) in BY_TIME:
                    continue
                expected = FIGURE.get((state, name), (state, [], [], running))
                world = World()
                server = in_state(world, state)
                server.input(name, what)
                self.assertEqual(
                    (
                        server.state,
                        world.flow.start_lines,
                        world.user.words,
                        world.timers.live,
                    ),
                    expected,
                    f"{state}, {name}",
                )

    def test_the_table_has_no_row_that_the_figure_lacks(self) -> None:
        rows = {
            (state, row.input)
            for row in NonInviteServer.TABLE
            for state in (
                ("Trying", "Proceeding", "Completed")
                if row.state == "*"
                else (row.state,)
            )
        }
        self.assertEqual(rows, {*FIGURE, *BY_TIME, ("", "Request")})


class TimeTests(SynchronousTestCase):
    """RFC 4320 to the second."""

    def unanswered(self, world: World) -> list[tuple[float, str]]:
        world.serve()
        world.pass_time(250)
        self.assertTrue(world.is_clean())
        return list(zip(world.flow.times, world.flow.start_lines, strict=True))

    def test_100_when_a_clients_timer_e_is_set_to_t2(self) -> None:
        world = World()
        self.assertEqual(self.unanswered(world), [(3.5, "SIP/2.0 100 Trying")])
        self.assertEqual(world.user.words, ["OPTIONS", "timed out", "idle"])

    def test_with_the_cellular_timers(self) -> None:
        world = World(timer_values("cellular"))
        self.assertEqual(self.unanswered(world), [(21, "SIP/2.0 100 Trying")])

    def test_over_a_reliable_flow_at_the_same_time(self) -> None:
        world = World(reliable=True)
        self.assertEqual(self.unanswered(world), [(3.5, "SIP/2.0 100 Trying")])

    def test_at_the_first_timer_e_where_t1_is_t2(self) -> None:
        world = World(TimerValues(t1=1.0, t2=1.0))
        self.assertEqual(self.unanswered(world), [(1.0, "SIP/2.0 100 Trying")])

    def test_never_where_timer_f_comes_first(self) -> None:
        world = World(TimerValues(t1=0.5, t2=100.0))
        self.assertEqual(self.unanswered(world), [])
        self.assertEqual(world.user.words, ["OPTIONS", "timed out", "idle"])

    def test_unanswered_it_ends_at_64_t1_and_not_before(self) -> None:
        world = World()
        server = world.serve()
        world.pass_time(31.5)
        world.clock.advance(0.4999)
        self.assertEqual(server.state, "Proceeding")
        world.clock.advance(0.0001)
        self.assertEqual(server.state, "Terminated")
        self.assertEqual(world.layer.unanswered, 1)
        self.assertIsNone(server.request)

    def test_timer_j_runs_64_t1(self) -> None:
        world = World()
        server = world.serve()
        world.pass_time(10)
        server.respond(200, final(server))
        world.pass_time(31.5)
        world.clock.advance(0.4999)
        self.assertEqual(server.state, "Completed")
        world.clock.advance(0.0001)
        self.assertEqual(server.state, "Terminated")
        self.assertTrue(world.is_clean())

    def test_over_a_reliable_flow_it_ends_with_the_response(self) -> None:
        world = World(reliable=True)
        server = world.serve()
        server.respond(200, final(server))
        self.assertEqual(server.state, "Terminated")
        self.assertTrue(world.is_clean())

    def test_what_is_answered_at_once_has_timer_j_only(self) -> None:
        world = World()
        world.user.answer = 200
        world.serve()
        self.assertEqual(
            [call.getTime() for call in world.clock.getDelayedCalls()], [32.0]
        )


class RespondTests(SynchronousTestCase):
    def test_in_trying_a_copy_gets_nothing(self) -> None:
        world = World()
        world.serve()
        world.layer.receive(request(), world.flow)
        self.assertEqual(world.flow.sent, [])
        self.assertEqual(world.layer.retransmissions_received, 1)

    def test_in_completed_each_copy_gets_the_same(self) -> None:
        world = World()
        server = world.serve()
        data = final(server)
        server.respond(200, data)
        for _ in range(3):
            world.layer.receive(request(), world.flow)
        self.assertEqual([sent for _, sent in world.flow.sent], [data] * 4)
        self.assertEqual(world.layer.responses_repeated, 3)
        self.assertEqual(world.user.words, ["OPTIONS"])

    def test_a_100_that_is_too_early_waits(self) -> None:
        world = World()
        server = world.serve()
        server.respond(100, b"SIP/2.0 100 Mine\r\n\r\n")
        self.assertEqual(world.flow.sent, [])
        world.pass_time(4)
        self.assertEqual(world.flow.start_lines, ["SIP/2.0 100 Mine"])
        self.assertEqual(world.flow.times, [3.5])

    def test_no_other_provisional_and_no_408(self) -> None:
        world = World()
        server = world.serve()
        for status in (101, 180, 183, 199, 408, 99, 700, 0, -200):
            self.assertRaises(SIPArgumentError, server.respond, status, b"")
        self.assertEqual((world.flow.sent, server.state), ([], "Trying"))

    def test_a_second_final_response_is_refused(self) -> None:
        for state in ("Completed", "Terminated"):
            world = World()
            server = in_state(world, state)
            for status in (100, 200, 500):
                error = self.assertRaises(
                    SIPInvalidTransactionState, server.respond, status, b""
                )
                self.assertIn(state, str(error))
            self.assertEqual(world.flow.sent, [])

    def test_too_late_is_refused_even_while_it_is_told(self) -> None:
        world = World()
        server = world.serve()
        caught: list[type[Exception]] = []

        class Late:
            def timed_out(self, transaction: NonInviteServer) -> None:
                try:
                    transaction.respond(200, b"")
                except SIPInvalidTransactionState as error:
                    caught.append(type(error))

        server.user = Late()  # type: ignore[assignment]  # the other half isn't needed
        world.pass_time(32)
        self.assertEqual(caught, [SIPInvalidTransactionState])

    def test_a_response_that_cant_be_sent_is_told_once(self) -> None:
        world = World()
        server = world.serve()
        world.flow.refuses = True
        server.respond(200, final(server))
        self.assertEqual(world.user.words, ["OPTIONS", "transport failed", "idle"])
        self.assertEqual(server.state, "Terminated")
        self.assertTrue(world.is_clean())

    def test_nor_can_the_automatic_100(self) -> None:
        world = World()
        world.serve()
        world.flow.refuses = True
        world.clock.advance(3.5)
        self.assertEqual(world.user.words, ["OPTIONS", "transport failed", "idle"])
        self.assertTrue(world.is_clean())

    def test_a_copy_that_cant_be_answered_is_not_served_again(self) -> None:
        world = World()
        server = world.serve()
        server.respond(200, final(server))
        world.flow.refuses = True
        world.layer.receive(request(), world.flow)
        world.flow.refuses = False
        world.layer.receive(request(), world.flow)
        self.assertEqual(world.user.words, ["OPTIONS"])
        self.assertEqual(len(world.flow.sent), 2)

    def test_after_the_final_response_nothing_of_the_request_is_held(self) -> None:
        world = World()
        server = in_state(world, "Completed")
        self.assertIsNone(server.user)
        self.assertIsNone(server.request)

    def test_it_is_gone_with_timer_j_without_the_garbage_collector(self) -> None:
        world = World()
        in_state(world, "Completed")
        world.user.served.clear()
        gc.collect()
        gc.disable()
        try:
            world.clock.advance(32)
            left = [
                found
                for found in gc.get_objects()
                if isinstance(found, NonInviteServer) and found.layer is world.layer
            ]
        finally:
            gc.enable()
        self.assertEqual(left, [])

    def test_in_completed_no_cycle_leads_back_to_it(self) -> None:
        world = World()
        server = in_state(world, "Completed")
        world.user.served.clear()
        ours = [
            value
            for value in gc.get_referents(server)
            if value is not world.layer and gc.is_tracked(value)
        ]
        self.assertEqual(
            [value for value in ours if server in gc.get_referents(value)], []
        )


class TapTests(SynchronousTestCase):
    def test_it_hears_of_states_and_repetitions(self) -> None:
        world = World()
        watcher = world.layer.tap = Watcher()
        server = world.serve()
        world.clock.advance(3.5)
        server.respond(200, final(server))
        world.layer.receive(request(), world.flow)
        world.clock.advance(32)
        kind = "non-INVITE server"
        self.assertEqual(
            watcher.words,
            [
                (kind, "", "Trying"),
                (kind, "Trying", "Proceeding"),
                (kind, "Proceeding", "Completed"),
                (kind, "again"),
                (kind, "Completed", "Terminated"),
            ],
        )
