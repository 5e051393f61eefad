"""The INVITE client transaction: every state, every input, every second."""

from __future__ import annotations

import gc
import weakref
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from sipclient.bearer.timing import TimerValues, timer_values
from sipclient.errors import (
    SIPAlreadyExists,
    SIPCanceled,
    SIPError,
    SIPICMPFailure,
    SIPInvalidTransactionState,
    SIPServerTerminated,
    SIPTimedOut,
)
from sipclient.message.model import Response
from sipclient.test.transaction.world import (
    PEER,
    Said,
    Watcher,
    World,
    response,
    write_request,
)
from sipclient.transaction.invite_client import InviteClient

CELLULAR = timer_values("cellular")
GONE = ["SIPICMPFailure", "idle"]
NEVER_SENT = "CANCEL: SIPInvalidTransactionState"

# RFC 6026's redrawing of figure 5, read again, with CANCEL (RFC 3261 §9.1): for each
# state and input the next state, what is sent, what the users hear ("idle" comes from
# the layer), and how many timers run then. "+" is a state with a CANCEL: held in
# Calling, sent in Proceeding.
FIGURE: dict[tuple[str, str], tuple[str, list[str], list[str], int]] = {
    ("Calling", "Timer A"): ("Calling", ["INVITE"], [], 1),
    ("Calling", "Timer B"): ("Terminated", [], ["SIPTimedOut", "idle"], 0),
    ("Calling", "Transport Err."): ("Terminated", [], GONE, 0),
    ("Calling", "1xx"): ("Proceeding", [], ["180"], 0),
    ("Calling", "2xx"): ("Accepted", [], ["200"], 1),
    ("Calling", "300-699"): ("Completed", ["ACK"], ["486", "completed"], 1),
    ("Calling", "CANCEL from TU"): ("Calling", [], [], 1),
    ("Calling", "Stop"): ("Terminated", [], [], 0),
    ("Calling+", "Timer A"): ("Calling", ["INVITE"], [], 1),
    ("Calling+", "Timer B"): (
        "Terminated",
        [],
        ["SIPCanceled", NEVER_SENT, "idle"],
        0,
    ),
    ("Calling+", "Transport Err."): (
        "Terminated",
        [],
        ["SIPICMPFailure", NEVER_SENT, "idle"],
        0,
    ),
    # Two timers: Timer E of the CANCEL, and the wait for what it brings about.
    ("Calling+", "1xx"): ("Proceeding", ["CANCEL"], ["180"], 2),
    ("Calling+", "2xx"): ("Accepted", [], ["200", NEVER_SENT], 1),
    ("Calling+", "300-699"): (
        "Completed",
        ["ACK"],
        ["486", "completed", NEVER_SENT],
        1,
    ),
    ("Calling+", "CANCEL from TU"): ("Calling", [], [], 1),
    ("Calling+", "Stop"): ("Terminated", [], [], 0),
    ("Proceeding", "Transport Err."): ("Terminated", [], GONE, 0),
    ("Proceeding", "1xx"): ("Proceeding", [], ["180"], 0),
    ("Proceeding", "2xx"): ("Accepted", [], ["200"], 1),
    ("Proceeding", "300-699"): ("Completed", ["ACK"], ["486", "completed"], 1),
    ("Proceeding", "CANCEL from TU"): ("Proceeding", ["CANCEL"], [], 2),
    # Only one that was cancelled waits; the row is there for both.
    ("Proceeding", "Cancel wait"): ("Terminated", [], ["SIPTimedOut", "idle"], 0),
    ("Proceeding", "Stop"): ("Terminated", [], [], 0),
    # The CANCEL's own transaction goes on, so the layer isn't idle.
    ("Proceeding+", "Transport Err."): ("Terminated", [], ["SIPICMPFailure"], 1),
    ("Proceeding+", "1xx"): ("Proceeding", [], ["180"], 2),
    ("Proceeding+", "2xx"): ("Accepted", [], ["200"], 2),
    ("Proceeding+", "300-699"): ("Completed", ["ACK"], ["486", "completed"], 2),
    ("Proceeding+", "Cancel wait"): ("Terminated", [], ["SIPCanceled"], 1),
    ("Proceeding+", "Stop"): ("Terminated", [], [], 1),
    ("Completed", "300-699"): ("Completed", ["ACK"], [], 1),
    ("Completed", "Timer D"): ("Terminated", [], ["idle"], 1),
    ("Completed", "Stop"): ("Terminated", [], [], 0),
    ("Accepted", "2xx"): ("Accepted", [], ["200"], 1),
    ("Accepted", "Timer M"): ("Terminated", [], ["completed", "idle"], 1),
    ("Accepted", "Stop"): ("Terminated", [], [], 0),
}
STATES = {
    "Calling": 1,
    "Calling+": 1,
    "Proceeding": 0,
    "Proceeding+": 2,
    "Completed": 1,
    "Accepted": 1,
    "Terminated": 0,
}
INPUTS: dict[str, Any] = {
    "INVITE from TU": None,
    "Timer A": None,
    "Timer B": None,
    "Timer D": None,
    "Timer M": None,
    "Cancel wait": None,
    "Transport Err.": SIPICMPFailure("sending"),
    "1xx": response(180, method="INVITE"),
    "2xx": response(200, method="INVITE"),
    "300-699": response(486, method="INVITE"),
    "Stop": None,
}


class Canceller:
    """Who cancels; writes what it hears where the others do."""

    def __init__(self, said: Said) -> None:
        self._said = said

    def response(self, response: Response) -> None:
        self._said.words.append(f"CANCEL: {response.status}")

    def failed(self, error: SIPError) -> None:
        self._said.words.append(f"CANCEL: {type(error).__name__}")


def methods(world: World) -> list[str]:
    return [line.split()[0] for line in world.flow.start_lines]


def in_state(world: World, state: str) -> InviteClient:
    client = world.invite()
    if state[0] == "P":
        world.answer(100, method="INVITE")
    elif state == "Accepted":
        world.answer(200, method="INVITE")
    elif state in ("Completed", "Terminated"):
        world.answer(603, method="INVITE")
        if state == "Terminated":
            world.pass_time(32)
    if state[-1] == "+":
        client.cancel(Canceller(world.user))
    assert client.state == state.rstrip("+")
    world.flow.sent.clear()
    world.user.words.clear()
    return client


class FigureTests(SynchronousTestCase):
    """Each pair of a state and an input."""

    def test_every_pair(self) -> None:
        for state, running in STATES.items():
            for name, what in [*INPUTS.items(), ("CANCEL from TU", None)]:
                expected = FIGURE.get((state, name))
                if expected is None:
                    expected = (state.rstrip("+"), [], [], running)
                if (state, name) == ("Proceeding+", "CANCEL from TU"):
                    continue  # nobody cancels twice: `cancel` refuses
                world = World()
                client = in_state(world, state)
                if name == "CANCEL from TU":
                    what = (Canceller(world.user), ())
                client.input(name, what)
                self.assertEqual(
                    (
                        client.state,
                        methods(world),
                        world.user.words,
                        world.timers.live,
                    ),
                    expected,
                    f"{state}, {name}",
                )

    def test_the_table_has_no_row_that_the_figure_lacks(self) -> None:
        every = ("Calling", "Proceeding", "Completed", "Accepted")
        rows = {
            (state, row.input)
            for row in InviteClient.TABLE
            for state in (every if row.state == "*" else (row.state,))
        }
        figure = {(state.rstrip("+"), name) for state, name in FIGURE}
        self.assertEqual(rows, {*figure, ("", "INVITE from TU")})


class TimeTests(SynchronousTestCase):
    """Retransmissions to the second."""

    def test_timer_a_is_doubled_each_time(self) -> None:
        world = World()
        world.invite()
        world.pass_time(40)
        self.assertEqual(world.flow.times, [0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5])
        self.assertEqual({*methods(world)}, {"INVITE"})
        self.assertEqual(world.user.words, ["SIPTimedOut", "idle"])
        self.assertTrue(world.is_clean())

    def test_it_times_out_at_32_seconds_and_not_before(self) -> None:
        world = World()
        world.invite()
        world.clock.pump([0.5] * 63 + [0.4999])
        self.assertEqual(world.user.words, [])
        world.clock.advance(0.0001)
        self.assertEqual(world.user.words, ["SIPTimedOut", "idle"])

    def test_with_the_cellular_timers(self) -> None:
        world = World(CELLULAR)
        world.invite()
        world.pass_time(191)
        self.assertEqual(world.flow.times, [0, 3, 9, 21, 45, 93, 189])
        self.assertEqual(world.user.words, [])
        world.pass_time(1)
        self.assertEqual(world.user.words, ["SIPTimedOut", "idle"])
        self.assertTrue(world.is_clean())

    def test_in_proceeding_nothing_is_sent_and_nothing_runs(self) -> None:
        world = World()
        client = world.invite()
        world.pass_time(1)
        world.answer(100, method="INVITE")
        self.assertEqual(world.timers.live, 0)
        world.pass_time(1000, step=100)
        self.assertEqual(world.flow.times, [0, 0.5])
        self.assertEqual(client.state, "Proceeding")
        world.answer(404, method="INVITE")
        world.pass_time(32)
        self.assertTrue(world.is_clean())

    def test_over_a_reliable_flow_only_timer_b(self) -> None:
        world = World(reliable=True)
        world.invite()
        world.clock.advance(31.999)
        self.assertEqual((world.flow.times, world.user.words), ([0], []))
        world.clock.advance(0.001)
        self.assertEqual(world.user.words, ["SIPTimedOut", "idle"])
        self.assertTrue(world.is_clean())

    def ends_after(self, world: World, status: int, seconds: float) -> None:
        client = world.invite()
        world.answer(status, method="INVITE")
        world.clock.advance(seconds - 0.001)
        self.assertNotEqual(client.state, "Terminated")
        world.clock.advance(0.001)
        self.assertEqual(client.state, "Terminated")
        self.assertTrue(world.is_clean())

    def test_timer_d_runs_32_s_at_least(self) -> None:
        self.ends_after(World(), 486, 32)
        self.ends_after(World(TimerValues(t1=0.1)), 486, 32)
        self.ends_after(World(CELLULAR), 486, 192)

    def test_over_a_reliable_flow_timer_d_is_0(self) -> None:
        world = World(reliable=True)
        client = world.invite()
        world.answer(486, method="INVITE")
        self.assertEqual(client.state, "Terminated")
        self.assertEqual(methods(world), ["INVITE", "ACK"])
        self.assertEqual(world.user.words, ["486", "completed", "idle"])
        self.assertTrue(world.is_clean())

    def test_timer_m_runs_64_t1_over_any_flow(self) -> None:
        self.ends_after(World(), 200, 32)
        self.ends_after(World(CELLULAR), 200, 192)
        self.ends_after(World(reliable=True), 200, 32)


class AckTests(SynchronousTestCase):
    """RFC 3261 §17.1.1.3."""

    def test_every_byte_of_it(self) -> None:
        """URI, branch, From, Call-ID, number and Route are the INVITE's; To is not."""
        routes = (("Route", "<sip:p1;lr>,<sip:p2;lr>"), ("Route", "<sip:p3;lr>"))
        world = World()
        world.invite(headers=(*routes, ("Subject", "not in an ACK")))
        answered = response(486, method="INVITE")
        world.layer.receive(answered, world.flow)
        self.assertEqual(
            world.flow.sent[1][1],
            b"ACK sip:alice@example.com SIP/2.0\r\n"
            b"Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKa\r\n"
            b"Max-Forwards: 70\r\n"
            b"Route: <sip:p1;lr>,<sip:p2;lr>\r\n"
            b"Route: <sip:p3;lr>\r\n"
            b"From: <sip:bob@example.org>;tag=theirs\r\n"
            b"To: <sip:alice@example.com>;tag=theirs\r\n"
            b"Call-ID: call\r\n"
            b"CSeq: 1 ACK\r\n"
            b"Content-Length: 0\r\n\r\n",
        )

    def test_each_copy_of_the_response_gets_the_same(self) -> None:
        world = World()
        world.invite()
        for _ in range(3):
            world.answer(603, method="INVITE")
        acks = [data for _, data in world.flow.sent[1:]]
        self.assertEqual(len(acks), 3)
        self.assertEqual(len({*acks}), 1)
        self.assertEqual(world.user.words, ["603", "completed"])
        self.assertEqual(world.layer.retransmissions_sent, 2)

    def test_a_long_invite_can_be_acknowledged_too(self) -> None:
        """What we wrote ourselves has no limits."""
        world = World()
        many = [(f"X-{number}", "x" * 100) for number in range(500)]
        world.invite(headers=[*many, ("X-Long", "x" * 10_000)])
        world.answer(486, method="INVITE")
        self.assertEqual(methods(world), ["INVITE", "ACK"])

    def test_one_that_is_refused_is_like_one_that_was_lost(self) -> None:
        world = World()
        client = world.invite()
        world.flow.refuses = True
        world.answer(486, method="INVITE")
        self.assertEqual(world.user.words, ["486", "completed"])
        self.assertEqual(client.state, "Completed")
        world.flow.refuses = False
        world.answer(486, method="INVITE")
        self.assertEqual(methods(world), ["INVITE", "ACK"])
        world.pass_time(32)
        self.assertTrue(world.is_clean())

    def test_none_for_a_2xx(self) -> None:
        """It is the user's (§13.2.2.4)."""
        world = World()
        world.invite()
        world.answer(200, method="INVITE")
        world.answer(200, method="INVITE")
        self.assertEqual(methods(world), ["INVITE"])

    def test_after_timer_d_a_copy_is_nobodys(self) -> None:
        world = World()
        world.invite()
        world.answer(486, method="INVITE")
        world.pass_time(32)
        world.answer(486, method="INVITE")
        self.assertEqual(methods(world), ["INVITE", "ACK"])
        self.assertEqual(world.layer.stray_responses, 1)


class AcceptedTests(SynchronousTestCase):
    """RFC 6026."""

    def test_each_2xx_is_passed_on_and_nothing_else(self) -> None:
        world = World()
        world.invite()
        for status in (180, 200, 200, 202, 180, 486, 200):
            world.answer(status, method="INVITE")
        self.assertEqual(world.user.words, ["180", "200", "200", "202", "200"])
        world.pass_time(32)
        self.assertEqual(world.user.words[5:], ["completed", "idle"])
        self.assertTrue(world.is_clean())

    def test_64_t1_count_from_the_first_one(self) -> None:
        world = World()
        world.invite()
        world.answer(200, method="INVITE")
        world.pass_time(31.5)
        world.answer(200, method="INVITE")
        world.pass_time(0.5)
        self.assertEqual(world.user.words, ["200", "200", "completed", "idle"])
        world.answer(200, method="INVITE")
        self.assertEqual(world.layer.stray_responses, 1)

    def test_a_lost_flow_changes_nothing(self) -> None:
        world = World(reliable=True)
        client = world.invite()
        world.answer(200, method="INVITE")
        world.layer.flow_lost(world.flow, SIPICMPFailure("x"))
        self.assertEqual(client.state, "Accepted")


class CancelTests(SynchronousTestCase):
    """RFC 3261 §9.1."""

    def test_every_byte_of_it(self) -> None:
        world = World()
        client = world.invite(headers=(("Route", "<sip:p;lr>"), ("Require", "100rel")))
        world.answer(180, method="INVITE")
        client.cancel(headers=[("Reason", "SIP;cause=200")])
        self.assertEqual(
            world.flow.sent[1][1],
            b"CANCEL sip:alice@example.com SIP/2.0\r\n"
            b"Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKa\r\n"
            b"Max-Forwards: 70\r\n"
            b"Route: <sip:p;lr>\r\n"
            b"From: <sip:bob@example.org>;tag=theirs\r\n"
            b"To: <sip:alice@example.com>\r\n"
            b"Call-ID: call\r\n"
            b"CSeq: 1 CANCEL\r\n"
            b"Reason: SIP;cause=200\r\n"
            b"Content-Length: 0\r\n\r\n",
        )

    def test_it_is_a_transaction_of_its_own(self) -> None:
        """Retransmitted and answered by itself; the INVITE ends by its own response."""
        world = World()
        client = world.invite()
        world.answer(180, method="INVITE")
        client.cancel(Canceller(world.user))
        self.assertEqual(world.layer.live, 2)
        world.pass_time(1.5)
        self.assertEqual(methods(world), ["INVITE", *["CANCEL"] * 3])
        world.answer(200, method="CANCEL")
        world.answer(487, method="INVITE")
        self.assertEqual(world.user.words, ["180", "CANCEL: 200", "487", "completed"])
        self.assertEqual(methods(world)[-1], "ACK")
        world.pass_time(40)
        self.assertTrue(world.is_clean())

    def test_it_is_held_before_the_first_1xx(self) -> None:
        world = World()
        client = world.invite()
        client.cancel()
        world.pass_time(2)
        self.assertEqual({*methods(world)}, {"INVITE"})
        world.answer(100, method="INVITE")
        self.assertEqual(methods(world)[-1], "CANCEL")
        world.answer(180, method="INVITE")
        self.assertEqual(methods(world).count("CANCEL"), 1)

    def test_a_final_response_that_is_first_wins(self) -> None:
        for status, words in (
            (200, ["200", NEVER_SENT]),
            (486, ["486", "completed", NEVER_SENT]),
        ):
            world = World()
            client = world.invite()
            client.cancel(Canceller(world.user))
            world.answer(status, method="INVITE")
            self.assertEqual(world.user.words, words)
            self.assertNotIn("CANCEL", methods(world))

    def test_a_2xx_that_crosses_it_counts(self) -> None:
        world = World()
        client = world.invite()
        world.answer(180, method="INVITE")
        client.cancel(Canceller(world.user))
        world.answer(200, method="INVITE")
        world.answer(481, method="CANCEL")
        self.assertEqual(world.user.words, ["180", "200", "CANCEL: 481"])
        world.pass_time(32)
        self.assertEqual(world.user.words[3:], ["completed", "idle"])
        self.assertTrue(world.is_clean())

    def test_without_a_final_response_it_ends_64_t1_later(self) -> None:
        for values, seconds in ((TimerValues(), 32), (CELLULAR, 192)):
            world = World(values)
            client = world.invite()
            world.answer(180, method="INVITE")
            world.pass_time(100)
            client.cancel()
            world.answer(200, method="CANCEL")
            world.pass_time(seconds - 0.5)
            self.assertEqual(client.state, "Proceeding")
            world.pass_time(0.5)
            self.assertEqual(client.state, "Terminated")
            (error,) = world.user.errors
            self.assertIsInstance(error, SIPCanceled)
            self.assertIn(f"{seconds} s", str(error))
            self.assertTrue(world.is_clean())

    def test_one_that_nobody_hears_of_does_no_harm(self) -> None:
        world = World()
        client = world.invite()
        client.cancel()
        world.answer(180, method="INVITE")
        world.pass_time(40)
        self.assertEqual(world.user.words, ["180", "SIPCanceled", "idle"])
        self.assertTrue(world.is_clean())

    def test_once(self) -> None:
        for answers in ((), (100,)):
            world = World()
            client = world.invite()
            for status in answers:
                world.answer(status, method="INVITE")
            client.cancel()
            self.assertRaises(SIPInvalidTransactionState, client.cancel)

    def test_not_after_a_final_response(self) -> None:
        for state in ("Completed", "Accepted", "Terminated"):
            client = in_state(World(), state)
            error = self.assertRaises(SIPInvalidTransactionState, client.cancel)
            self.assertIn(state, str(error))

    def test_one_that_can_not_be_sent_is_told_afterwards(self) -> None:
        world = World()
        client = world.invite()
        world.answer(180, method="INVITE")
        world.flow.refuses = True
        client.cancel(Canceller(world.user))
        self.assertEqual(world.user.words, ["180"])
        world.clock.advance(0)
        self.assertEqual(world.user.words, ["180", "CANCEL: SIPTransportFailure"])
        self.assertEqual(client.state, "Proceeding")


class UserTests(SynchronousTestCase):
    def test_after_the_final_response_it_holds_nothing_of_its_user(self) -> None:
        world = World()
        user = Said()
        data = write_request(method="INVITE")
        client = world.layer.invite(data, ("z9hG4bKa", "INVITE"), world.flow, user)
        world.answer(486, method="INVITE")
        gone = weakref.ref(user)
        gc.disable()
        try:
            del user
            self.assertIsNone(gone())
        finally:
            gc.enable()
        self.assertEqual(client.state, "Completed")

    def test_it_is_gone_with_its_timer_without_the_garbage_collector(self) -> None:
        for status in (200, 486):
            world = World()
            world.invite()
            world.answer(status, method="INVITE")
            gc.collect()
            gc.disable()
            try:
                world.clock.advance(32)
                left = [
                    found
                    for found in gc.get_objects()
                    if isinstance(found, InviteClient) and found.layer is world.layer
                ]
            finally:
                gc.enable()
            self.assertEqual(left, [])

    def test_a_user_that_fails_is_logged_and_harms_nothing(self) -> None:
        class Clumsy(Said):
            def response(self, response: object) -> None:
                raise ZeroDivisionError

        world = World()
        user = Clumsy()
        data = write_request(method="INVITE")
        client = world.layer.invite(data, ("z9hG4bKa", "INVITE"), world.flow, user)
        for status in (100, 486):
            world.answer(status, method="INVITE")
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 2)
        self.assertEqual((client.state, user.words), ("Completed", ["completed"]))
        self.assertEqual(methods(world), ["INVITE", "ACK"])

    def test_a_user_may_cancel_when_it_is_told(self) -> None:
        class Hasty(Said):
            def response(self, response: object) -> None:
                client.cancel()

        world = World()
        data = write_request(method="INVITE")
        key = ("z9hG4bKa", "INVITE")
        client = world.layer.invite(data, key, world.flow, Hasty())
        world.answer(180, method="INVITE")
        self.assertEqual(methods(world), ["INVITE", "CANCEL"])


class FailureTests(SynchronousTestCase):
    def test_a_refused_first_send_is_told_after_invite_has_returned(self) -> None:
        world = World()
        world.flow.refuses = True
        client = world.invite()
        self.assertEqual((client.state, world.user.words), ("Calling", []))
        world.clock.advance(0)
        self.assertEqual(world.user.words, ["SIPTransportFailure", "idle"])
        self.assertTrue(world.is_clean())

    def test_a_refused_retransmission_ends_it(self) -> None:
        world = World()
        world.invite()
        world.flow.refuses = True
        world.clock.advance(0.5)
        self.assertEqual(world.user.words, ["SIPTransportFailure", "idle"])
        self.assertTrue(world.is_clean())

    def test_an_unreachable_is_believed_until_something_came(self) -> None:
        error = SIPICMPFailure("sending")
        quoted = write_request(method="INVITE")
        for answers, words in (((), GONE), ((100,), ["100"]), ((486,), ["486"])):
            world = World()
            world.invite()
            for status in answers:
                world.answer(status, method="INVITE")
            world.layer.unreachable(PEER, quoted, error)
            self.assertEqual(world.user.words[: len(words)], words)
            self.assertEqual(world.layer.unbelieved, len(answers))

    def test_a_timeout_says_what_was_tried(self) -> None:
        world = World()
        world.invite()
        world.pass_time(32)
        (error,) = world.user.errors
        self.assertIsInstance(error, SIPTimedOut)
        for part in ("INVITE", "192.0.2.1", "5060", "32 s", "Timer B"):
            self.assertIn(part, str(error))

    def test_a_branch_is_used_once(self) -> None:
        world = World()
        world.invite()
        self.assertRaises(SIPAlreadyExists, world.invite)

    def test_nothing_is_sent_after_stop(self) -> None:
        world = World()
        world.layer.stop()
        self.assertRaises(SIPServerTerminated, world.invite)
        self.assertEqual(world.flow.sent, [])


class TapTests(SynchronousTestCase):
    def test_it_hears_of_states_and_retransmissions(self) -> None:
        world = World()
        watcher = world.layer.tap = Watcher()
        world.invite()
        world.clock.advance(0.5)
        for status in (100, 486, 486):
            world.answer(status, method="INVITE")
        world.clock.advance(32)
        kind = "INVITE client"
        self.assertEqual(
            watcher.words,
            [
                (kind, "", "Calling"),
                (kind, "again"),
                (kind, "Calling", "Proceeding"),
                (kind, "Proceeding", "Completed"),
                (kind, "again"),
                (kind, "Completed", "Terminated"),
            ],
        )
