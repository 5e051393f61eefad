"""The names of a network in memory: what its resolver knows, and how it fails.

`FakeNames`, in ``network.names``, says which addresses a name has. Each host of the
network adapts to `IResolver` by a `FakeResolver` that asks it, so that a stack on it
resolves there. A name can be slow, fail, lie, or get no answer until it recovers.

The one contract: no answer comes while the question is still being asked, but where the
URI has an address and nobody needs to be asked.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, MutableMapping
from dataclasses import dataclass, replace
from random import Random
from typing import TYPE_CHECKING, TypeAlias

from zope.interface import implementer

from ..errors import SIPError, SIPResolvingFailure
from ..interfaces import IPendingResolution, IResolver
from ..message.uri import URI
from ..resolver.next_hop import NextHop, next_hop
from ..resolver.numeric import RESOLVED, Outcome, target_of
from ..transport.target import Target
from .address import canonical_host
from .clock import FakeDelayedCall

if TYPE_CHECKING:
    from .network import FakeNetwork
    from .reactor import FakeReactor

#: Where a name leads: to an address, by the transport and port that the URI has, or to
#: a target, whatever the URI has.
Place: TypeAlias = str | Target


@dataclass(frozen=True, slots=True)
class _Fault:
    """What happens to the next questions for a name; None is no change."""

    places: tuple[Place, ...] | None = None
    error: str | SIPError | None = None
    delay: float | None = None
    stalls: bool = False
    times: int | None = None


_NONE = _Fault()


@dataclass(slots=True)
class LookUp:
    """One question in the log of `FakeNames`, and what became of it.

    :ivar time: when it was asked, in seconds of fake time.
    :ivar host: an address of the host that asked.
    :ivar name: what it asked for.
    :ivar outcome: the targets, or the error; None as long as there is no answer.
    :ivar answered: when the answer came; None if it did not.
    :ivar cancelled: whether the host didn't want to know any more.
    """

    time: float
    host: str
    name: str
    outcome: Outcome | None = None
    answered: float | None = None
    cancelled: bool = False

    def __str__(self) -> str:
        if self.cancelled:
            text = "cancelled"
        elif isinstance(self.outcome, SIPError):
            text = type(self.outcome).__name__
        else:
            text = ", ".join(map(str, self.outcome or ())) or "no answer"
        if self.answered is not None and self.answered > self.time:
            text += f" at {self.answered:.3f}"
        return f"{self.time:.3f} {self.host} asks for {self.name} ({text})"


class FakeNames(MutableMapping[str, tuple[Place, ...]]):
    """Names and where they lead; ``network.names["example.com"] = ["192.0.2.7"]``.

    A value is an address, a `Target`, or several of them in the order in which they are
    tried. Names are the same in any case, and with a dot at their end. One without a
    value does not exist.

    Faults come in the order in which they were asked for, each as many ``times`` as it
    says or, without, until `recovers`.
    """

    def __init__(self, network: FakeNetwork) -> None:
        #: seconds that an answer takes, or (shortest, longest), evenly spread.
        self.delay: float | tuple[float, float] = 0.0
        #: the questions, in order; those that need no answer from here are not there.
        self.log: deque[LookUp] = deque(maxlen=network.log.maxlen)
        self._network = network
        self._random = Random(f"{network.seed} names")
        self._places: dict[str, tuple[Place, ...]] = {}
        self._faults: dict[str, deque[_Fault]] = {}
        # Those without an answer, in order.
        self._questions: dict[_Question, None] = {}

    def __getitem__(self, name: str) -> tuple[Place, ...]:
        return self._places[_key(name)]

    def __setitem__(self, name: str, places: Place | Iterable[Place]) -> None:
        self._places[_key(name)] = _checked(places)

    def __delitem__(self, name: str) -> None:
        del self._places[_key(name)]

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    @property
    def pending(self) -> tuple[LookUp, ...]:
        """The questions that somebody still waits for the answer to."""
        return tuple(question.entry for question in self._questions)

    def delays(self, name: str, seconds: float, *, times: int | None = None) -> None:
        """Let the right answer take so long."""
        self._add(name, _Fault(delay=seconds, times=times))

    def fails(
        self,
        name: str,
        error: str | SIPError = "the DNS server answered with SERVFAIL",
        *,
        times: int | None = None,
    ) -> None:
        """Answer with an error: what came, for a `SIPResolvingFailure`, or itself."""
        self._add(name, _Fault(error=error, times=times))

    def lies(
        self, name: str, places: Place | Iterable[Place], *, times: int | None = None
    ) -> None:
        """Answer with places that are not those of the name."""
        self._add(name, _Fault(places=_checked(places), times=times))

    def stalls(self, name: str, *, times: int | None = None) -> None:
        """Don't answer, until `recovers` if that comes."""
        self._add(name, _Fault(stalls=True, times=times))

    def recovers(self, name: str | None = None) -> None:
        """Forget the faults of a name or of all; answer what was asked meanwhile."""
        if name is None:
            self._faults.clear()
        else:
            self._faults.pop(_key(name), None)
        for question in list(self._questions):
            named = name is None or question.hop.host == _key(name)
            if named and question.call is None:
                self._answer(question, _NONE)

    def ask(
        self, host: FakeReactor, hop: NextHop, done: Callable[[Outcome], None]
    ) -> IPendingResolution:
        """Answer a question, as well as it is meant to be; for `FakeResolver` only."""
        entry = LookUp(self._network.seconds(), host.addresses[0], hop.host)
        question = _Question(self._questions, entry, host, hop, done)
        self.log.append(entry)
        self._questions[question] = None
        fault = self._next_fault(hop.host)
        if not fault.stalls:
            self._answer(question, fault)
        return question

    def _add(self, name: str, fault: _Fault) -> None:
        if fault.times is not None and fault.times < 1:
            raise ValueError(f"a fault can't happen {fault.times!r} times")
        if fault.delay is not None and not fault.delay >= 0:
            raise ValueError(f"a delay can't be {fault.delay!r} seconds")
        self._faults.setdefault(_key(name), deque()).append(fault)

    def _next_fault(self, name: str) -> _Fault:
        faults = self._faults.get(name)
        if not faults:
            return _NONE
        fault = faults[0]
        if fault.times == 1:
            faults.popleft()
        elif fault.times is not None:
            faults[0] = replace(fault, times=fault.times - 1)
        return fault

    def _answer(self, question: _Question, fault: _Fault) -> None:
        delay = self.delay if fault.delay is None else fault.delay
        if isinstance(delay, tuple):
            delay = self._random.uniform(*delay)
        outcome = self._outcome(question.hop, fault)
        question.call = self._network.schedule(
            delay, question.host, question.end, (outcome,)
        )

    def _outcome(self, hop: NextHop, fault: _Fault) -> Outcome:
        if isinstance(fault.error, SIPError):
            return fault.error
        if fault.error is not None:
            return SIPResolvingFailure(
                hop.attempted,
                fault.error,
                rule="RFC 3263 §4.2",
                advice="See whether the DNS servers can be reached",
            )
        places = self._places.get(hop.host) if fault.places is None else fault.places
        if not places:
            return SIPResolvingFailure(
                hop.attempted,
                "asked for A and AAAA records, the DNS server says that the name"
                " doesn't exist",
                rule="RFC 3263 §4.2",
                advice="Check the name",
            )
        targets: list[Target] = []
        for place in places:
            targets += [place] if isinstance(place, Target) else hop.targets([place])
        return tuple(targets)


@implementer(IPendingResolution)
class _Question:
    """A question that has no answer yet."""

    def __init__(
        self,
        questions: dict[_Question, None],
        entry: LookUp,
        host: FakeReactor,
        hop: NextHop,
        done: Callable[[Outcome], None],
    ) -> None:
        self.entry = entry
        self.host = host
        self.hop = hop
        #: what will answer; None where nothing will.
        self.call: FakeDelayedCall | None = None
        self._questions = questions
        self._done = done

    def cancel(self) -> None:
        if self in self._questions:
            del self._questions[self]
            self.entry.cancelled = True
            if self.call is not None:
                self.call.cancel()

    def end(self, outcome: Outcome) -> None:
        """Give the answer; called by the network's clock only."""
        del self._questions[self]
        self.entry.outcome, self.entry.answered = outcome, self.host.seconds()
        self._done(outcome)


@implementer(IResolver)
class FakeResolver:
    """The resolver of one host: ``IResolver(reactor)`` gives it."""

    def __init__(self, host: FakeReactor) -> None:
        self.host = host

    def resolve(self, uri: URI, done: Callable[[Outcome], None]) -> IPendingResolution:
        hop = next_hop(uri)
        if isinstance(hop, SIPError) or hop.known_addresses():
            done(target_of(uri))
            return RESOLVED
        return self.host.network.names.ask(self.host, hop, done)


def _key(name: str) -> str:
    return name.lower().rstrip(".")


def _checked(places: Place | Iterable[Place]) -> tuple[Place, ...]:
    """The places in a tuple; ValueError for an address that is none."""
    several = (places,) if isinstance(places, str | Target) else tuple(places)
    return tuple(
        place if isinstance(place, Target) else canonical_host(place)
        for place in several
    )
