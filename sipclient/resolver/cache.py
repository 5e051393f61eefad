"""What was looked up lately, and what is being looked up.

RFC 1035 §7.4, RFC 2308 §5, RFC 9520: addresses, names that don't exist and failures
are kept, each for its time, and there is one look-up at a time for a question whatever
the number of those who wait for it.

The contract: each who waits is told once, unless they cancel; cancelling, or raising an
error, touches nobody else. A look-up that nobody waits for any more is stopped.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol, TypeAlias

from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

from .answer import Answer

_log = Logger()

Key: TypeAlias = tuple[str, str]


class Cancellable(Protocol):
    """What is under way, and can be stopped."""

    def cancel(self) -> None:
        """Stop it."""


#: Looks up a name and a kind of record; what it calls, it calls later.
Ask: TypeAlias = Callable[[str, str, Callable[[Answer], None]], Cancellable]


class Cache:
    """Answers, for their time.

    :param clock: what the time is measured by.
    :param ask: looks up what isn't known.
    :param limit: how many answers are kept.

    :ivar forgotten: answers that went before their time, for there were too many.
    """

    def __init__(self, clock: IReactorTime, ask: Ask, limit: int) -> None:
        self.forgotten = 0
        self._clock = clock
        self._ask = ask
        self._limit = limit
        self._known: OrderedDict[Key, Answer] = OrderedDict()
        self._under_way: dict[Key, _LookUp] = {}

    def look_up(
        self, name: str, kind: str, done: Callable[[Answer], None]
    ) -> Cancellable:
        """Find out, or remember; ``done`` is called at once when it is known.

        :param name: in lower case.
        :param kind: of the record: "A" or "AAAA".
        """
        key = (name, kind)
        waiter = Waiter(done)
        known = self._remembered(key)
        if known is not None:
            waiter.tell(known)
            return waiter
        under_way = self._under_way.get(key)
        if under_way is None:
            under_way = self._under_way[key] = _LookUp(self, key)
            under_way.search = self._ask(name, kind, under_way.ended)
        under_way.add(waiter)
        return waiter

    def _remembered(self, key: Key) -> Answer | None:
        known = self._known.get(key)
        if known is None:
            return None
        # Time before that: the clock was set back, and nobody knows by how much.
        if known.learned <= self._clock.seconds() < known.learned + known.ttl:
            return known
        del self._known[key]
        return None

    def learned(self, key: Key, answer: Answer) -> Answer:
        """A look-up came to that; gives what is remembered of it."""
        answer = replace(answer, learned=self._clock.seconds())
        del self._under_way[key]
        if answer.ttl > 0 and self._limit > 0:
            self._known[key] = answer
            if len(self._known) > self._limit:
                self._known.popitem(last=False)
                self.forgotten += 1
        return answer

    def unwanted(self, key: Key) -> None:
        """Nobody waits for that look-up any more."""
        del self._under_way[key]

    def stop(self) -> None:
        """Stop all look-ups; nobody is told. What is known stays known."""
        for under_way in list(self._under_way.values()):
            under_way.stop()


class _LookUp:
    """One look-up, and those who wait for it."""

    def __init__(self, cache: Cache, key: Key) -> None:
        self.search: Cancellable | None = None
        self._cache = cache
        self._key = key
        self._waiters: dict[Waiter, None] = {}

    def add(self, waiter: Waiter) -> None:
        self._waiters[waiter] = None
        waiter.look_up = self

    def leave(self, waiter: Waiter) -> None:
        """One of them doesn't wait any longer."""
        del self._waiters[waiter]
        if not self._waiters:
            self.stop()

    def stop(self) -> None:
        self._cache.unwanted(self._key)
        for waiter in self._waiters:
            waiter.look_up = None
        self._waiters.clear()
        if self.search is not None:
            self.search.cancel()

    def ended(self, answer: Answer) -> None:
        answer = self._cache.learned(self._key, answer)
        waiters, self._waiters = self._waiters, {}
        for waiter in waiters:
            waiter.look_up = None
        for waiter in waiters:
            waiter.tell(answer)


class Waiter:
    """Somebody who waits for an answer.

    :ivar look_up: what is waited for; None before it has begun and once it is over.
    """

    def __init__(self, done: Callable[[Answer], None]) -> None:
        self.look_up: _LookUp | None = None
        self._done: Callable[[Answer], None] | None = done

    def tell(self, answer: Answer) -> None:
        """It is known; an error of who waited is theirs alone."""
        done, self._done = self._done, None
        if done is None:
            return
        try:
            done(answer)
        except Exception:
            _log.failure("who waited for an address failed")

    def cancel(self) -> None:
        """Wait no longer."""
        self._done = None
        look_up, self.look_up = self.look_up, None
        if look_up is not None:
            look_up.leave(self)
