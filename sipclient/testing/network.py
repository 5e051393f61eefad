"""A network in memory: whole SIP stacks talk to each other in fake time.

`FakeNetwork` makes the hosts (`FakeReactor`, one for each) and carries their
datagrams. It loses, doubles, delays and reorders them as it is told, by a seeded
random generator: the same seed and the same calls give the same log, byte by byte.

The one contract: no datagram arrives while its sender is still sending, and between
two hosts they arrive in the order of sending unless ``reorder`` is asked for.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from random import Random
from typing import Literal, TypeAlias

from .address import Peer, canonical_host, is_loopback, spell
from .clock import FakeClock
from .port import FakePort
from .reactor import FakeReactor

#: How a datagram ended, or "in flight". "refused": the host has no such port open.
#: "nowhere": no host has the address. "partitioned": the way was cut. "truncated":
#: delivered, but cut off at the port's maxPacketSize, as the kernel does.
Fate: TypeAlias = Literal[
    "in flight", "delivered", "truncated", "lost", "partitioned", "refused", "nowhere"
]

#: A host is named by its reactor or by any of its addresses.
Host: TypeAlias = FakeReactor | str

# What reorder holds back arrives up to this many seconds later than it would have.
_HELD_BACK = 0.1

# How much of the datagram an ICMP error quotes: what Linux leaves of 576 bytes (IPv4)
# and of 1280 bytes (IPv6) after all headers (RFC 1812 §4.3.2.3, RFC 4443 §3.1).
_QUOTED = 520
_QUOTED_IPV6 = 1184


@dataclass(frozen=True, slots=True)
class Faults:
    """What one direction between two hosts does to datagrams.

    :ivar loss: chance, 0.0 to 1.0, that a datagram vanishes.
    :ivar duplicate: chance that it arrives twice.
    :ivar reorder: chance that it is held back, so that later ones overtake it.
    :ivar delay: seconds that it takes, or (shortest, longest), evenly spread.
    :ivar largest: bytes; a larger datagram vanishes, as where a firewall drops
        fragments. 65,535 lets everything pass.
    """

    loss: float = 0.0
    duplicate: float = 0.0
    reorder: float = 0.0
    delay: float | tuple[float, float] = 0.0
    largest: int = 65535

    def __post_init__(self) -> None:
        for name in ("loss", "duplicate", "reorder"):
            chance = getattr(self, name)
            if not 0.0 <= chance <= 1.0:
                raise ValueError(f"{name} is a chance from 0.0 to 1.0, not {chance!r}")
        shortest, longest = self.delays
        if not 0.0 <= shortest <= longest:
            raise ValueError(f"a delay can't be {self.delay!r} seconds")

    @property
    def delays(self) -> tuple[float, float]:
        """The shortest and the longest delay, in seconds."""
        if isinstance(self.delay, tuple):
            return self.delay
        return self.delay, self.delay


@dataclass(slots=True)
class Datagram:
    """One datagram in the log of a network; a duplicate has an entry of its own.

    :ivar time: when it was sent, in seconds of fake time.
    :ivar source: (host, port) of the sender.
    :ivar destination: (host, port) that it was sent to.
    :ivar data: the bytes that were sent.
    :ivar fate: what became of it; "in flight" until that is known.
    :ivar arrived: when it reached its host, None if it has not.
    :ivar duplicate: whether the network added it.
    """

    time: float
    source: Peer
    destination: Peer
    data: bytes
    fate: Fate = "in flight"
    arrived: float | None = None
    duplicate: bool = False

    @property
    def first_line(self) -> str:
        """The first line of the data, for people: a SIP message's start line."""
        return ascii(self.data.partition(b"\r\n")[0].decode("latin-1"))[1:-1]

    def __str__(self) -> str:
        source, destination = spell(self.source), spell(self.destination)
        again = ", duplicate" if self.duplicate else ""
        return (
            f"{self.time:.3f} {source} > {destination} {self.first_line}"
            f" ({self.fate}{again})"
        )


class FakeNetwork(FakeClock):
    """Hosts, the ways between them, and the time of them all.

    :param seed: what all chances follow from; any int or str.
    :param loss: as in `Faults`, for every way that `link` does not set apart; it may
        be changed later, in ``network.faults``.
    :param duplicate: likewise.
    :param reorder: likewise.
    :param delay: likewise.
    :param largest: likewise.
    :param icmp: whether a live host answers for a port that nobody listens on. The
        sender's protocol hears it in ``unreachable(peer, payload, error)``, if it has
        that method, or in ``connectionRefused()`` when its port is connected.
    :param log_limit: how many datagrams `log` keeps, the latest; 0 for none.
    :param start: the time at first, in seconds.
    """

    def __init__(
        self,
        seed: int | str = 0,
        *,
        loss: float = 0.0,
        duplicate: float = 0.0,
        reorder: float = 0.0,
        delay: float | tuple[float, float] = 0.0,
        largest: int = 65535,
        icmp: bool = True,
        log_limit: int = 10_000,
        start: float = 0.0,
    ) -> None:
        super().__init__(start)
        self.seed = seed
        #: what every way does that `link` does not set apart.
        self.faults = Faults(loss, duplicate, reorder, delay, largest)
        #: whether hosts answer for ports that nobody listens on.
        self.icmp = icmp
        #: the datagrams that were sent, in order of sending.
        self.log: deque[Datagram] = deque(maxlen=log_limit)
        #: how many datagrams are on their way.
        self.in_flight = 0
        self._random = Random(seed)
        self._hosts: dict[str, FakeReactor] = {}
        self._links: dict[tuple[FakeReactor, FakeReactor], Faults] = {}
        self._isolated: set[FakeReactor] = set()
        self._cut: set[frozenset[FakeReactor]] = set()
        self._last_arrival: dict[tuple[FakeReactor, FakeReactor], float] = {}

    def reactor(self, *addresses: str) -> FakeReactor:
        """A new host with these addresses, IPv4 and IPv6 as wanted.

        Every host has 127.0.0.1 and ::1 besides, which lead to itself only.
        """
        names = [canonical_host(address) for address in addresses]
        if not names:
            raise ValueError("a host needs an address")
        for name in names:
            if name in self._hosts:
                raise ValueError(f"another host of this network has {name}")
            if is_loopback(name):
                raise ValueError(f"every host has {name}: it can't be given to one")
        host = FakeReactor(self, tuple(names))
        self._hosts.update(dict.fromkeys(names, host))
        return host

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
    ) -> None:
        """Set what the way from ``source`` to ``destination`` does, this way only.

        What is not given is as in ``network.faults`` of now. Without anything given
        the way is again like all the others.
        """
        way = self._host(source), self._host(destination)
        given = {
            "loss": loss,
            "duplicate": duplicate,
            "reorder": reorder,
            "delay": delay,
            "largest": largest,
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
        one = self._host(host)
        if not others:
            self._isolated.add(one)
        self._cut.update(frozenset((one, self._host(other))) for other in others)

    def heal(self, host: Host | None = None, *others: Host) -> None:
        """Undo `partition`: of these pairs, of all with ``host``, or everywhere."""
        if host is None:
            self._isolated.clear()
            self._cut.clear()
            return
        one = self._host(host)
        if others:
            self._cut -= {frozenset((one, self._host(other))) for other in others}
        else:
            self._isolated.discard(one)
            self._cut = {pair for pair in self._cut if one not in pair}

    def carry(self, data: bytes, source: Peer, peer: Peer, sender: FakePort) -> None:
        """Take a datagram from a port; called by `FakePort` only."""
        entry = Datagram(self._now, source, peer, data)
        self.log.append(entry)
        here = sender.reactor
        there = here if is_loopback(peer[0]) else self._hosts.get(peer[0])
        if there is None:
            entry.fate = "nowhere"
            return
        if self._is_cut(here, there):
            entry.fate = "partitioned"
            return
        faults = self._faults(here, there)
        if len(data) > faults.largest or self._happens(faults.loss):
            entry.fate = "lost"
            return
        self._send_off(entry, here, there, faults, sender)
        if self._happens(faults.duplicate):
            double = replace(entry, duplicate=True)
            self.log.append(double)
            self._send_off(double, here, there, faults, sender)

    def _send_off(
        self,
        entry: Datagram,
        here: FakeReactor,
        there: FakeReactor,
        faults: Faults,
        sender: FakePort,
    ) -> None:
        self.in_flight += 1
        arrival = self._arrival(here, there, faults)
        self.schedule_at(arrival, None, self._arrive, (entry, here, there, sender))

    def _arrival(self, here: FakeReactor, there: FakeReactor, faults: Faults) -> float:
        """When something arrives that is sent now: never before what went earlier."""
        shortest, longest = faults.delays
        delay = shortest
        if longest > shortest:
            delay = self._random.uniform(shortest, longest)
        arrival = self._now + delay
        if self._happens(faults.reorder):
            return arrival + self._random.uniform(0.0, _HELD_BACK)
        arrival = max(arrival, self._last_arrival.get((here, there), arrival))
        self._last_arrival[here, there] = arrival
        return arrival

    def _arrive(
        self, entry: Datagram, here: FakeReactor, there: FakeReactor, sender: FakePort
    ) -> None:
        self.in_flight -= 1
        if self._is_cut(here, there):
            entry.fate = "partitioned"
            return
        entry.arrived = self._now
        host, port = entry.destination
        receiver = there.port_for(host, port)
        if receiver is None:
            entry.fate = "refused"
            if self.icmp:
                self._send_back_icmp(entry, here, there, sender)
            return
        fits = len(entry.data) <= receiver.max_packet_size
        entry.fate = "delivered" if fits else "truncated"
        receiver.receive(entry.data[: receiver.max_packet_size], entry.source)

    def _send_back_icmp(
        self, entry: Datagram, here: FakeReactor, there: FakeReactor, sender: FakePort
    ) -> None:
        # The error takes the way back, and what that way does to datagrams.
        faults = self._faults(there, here)
        if self._happens(faults.loss):
            return
        quoted = _QUOTED_IPV6 if ":" in entry.destination[0] else _QUOTED
        arrival = self._arrival(there, here, faults)

        def report() -> None:
            if not self._is_cut(there, here):
                sender.refused(entry.destination, entry.data[:quoted])

        self.schedule_at(arrival, None, report)

    def _host(self, host: Host) -> FakeReactor:
        if isinstance(host, FakeReactor):
            return host
        name = canonical_host(host)
        if name not in self._hosts:
            raise LookupError(f"no host of this network has {name}")
        return self._hosts[name]

    def _is_cut(self, here: FakeReactor, there: FakeReactor) -> bool:
        if here is there:
            return False
        if here in self._isolated or there in self._isolated:
            return True
        return bool(self._cut) and frozenset((here, there)) in self._cut

    def _faults(self, here: FakeReactor, there: FakeReactor) -> Faults:
        if here is there:
            return _NONE
        return self._links.get((here, there), self.faults)

    def _happens(self, chance: float) -> bool:
        # No number is drawn for what can't happen or must: a fault that is switched
        # off leaves the draws of the others as they are.
        return chance > 0.0 and (chance >= 1.0 or self._random.random() < chance)

    def _situation(self) -> str:
        text = f"datagrams on their way: {self.in_flight}; {super()._situation()}"
        if self.log:
            text += "\nthe last datagrams:"
            text += "".join(f"\n    {entry}" for entry in list(self.log)[-8:])
        return text


_NONE = Faults()
