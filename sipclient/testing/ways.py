"""The hosts of a network in memory and the ways between them.

`Ways` knows which host has an address, which ways are cut, what each way does, and when
something arrives that sets out now. What travels there, datagrams and streams, is told
by `FakeNetwork`, which is built on it.

The one contract: between two hosts things arrive in the order of sending unless
``reorder`` is asked for.
"""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import TypeAlias

from .address import canonical_host, is_loopback
from .clock import FakeClock
from .faults import Faults
from .reactor import FakeReactor

#: A host is named by its reactor or by any of its addresses.
Host: TypeAlias = FakeReactor | str

# What reorder holds back arrives up to this many seconds later than it would have.
_HELD_BACK = 0.1

_NONE = Faults()


class Ways(FakeClock):
    """Hosts, the ways between them, and the time of them all.

    :param faults: what every way does that `link` does not set apart.
    :param start: the time at first, in seconds.
    """

    def __init__(self, faults: Faults, start: float = 0.0) -> None:
        super().__init__(start)
        #: what every way does that `link` does not set apart.
        self.faults = faults
        self._hosts: dict[str, FakeReactor] = {}
        self._links: dict[tuple[FakeReactor, FakeReactor], Faults] = {}
        self._isolated: set[FakeReactor] = set()
        self._cut: set[frozenset[FakeReactor]] = set()
        self._last_arrival: dict[tuple[FakeReactor, FakeReactor], float] = {}

    def link(
        self,
        source: Host,
        destination: Host,
        *,
        loss: float | None = None,
        duplicate: float | None = None,
        reorder: float | None = None,
        delay: float | tuple[float, float] | None = None,
        largest: int | None = None,
        segment: int | tuple[int, int] | None = None,
    ) -> None:
        """Set what the way from ``source`` to ``destination`` does, this way only.

        What is not given is as in ``network.faults`` of now. Without anything given
        the way is again like all the others.
        """
        way = self.host(source), self.host(destination)
        given = {
            "loss": loss,
            "duplicate": duplicate,
            "reorder": reorder,
            "delay": delay,
            "largest": largest,
            "segment": segment,
        }
        changes = {name: value for name, value in given.items() if value is not None}
        if changes:
            self._links[way] = replace(self.faults, **changes)  # type: ignore[arg-type]  # each value is of its own field
        else:
            self._links.pop(way, None)

    def partition(self, host: Host, *others: Host) -> None:
        """Cut the ways, in both directions, between ``host`` and each of ``others``.

        Without others: between ``host`` and everybody, as if it were down. What is on
        its way is lost, and nobody is told: a partition is silence.
        """
        one = self.host(host)
        if not others:
            self._isolated.add(one)
        self._cut.update(frozenset((one, self.host(other))) for other in others)

    def heal(self, host: Host | None = None, *others: Host) -> None:
        """Undo `partition`: of these pairs, of all with ``host``, or everywhere."""
        if host is None:
            self._isolated.clear()
            self._cut.clear()
            return
        one = self.host(host)
        if others:
            self._cut -= {frozenset((one, self.host(other))) for other in others}
        else:
            self._isolated.discard(one)
            self._cut = {pair for pair in self._cut if one not in pair}

    def host(self, host: Host) -> FakeReactor:
        """The host that is named so; LookupError when no host is."""
        if isinstance(host, FakeReactor):
            return host
        name = canonical_host(host)
        if name not in self._hosts:
            raise LookupError(f"no host of this network has {name}")
        return self._hosts[name]

    def host_at(self, address: str, seen_from: FakeReactor) -> FakeReactor | None:
        """Who has a canonical address, as ``seen_from`` sees it; None for nobody."""
        return seen_from if is_loopback(address) else self._hosts.get(address)

    def is_cut(self, here: FakeReactor, there: FakeReactor) -> bool:
        """Whether nothing passes between these two."""
        if here is there:
            return False
        if here in self._isolated or there in self._isolated:
            return True
        return bool(self._cut) and frozenset((here, there)) in self._cut

    def faults_of(self, here: FakeReactor, there: FakeReactor) -> Faults:
        """What the way from ``here`` to ``there`` does; a host reaches itself well."""
        if here is there:
            return _NONE
        return self._links.get((here, there), self.faults)

    def arrival(self, here: FakeReactor, there: FakeReactor, random: Random) -> float:
        """When something arrives that is sent now: never before what went earlier."""
        faults = self.faults_of(here, there)
        shortest, longest = faults.delays
        delay = shortest
        if longest > shortest:
            delay = random.uniform(shortest, longest)
        arrival = self._now + delay
        if happens(faults.reorder, random):
            return arrival + random.uniform(0.0, _HELD_BACK)
        arrival = max(arrival, self._last_arrival.get((here, there), arrival))
        self._last_arrival[here, there] = arrival
        return arrival


def happens(chance: float, random: Random) -> bool:
    """Whether something of that chance happens this time.

    No number is drawn for what can't happen or must: a fault that is switched off
    leaves the draws of the others as they are.
    """
    return chance > 0.0 and (chance >= 1.0 or random.random() < chance)
