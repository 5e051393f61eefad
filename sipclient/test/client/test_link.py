"""The application's end of a session, with a stack that a test plays."""

from __future__ import annotations

import gc
from typing import Any

from twisted.internet.defer import CancelledError, Deferred
from twisted.logger import capturedLogs, formatEvent
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer

from sipclient import RequestElements
from sipclient.client.leaving import all_settled, settled
from sipclient.client.link import Link
from sipclient.errors import SIPArgumentError, SIPError, SIPServerTerminated
from sipclient.interfaces import ISession, ISessionSink, IStack
from sipclient.session import commands, events
from sipclient.testing import FakeClock


@implementer(IStack, ISession)
class Stack:
    """Replies when the test says so, or from within ``submit``.

    :ivar at_once: what ``submit`` does first: given the sink and the command.
    """

    def __init__(self) -> None:
        self.reactor = FakeClock()
        self.submitted: list[commands.Command] = []
        self.acknowledged: list[int] = []
        self.at_once: Any = None
        self.sink: Any = None

    def attach(self, sink: ISessionSink) -> ISession:
        self.sink = sink
        session: ISession = self
        return session

    def submit(self, command: commands.Command) -> None:
        self.submitted.append(command)
        if self.at_once is not None:
            self.at_once(self.sink, command)

    def acknowledge(self, number: int) -> None:
        self.acknowledged.append(number)


class Receiver:
    """Keeps what it is told, and does what the test wants meanwhile."""

    def __init__(self) -> None:
        self.told: list[Any] = []
        self.meanwhile: Any = None

    def happened(self, event: events.Event) -> None:
        self.told.append(event.number)
        if self.meanwhile is not None:
            self.meanwhile(event)

    def lost(self, error: SIPError) -> None:
        self.told.append(error)


def event(number: int) -> events.Event:
    return events.ConnectionStateChanged(number, 1, "Active")


def accepts(sink: Any, command: Any) -> None:
    sink.replied(commands.Accepted(command.number, command.number * 10))


def refuses(sink: Any, command: Any) -> None:
    sink.replied(commands.Refused(command.number, SIPArgumentError("trying")))


class LinkCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.stack = Stack()
        self.receiver = Receiver()
        provider: IStack = self.stack
        self.link = Link(provider, self.receiver)
        self.clock = self.stack.reactor

    def ask(
        self, elements: Any = None, made: Any = str, **options: Any
    ) -> Deferred[Any]:
        command = commands.OpenConnection(self.link.number(), "home")
        return self.link.ask(command, made, elements, **options)


class ReplyTests(LinkCase):
    def test_in_the_same_turn_or_later(self) -> None:
        self.stack.at_once = accepts
        self.assertEqual(self.successResultOf(self.ask()), "10")
        self.stack.at_once = None
        later = self.ask()
        self.assertNoResult(later)
        accepts(self.stack.sink, self.stack.submitted[-1])
        self.assertEqual(self.successResultOf(later), "20")
        self.stack.at_once = refuses
        self.failureResultOf(self.ask(), SIPArgumentError)
        self.stack.at_once = None
        later = self.ask()
        refuses(self.stack.sink, self.stack.submitted[-1])
        self.failureResultOf(later, SIPArgumentError)

    def test_in_another_order_than_asked(self) -> None:
        first, second = self.ask(), self.ask()
        for command in reversed(self.stack.submitted):
            accepts(self.stack.sink, command)
        self.assertEqual(self.successResultOf(second), "20")
        self.assertEqual(self.successResultOf(first), "10")

    def test_for_a_command_that_nobody_gave_it_is_dropped(self) -> None:
        self.stack.sink.replied(commands.Accepted(99))
        accepted = self.ask()
        for _ in range(2):
            accepts(self.stack.sink, self.stack.submitted[0])
        self.successResultOf(accepted)

    def test_elements_are_the_stacks_until_they_are_refused(self) -> None:
        for reply, kept in ((accepts, True), (refuses, False)):
            for in_time in (True, False):
                self.stack.at_once = reply if in_time else None
                elements = RequestElements("sip:bob@example.com")
                asked = self.ask(elements)
                if not in_time:
                    self.assertTrue(elements._given)
                    reply(self.stack.sink, self.stack.submitted[-1])
                asked.addErrback(lambda _: None)
                self.assertEqual(elements._given, kept)

    def test_a_programming_error_leaves_everything_as_it_was(self) -> None:
        def breaks(sink: Any, command: Any) -> None:
            raise TypeError("no such thing")

        self.stack.at_once = breaks
        elements = RequestElements("sip:bob@example.com")
        self.assertRaises(TypeError, self.ask, elements)
        self.assertFalse(elements._given)
        self.stack.at_once = accepts
        self.successResultOf(self.ask(elements))
        self.stack.sink.happened(event(1))
        self.assertEqual(self.receiver.told, [1])

    def test_cancelled_what_it_makes_is_closed_on_arrival(self) -> None:
        class Handle:
            closed = 0

            def close(self) -> None:
                self.closed += 1

        handle = Handle()
        asked = self.ask(made=lambda _: handle)
        asked.cancel()
        self.failureResultOf(asked, CancelledError)
        self.assertEqual(handle.closed, 0)
        accepts(self.stack.sink, self.stack.submitted[0])
        self.assertEqual(handle.closed, 1)
        for reply in (accepts, refuses):
            asked = self.ask()
            asked.cancel()
            reply(self.stack.sink, self.stack.submitted[-1])
            self.failureResultOf(asked, CancelledError)


class EventTests(LinkCase):
    def test_outside_of_calls_they_are_told_at_once(self) -> None:
        for number in (1, 2):
            self.stack.sink.happened(event(number))
        self.assertEqual(self.receiver.told, [1, 2])
        self.assertEqual(self.stack.acknowledged, [1, 2])

    def test_within_a_call_they_wait_for_the_next_turn(self) -> None:
        def reply(sink: Any, command: Any) -> None:
            accepts(sink, command)
            sink.happened(event(1))
            sink.happened(event(2))

        self.stack.at_once = reply
        self.successResultOf(self.ask())
        self.stack.sink.happened(event(3))  # those before it come first
        self.assertEqual(self.receiver.told, [])
        self.clock.advance(0)
        self.assertEqual(self.receiver.told, [1, 2, 3])
        self.assertEqual(self.stack.acknowledged, [3])

    def test_what_a_callback_causes_comes_in_the_turn_after(self) -> None:
        numbers = iter(range(2, 5))

        def meanwhile(_: object) -> None:
            number = next(numbers, None)
            if number is not None:
                self.stack.sink.happened(event(number))

        self.receiver.meanwhile = meanwhile
        turns: list[list[int]] = []
        self.stack.sink.happened(event(1))
        while self.clock.delayed_calls():
            turns.append(list(self.receiver.told))
            self.clock.delayed_calls()[0]._call()
        self.assertEqual(turns, [[1], [1, 2], [1, 2, 3]])
        self.assertEqual(self.receiver.told, [1, 2, 3, 4])
        self.assertEqual(self.stack.acknowledged, [1, 2, 3, 4])


class LossTests(LinkCase):
    def test_who_waits_hears_that_the_fate_is_unknown(self) -> None:
        elements = RequestElements("sip:bob@example.com")
        waiting, cancelled = self.ask(elements), self.ask()
        cancelled.cancel()
        lost = SIPServerTerminated("using the stack")
        self.stack.sink.lost(lost)
        error = self.failureResultOf(waiting, SIPServerTerminated).value
        self.assertEqual(error.outcome, "unknown")
        self.assertIn("home", str(error))
        self.failureResultOf(cancelled, CancelledError)
        self.assertEqual(self.receiver.told, [])
        self.clock.advance(0)
        self.assertEqual(self.receiver.told, [lost])

    def test_nothing_works_from_then_on(self) -> None:
        self.stack.sink.lost(SIPServerTerminated("using the stack"))
        submitted = len(self.stack.submitted)
        elements = RequestElements("sip:bob@example.com")
        self.failureResultOf(self.ask(elements), SIPServerTerminated)
        self.link.send(commands.CloseSession(self.link.number()))
        self.assertEqual(len(self.stack.submitted), submitted)
        self.assertFalse(elements._given)
        self.clock.advance(0)

    def test_events_that_waited_are_not_told_any_more(self) -> None:
        def reply(sink: Any, command: Any) -> None:
            accepts(sink, command)
            sink.happened(event(1))

        self.stack.at_once = reply
        self.successResultOf(self.ask())
        lost = SIPServerTerminated("using the stack")
        self.stack.sink.lost(lost)
        self.clock.advance(0)
        self.assertEqual(self.receiver.told, [lost])
        self.assertEqual(self.stack.acknowledged, [])


class UnheededTests(LinkCase):
    """A failure that nobody looks at is logged once, by what the command did."""

    def _logged(self, action: Any) -> list[str]:
        with capturedLogs() as logs:
            action()
            gc.collect()
        self.assertEqual(self.flushLoggedErrors(), [])
        return [formatEvent(each) for each in logs]

    def test_refused_at_once_and_later(self) -> None:
        def at_once() -> None:
            self.stack.at_once = refuses
            self.ask()

        def later() -> None:
            self.stack.at_once = None
            self.ask()
            refuses(self.stack.sink, self.stack.submitted[-1])

        for action in (at_once, later):
            logged = self._logged(action)
            self.assertEqual(len(logged), 1)
            self.assertIn("connecting to the access point 'home'", logged[0])
            self.assertNotIn("Unhandled", logged[0])

    def test_accepted_and_failed_afterwards(self) -> None:
        def breaks(_: object) -> None:
            raise SIPArgumentError("afterwards")

        def action() -> None:
            self.stack.at_once = accepts
            self.ask(goes_on=True).addCallback(breaks)

        logged = self._logged(action)
        self.assertEqual(len(logged), 1)
        self.assertIn("afterwards", logged[0])

    def test_looked_at_or_not_waited_for_it_is_not_logged(self) -> None:
        def action() -> None:
            self.stack.at_once = refuses
            self.ask().addErrback(lambda _: None)
            self.link.send(commands.CloseSession(self.link.number()))

        self.assertEqual(self._logged(action), [])

    def test_accepted_it_is_not_logged(self) -> None:
        def action() -> None:
            self.stack.at_once = accepts
            self.ask()
            self.ask(goes_on=True)

        self.assertEqual(self._logged(action), [])


class LeavingTests(SynchronousTestCase):
    def test_quiet_or_time_over_whichever_is_first(self) -> None:
        clock = FakeClock()
        quiet: Deferred[None] = Deferred()
        first, second = settled(clock, quiet, 5.0), settled(clock, Deferred(), 5.0)
        clock.advance(4.9)
        quiet.callback(None)
        self.assertIsNone(self.successResultOf(first))
        self.assertNoResult(second)
        clock.advance(0.2)
        self.assertIsNone(self.successResultOf(second))
        self.assertEqual(clock.delayed_calls(), [])

    def test_a_failure_is_quiet_too(self) -> None:
        failed: Deferred[None] = Deferred()
        done = settled(FakeClock(), failed, 5.0)
        failed.errback(SIPArgumentError("leaving"))
        self.assertIsNone(self.successResultOf(done))

    def test_all_of_them(self) -> None:
        one, two = Deferred[None](), Deferred[None]()
        done = all_settled([one, two])
        one.callback(None)
        self.assertNoResult(done)
        two.errback(SIPArgumentError("leaving"))
        self.assertIsNone(self.successResultOf(done))
        self.assertIsNone(self.successResultOf(all_settled([])))
