"""A network in memory: whole SIP stacks talk to each other in fake time.

`FakeNetwork` makes the hosts (`FakeReactor`, one for each) and carries their
datagrams. It loses, doubles, delays and reorders them as it is told, by a seeded
random generator: the same seed and the same calls give the same log, byte by byte.
Their TCP connections are in `streams`, what they know of names in `names`.

The one contract: no datagram arrives while its sender is still sending, and between
two hosts they arrive in the order of sending unless ``reorder`` is asked for.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from random import Random
from typing import Literal, TypeAlias

from .address import Peer, canonical_host, is_loopback, spell
from .faults import Faults
from .names import FakeNames
from .port import FakePort
from .reactor import FakeReactor
from .streams import FakeStreams
from .ways import Ways, happens

#: How a datagram ended, or "in flight". "refused": the host has no such port open.
#: "nowhere": no host has the address. "partitioned": the way was cut. "truncated":
#: delivered, but cut off at the port's maxPacketSize, as the kernel does.
Fate: TypeAlias = Literal[
    "in flight", "delivered", "truncated", "lost", "partitioned", "refused", "nowhere"
]

# How much of the datagram an ICMP error quotes: what Linux leaves of 576 bytes (IPv4)
# and of 1280 bytes (IPv6) after all headers (RFC 1812 §4.3.2.3, RFC 4443 §3.1).
_QUOTED = 520
_QUOTED_IPV6 = 1184


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


class FakeNetwork(Ways):
    """Hosts, the ways between them, and the time of them all.

    :param seed: what all chances follow from; any int or str.
    :param loss: as in `Faults`, for every way that `link` does not set apart; it may
        be changed later, in ``network.faults``.
    :param duplicate: likewise.
    :param reorder: likewise.
    :param delay: likewise.
    :param largest: likewise.
    :param segment: likewise.
    :param icmp: whether a live host answers for a port that nobody listens on. The
        sender's protocol hears it in ``unreachable(peer, payload, error)``, if it has
        that method, or in ``connectionRefused()`` when its port is connected.
    :param log_limit: how many datagrams `log` keeps, the latest; 0 for none. The
        segments and the connections of `streams` likewise.
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
        segment: int | tuple[int, int] = 1460,
        icmp: bool = True,
        log_limit: int = 10_000,
        start: float = 0.0,
    ) -> None:
        faults = Faults(loss, duplicate, reorder, delay, largest, segment)
        super().__init__(faults, start)
        self.seed = seed
        #: whether hosts answer for ports that nobody listens on.
        self.icmp = icmp
        #: the datagrams that were sent, in order of sending.
        self.log: deque[Datagram] = deque(maxlen=log_limit)
        #: how many datagrams are on their way.
        self.in_flight = 0
        #: the TCP connections, their log and their deaths.
        self.streams = FakeStreams(self, log_limit)
        #: which addresses names have, and how looking them up goes wrong.
        self.names = FakeNames(self)
        self._random = Random(seed)

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

    def carry(self, data: bytes, source: Peer, peer: Peer, sender: FakePort) -> None:
        """Take a datagram from a port; called by `FakePort` only."""
        entry = Datagram(self._now, source, peer, data)
        self.log.append(entry)
        here = sender.reactor
        there = self.host_at(peer[0], here)
        if there is None:
            entry.fate = "nowhere"
            return
        if self.is_cut(here, there):
            entry.fate = "partitioned"
            return
        faults = self.faults_of(here, there)
        if len(data) > faults.largest or happens(faults.loss, self._random):
            entry.fate = "lost"
            return
        self._send_off(entry, here, there, sender)
        if happens(faults.duplicate, self._random):
            double = replace(entry, duplicate=True)
            self.log.append(double)
            self._send_off(double, here, there, sender)

    def _send_off(
        self, entry: Datagram, here: FakeReactor, there: FakeReactor, sender: FakePort
    ) -> None:
        self.in_flight += 1
        arrival = self.arrival(here, there, self._random)
        self.schedule_at(arrival, None, self._arrive, (entry, here, there, sender))

    def _arrive(
        self, entry: Datagram, here: FakeReactor, there: FakeReactor, sender: FakePort
    ) -> None:
        self.in_flight -= 1
        if self.is_cut(here, there):
            entry.fate = "partitioned"
            return
        entry.arrived = self._now
        host, port = entry.destination
        receiver = there.datagram_ports.find(host, port)
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
        if happens(self.faults_of(there, here).loss, self._random):
            return
        quoted = _QUOTED_IPV6 if ":" in entry.destination[0] else _QUOTED
        arrival = self.arrival(there, here, self._random)

        def report() -> None:
            if not self.is_cut(there, here):
                sender.refused(entry.destination, entry.data[:quoted])

        self.schedule_at(arrival, None, report)

    def _situation(self) -> str:
        text = f"datagrams on their way: {self.in_flight}; {super()._situation()}"
        if self.log:
            text += "\nthe last datagrams:"
            text += "".join(f"\n    {entry}" for entry in list(self.log)[-8:])
        if self.streams.log:
            text += "\nthe last segments:"
            text += "".join(f"\n    {entry}" for entry in list(self.streams.log)[-8:])
        return text
