"""Deadlines of many connections, all equally long: one delayed call for all of them.

As each runs for the same time, the first to start is the first to expire: a dict in
the order of starting is the whole queue. Starting anew moves to its end.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from twisted.internet.interfaces import IDelayedCall, IReactorTime

K = TypeVar("K", bound=Hashable)

# So many expire in one turn of the reactor; the others in the next.
_PER_TURN = 256
# Seconds; below what a clock's float can tell apart.
_AT_ONCE = 1e-6


class Deadlines(Generic[K]):
    """What is to happen to each of several things, equally long after it was started.

    :param clock: whose seconds count.
    :param seconds: how long.
    :param expired: called once for each whose time is over; it must not raise.
    """

    def __init__(
        self, clock: IReactorTime, seconds: float, expired: Callable[[K], None]
    ) -> None:
        self._clock = clock
        self._seconds = seconds
        self._expired = expired
        self._due: dict[K, float] = {}
        self._call: IDelayedCall | None = None

    def __len__(self) -> int:
        return len(self._due)

    def __contains__(self, key: K) -> bool:
        return key in self._due

    def start(self, key: K) -> None:
        """Let its time begin, or begin anew."""
        due = self._due
        due.pop(key, None)
        due[key] = self._clock.seconds() + self._seconds
        if self._call is None:
            self._call = self._clock.callLater(self._seconds, self._look)

    def cancel(self, key: K) -> None:
        """Let nothing happen to it."""
        self._due.pop(key, None)

    def running(self, key: K) -> float:
        """How many seconds ago it was started last."""
        return self._clock.seconds() + self._seconds - self._due[key]

    def oldest(self) -> K:
        """The one that expires next; there must be one."""
        return next(iter(self._due))

    def stop(self) -> None:
        """Let nothing happen to any; no delayed call is left."""
        self._due.clear()
        if self._call is not None:
            self._call.cancel()
            self._call = None

    def _look(self) -> None:
        self._call = None
        due = self._due
        for _ in range(_PER_TURN):
            if not due:
                return
            key = next(iter(due))
            if due[key] > self._clock.seconds() + _AT_ONCE:
                break
            del due[key]
            self._expired(key)
        # Meanwhile one may have been started, and all have been stopped.
        if due and self._call is None:
            left = due[next(iter(due))] - self._clock.seconds()
            self._call = self._clock.callLater(max(0, left), self._look)
