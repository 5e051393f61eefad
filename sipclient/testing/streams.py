"""The TCP connections of a network in memory, and how they die.

`FakeStreams`, in ``network.streams``, carries the segments of all connections as the
ways between their hosts do it: late, again when one was lost, never out of order. It
keeps them all in a log, and it ends connections where a test wants them to end: at a
time, or at a certain segment, which is how to let one die at each step of a request.

The one contract: no byte arrives while its sender is still writing, and the same seed
and the same calls give the same log.
"""

from __future__ import annotations

import errno
from collections import deque
from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING

from .address import Peer
from .segments import Death, Kind, Segment, SegmentFate, Severing
from .stream import End, FakeConnection, Item
from .ways import Host, happens

if TYPE_CHECKING:
    from .network import FakeNetwork
    from .reactor import FakeReactor
    from .stream_socket import FakeStreamSocket

# When Linux sends again and how often, by default: seconds until the first repetition
# (doubled each time, tcp(7)), repetitions. It gives up after 127 and 924.6 seconds.
_OPENING = 1.0, 6
_LATER = 0.2, 15
_LONGEST_WAIT = 120.0


class FakeStreams:
    """All TCP connections of a network; made by `FakeNetwork`.

    :param network: whose ways they take.
    :param log_limit: how many segments and connections are kept, the latest.
    """

    def __init__(self, network: FakeNetwork, log_limit: int) -> None:
        self.network = network
        #: the segments that were sent, in order of sending.
        self.log: deque[Segment] = deque(maxlen=log_limit)
        #: the connections that were begun, in order.
        self.connections: deque[FakeConnection] = deque(maxlen=log_limit)
        #: bytes that an end takes before its program reads; for new connections.
        self.window = 65536
        # Of its own, so that streams leave the draws for datagrams as they are.
        self._random = Random(f"{network.seed} streams")
        self._held: dict[FakeConnection, None] = {}
        self._severings: list[tuple[frozenset[FakeReactor], Severing]] = []

    @property
    def open(self) -> tuple[FakeConnection, ...]:
        """The connections that a program still has a socket of, oldest first."""
        return tuple(sorted(self._held, key=lambda connection: connection.time))

    def sever(self, *hosts: Host, how: Death = "reset") -> int:
        """End all open connections between two hosts, of one, or all of them, now.

        Says how many there were. What is on its way is lost with them.
        """
        wanted = self._named(hosts)
        chosen = [each for each in self.open if wanted <= _hosts_of(each)]
        for connection in chosen:
            self._end(connection, how)
        return len(chosen)

    def sever_at(self, number: int, *hosts: Host, how: Death = "reset") -> Severing:
        """End a connection at the segment that is the ``number``-th from now.

        That one is 0 for the very next; it is lost, and its connection dies at the
        moment when it would have arrived. Counted are the segments of the connections
        between two hosts, of one, or of all. Whether it has come to that is in the
        result's ``segment``: a loop over ``number`` that ends when it has not lets a
        connection die at each step.
        """
        severing = Severing(how, number)
        self._severings.append((self._named(hosts), severing))
        return severing

    def stall(self, host: Host) -> None:
        """Let a host's program neither read, write nor accept, as if it hung.

        Its kernel goes on: connections open and windows fill up. Time and datagrams
        are not concerned. `resume` ends it.
        """
        self.network.host(host).poller.stall()

    def resume(self, host: Host) -> None:
        """Undo `stall`."""
        self.network.host(host).poller.resume()

    def connect(self, socket: FakeStreamSocket, source: Peer, destination: Peer) -> End:
        """Begin a connection; called by `FakeStreamSocket` only."""
        here = socket.host
        there = self.network.host_at(destination[0], here)
        connection = FakeConnection(self, (here, source), (there, destination))
        self.connections.append(connection)
        end = connection.ends[0]
        self.hold(end, socket)
        end.launch("SYN")
        return end

    def hold(self, end: End, socket: FakeStreamSocket) -> None:
        """Give an end to its program; called by `FakeStreamSocket` only."""
        end.socket = socket
        self._held[end.connection] = None

    def let_go(self, end: End) -> None:
        """Its program has closed it; called by `End` only."""
        end.socket = None
        if not end.connection.is_held:
            self._held.pop(end.connection, None)

    def segment_size(self, end: End) -> int:
        """How many bytes the next segment from ``end`` has at most."""
        there = end.peer.host
        if end.host is None or there is None:
            return 1
        faults = self.network.faults_of(end.host, there)
        fewest, most = faults.segments
        size = self._random.randint(fewest, most) if fewest < most else most
        return min(size, faults.largest)

    def carry(self, end: End, item: Item) -> None:
        """Send an item from ``end`` to its peer, until it has arrived."""
        segment = self._written_down(end, item.kind, item.data, item.tries > 0)
        if end.connection.severed == "close":
            segment.fate = "severed"
            if item.kind == "DATA":
                self.tell(end, end.fail, errno.ECONNRESET)
        elif not self._set_off(end, segment, self._arrive, item):
            self._send_again(end, item)

    def reset(self, end: End) -> None:
        """Send RST from ``end``, once, whether it arrives or not."""
        segment = self._written_down(end, "RST", b"", False)
        self._set_off(end, segment, self._reset_arrives, None)

    def tell(self, end: End, call: Callable[[int], None], number: int) -> None:
        """Let something be known at the other end of the way from ``end``."""
        there = end.peer.host
        delay = 0.0
        if end.host is not None and there is not None:
            delay = self.network.faults_of(end.host, there).delays[0]
        self.network.schedule(delay, None, call, (number,))

    def _named(self, hosts: tuple[Host, ...]) -> frozenset[FakeReactor]:
        return frozenset(map(self.network.host, hosts))

    def _written_down(self, end: End, kind: Kind, data: bytes, repeat: bool) -> Segment:
        segment = Segment(
            self.network.seconds(),
            end.address,
            end.peer.address,
            kind,
            data,
            end.connection,
            repeat=repeat,
        )
        self.log.append(segment)
        return segment

    def _set_off(
        self,
        end: End,
        segment: Segment,
        arrive: Callable[[End, Segment, Item | None], None],
        item: Item | None,
    ) -> bool:
        """Whether a segment is on its way; its fate is written down if not."""
        here, there = end.host, end.peer.host
        if here is None or there is None:
            segment.fate = "nowhere"
            return False
        fate = self._obstacle(end)
        if fate is None and happens(
            self.network.faults_of(here, there).loss, self._random
        ):
            fate = "lost"
        if fate is not None:
            segment.fate = fate
            return False
        time = self.network.arrival(here, there, self._random)
        self.network.schedule_at(time, None, arrive, (end, segment, item))
        return True

    def _obstacle(self, end: End) -> SegmentFate | None:
        if end.connection.severed is not None:
            return "severed"
        here, there = end.host, end.peer.host
        if here is not None and there is not None and self.network.is_cut(here, there):
            return "partitioned"
        return None

    def _arrives(self, end: End, segment: Segment) -> bool:
        """Whether a segment gets there, now that it is its time."""
        self._sever_there(segment)
        fate = self._obstacle(end)
        if fate is not None:
            segment.fate = fate
            return False
        segment.arrived = self.network.seconds()
        segment.fate = "delivered"
        return True

    def _arrive(self, end: End, segment: Segment, item: Item | None) -> None:
        assert item is not None
        if not self._arrives(end, segment):
            self._send_again(end, item)
            return
        peer = end.peer
        if item.kind == "SYN":
            peer.dead = not self._finds_listener(peer)
        # RFC 9293 §3.10.7: what belongs to no connection, and what nobody can read.
        nobody = item.kind == "DATA" and peer.established and peer.socket is None
        if peer.dead or nobody:
            segment.fate = "refused"
            peer.dead = True
            if not end.dead:
                self.reset(peer)
                self._send_again(end, item)  # for the case that RST is lost
            return
        if item.kind == "SYN" and peer.listener is not None and peer.listener.is_full:
            segment.fate = "lost"
            self._send_again(end, item)
            return
        item.here = True
        while end.outstanding and end.outstanding[0].here:
            peer.take(end.outstanding.popleft())

    def _reset_arrives(self, end: End, segment: Segment, item: Item | None) -> None:
        if self._arrives(end, segment):
            peer = end.peer
            refused = not peer.established and peer is end.connection.ends[0]
            peer.fail(errno.ECONNREFUSED if refused else errno.ECONNRESET)

    def _finds_listener(self, end: End) -> bool:
        assert end.host is not None
        listener = end.host.stream_ports.find(*end.address)
        if listener is None or not listener.listens:
            return False
        end.listener = listener
        return True

    def _send_again(self, end: End, item: Item) -> None:
        if end.connection.severed in ("reset", "close"):
            return
        first, most = _OPENING if item.kind in ("SYN", "SYN ACK") else _LATER
        here, there = end.host, end.peer.host
        if here is not None and there is not None:
            first += self.network.faults_of(here, there).delays[1]
            first += self.network.faults_of(there, here).delays[1]
        wait = min(first * 2**item.tries, _LONGEST_WAIT)
        item.tries += 1
        self.network.schedule(wait, None, self._repeat, (end, item, most))

    def _repeat(self, end: End, item: Item, most: int) -> None:
        if end.dead:
            return
        if item.tries > most:
            end.fail(errno.ETIMEDOUT)
        else:
            self.carry(end, item)

    def _sever_there(self, segment: Segment) -> None:
        """Count a segment for all deaths that wait, and let it be the one it is."""
        if not self._severings:
            return
        for waiting in list(self._severings):
            wanted, severing = waiting
            if not wanted <= _hosts_of(segment.connection):
                continue
            if severing.remaining:
                severing.remaining -= 1
            elif segment.connection.severed is None:
                self._severings.remove(waiting)
                severing.segment = segment
                self._end(segment.connection, severing.how)

    def _end(self, connection: FakeConnection, how: Death) -> None:
        client = connection.ends[0]
        connection.severed = how
        connection.ended("severed")
        for end in connection.ends:
            if how == "silence":
                continue
            if how == "close" and client.established:
                end.ended = True
            else:
                refused = end is client and not end.established
                number = errno.ECONNREFUSED if refused else errno.ECONNRESET
                end.dead, end.error = True, number
            # Whoever asks for it may be a program that is just being called.
            self.network.schedule(0, None, end.wake)


def _hosts_of(connection: FakeConnection) -> set[FakeReactor | None]:
    return {end.host for end in connection.ends}
