"""The INVITE server transaction: every state, every input, every second."""

from __future__ import annotations

import gc
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from sipclient.bearer.timing import timer_values
from sipclient.errors import (
    SIPArgumentError,
    SIPError,
    SIPICMPFailure,
    SIPInvalidTransactionState,
)
from sipclient.message import build
from sipclient.test.transaction.world import Watcher, World, request
from sipclient.transaction.invite_server import InviteServer

CELLULAR = timer_values("cellular")

# RFC 6026's redrawing of figure 7, read again: for each state and input the next state,
# what is sent, what the user hears ("idle" and "ACK" come from the layer), and how many
# timers run then.
FIGURE: dict[tuple[str, str], tuple[str, list[str], list[str], int]] = {
    ("Proceeding", "INVITE"): ("Proceeding", ["SIP/2.0 180 Ringing"], [], 1),
    ("Proceeding", "101-199 from TU"): ("Proceeding", ["mine"], [], 1),
    ("Proceeding", "2xx from TU"): ("Accepted", ["mine"], [], 1),
    ("Proceeding", "300-699 from TU"): ("Completed", ["mine"], [], 1),
    ("Proceeding", "Answer limit"): (
        "Completed",
        ["SIP/2.0 408 Request Timeout"],
        ["timed out"],
        1,
    ),
    ("Proceeding", "Stop"): ("Terminated", [], [], 0),
    ("Completed", "INVITE"): ("Completed", ["SIP/2.0 486 Busy Here"], [], 1),
    # Given by hand it starts a timer beside the one that runs.
    ("Completed", "Timer G"): ("Completed", ["SIP/2.0 486 Busy Here"], [], 2),
    ("Completed", "Timer H"): ("Terminated", [], ["idle"], 1),
    ("Completed", "ACK"): ("Confirmed", [], [], 1),
    ("Completed", "Linger limit"): ("Terminated", [], ["idle"], 0),
    ("Completed", "Stop"): ("Terminated", [], [], 0),
    ("Confirmed", "Timer I"): ("Terminated", [], ["idle"], 1),
    ("Confirmed", "Linger limit"): ("Terminated", [], ["idle"], 0),
    ("Confirmed", "Stop"): ("Terminated", [], [], 0),
    ("Accepted", "2xx from TU"): ("Accepted", ["mine"], [], 1),
    ("Accepted", "ACK"): ("Accepted", [], ["ACK"], 1),
    ("Accepted", "Timer L"): ("Terminated", [], ["idle"], 1),
    ("Accepted", "Linger limit"): ("Terminated", [], ["idle"], 0),
    ("Accepted", "Stop"): ("Terminated", [], [], 0),
}
# It starts a timer beside the one that runs, so it is left to time itself.
BY_TIME = {("Proceeding", "No answer yet")}
STATES = {
    "Proceeding": 1,
    "Completed": 1,
    "Confirmed": 1,
    "Accepted": 1,
    "Terminated": 0,
}
INPUTS: dict[str, Any] = {
    "INVITE": None,
    "Request": None,
    "No answer yet": None,
    "ACK": (request(method="ACK", to_tag="ours"), None),
    "101-199 from TU": b"mine",
    "2xx from TU": b"mine",
    "300-699 from TU": b"mine",
    "Answer limit": None,
    "Timer G": None,
    "Timer H": None,
    "Timer I": None,
    "Timer L": None,
    "Linger limit": None,
    "Transport Err.": SIPICMPFailure("sending"),
    "Stop": None,
}


def answer(server: InviteServer, status: int, tag: str = "ours") -> bytes:
    """Answer an INVITE; what was sent."""
    assert server.request is not None
    data = build.response(server.request, status, to_tag=tag)
    server.respond(status, data)
    return data


def in_state(world: World, state: str) -> InviteServer:
    server = world.be_invited()
    answer(server, 180)
    if state == "Accepted":
        answer(server, 200)
    elif state != "Proceeding":
        answer(server, 486)
        if state in ("Confirmed", "Terminated"):
            world.acknowledge()
            if state == "Terminated":
                world.pass_time(5)
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
        every = ("Proceeding", "Completed", "Confirmed", "Accepted")
        rows = {
            (state, row.input)
            for row in InviteServer.TABLE
            for state in (every if row.state == "*" else (row.state,))
        }
        self.assertEqual(rows, {*FIGURE, *BY_TIME, ("", "INVITE")})


class TimeTests(SynchronousTestCase):
    """Repetitions to the second."""

    def test_100_goes_out_at_once_and_before_the_user_is_asked(self) -> None:
        world = World()
        world.user.answer = 486
        world.be_invited()
        self.assertEqual(
            world.flow.start_lines, ["SIP/2.0 100 Trying", "SIP/2.0 486 Busy Here"]
        )
        self.assertEqual(world.flow.times, [0, 0])
        self.assertNotIn(b"tag=ours", world.flow.sent[0][1])

    def finals(self, world: World, *, wait: float = 10) -> list[float]:
        """Answer 486 after ``wait`` seconds; when that went out, from then on."""
        server = world.be_invited()
        world.pass_time(wait)
        answer(server, 486)
        world.pass_time(300)
        self.assertTrue(world.is_clean())
        self.assertEqual(world.layer.unacknowledged, 1)
        sent = zip(world.flow.times, world.flow.start_lines, strict=True)
        return [when - wait for when, line in sent if " 486 " in line]

    def test_timer_g_is_doubled_up_to_t2_until_timer_h(self) -> None:
        self.assertEqual(
            self.finals(World()),
            [0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5],
        )

    def test_with_the_cellular_timers(self) -> None:
        self.assertEqual(
            self.finals(World(CELLULAR)),
            [0, 3, 9, 21, 37, 53, 69, 85, 101, 117, 133, 149, 165, 181],
        )

    def test_over_a_reliable_flow_only_timer_h(self) -> None:
        self.assertEqual(self.finals(World(reliable=True)), [0])

    def test_timer_h_runs_64_t1_over_any_flow(self) -> None:
        for world, seconds in (
            (World(), 32),
            (World(reliable=True), 32),
            (World(CELLULAR), 192),
        ):
            server = world.be_invited()
            answer(server, 486)
            world.pass_time(seconds - 0.5)
            self.assertEqual(server.state, "Completed")
            world.pass_time(0.5)
            self.assertEqual(server.state, "Terminated")
            self.assertTrue(world.is_clean())

    def test_an_ack_ends_the_repetition_and_timer_i_runs_t4(self) -> None:
        for world, t4 in ((World(), 5), (World(CELLULAR), 17)):
            server = world.be_invited()
            answer(server, 486)
            world.pass_time(9)
            world.acknowledge()
            sent = len(world.flow.sent)
            world.pass_time(t4 - 0.5)
            self.assertEqual(server.state, "Confirmed")
            world.pass_time(0.5)
            self.assertEqual(server.state, "Terminated")
            self.assertEqual(len(world.flow.sent), sent)
            self.assertTrue(world.is_clean())
            self.assertEqual(world.layer.unacknowledged, 0)

    def test_over_a_reliable_flow_timer_i_is_0(self) -> None:
        world = World(reliable=True)
        server = world.be_invited()
        answer(server, 486)
        self.assertEqual(server.state, "Completed")
        world.acknowledge()
        self.assertEqual(server.state, "Terminated")
        self.assertTrue(world.is_clean())

    def test_timer_l_runs_64_t1_over_any_flow(self) -> None:
        for world, seconds in (
            (World(), 32),
            (World(reliable=True), 32),
            (World(CELLULAR), 192),
        ):
            server = world.be_invited()
            answer(server, 200)
            world.pass_time(seconds - 0.5)
            self.assertEqual(server.state, "Accepted")
            world.pass_time(0.5)
            self.assertEqual(server.state, "Terminated")
            self.assertEqual(world.flow.start_lines[1:], ["SIP/2.0 200 OK"])
            self.assertTrue(world.is_clean())

    def test_what_is_answered_at_once_has_one_timer(self) -> None:
        world = World()
        world.user.answer = 486
        world.be_invited()
        self.assertEqual(world.timers.live, 1)


class AnswerLimitTests(SynchronousTestCase):
    """Nobody answers."""

    def test_408_after_300_seconds(self) -> None:
        world = World()
        server = world.be_invited()
        answer(server, 180, server.to_tag)
        world.pass_time(299.5)
        self.assertEqual(server.state, "Proceeding")
        world.pass_time(0.5)
        self.assertEqual(server.state, "Completed")
        self.assertEqual(world.flow.start_lines[-1], "SIP/2.0 408 Request Timeout")
        self.assertEqual(world.user.words, ["INVITE", "timed out"])
        self.assertEqual((world.layer.unanswered, world.layer.pending), (1, 0))
        tag = f";tag={server.to_tag}".encode()
        self.assertIn(tag, world.flow.sent[-2][1])
        self.assertIn(tag, world.flow.sent[-1][1])
        world.acknowledge(to_tag=server.to_tag)
        world.pass_time(5)
        self.assertTrue(world.is_clean())

    def test_it_is_a_setting(self) -> None:
        world = World(invite_answer=20)
        world.be_invited()
        world.pass_time(20)
        self.assertEqual(world.flow.times, [0, 20])

    def test_it_is_too_late_even_while_it_is_told(self) -> None:
        world = World()
        server = world.be_invited()
        caught: list[type[Exception]] = []

        class Late:
            def timed_out(self, transaction: InviteServer) -> None:
                try:
                    transaction.respond(200, b"")
                except SIPInvalidTransactionState as error:
                    caught.append(type(error))

        server.user = Late()  # type: ignore[assignment]  # the other half isn't needed
        world.pass_time(300)
        self.assertEqual(caught, [SIPInvalidTransactionState])


class RespondTests(SynchronousTestCase):
    def repeat(self, world: World) -> bytes:
        """Receive the INVITE again; what it gets."""
        world.flow.sent.clear()
        world.layer.receive(request(method="INVITE"), world.flow)
        return b"".join([data for _, data in world.flow.sent])

    def test_a_copy_gets_the_latest_response_again(self) -> None:
        world = World()
        server = world.be_invited()
        self.assertTrue(self.repeat(world).startswith(b"SIP/2.0 100 "))
        for status in (180, 183, 486):
            data = answer(server, status)
            self.assertEqual(self.repeat(world), data)
            self.assertEqual(self.repeat(world), data)
        self.assertEqual(world.layer.responses_repeated, 7)
        self.assertEqual(world.user.words, ["INVITE"])

    def test_once_acknowledged_or_accepted_a_copy_gets_nothing(self) -> None:
        for state in ("Confirmed", "Accepted"):
            world = World()
            in_state(world, state)
            self.assertEqual(self.repeat(world), b"")
            self.assertEqual(world.user.words, [])

    def test_the_user_repeats_a_2xx_as_long_as_it_is_accepted(self) -> None:
        """RFC 3261 §13.3.1.4; nothing else can follow a 2xx."""
        world = World()
        server = world.be_invited()
        data = answer(server, 200)
        world.pass_time(31.5)
        server.respond(200, data)
        self.assertEqual([sent for _, sent in world.flow.sent[1:]], [data, data])
        for status in (180, 486):
            self.assertRaises(SIPInvalidTransactionState, server.respond, status, data)
        world.pass_time(0.5)
        self.assertRaises(SIPInvalidTransactionState, server.respond, 200, data)
        self.assertTrue(world.is_clean())

    def test_a_second_final_response_is_refused(self) -> None:
        for state in ("Completed", "Confirmed", "Terminated"):
            world = World()
            server = in_state(world, state)
            for status in (180, 200, 500):
                error = self.assertRaises(
                    SIPInvalidTransactionState, server.respond, status, b""
                )
                self.assertIn(state, str(error))
            self.assertEqual(world.flow.sent, [])

    def test_100_and_what_is_no_status(self) -> None:
        world = World()
        server = world.be_invited()
        for status in (100, 99, 700, 0, -200):
            self.assertRaises(SIPArgumentError, server.respond, status, b"")
        self.assertEqual(server.state, "Proceeding")

    def test_copies_and_other_layers_differ_in_the_tag(self) -> None:
        server, again = World().be_invited(), World().be_invited()
        self.assertEqual(len(server.to_tag), 16)
        self.assertEqual(server.to_tag, server.to_tag)
        self.assertNotEqual(server.to_tag, again.to_tag)

    def test_408_may_be_said_to_an_invite(self) -> None:
        """RFC 4320 forbids it for all others."""
        world = World()
        answer(world.be_invited(), 408)
        self.assertEqual(world.flow.start_lines[-1], "SIP/2.0 408 Request Timeout")


class AckTests(SynchronousTestCase):
    """RFC 3261 §17.2.3."""

    def test_copies_are_absorbed(self) -> None:
        world = World()
        in_state(world, "Completed")
        for _ in range(3):
            world.acknowledge()
        self.assertEqual((world.user.words, world.flow.sent), ([], []))

    def test_the_branch_and_the_sent_by_are_those_of_the_invite(self) -> None:
        world = World()
        server = in_state(world, "Completed")
        world.acknowledge(branch="z9hG4bKb")
        world.acknowledge(sent_by="192.0.2.9")
        self.assertEqual(server.state, "Completed")
        self.assertEqual(world.user.words, ["ACK", "ACK"])
        world.acknowledge(to_tag="whatever")
        self.assertEqual(server.state, "Confirmed")

    def test_one_that_comes_too_early_is_let_be(self) -> None:
        world = World()
        server = in_state(world, "Proceeding")
        world.acknowledge()
        self.assertEqual((server.state, world.user.words), ("Proceeding", []))

    def test_one_that_is_late_belongs_to_nothing(self) -> None:
        world = World()
        in_state(world, "Completed")
        world.pass_time(32)
        world.user.words.clear()
        world.acknowledge()
        self.assertEqual(world.user.words, ["ACK"])
        self.assertTrue(world.is_clean())

    def test_that_of_a_2xx_is_the_users(self) -> None:
        """It has a branch of its own; with the INVITE's it is all the same."""
        world = World()
        server = in_state(world, "Accepted")
        world.acknowledge(branch="z9hG4bKb")
        world.acknowledge()
        self.assertEqual(world.user.words, ["ACK", "ACK"])
        self.assertEqual(server.state, "Accepted")

    def test_without_a_unique_branch_the_to_tag_is_ours(self) -> None:
        for branch in ("", "1", "z9hG4bK"):
            world = World()
            server = world.be_invited(branch=branch)
            answer(server, 486)
            others: tuple[dict[str, Any], ...] = (
                {"to_tag": ""},
                {"to_tag": "other"},
                {"uri": "sip:other@example.com"},
                {"from_tag": "other"},
                {"call_id": "other"},
                {"cseq": 2},
                {"sent_by": "192.0.2.9"},
            )
            for parts in others:
                world.acknowledge(branch=branch, **parts)
                self.assertEqual(server.state, "Completed", parts)
            self.assertEqual(world.user.words, ["INVITE", *["ACK"] * len(others)])
            world.acknowledge(branch=branch)
            self.assertEqual(server.state, "Confirmed")

    def test_a_response_that_came_over_several_hops_has_a_tag_too(self) -> None:
        world = World()
        via = (("Via", "SIP/2.0/UDP 192.0.2.77;branch=2"),)
        server = world.be_invited(branch="", headers=via)
        answer(server, 486)
        world.acknowledge(branch="")
        self.assertEqual(server.state, "Confirmed")


class RefusalTests(SynchronousTestCase):
    """What the network refuses is told, and counts as lost (RFC 6026 §8.8)."""

    def refused(self, status: int) -> tuple[World, InviteServer]:
        world = World()
        server = world.be_invited()
        world.flow.refuses = True
        answer(server, status)
        self.assertEqual(world.user.words, ["INVITE", "transport failed"])
        self.assertIn("the network is down", str(world.user.errors[0]))
        world.flow.refuses = False
        world.flow.sent.clear()
        return world, server

    def test_a_provisional_response(self) -> None:
        world, server = self.refused(180)
        self.assertEqual(server.state, "Proceeding")
        answer(server, 486)
        self.assertEqual(world.flow.start_lines, ["SIP/2.0 486 Busy Here"])
        self.assertEqual(world.user.words, ["INVITE", "transport failed"])

    def test_a_final_response_is_repeated_by_timer_g(self) -> None:
        world, server = self.refused(486)
        self.assertEqual(server.state, "Completed")
        world.pass_time(0.5)
        self.assertEqual(world.flow.start_lines, ["SIP/2.0 486 Busy Here"])
        world.flow.refuses = True
        world.pass_time(32)
        self.assertEqual(world.user.words, ["INVITE", "transport failed", "idle"])
        self.assertTrue(world.is_clean())

    def test_a_2xx_can_be_handed_in_again(self) -> None:
        world, server = self.refused(200)
        self.assertEqual(server.state, "Accepted")
        server.respond(200, b"SIP/2.0 200 OK\r\n\r\n")
        self.assertEqual(world.flow.start_lines, ["SIP/2.0 200 OK"])
        world.flow.refuses = True
        server.respond(200, b"SIP/2.0 200 OK\r\n\r\n")
        self.assertEqual(world.user.words[1:], ["transport failed"] * 2)

    def test_the_100_and_the_408_have_nobody_to_be_told(self) -> None:
        world = World()
        world.flow.refuses = True
        server = world.be_invited()
        world.pass_time(300)
        self.assertEqual(world.user.words, ["INVITE", "timed out"])
        self.assertEqual(server.state, "Completed")
        world.pass_time(32)
        self.assertTrue(world.is_clean())

    def test_a_copy_that_cant_be_answered_is_not_served_again(self) -> None:
        world = World()
        in_state(world, "Completed")
        world.flow.refuses = True
        world.layer.receive(request(method="INVITE"), world.flow)
        world.flow.refuses = False
        world.layer.receive(request(method="INVITE"), world.flow)
        self.assertEqual(world.user.words, [])
        self.assertEqual(len(world.flow.sent), 1)

    def test_a_user_that_has_taken_itself_away_hears_nothing(self) -> None:
        world = World()
        server = in_state(world, "Accepted")
        server.user = None
        world.flow.refuses = True
        server.respond(200, b"")
        self.assertEqual(world.user.words, [])


class UserTests(SynchronousTestCase):
    def test_from_the_final_response_on_it_holds_no_request(self) -> None:
        for state in ("Completed", "Confirmed", "Accepted"):
            server = in_state(World(), state)
            self.assertIsNone(server.request)
            self.assertEqual(server.user is None, state != "Accepted")

    def test_a_user_that_fails_is_logged_and_harms_nothing(self) -> None:
        class Clumsy:
            def transport_failed(self, server: InviteServer, error: SIPError) -> None:
                raise ZeroDivisionError

            timed_out: Any = None
            canceled: Any = None

        world = World()
        server = world.be_invited()
        server.user = Clumsy()
        world.flow.refuses = True
        answer(server, 486)
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)
        self.assertEqual(server.state, "Completed")
        self.assertIsNone(server.user)

    def test_it_is_gone_with_its_timer_without_the_garbage_collector(self) -> None:
        for state, seconds in (("Completed", 32), ("Confirmed", 5), ("Accepted", 32)):
            world = World()
            in_state(world, state)
            world.user.served.clear()
            gc.collect()
            gc.disable()
            try:
                world.pass_time(seconds)
                left = [
                    found
                    for found in gc.get_objects()
                    if isinstance(found, InviteServer) and found.layer is world.layer
                ]
            finally:
                gc.enable()
            self.assertEqual(left, [], state)


class TapTests(SynchronousTestCase):
    def test_it_hears_of_states_and_repetitions(self) -> None:
        world = World()
        watcher = world.layer.tap = Watcher()
        server = world.be_invited()
        world.layer.receive(request(method="INVITE"), world.flow)
        answer(server, 486)
        world.pass_time(0.5)
        world.acknowledge()
        world.pass_time(5)
        kind = "INVITE server"
        self.assertEqual(
            watcher.words,
            [
                (kind, "", "Proceeding"),
                (kind, "again"),
                (kind, "Proceeding", "Completed"),
                (kind, "again"),
                (kind, "Completed", "Confirmed"),
                (kind, "Confirmed", "Terminated"),
            ],
        )
