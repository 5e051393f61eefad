"""Time keeping for transactions, and for whatever else waits in great numbers.

Most timers of SIP run for one of a handful of durations (RFC 3261, table 4). All that
run for the same one expire in the order in which they were started, so each duration
has its ring of entries, and only the rings' first entries need to be compared. An
entry leaves its ring when it is cancelled: nothing dead is kept.

What only lingers, to be forgotten some day, needs no exact day: such timers expire in
companies, ten times a second, and a reactor that keeps thousands of them wakes up ten
times a second instead of thousands.

The contract: deadlines are exact and met in their order, equal ones in the order of
starting; those of `Timers.linger` are met up to `COMPANY` seconds late, never early.
There is one ``callLater`` at a time, and none while nothing is live.
"""

from __future__ import annotations

from heapq import heappop, heappush, heapreplace
from math import ceil
from typing import Final, Protocol

from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger

#: How far apart lingering timers expire, in seconds.
COMPANY: Final = 0.1


class Timed(Protocol):
    """Whoever starts a timer."""

    def timer(self, letter: str) -> None:
        """Hear that the timer of that name has expired."""


class TimerEntry:
    """One running timer, as `Timers.start` gives it.

    :ivar deadline: when it expires, in seconds of the clock.
    :ivar machine: who is told; None once it has expired or was cancelled.
    :ivar letter: what the RFC calls it, "Timer F".
    """

    __slots__ = ("deadline", "letter", "machine", "next", "previous")

    def __init__(
        self,
        deadline: float,
        machine: Timed | None,
        letter: str,
        previous: TimerEntry,
        following: TimerEntry,
    ) -> None:
        self.deadline = deadline
        self.machine = machine
        self.letter = letter
        # Its neighbours in the ring; unset when it has left it.
        self.previous = previous
        self.next = following


class _Ring(TimerEntry):
    """All live timers of one duration; itself the place between last and first."""

    __slots__ = ("delay", "others")

    def __init__(self, delay: float, others: dict[float, _Ring]) -> None:
        super().__init__(0.0, None, "", self, self)
        self.delay = delay
        self.others = others

    def dissolve(self) -> None:
        """Be no ring any more: one that is its own neighbour would stay in memory."""
        del self.next, self.previous


class Timers:
    """The timers of one stack.

    :param clock: an IReactorTime. Where it is a wall clock that is set back, timers
        are late by as much, like all of a reactor's calls.

    :ivar live: how many are running.
    """

    _log: Final = Logger()

    def __init__(self, clock: IReactorTime) -> None:
        self.live = 0
        self._clock = clock
        self._seconds = clock.seconds
        self._rings: dict[float, _Ring] = {}
        self._late_rings: dict[float, _Ring] = {}
        # Each ring is here once, with the deadline of its first entry or, where that
        # one has left, an earlier deadline. Between equal deadlines the longer duration
        # decides: it was started first; then, whether it has to be exact.
        self._heap: list[tuple[float, tuple[float, bool], _Ring]] = []
        self._call: IDelayedCall | None = None
        self._armed = 0.0
        self._firing = False

    def start(self, delay: float, machine: Timed, letter: str) -> TimerEntry:
        """Call ``machine.timer(letter)`` in ``delay`` seconds, 0 or more."""
        return self._enter(self._rings, self._seconds() + delay, delay, machine, letter)

    def linger(self, delay: float, machine: Timed, letter: str) -> TimerEntry:
        """Do as `start` does, but up to `COMPANY` seconds late."""
        deadline = ceil((self._seconds() + delay) / COMPANY) * COMPANY
        return self._enter(self._late_rings, deadline, delay, machine, letter)

    def _enter(
        self,
        rings: dict[float, _Ring],
        deadline: float,
        delay: float,
        machine: Timed,
        letter: str,
    ) -> TimerEntry:
        ring = rings.get(delay)
        if ring is None:
            ring = self._open_ring(rings, delay, deadline)
        last = ring.previous
        entry = TimerEntry(deadline, machine, letter, last, ring)
        last.next = ring.previous = entry
        self.live += 1
        return entry

    def cancel(self, entry: TimerEntry) -> None:
        """Stop a timer; nothing happens when it has expired or was cancelled."""
        if entry.machine is None:
            return
        entry.machine = None
        previous = entry.previous
        following = entry.next
        previous.next = following
        following.previous = previous
        del entry.next, entry.previous
        self.live -= 1
        if not self.live:
            self._clear()

    def stop(self) -> None:
        """Cancel all timers."""
        for ring in (*self._rings.values(), *self._late_rings.values()):
            entry = ring.next
            while entry is not ring:
                following = entry.next
                entry.machine = None
                del entry.next, entry.previous
                entry = following
        self.live = 0
        self._clear()

    def _open_ring(
        self, rings: dict[float, _Ring], delay: float, deadline: float
    ) -> _Ring:
        ring = rings[delay] = _Ring(delay, rings)
        rank = (-delay, rings is self._late_rings)
        heappush(self._heap, (deadline, rank, ring))
        if not self._firing and (self._call is None or deadline < self._armed):
            self._arm(deadline)
        return ring

    def _clear(self) -> None:
        """Nothing is live: keep no ring and no call."""
        self._heap.clear()
        for ring in (*self._rings.values(), *self._late_rings.values()):
            ring.dissolve()
        self._rings.clear()
        self._late_rings.clear()
        if self._call is not None:
            self._call.cancel()
            self._call = None

    def _arm(self, deadline: float) -> None:
        if self._call is not None:
            self._call.cancel()
        self._armed = deadline
        delay = max(0.0, deadline - self._seconds())
        self._call = self._clock.callLater(delay, self._fire)

    def _fire(self) -> None:
        """Tell all machines whose time has come, and arm for the next."""
        self._call = None
        # The call came for this deadline, whatever its sum with a delay was rounded to.
        now = max(self._seconds(), self._armed)
        # What is started meanwhile waits for another turn, so that nothing can spin.
        turns = self.live
        heap = self._heap
        self._firing = True
        try:
            while heap:
                bound, rank, ring = heap[0]
                entry = ring.next
                deadline = entry.deadline
                if entry is ring:
                    heappop(heap)
                    del ring.others[ring.delay]
                    ring.dissolve()
                elif deadline > bound:
                    heapreplace(heap, (deadline, rank, ring))
                elif deadline > now or not turns:
                    break
                else:
                    turns -= 1
                    self._expire(entry, ring)
        finally:
            self._firing = False
            if heap:
                self._arm(heap[0][0])

    def _expire(self, entry: TimerEntry, ring: _Ring) -> None:
        """Take the first entry out of its ring, and tell its machine."""
        following = ring.next = entry.next
        following.previous = ring
        del entry.next, entry.previous
        machine, entry.machine = entry.machine, None
        assert machine is not None
        self.live -= 1
        try:
            machine.timer(entry.letter)
        except Exception:
            self._log.failure("{letter} failed", letter=entry.letter)
