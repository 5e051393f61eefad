"""Row 10: what the timers of transactions cost, a thousand new transactions a second.

Each transaction starts Timer E and Timer F, its answer cancels them two turns later,
and Timer J runs for 32 seconds: at any time 32,000 of those are live. Ours are on a
real reactor of Twisted's whose clock is set by hand; the anchor is the same with
``callLater`` of another one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any

from measuring import Figure, cpu, in_turn, report
from twisted.internet.base import ReactorBase

from sipclient.transaction.timers import Timers

T1 = 0.5
PER_TURN = 10
TURN = 0.01  # seconds: a thousand transactions a second


class HandSet(ReactorBase):
    """Twisted's reactor as far as it keeps time, with a clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 0.0
        self.seconds = lambda: self.now
        super().__init__()

    def installWaker(self) -> None:
        """Nothing needs to wake it."""


class Machine:
    """Who waits."""

    expired = 0

    def timer(self, letter: str) -> None:
        """Hear that a timer expired."""
        Machine.expired += 1


class Ours:
    """The timers of the stack."""

    def __init__(self) -> None:
        self.reactor = HandSet()
        self.timers = Timers(self.reactor)
        self.waiting: deque[list[Any]] = deque()

    def turn(self) -> None:
        """One turn of the reactor, with its share of new transactions."""
        timers = self.timers
        started = []
        for _ in range(PER_TURN):
            machine = Machine()
            started.append(timers.start(T1, machine, "Timer E"))
            started.append(timers.start(64 * T1, machine, "Timer F"))
            timers.linger(64 * T1, machine, "Timer J")
        self.waiting.append(started)
        if len(self.waiting) > 2:
            for entry in self.waiting.popleft():
                timers.cancel(entry)
        self.reactor.now += TURN
        self.reactor.runUntilCurrent()


class Theirs:
    """The same with callLater."""

    def __init__(self) -> None:
        self.reactor = HandSet()
        self.waiting: deque[list[Any]] = deque()

    def turn(self) -> None:
        """One turn of the reactor, with its share of new transactions."""
        later = self.reactor.callLater
        started = []
        for _ in range(PER_TURN):
            machine = Machine()
            started.append(later(T1, machine.timer, "Timer E"))
            started.append(later(64 * T1, machine.timer, "Timer F"))
            later(64 * T1, machine.timer, "Timer J")
        self.waiting.append(started)
        if len(self.waiting) > 2:
            for call in self.waiting.popleft():
                call.cancel()
        self.reactor.now += TURN
        self.reactor.runUntilCurrent()


def measure() -> Iterator[Figure]:
    """Row 10."""
    ours, theirs = Ours(), Theirs()
    for side in (ours, theirs):
        Machine.expired = 0
        for _ in range(round(64 * T1 / TURN) - 1):
            side.turn()
        assert not Machine.expired, "a timer expired that was cancelled, or too early"
        for _ in range(150):
            side.turn()
        assert Machine.expired, "no Timer J expired"
    rounds = in_turn(
        lambda: cpu(ours.turn, 1000) / PER_TURN,
        lambda: cpu(theirs.turn, 1000) / PER_TURN,
        7,
    )
    title = "timers of a transaction, 1,000/s, 32 s linger"
    yield Figure("10", title, "the same on callLater", 0.35, 0.10, rounds)


if __name__ == "__main__":
    report(measure)
