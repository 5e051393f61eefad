"""Fake time: it stands still until a test moves it, and then it is exact.

`FakeClock` is a drop-in for ``twisted.internet.task.Clock`` that stays fast with a
hundred thousand live calls and leaves the clock at each call's own time while that
call runs. Calls that are due at one time run in the order in which they were asked
for.

The one contract: nothing happens outside `FakeClock.advance`, `FakeClock.run` and
`FakeClock.result_of`, and what a call raises there, they raise at their end.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from heapq import heapify, heappop, heappush
from typing import Any, TypeVar, cast

from twisted.internet.defer import Deferred
from twisted.internet.error import AlreadyCalled, AlreadyCancelled
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.python.failure import Failure
from zope.interface import implementer

T = TypeVar("T")

#: How long `FakeClock.run` and `FakeClock.result_of` go on, in seconds of fake time.
#: More than 64·T1, so that a transaction's timeout is seen and not this limit.
DEFAULT_LIMIT = 60.0

# Steps that a tester writes in tenths of a second don't add up exactly in binary. A
# call counts as due when less than this is missing; it still sees its own time.
_SLACK = 1e-9

# More calls than this without time moving: something calls itself again at once.
_MOST_AT_ONE_TIME = 1_000_000

# Dead entries are swept out of the heap when they are this many and half of it.
_MOST_DEAD = 1_000

_LIVE, _CALLED, _CANCELLED = range(3)


@implementer(IDelayedCall)
class FakeDelayedCall:
    """A call that waits for its time, as `FakeClock.callLater` returns it."""

    __slots__ = (
        "_args",
        "_clock",
        "_function",
        "_kwargs",
        "_serial",
        "_state",
        "_time",
        "owner",
    )

    def __init__(
        self,
        clock: FakeClock,
        time: float,
        owner: object,
        function: Callable[..., Any],
        args: tuple[object, ...],
        kwargs: dict[str, object],
    ) -> None:
        self._clock = clock
        self._time = time
        self._function = function
        self._args = args
        self._kwargs = kwargs
        self._state = _LIVE
        self._serial = 0
        #: who asked for the call; None for what the network itself has to do.
        self.owner = owner

    def getTime(self) -> float:
        return self._time

    def active(self) -> bool:
        return self._state == _LIVE

    def cancel(self) -> None:
        self._check()
        self._state = _CANCELLED
        self._forget()
        self._clock._bury()

    def delay(self, secondsLater: float) -> None:
        self._check()
        self._move(self._time + secondsLater)

    def reset(self, secondsFromNow: float) -> None:
        self._check()
        self._move(self._clock.seconds() + secondsFromNow)

    def _check(self) -> None:
        if self._state == _CANCELLED:
            raise AlreadyCancelled
        if self._state == _CALLED:
            raise AlreadyCalled

    def _move(self, time: float) -> None:
        self._time = time
        self._clock._push(self)
        self._clock._bury()

    def _call(self) -> None:
        function, args, kwargs = self._function, self._args, self._kwargs
        self._state = _CALLED
        self._forget()
        function(*args, **kwargs)

    def _forget(self) -> None:
        # What a dead call held on to must not live as long as the handle.
        self._function = _nothing
        self._args = ()
        self._kwargs = {}

    def __repr__(self) -> str:
        state = ("live", "called", "cancelled")[self._state]
        name = _name_of(self._function) if self._state == _LIVE else ""
        return f"<FakeDelayedCall {state} at {self._time:.9g} s {name}>"


@implementer(IReactorTime)
class FakeClock:
    """Time under a test's control; see the module's text for what it promises.

    :param start: what `seconds` says at first.
    """

    def __init__(self, start: float = 0.0) -> None:
        self._now = start
        self._heap: list[tuple[float, int, FakeDelayedCall]] = []
        self._serial = 0
        self._dead = 0
        self._moving = False

    def seconds(self) -> float:
        return self._now

    def callLater(
        self,
        delay: float,
        callable: Callable[..., Any],
        *args: object,
        **kwargs: object,
    ) -> FakeDelayedCall:
        return self.schedule(delay, self, callable, args, kwargs)

    def getDelayedCalls(self) -> list[IDelayedCall]:
        return cast("list[IDelayedCall]", self.delayed_calls())

    def schedule(
        self,
        delay: float,
        owner: object,
        function: Callable[..., Any],
        args: tuple[object, ...] = (),
        kwargs: dict[str, object] | None = None,
    ) -> FakeDelayedCall:
        """Call ``function`` in ``delay`` seconds, in the name of ``owner``.

        Raises AssertionError for a delay below 0, as Twisted's reactors do.
        """
        if not delay >= 0:
            raise AssertionError(f"a call can't be {delay!r} seconds from now")
        return self.schedule_at(self._now + delay, owner, function, args, kwargs)

    def schedule_at(
        self,
        time: float,
        owner: object,
        function: Callable[..., Any],
        args: tuple[object, ...] = (),
        kwargs: dict[str, object] | None = None,
    ) -> FakeDelayedCall:
        """Call ``function`` when `seconds` is ``time``, in the name of ``owner``."""
        call = FakeDelayedCall(self, time, owner, function, args, kwargs or {})
        self._push(call)
        return call

    def delayed_calls(self, owner: object = None) -> list[FakeDelayedCall]:
        """The calls that still wait, earliest first; a test may end with none.

        What the network itself still has to do (datagrams on their way) is not among
        them.

        :param owner: only the calls that this one asked for; None for everybody's.
        """
        return [
            call
            for _, serial, call in sorted(self._heap, key=lambda entry: entry[:2])
            if call.active()
            and call._serial == serial
            and call.owner is not None
            and (owner is None or call.owner is owner)
        ]

    def advance(self, seconds: float) -> None:
        """Let ``seconds`` pass and run, in order, all that is due by then.

        Raises at the end what a call raised: the exception itself when there was one,
        an ExceptionGroup of them when there were several.
        """
        if not seconds >= 0:
            raise ValueError(f"time can't go {seconds!r} seconds on")
        end = self._now + seconds
        errors = self._move(end, None)
        self._now = max(self._now, end)
        _raise(errors)

    def run(self, until: Callable[[], object], limit: float = DEFAULT_LIMIT) -> None:
        """Let time pass until ``until()`` is true, looked at after each call.

        Raises AssertionError when it is not so within ``limit`` seconds of fake time;
        what calls raised meanwhile is raised instead, as it is likely the cause.
        """
        self._run(until, limit, "what was waited for is still not so")

    def result_of(
        self,
        awaitable: Deferred[T] | Coroutine[Deferred[Any], Any, T],
        limit: float = DEFAULT_LIMIT,
    ) -> T:
        """Let time pass until a Deferred or a coroutine is done; what came of it.

        Raises what it failed with, or AssertionError when it is not done within
        ``limit`` seconds of fake time.
        """
        deferred = (
            awaitable
            if isinstance(awaitable, Deferred)
            else Deferred.fromCoroutine(awaitable)
        )
        results: list[T | Failure] = []
        deferred.addBoth(results.append)

        self._run(lambda: results, limit, f"no result of {_name_of(awaitable)}")
        result = results[0]
        if isinstance(result, Failure):
            result.raiseException()
        return result

    def sleep(self, seconds: float) -> Deferred[None]:
        """A Deferred that fires when ``seconds`` have passed: for coroutines."""
        deferred: Deferred[None] = Deferred(lambda _: call.cancel())
        call = self.callLater(seconds, deferred.callback, None)
        return deferred

    def _run(self, until: Callable[[], object], limit: float, complaint: str) -> None:
        end = self._now + limit
        if until():
            return
        _raise(self._move(end, until))
        if not until():
            self._now = max(self._now, end)
            raise AssertionError(
                f"{complaint} after {limit:.9g} s; {self._situation()}"
            )

    def _situation(self) -> str:
        """What a tester wants to know when something did not happen."""
        calls = self.delayed_calls()
        text = f"delayed calls that wait: {len(calls)}"
        return text + "".join(f"\n    {call!r}" for call in calls[:5])

    def _push(self, call: FakeDelayedCall) -> None:
        self._serial += 1
        call._serial = self._serial
        heappush(self._heap, (call._time, self._serial, call))

    def _bury(self) -> None:
        """One entry of the heap has become void; it is left there for now."""
        self._dead += 1
        if self._dead > _MOST_DEAD and self._dead > len(self._heap) // 2:
            self._heap = [
                entry
                for entry in self._heap
                if entry[2]._serial == entry[1] and entry[2].active()
            ]
            heapify(self._heap)
            self._dead = 0

    def _move(self, end: float, until: Callable[[], object] | None) -> list[Exception]:
        """Run what is due until ``end``, or until the condition holds."""
        if self._moving:
            raise RuntimeError(
                "time is moving already: inside of what a clock runs, await"
                " sleep(seconds) or a Deferred instead of moving it again"
            )
        errors: list[Exception] = []
        at_one_time = 0
        self._moving = True
        try:
            while self._heap:
                time, serial, call = self._heap[0]
                if call._serial != serial or call._state != _LIVE:
                    heappop(self._heap)
                    self._dead -= 1
                    continue
                if time > end + _SLACK:
                    break
                heappop(self._heap)
                if time > self._now:
                    self._now = time
                    at_one_time = 0
                at_one_time += 1
                if at_one_time > _MOST_AT_ONE_TIME:
                    raise RuntimeError(f"{call!r} and others call each other endlessly")
                function = call._function
                try:
                    call._call()
                except Exception as error:
                    error.add_note(
                        f"raised at {self._now:.9g} s by {_name_of(function)}"
                    )
                    errors.append(error)
                if until is not None and until():
                    break
        finally:
            self._moving = False
        return errors


def _nothing() -> None:
    """What a dead call would do."""


def _name_of(thing: object) -> str:
    name = getattr(thing, "__qualname__", None)
    return name if isinstance(name, str) else repr(thing)


def _raise(errors: list[Exception]) -> None:
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise ExceptionGroup("several calls failed", errors)
