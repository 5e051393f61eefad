"""What was looked up is remembered for its time, and looked up once for all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from sipclient.resolver.answer import Answer
from sipclient.resolver.cache import Cache
from sipclient.testing.clock import FakeClock


class Search:
    """A look-up that the test ends."""

    def __init__(self, key: tuple[str, str], done: Callable[[Answer], None]) -> None:
        self.key = key
        self.done = done
        self.cancelled = 0

    def cancel(self) -> None:
        self.cancelled += 1


class CacheCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = FakeClock(1000.0)
        self.searches: list[Search] = []
        self.heard: list[Any] = []
        self.cache = Cache(self.clock, self.ask, 3)

    def ask(self, name: str, kind: str, done: Callable[[Answer], None]) -> Search:
        self.searches.append(Search((name, kind), done))
        return self.searches[-1]

    def look_up(self, name: str = "a", kind: str = "A", mark: str = "") -> Any:
        def hear(answer: Answer) -> None:
            self.heard.append((mark, *answer.records) if mark else answer.records)

        return self.cache.look_up(name, kind, hear)

    def learn(self, name: str = "a", ttl: float = 60.0, record: str = "1") -> None:
        """Look a name up, and find it."""
        self.look_up(name)
        self.searches[-1].done(Answer((record,), ttl=ttl))


class TimeTests(CacheCase):
    """RFC 1035 §7.4: nothing is kept longer than it holds."""

    def test_it_is_known_until_its_time_is_over(self) -> None:
        self.learn(ttl=60)
        self.clock.advance(59.9)
        self.look_up()
        self.assertEqual((self.heard, len(self.searches)), ([("1",), ("1",)], 1))
        self.clock.advance(0.1)
        self.look_up()
        self.assertEqual((len(self.heard), len(self.searches)), (2, 2))

    def test_what_holds_for_no_time_is_told_and_not_kept(self) -> None:
        self.learn(ttl=0)
        self.assertEqual(self.heard, [("1",)])
        self.look_up()
        self.assertEqual(len(self.searches), 2)

    def test_failures_are_kept_like_addresses(self) -> None:
        self.look_up()
        self.searches[0].done(Answer(came="nobody knew", ttl=1))
        self.look_up()
        self.clock.advance(1)
        self.look_up()
        self.assertEqual((self.heard, len(self.searches)), ([(), ()], 2))

    def test_types_are_apart(self) -> None:
        self.learn()
        self.look_up(kind="AAAA")
        self.assertEqual(self.searches[-1].key, ("a", "AAAA"))

    def test_it_is_told_when_it_was_learned(self) -> None:
        times: list[float] = []
        for _ in range(2):
            self.cache.look_up("a", "A", lambda a: times.append(a.learned))
            self.clock.advance(2)
            if not times:
                self.searches[0].done(Answer(("1",), ttl=60))
        self.assertEqual(times, [1002.0, 1002.0])

    def test_a_clock_that_was_set_back_makes_nothing_hold_longer(self) -> None:
        self.learn(ttl=60)
        self.clock._now = 900.0
        self.look_up()
        self.assertEqual(len(self.searches), 2)


class SizeTests(CacheCase):
    def test_one_too_many_and_the_oldest_is_forgotten(self) -> None:
        for name in "abc":
            self.learn(name)
        self.assertEqual(self.cache.forgotten, 0)
        self.learn("d")
        self.assertEqual(self.cache.forgotten, 1)
        for name, searches in (("b", 4), ("c", 4), ("d", 4), ("a", 5)):
            self.look_up(name)
            self.assertEqual(len(self.searches), searches, name)

    def test_what_is_over_is_not_kept(self) -> None:
        self.learn(ttl=1)
        self.clock.advance(1)
        self.look_up()
        self.assertEqual(len(self.cache._known), 0)


class TogetherTests(CacheCase):
    """Several who wait for one thing."""

    def test_one_look_up_is_for_all(self) -> None:
        for mark in "xyz":
            self.look_up(mark=mark)
        self.assertEqual(len(self.searches), 1)
        self.searches[0].done(Answer(("1",), ttl=0))
        self.assertEqual(self.heard, [("x", "1"), ("y", "1"), ("z", "1")])

    def test_one_that_cancels_harms_no_other(self) -> None:
        waiting = [self.look_up(mark=mark) for mark in "xyz"]
        waiting[0].cancel()
        waiting[0].cancel()
        self.assertEqual(self.searches[0].cancelled, 0)
        self.searches[0].done(Answer(("1",)))
        self.assertEqual(self.heard, [("y", "1"), ("z", "1")])
        for one in waiting:
            one.cancel()  # too late, and no harm

    def test_when_nobody_waits_it_is_stopped(self) -> None:
        waiting = [self.look_up() for _ in range(2)]
        for one in waiting:
            one.cancel()
        self.assertEqual(self.searches[0].cancelled, 1)
        self.look_up()
        self.assertEqual(len(self.searches), 2)

    def test_one_that_raises_harms_no_other(self) -> None:
        def broken(answer: Answer) -> None:
            raise ZeroDivisionError

        self.cache.look_up("a", "A", broken)
        self.look_up()
        self.searches[0].done(Answer(("1",)))
        self.assertEqual(self.heard, [("1",)])
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)

    def test_one_that_is_told_can_cancel_another(self) -> None:
        self.cache.look_up("a", "A", lambda _: other.cancel())
        other = self.look_up()
        self.searches[0].done(Answer(("1",)))
        self.assertEqual(self.heard, [])

    def test_one_that_is_told_can_ask_again(self) -> None:
        self.cache.look_up("a", "A", lambda _: self.look_up())
        self.searches[0].done(Answer(("1",), ttl=0))
        self.assertEqual(len(self.searches), 2)
        self.searches[1].done(Answer(("2",), ttl=0))
        self.assertEqual(self.heard, [("2",)])

    def test_stopped_nobody_is_told_and_nothing_is_under_way(self) -> None:
        waiting = [self.look_up(), self.look_up(), self.look_up("b")]
        self.cache.stop()
        self.assertEqual([search.cancelled for search in self.searches], [1, 1])
        for one in waiting:
            one.cancel()
        self.assertEqual(self.heard, [])
        self.look_up()
        self.assertEqual(len(self.searches), 3)
