"""Deadlines of many, all equally long."""

from __future__ import annotations

from typing import Any

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from sipclient.transport.deadlines import Deadlines


class DeadlinesTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.expired: list[tuple[str, float]] = []
        self.deadlines: Deadlines[str] = Deadlines(self.clock, 10, self.expire)

    def expire(self, key: str) -> None:
        self.expired.append((key, self.clock.seconds()))

    def test_each_expires_once_at_its_time(self) -> None:
        self.deadlines.start("a")
        self.clock.advance(4)
        self.deadlines.start("b")
        self.clock.pump([1] * 20)
        self.assertEqual(self.expired, [("a", 10), ("b", 14)])
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_one_started_anew_begins_anew(self) -> None:
        self.deadlines.start("a")
        self.deadlines.start("b")
        self.clock.advance(6)
        self.assertEqual(self.deadlines.running("a"), 6)
        self.deadlines.start("a")
        self.assertEqual(self.deadlines.oldest(), "b")
        self.clock.pump([1] * 20)
        self.assertEqual(self.expired, [("b", 10), ("a", 16)])

    def test_a_canceled_one_never_expires(self) -> None:
        self.deadlines.start("a")
        self.deadlines.cancel("a")
        self.deadlines.cancel("b")
        self.clock.advance(30)
        self.assertEqual(self.expired, [])
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_there_is_one_delayed_call(self) -> None:
        for number in range(1000):
            self.deadlines.start(str(number))
        self.assertEqual(len(self.clock.getDelayedCalls()), 1)
        self.assertEqual(len(self.deadlines), 1000)
        self.deadlines.stop()
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_many_expire_in_several_turns(self) -> None:
        for number in range(300):
            self.deadlines.start(str(number))
        turns: list[float] = []
        later = self.clock.callLater

        def call(delay: float, *args: Any) -> Any:
            turns.append(delay)
            return later(delay, *args)

        self.patch(self.clock, "callLater", call)
        self.clock.advance(10)
        self.assertEqual(len(self.expired), 300)
        self.assertEqual(turns, [0])

    def test_what_expires_may_change_the_others(self) -> None:
        def expire(key: str) -> None:
            self.expire(key)
            deadlines.cancel("b")
            deadlines.start("c")

        deadlines: Deadlines[str] = Deadlines(self.clock, 10, expire)
        for key in "ab":
            deadlines.start(key)
        self.clock.advance(10)
        self.assertEqual(self.expired, [("a", 10)])
        self.clock.advance(10)
        self.assertEqual(self.expired, [("a", 10), ("c", 20)])
        deadlines.stop()
