"""Time keeping for transactions, and for whatever else waits in great numbers.

Most timers of SIP run for one of a handful of durations (RFC 3261, table 4). All that
run for the same one expire in the order in which they were started, so each duration
has its ring of entries, and only the rings' first entries need to be compared. An
entry leaves its ring when it is cancelled: nothing dead is kept.

The contract: deadlines are exact and met in their order, equal ones in the order of
starting; there is one ``callLater`` at a time, and none while nothing is live.
"""

from __future__ import annotations

from heapq import heappop, heappush, heapreplace
from typing import Final, Protocol

from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger


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

    # The neighbours in the ring; unset when it has left it.
    next: TimerEntry
    previous: TimerEntry

    def __init__(self, deadline: float, machine: Timed | None, letter: str) -> None:
        self.deadline = deadline
        self.machine = machine
        self.letter = letter


class _Ring(TimerEntry):
    """All live timers of one duration; itself the place between last and first.

    It is in the heap exactly as long as it is among the rings. What stands there for
    it is the deadline of its first entry, or an earlier one when that entry has been
    cancelled since.
    """

    __slots__ = ("delay",)

    def __init__(self, delay: float) -> None:
        super().__init__(0.0, None, "")
        self.delay = delay
        self.next = self.previous = self


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
        # Of two equal deadlines the one of the longer duration was started first.
        self._heap: list[tuple[float, float, _Ring]] = []
        self._call: IDelayedCall | None = None
        self._armed = 0.0
        self._firing = False

    def start(self, delay: float, machine: Timed, letter: str) -> TimerEntry:
        """Call ``machine.timer(letter)`` in ``delay`` seconds, 0 or more."""
        deadline = self._seconds() + delay
        entry = TimerEntry(deadline, machine, letter)
        ring = self._rings.get(delay)
        if ring is None:
            ring = self._rings[delay] = _Ring(delay)
            heappush(self._heap, (deadline, -delay, ring))
            if not self._firing and (self._call is None or deadline < self._armed):
                self._arm(deadline)
        last = ring.previous
        entry.previous = last
        entry.next = ring
        last.next = ring.previous = entry
        self.live += 1
        return entry

    def cancel(self, entry: TimerEntry) -> None:
        """Stop a timer; nothing happens when it has expired or was cancelled."""
        if entry.machine is None:
            return
        self._unlink(entry)
        if not self.live:
            self._clear()

    def stop(self) -> None:
        """Cancel all timers."""
        for ring in self._rings.values():
            while ring.next is not ring:
                self._unlink(ring.next)
        self._clear()

    def _unlink(self, entry: TimerEntry) -> None:
        previous = entry.previous
        following = entry.next
        previous.next = following
        following.previous = previous
        del entry.next, entry.previous
        entry.machine = None
        self.live -= 1

    def _clear(self) -> None:
        """Nothing is live: keep no ring and no call."""
        self._heap.clear()
        for ring in self._rings.values():
            del ring.next, ring.previous  # it is its own neighbour: a cycle
        self._rings.clear()
        if self._call is not None:
            self._call.cancel()
            self._call = None

    def _arm(self, deadline: float) -> None:
        if self._call is not None:
            self._call.cancel()
        self._armed = deadline
        self._call = self._clock.callLater(
            max(0.0, deadline - self._seconds()), self._fire
        )

    def _first(self) -> TimerEntry | None:
        """The timer that expires next; the heap's top is its ring afterwards."""
        heap = self._heap
        while heap:
            bound, rank, ring = heap[0]
            entry = ring.next
            if entry is ring:
                self._drop_top(ring)
            elif entry.deadline > bound:
                heapreplace(heap, (entry.deadline, rank, ring))
            else:
                return entry
        return None

    def _drop_top(self, ring: _Ring) -> None:
        heappop(self._heap)
        del self._rings[ring.delay]
        del ring.next, ring.previous

    def _fire(self) -> None:
        self._call = None
        # The call came for this deadline, whatever its sum with a delay was rounded to.
        now = max(self._seconds(), self._armed)
        # What is started meanwhile waits for another turn, so that nothing can spin.
        turns = self.live
        self._firing = True
        try:
            while turns and (entry := self._first()) and entry.deadline <= now:
                turns -= 1
                machine = entry.machine
                self._unlink(entry)
                try:
                    machine.timer(entry.letter)  # type: ignore[union-attr]  # linked entries have one
                except Exception:
                    self._log.failure("{letter} failed", letter=entry.letter)
        finally:
            self._firing = False
            following = self._first()
            if following is not None:
                self._arm(following.deadline)
