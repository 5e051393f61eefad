"""Fake time is exact, ordered, cheap, and as faithful as Twisted's own calls."""

from __future__ import annotations

import time as real_time

from twisted.internet.defer import Deferred, succeed
from twisted.internet.error import AlreadyCalled, AlreadyCancelled
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from sipclient.testing import FakeClock, clock


class InterfacesTests(SynchronousTestCase):
    def test_provided(self) -> None:
        fake = FakeClock()
        self.assertTrue(verifyObject(IReactorTime, fake))
        self.assertTrue(verifyObject(IDelayedCall, fake.callLater(1, int)))


class TimeTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = FakeClock()
        self.said: list[object] = []

    def note(self, *what: object) -> None:
        self.said.append((self.clock.seconds(), *what))

    def test_each_call_sees_its_own_time(self) -> None:
        for delay in (2.5, 0.5, 31.5):
            self.clock.callLater(delay, self.note, delay)
        self.clock.advance(40)
        self.assertEqual(self.said, [(0.5, 0.5), (2.5, 2.5), (31.5, 31.5)])
        self.assertEqual(self.clock.seconds(), 40)

    def test_equal_times_in_the_order_of_asking(self) -> None:
        for number in range(100):
            self.clock.callLater(1, self.note, number)
        self.clock.advance(1)
        self.assertEqual(self.said, [(1, number) for number in range(100)])

    def test_not_a_moment_early(self) -> None:
        self.clock.callLater(32, self.note)
        self.clock.advance(31.999999)
        self.assertEqual(self.said, [])
        self.clock.advance(0.000001)
        self.assertEqual(self.said, [(32,)])

    def test_steps_in_tenths_reach_what_is_due_in_tenths(self) -> None:
        self.clock.advance(0.1)
        self.clock.callLater(0.2, self.note)  # 0.30000000000000004
        self.clock.advance(0.1)
        self.assertEqual(self.said, [])
        self.clock.advance(0.1)
        self.assertEqual(self.said, [(0.1 + 0.2,)])

    def test_a_deadline_met_by_remainders_is_reached(self) -> None:
        """Asking again for what is missing ends, whatever floats do."""
        self.clock.advance(0.0372891)
        deadline = self.clock.seconds() + 0.7

        def again() -> None:
            self.note()
            if self.clock.seconds() < deadline:
                self.clock.callLater(deadline - self.clock.seconds(), again)

        self.clock.callLater(0.1, again)
        self.clock.advance(1)
        self.assertLessEqual(len(self.said), 4)
        self.assertEqual(self.said[-1], (deadline,))

    def test_calls_made_meanwhile_run_when_they_are_due(self) -> None:
        def first() -> None:
            self.note("first")
            self.clock.callLater(0, self.note, "at once")
            self.clock.callLater(1, self.note, "second")
            self.clock.callLater(5, self.note, "too late")

        self.clock.callLater(1, first)
        self.clock.advance(3)
        self.assertEqual(self.said, [(1, "first"), (1, "at once"), (2, "second")])

    def test_time_starts_where_it_is_told(self) -> None:
        fake = FakeClock(1e9)
        fake.callLater(1, self.note)
        fake.advance(1)
        self.assertEqual(fake.seconds(), 1e9 + 1)

    def test_time_does_not_go_back(self) -> None:
        self.assertRaises(ValueError, self.clock.advance, -1)
        self.assertRaises(AssertionError, self.clock.callLater, -0.001, int)
        self.assertRaises(AssertionError, self.clock.callLater, float("nan"), int)

    def test_time_is_moved_by_one_at_a_time(self) -> None:
        self.clock.callLater(1, self.clock.advance, 1)
        self.assertRaisesRegex(RuntimeError, "sleep", self.clock.advance, 1)
        self.clock.advance(1)

    def test_what_calls_itself_forever_is_stopped(self) -> None:
        self.patch(clock, "_MOST_AT_ONE_TIME", 50)

        def again() -> None:
            self.clock.callLater(0, again)

        again()
        with self.assertRaisesRegex(RuntimeError, "endlessly"):
            self.clock.advance(1)


class DelayedCallsTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = FakeClock()
        self.said: list[float] = []

    def later(self, delay: float) -> IDelayedCall:
        return self.clock.callLater(
            delay, lambda: self.said.append(self.clock.seconds())
        )

    def test_called(self) -> None:
        call = self.later(1)
        self.assertTrue(call.active())
        self.assertEqual(call.getTime(), 1)
        self.clock.advance(1)
        self.assertFalse(call.active())
        for method, *args in ((call.cancel,), (call.delay, 1), (call.reset, 1)):
            self.assertRaises(AlreadyCalled, method, *args)

    def test_cancelled(self) -> None:
        call = self.later(1)
        call.cancel()
        self.assertFalse(call.active())
        for method, *args in ((call.cancel,), (call.delay, 1), (call.reset, 1)):
            self.assertRaises(AlreadyCancelled, method, *args)
        self.clock.advance(2)
        self.assertEqual(self.said, [])

    def test_called_before_its_function_runs(self) -> None:
        """A call that cancels itself is told that it has been called."""

        def own() -> None:
            self.assertRaises(AlreadyCalled, call.cancel)
            self.said.append(0)

        call = self.clock.callLater(1, own)
        self.clock.advance(1)
        self.assertEqual(self.said, [0])

    def test_delay_counts_from_its_time_and_reset_from_now(self) -> None:
        delayed, reset, sooner = self.later(2), self.later(2), self.later(9)
        self.clock.advance(1)
        delayed.delay(3)
        reset.reset(3)
        sooner.reset(1)
        self.assertEqual(
            [call.getTime() for call in (delayed, reset, sooner)], [5, 4, 2]
        )
        self.clock.advance(9)
        self.assertEqual(self.said, [2, 4, 5])

    def test_moved_into_the_past_runs_at_once(self) -> None:
        self.clock.advance(10)
        self.later(5).delay(-20)
        self.clock.advance(0)
        self.assertEqual(self.said, [10])

    def test_listed_while_live_earliest_first(self) -> None:
        late, early, gone, moved = (self.later(delay) for delay in (3, 1, 2, 4))
        gone.cancel()
        moved.reset(2)
        self.assertEqual(self.clock.delayed_calls(), [early, moved, late])
        self.assertEqual(self.clock.getDelayedCalls(), [early, moved, late])
        self.clock.advance(3)
        self.assertEqual(self.clock.delayed_calls(), [])

    def test_many_moved_and_cancelled(self) -> None:
        """Sweeping out the dead loses nobody and revives nobody."""
        calls = [self.later(float(number)) for number in range(5000)]
        for call in calls[::2]:
            call.cancel()
        for call in calls[1::2]:
            call.delay(5000)
        for call in calls[1::4]:
            call.cancel()
        self.assertEqual(len(self.clock.delayed_calls()), 1250)
        self.clock.advance(20000)
        self.assertEqual(self.said, [5000.0 + number for number in range(3, 5000, 4)])

    def test_a_hundred_thousand_live_calls_stay_cheap(self) -> None:
        started = real_time.perf_counter()
        calls = [self.later(number % 977 / 7) for number in range(100_000)]
        for call in calls[::2]:
            call.cancel()
        self.clock.advance(200)
        # Well below a second; a list that is sorted each time takes minutes.
        self.assertLess(real_time.perf_counter() - started, 15)
        self.assertEqual(len(self.said), 50_000)
        self.assertEqual(self.said, sorted(self.said))


class ErrorsTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = FakeClock()

    def fail_with(self, error: Exception) -> None:
        raise error

    def test_one_is_raised_at_the_end_and_says_when(self) -> None:
        said: list[str] = []
        self.clock.callLater(1, self.fail_with, KeyError("x"))
        self.clock.callLater(2, said.append, "later")
        error = self.assertRaises(KeyError, self.clock.advance, 3)
        self.assertEqual(said, ["later"])
        self.assertEqual(self.clock.seconds(), 3)
        self.assertEqual(
            error.__notes__, [f"raised at 1 s by {self.fail_with.__qualname__}"]
        )

    def test_several_are_raised_as_a_group(self) -> None:
        errors = [KeyError("x"), ValueError("y")]
        for error in errors:
            self.clock.callLater(1, self.fail_with, error)
        group = self.assertRaises(ExceptionGroup, self.clock.advance, 1)
        self.assertEqual(list(group.exceptions), errors)

    def test_they_are_raised_once(self) -> None:
        self.clock.callLater(1, self.fail_with, KeyError("x"))
        self.assertRaises(KeyError, self.clock.advance, 1)
        self.clock.advance(1)

    def test_an_interrupt_comes_through_at_once(self) -> None:
        def interrupt() -> None:
            raise KeyboardInterrupt

        self.clock.callLater(1, interrupt)
        self.assertRaises(KeyboardInterrupt, self.clock.advance, 5)
        self.assertEqual(self.clock.seconds(), 1)
        self.clock.advance(1)


class WaitingTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = FakeClock()

    def test_run_stops_at_the_very_call(self) -> None:
        said: list[int] = []
        for number in range(5):
            self.clock.callLater(number, said.append, number)
        self.clock.run(lambda: len(said) == 3)
        self.assertEqual((self.clock.seconds(), said), (2, [0, 1, 2]))

    def test_run_moves_nothing_when_it_is_so_already(self) -> None:
        self.clock.callLater(0, self.fail)
        self.clock.run(lambda: True)

    def test_run_gives_up_and_says_what_waits(self) -> None:
        self.clock.callLater(100, self.fail)
        error = self.assertRaises(AssertionError, self.clock.run, lambda: False, 7)
        self.assertIn("after 7 s", str(error))
        self.assertIn("delayed calls that wait: 1", str(error))
        self.assertEqual(self.clock.seconds(), 7)

    def test_run_raises_the_cause_rather_than_that_it_gave_up(self) -> None:
        self.clock.callLater(1, {}.__getitem__, "x")
        self.assertRaises(KeyError, self.clock.run, lambda: False)

    def test_result_of_a_deferred(self) -> None:
        deferred: Deferred[str] = Deferred()
        self.clock.callLater(3, deferred.callback, "done")
        self.assertEqual(self.clock.result_of(deferred), "done")
        self.assertEqual(self.clock.seconds(), 3)
        self.assertEqual(self.clock.result_of(succeed(5)), 5)

    def test_result_of_a_coroutine(self) -> None:
        async def scenario() -> float:
            await self.clock.sleep(1.5)
            await self.clock.sleep(1.5)
            return self.clock.seconds()

        self.assertEqual(self.clock.result_of(scenario()), 3)

    def test_result_of_what_fails(self) -> None:
        deferred: Deferred[None] = Deferred()
        self.clock.callLater(3, deferred.errback, KeyError("x"))
        self.assertRaises(KeyError, self.clock.result_of, deferred)

    def test_result_of_what_never_fires(self) -> None:
        error = self.assertRaises(
            AssertionError, self.clock.result_of, Deferred(), limit=2
        )
        self.assertIn("no result of <Deferred", str(error))

    def test_a_cancelled_sleep_leaves_no_call(self) -> None:
        sleeping = self.clock.sleep(5)
        sleeping.addErrback(lambda _: None)
        sleeping.cancel()
        self.assertEqual(self.clock.delayed_calls(), [])
