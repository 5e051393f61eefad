"""Timers: exact, in order, cheap to cancel, and nothing kept."""

from __future__ import annotations

import gc
import tracemalloc

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from sipclient.transaction.timers import COMPANY, TimerEntry, Timers


class Machine:
    """Writes down what it is told, and when; may do something then."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.told: list[tuple[float, str]] = []
        self.then: dict[str, object] = {}

    def timer(self, letter: str) -> None:
        self.told.append((self.clock.seconds(), letter))
        then = self.then.get(letter)
        if callable(then):
            then()

    @property
    def letters(self) -> str:
        return "".join(letter for _, letter in self.told)


class TimersTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.timers = Timers(self.clock)
        self.machine = Machine(self.clock)

    def start(self, delay: float, letter: str) -> TimerEntry:
        return self.timers.start(delay, self.machine, letter)

    def calls(self) -> list[float]:
        return [call.getTime() for call in self.clock.getDelayedCalls()]

    def test_it_expires_at_its_deadline_and_not_before(self) -> None:
        self.start(0.5, "E")
        self.clock.advance(0.4999)
        self.assertEqual(self.machine.told, [])
        self.clock.advance(0.0001)
        self.assertEqual(self.machine.letters, "E")
        self.assertEqual(self.calls(), [])
        self.assertEqual(self.timers.live, 0)

    def test_one_call_at_a_time_for_the_earliest(self) -> None:
        self.start(32.0, "F")
        self.assertEqual(self.calls(), [32.0])
        self.start(0.5, "E")
        self.assertEqual(self.calls(), [0.5])
        self.start(4.0, "X")
        self.assertEqual(self.calls(), [0.5])
        self.clock.advance(1)
        self.assertEqual(self.calls(), [4.0])

    def test_no_call_when_nothing_is_live(self) -> None:
        entries = [self.start(delay, "E") for delay in (0.5, 0.5, 32.0)]
        for entry in entries:
            self.timers.cancel(entry)
        self.assertEqual(self.calls(), [])
        self.start(1.0, "K")
        self.assertEqual(self.calls(), [1.0])

    def test_cancelling_twice_or_too_late_changes_nothing(self) -> None:
        entry = self.start(1.0, "a")
        other = self.start(1.0, "b")
        self.timers.cancel(other)
        self.timers.cancel(other)
        self.assertEqual(self.timers.live, 1)
        self.clock.advance(1.0)
        self.timers.cancel(entry)
        self.assertEqual(self.timers.live, 0)
        self.assertEqual(self.machine.letters, "a")

    def test_equal_deadlines_come_in_the_order_of_starting(self) -> None:
        self.start(3.0, "a")
        self.start(3.0, "b")
        self.clock.advance(1.0)
        self.start(2.0, "c")
        self.clock.advance(1.0)
        self.start(1.0, "d")
        self.clock.advance(1.0)
        self.start(0.0, "e")
        self.clock.advance(0.0)
        self.assertEqual(self.machine.letters, "abcde")

    def test_started_and_cancelled_while_others_expire(self) -> None:
        later = self.start(1.0, "z")

        def act() -> None:
            self.timers.cancel(later)
            self.start(0.5, "c")
            self.start(0.0, "b")

        self.machine.then["a"] = act
        first = self.start(0.5, "a")
        self.clock.advance(0.5)
        self.assertIsNone(first.machine)
        self.clock.advance(0.0)
        self.assertEqual(self.machine.letters, "ab")
        self.clock.advance(5)
        self.assertEqual(self.machine.letters, "abc")
        self.assertEqual(self.calls(), [])

    def test_one_that_restarts_itself_at_once_lets_the_reactor_breathe(self) -> None:
        self.machine.then["a"] = lambda: self.start(0.0, "a")
        self.start(0.0, "a")
        for _ in range(3):
            self.timers._fire()
        self.assertEqual(self.machine.letters, "aaa")
        self.timers.stop()

    def test_a_failure_harms_no_other_and_is_logged_once(self) -> None:
        def fail() -> None:
            raise ZeroDivisionError

        self.machine.then["a"] = fail
        self.start(1.0, "a")
        self.start(1.0, "b")
        self.start(2.0, "c")
        self.clock.advance(1.0)
        self.assertEqual(self.machine.letters, "ab")
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)
        self.clock.advance(1.0)
        self.assertEqual(self.machine.letters, "abc")

    def test_after_stop_nothing_is_left_and_it_can_start_again(self) -> None:
        entry = self.start(1.0, "a")
        self.start(2.0, "b")
        self.timers.stop()
        self.assertEqual((self.calls(), self.timers.live), ([], 0))
        self.timers.cancel(entry)
        self.start(3.0, "c")
        self.clock.advance(10)
        self.assertEqual(self.machine.letters, "c")

    def test_stop_while_others_expire(self) -> None:
        self.machine.then["a"] = self.timers.stop
        self.start(1.0, "a")
        self.start(1.0, "b")
        self.start(2.0, "c")
        self.clock.advance(5)
        self.assertEqual(self.machine.letters, "a")
        self.assertEqual(self.calls(), [])

    def test_a_sum_that_is_rounded_down_doesnt_delay(self) -> None:
        # 0.1 + (0.1 + 0.7 - 0.1) is less than 0.1 + 0.7.
        for begin in (0.1, 0.3, 1e9 / 3):
            self.clock.advance(begin)
            for delay in (0.1, 0.2, 0.7, 32.1):
                self.start(delay, "x")
                self.clock.advance(self.calls()[0] - self.clock.seconds())
                self.clock.advance(0.0)
        self.assertEqual(self.machine.letters, "x" * 12)
        self.assertEqual(self.calls(), [])

    def test_cancelled_ones_keep_no_memory(self) -> None:
        keeper = self.start(1000.0, "keeps the others from being all")
        for _ in range(100):
            self.timers.cancel(self.start(32.0, "F"))
        gc.collect()
        tracemalloc.start()
        try:
            before = tracemalloc.get_traced_memory()[0]
            for _ in range(2_000):
                self.timers.cancel(self.start(32.0, "F"))
            after = tracemalloc.get_traced_memory()[0]
        finally:
            tracemalloc.stop()
        self.assertLess(after - before, 2_000)
        self.timers.cancel(keeper)

    def test_an_empty_duration_is_forgotten_when_its_time_has_come(self) -> None:
        self.start(100.0, "last")
        for delay in range(1, 50):
            self.timers.cancel(self.start(float(delay), "x"))
        self.clock.pump([1.0] * 60)
        self.assertEqual(list(self.timers._rings), [100.0])
        self.assertEqual(len(self.timers._heap), 1)
        self.timers.stop()

    def test_a_cycle_of_references_is_never_left(self) -> None:
        gc.collect()
        gc.disable()
        try:
            before = len(gc.get_objects())
            for _ in range(50):
                self.timers.cancel(self.start(1.0, "x"))
                self.start(2.0, "y")
                self.clock.advance(3.0)
            self.machine.told.clear()
            self.assertLess(len(gc.get_objects()) - before, 20)
        finally:
            gc.enable()

    @settings(deadline=None)
    @given(
        st.lists(
            st.tuples(
                st.sampled_from(("start", "start", "cancel", "pass")),
                st.sampled_from((0.0, 0.25, 0.5, 1.0, 4.0, 32.0)),
                st.integers(0, 30),
            ),
            max_size=60,
        )
    )
    def test_as_a_sorted_list_would_do_it(
        self, steps: list[tuple[str, float, int]]
    ) -> None:
        clock = Clock()
        timers = Timers(clock)
        machine = Machine(clock)
        entries: list[TimerEntry] = []
        expected: list[tuple[float, int]] = []
        told: list[tuple[float, int]] = []
        for kind, seconds, which in steps:
            if kind == "start":
                expected.append((clock.seconds() + seconds, len(entries)))
                entries.append(timers.start(seconds, machine, str(len(entries))))
            elif kind == "cancel" and entries:
                which %= len(entries)
                timers.cancel(entries[which])
                expected = [row for row in expected if row[1] != which]
            elif kind == "pass":
                clock.advance(seconds)
                now = clock.seconds()
                told += sorted(row for row in expected if row[0] <= now)
                expected = [row for row in expected if row[0] > now]
                self.assertEqual(
                    [int(letter) for _, letter in machine.told],
                    [number for _, number in told],
                )
            self.assertEqual(timers.live, len(expected))
            self.assertEqual(len(clock.getDelayedCalls()), bool(expected))


class LingeringTests(SynchronousTestCase):
    """Timers that only end a memory: never early, hardly late, many at a time."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.timers = Timers(self.clock)

    @given(st.floats(0, 1e6), st.floats(0.0, 100.0))
    def test_never_early_and_at_most_one_company_late(
        self, begin: float, delay: float
    ) -> None:
        clock = Clock()
        clock.advance(begin)
        timers, machine = Timers(clock), Machine(clock)
        entry = timers.linger(delay, machine, "J")
        self.assertGreaterEqual(entry.deadline, begin + delay - 1e-6)
        self.assertLessEqual(entry.deadline, begin + delay + COMPANY + 1e-6)
        clock.advance(delay + COMPANY + 1e-6)
        self.assertEqual(machine.letters, "J")
        self.assertEqual(clock.getDelayedCalls(), [])

    def test_many_expire_in_one_call(self) -> None:
        """A thousand that begin within a second wake the reactor ten times."""
        machine = Machine(self.clock)
        for _ in range(1000):
            self.timers.linger(32.0, machine, "J")
            self.clock.advance(0.001)
        wakes = 0
        while self.timers.live:
            (call,) = self.clock.getDelayedCalls()
            self.clock.advance(call.getTime() - self.clock.seconds())
            wakes += 1
        self.assertEqual(len(machine.told), 1000)
        self.assertLessEqual(wakes, 12)

    def test_an_exact_one_of_the_same_duration_is_not_kept_waiting(self) -> None:
        machine = Machine(self.clock)
        self.clock.advance(0.03)
        self.timers.linger(32.0, machine, "J")
        self.timers.start(32.0, machine, "F")
        self.clock.advance(32.0)
        self.assertEqual(machine.letters, "F")
        self.clock.advance(COMPANY)
        self.assertEqual(machine.letters, "FJ")

    def test_one_duration_exact_and_lingering(self) -> None:
        """Both may have the same deadline; the exact one is met first."""
        machine = Machine(self.clock)
        for _ in range(3):
            self.timers.linger(0.5, machine, "J")
            self.timers.start(0.5, machine, "F")
            self.clock.advance(0.1)
        self.clock.advance(1.0)
        self.assertEqual(sorted(machine.letters), ["F", "F", "F", "J", "J", "J"])
        self.assertEqual(machine.letters[0], "F")
        self.assertEqual(self.timers.live, 0)

    def test_they_can_be_cancelled_and_stopped(self) -> None:
        machine = Machine(self.clock)
        entries = [self.timers.linger(5.0, machine, "K") for _ in range(3)]
        self.timers.cancel(entries[1])
        self.assertEqual(self.timers.live, 2)
        self.timers.stop()
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.clock.advance(6)
        self.assertEqual(machine.told, [])
