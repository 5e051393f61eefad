"""The non-INVITE client transaction: every state, every input, every second."""

from __future__ import annotations

import gc
import weakref
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from sipclient.bearer.timing import TimerValues, timer_values
from sipclient.errors import (
    SIPAlreadyExists,
    SIPICMPFailure,
    SIPServerTerminated,
    SIPTimedOut,
    SIPTransportFailure,
)
from sipclient.test.transaction.world import Said, Watcher, World, response
from sipclient.transaction.non_invite_client import NonInviteClient

CELLULAR = timer_values("cellular")

# RFC 3261 figure 6, read again: for each state and input the next state, what is sent,
# what the user hears ("idle" comes from the layer), and how many timers run then.
FIGURE: dict[tuple[str, str], tuple[str, int, list[str], int]] = {
    ("Trying", "Timer E"): ("Trying", 1, [], 1),
    ("Trying", "Timer F"): ("Terminated", 0, ["SIPTimedOut", "idle"], 0),
    ("Trying", "Transport Err."): ("Terminated", 0, ["SIPICMPFailure", "idle"], 0),
    ("Trying", "1xx"): ("Proceeding", 0, ["100"], 1),
    ("Trying", "200-699"): ("Completed", 0, ["408"], 1),
    ("Trying", "Stop"): ("Terminated", 0, [], 0),
    ("Proceeding", "Timer E"): ("Proceeding", 1, [], 1),
    ("Proceeding", "Timer F"): ("Terminated", 0, ["SIPTimedOut", "idle"], 0),
    ("Proceeding", "Transport Err."): ("Terminated", 0, ["SIPICMPFailure", "idle"], 0),
    ("Proceeding", "1xx"): ("Proceeding", 0, ["100"], 1),
    ("Proceeding", "200-699"): ("Completed", 0, ["408"], 1),
    ("Proceeding", "Stop"): ("Terminated", 0, [], 0),
    ("Completed", "Timer K"): ("Terminated", 0, ["idle"], 1),
    ("Completed", "Stop"): ("Terminated", 0, [], 1),
}
STATES = {"Trying": 1, "Proceeding": 1, "Completed": 1, "Terminated": 0}
INPUTS: dict[str, Any] = {
    "Request from TU": None,
    "Timer E": None,
    "Timer F": None,
    "Timer K": None,
    "Transport Err.": SIPICMPFailure("sending"),
    "1xx": response(100),
    "200-699": response(408),
    "Stop": None,
}


def in_state(world: World, state: str) -> NonInviteClient:
    client = world.ask()
    if state == "Proceeding":
        world.answer(100)
    elif state == "Completed":
        world.answer(200)
    elif state == "Terminated":
        world.answer(200)
        world.pass_time(5)
    assert client.state == state
    world.flow.sent.clear()
    world.user.words.clear()
    return client


class FigureTests(SynchronousTestCase):
    """Each pair of a state and an input."""

    def test_every_pair(self) -> None:
        for state, running in STATES.items():
            for name, what in INPUTS.items():
                expected = FIGURE.get((state, name), (state, 0, [], running))
                world = World()
                client = in_state(world, state)
                client.input(name, what)
                self.assertEqual(
                    (
                        client.state,
                        len(world.flow.sent),
                        world.user.words,
                        world.timers.live,
                    ),
                    expected,
                    f"{state}, {name}",
                )

    def test_the_table_has_no_row_that_the_figure_lacks(self) -> None:
        rows = {
            (state, row.input)
            for row in NonInviteClient.TABLE
            for state in (
                ("Trying", "Proceeding", "Completed")
                if row.state == "*"
                else (row.state,)
            )
        }
        self.assertEqual(rows, {*FIGURE, ("", "Request from TU")})


class TimeTests(SynchronousTestCase):
    """Retransmissions to the second."""

    def test_with_the_rfcs_timers(self) -> None:
        world = World()
        world.ask()
        world.pass_time(40)
        self.assertEqual(
            world.flow.times,
            [0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5],
        )
        self.assertEqual(world.user.words, ["SIPTimedOut", "idle"])
        self.assertTrue(world.is_clean())

    def test_it_times_out_at_32_seconds_and_not_before(self) -> None:
        world = World()
        world.ask()
        world.clock.pump([0.5] * 63 + [0.4999])
        self.assertEqual(world.user.words, [])
        world.clock.advance(0.0001)
        self.assertEqual(world.user.words, ["SIPTimedOut", "idle"])

    def test_with_the_cellular_timers(self) -> None:
        world = World(CELLULAR)
        world.ask()
        world.pass_time(191)
        self.assertEqual(
            world.flow.times,
            [0, 3, 9, 21, 37, 53, 69, 85, 101, 117, 133, 149, 165, 181],
        )
        self.assertEqual(world.user.words, [])
        world.pass_time(1)
        self.assertEqual(world.user.words, ["SIPTimedOut", "idle"])
        self.assertTrue(world.is_clean())

    def test_timer_f_goes_before_timer_e_at_the_same_instant(self) -> None:
        world = World(TimerValues(t1=1.0, t2=1.0))
        world.ask()
        world.pass_time(70)
        self.assertEqual(world.flow.times, list(range(64)))
        self.assertEqual(world.user.words, ["SIPTimedOut", "idle"])

    def test_in_proceeding_every_t2(self) -> None:
        world = World()
        world.ask()
        world.pass_time(1)  # Timer E runs until 1.5
        world.answer(100)
        world.pass_time(40)
        self.assertEqual(
            world.flow.times, [0, 0.5, 1.5, 5.5, 9.5, 13.5, 17.5, 21.5, 25.5, 29.5]
        )
        self.assertEqual(world.user.words, ["100", "SIPTimedOut", "idle"])
        self.assertTrue(world.is_clean())

    def test_a_final_response_stops_it_and_timer_k_runs_t4(self) -> None:
        world = World()
        client = world.ask()
        world.pass_time(1)
        world.answer(200)
        world.clock.pump([0.5] * 9 + [0.499])
        self.assertEqual(client.state, "Completed")
        world.clock.advance(0.001)
        self.assertEqual(client.state, "Terminated")
        self.assertEqual(world.flow.times, [0, 0.5])
        self.assertTrue(world.is_clean())

    def test_over_a_reliable_flow_only_timer_f(self) -> None:
        world = World(reliable=True)
        world.ask()
        world.clock.advance(31.999)
        self.assertEqual((world.flow.times, world.user.words), ([0], []))
        world.clock.advance(0.001)
        self.assertEqual(world.user.words, ["SIPTimedOut", "idle"])
        self.assertTrue(world.is_clean())

    def test_over_a_reliable_flow_a_final_response_ends_it_at_once(self) -> None:
        world = World(reliable=True)
        client = world.ask()
        world.answer(100)
        world.answer(200)
        self.assertEqual(client.state, "Terminated")
        self.assertEqual(world.user.words, ["100", "200", "idle"])
        self.assertTrue(world.is_clean())


class ResponseTests(SynchronousTestCase):
    def test_copies_of_the_final_response_are_absorbed(self) -> None:
        world = World()
        world.ask()
        for status in (100, 183, 200, 200, 404, 100):
            world.answer(status)
        self.assertEqual(world.user.words, ["100", "183", "200"])
        self.assertEqual(world.layer.stray_responses, 0)

    def test_a_408_that_came_is_a_response(self) -> None:
        world = World()
        world.ask()
        world.answer(408)
        self.assertEqual(world.user.words, ["408"])

    def test_after_the_final_response_it_holds_nothing_of_its_user(self) -> None:
        world = World()
        user = Said()
        data = b"OPTIONS sip:a SIP/2.0\r\n\r\n"
        client = world.layer.request(data, ("z9hG4bKa", "OPTIONS"), world.flow, user)
        world.answer(200)
        gone = weakref.ref(user)
        gc.disable()
        try:
            del user
            self.assertIsNone(gone())
        finally:
            gc.enable()
        self.assertIsNone(client.flow)

    def test_a_user_that_fails_is_logged_and_harms_nothing(self) -> None:
        class Clumsy(Said):
            def response(self, response: object) -> None:
                raise ZeroDivisionError

        world = World()
        client = world.layer.request(
            b"OPTIONS ", ("z9hG4bKa", "OPTIONS"), world.flow, Clumsy()
        )
        world.answer(100)
        world.answer(200)
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 2)
        self.assertEqual(client.state, "Completed")
        world.pass_time(5)
        self.assertTrue(world.is_clean())

    def test_a_user_may_send_its_next_request_when_it_is_told(self) -> None:
        class Eager(Said):
            def failed(self, error: object) -> None:
                world.ask("z9hG4bKb")

        world = World()
        world.layer.request(b"OPTIONS ", ("z9hG4bKa", "OPTIONS"), world.flow, Eager())
        world.pass_time(32)
        self.assertEqual(world.layer.live, 1)
        self.assertEqual(world.user.words, [])


class FailureTests(SynchronousTestCase):
    def test_a_refused_first_send_is_told_after_request_has_returned(self) -> None:
        world = World()
        world.flow.refuses = True
        client = world.ask()
        self.assertEqual((client.state, world.user.words), ("Trying", []))
        world.clock.advance(0)
        self.assertEqual(world.user.words, ["SIPTransportFailure", "idle"])
        self.assertEqual(client.state, "Terminated")
        self.assertTrue(world.is_clean())

    def test_a_refused_retransmission_ends_it(self) -> None:
        world = World()
        world.ask()
        world.flow.refuses = True
        world.clock.advance(0.5)
        self.assertEqual(world.user.words, ["SIPTransportFailure", "idle"])
        self.assertTrue(world.is_clean())

    def test_the_error_is_the_one_that_the_network_gave(self) -> None:
        world = World()
        world.flow.refuses = True
        world.ask()
        world.clock.advance(0)
        self.assertIsInstance(world.user.errors[0], SIPTransportFailure)
        self.assertIn("the network is down", str(world.user.errors[0]))

    def test_a_timeout_says_what_was_tried(self) -> None:
        world = World()
        world.ask()
        world.pass_time(32)
        (error,) = world.user.errors
        self.assertIsInstance(error, SIPTimedOut)
        for part in ("OPTIONS", "192.0.2.1", "5060", "32 s", "Timer F"):
            self.assertIn(part, str(error))

    def test_a_branch_is_used_once(self) -> None:
        world = World()
        world.ask()
        self.assertRaises(SIPAlreadyExists, world.ask)
        world.ask(method="INFO")
        self.assertEqual(world.layer.live, 2)

    def test_nothing_is_sent_after_stop(self) -> None:
        world = World()
        world.layer.stop()
        self.assertRaises(SIPServerTerminated, world.ask)
        self.assertEqual(world.flow.sent, [])


class TapTests(SynchronousTestCase):
    def test_it_hears_of_states_and_retransmissions(self) -> None:
        world = World()
        watcher = world.layer.tap = Watcher()
        world.ask()
        world.clock.advance(0.5)
        world.answer(100)
        world.answer(200)
        world.clock.advance(5)
        kind = "non-INVITE client"
        self.assertEqual(
            watcher.words,
            [
                (kind, "", "Trying"),
                (kind, "again"),
                (kind, "Trying", "Proceeding"),
                (kind, "Proceeding", "Completed"),
                (kind, "Completed", "Terminated"),
            ],
        )
        self.assertEqual(world.layer.retransmissions_sent, 1)
