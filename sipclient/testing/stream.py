"""A TCP connection in memory: what the kernels of its two hosts do (RFC 9293).

A `FakeConnection` has two ends. An `End` takes bytes from its program, cuts them into
segments, sends no more than the other end has room for, and gives what arrives to its
program in order. It sends again what was lost, later each time, and gives up as late
as Linux does.

The one contract: nothing here calls a program. An end tells its socket that something
is new, and that the network's clock does.
"""

from __future__ import annotations

import errno
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from .address import Peer, os_error, spell

if TYPE_CHECKING:
    from .reactor import FakeReactor
    from .segments import Death, Kind
    from .stream_socket import FakeStreamSocket
    from .streams import FakeStreams

#: "given up": its program stopped connecting. "severed": by `FakeStreams.sever`.
#: "timed out": an end sent something again and again, and heard nothing.
State: TypeAlias = Literal[
    "connecting",
    "open",
    "closed",
    "refused",
    "reset",
    "given up",
    "severed",
    "timed out",
]

#: How many bytes a kernel keeps for a program that writes faster than it can send.
SEND_BUFFER = 65536

_ENDS: dict[int, State] = {
    errno.ECONNREFUSED: "refused",
    errno.ECONNRESET: "reset",
    errno.ETIMEDOUT: "timed out",
}


class FakeConnection:
    """One TCP connection, from its first SYN; in ``network.streams.connections``."""

    def __init__(
        self,
        streams: FakeStreams,
        client: tuple[FakeReactor, Peer],
        server: tuple[FakeReactor | None, Peer],
    ) -> None:
        #: when it began, in seconds of fake time.
        self.time = streams.network.seconds()
        #: what became of it so far.
        self.state: State = "connecting"
        #: how it was severed; None if it was not.
        self.severed: Death | None = None
        #: what each end knows of it; the first is the one that connected.
        self.ends = End(self, streams, *client), End(self, streams, *server)
        self.ends[0].peer, self.ends[1].peer = self.ends[1], self.ends[0]

    @property
    def source(self) -> Peer:
        """(host, port) that connected."""
        return self.ends[0].address

    @property
    def destination(self) -> Peer:
        """(host, port) that was connected to."""
        return self.ends[1].address

    @property
    def is_held(self) -> bool:
        """Whether a program still has a socket of it open."""
        return any(end.socket is not None for end in self.ends)

    def ended(self, state: State) -> None:
        """Write down how it ended, if it had not before."""
        if self.state in ("connecting", "open"):
            self.state = state

    def __str__(self) -> str:
        there, back = (end.delivered for end in self.ends)
        return (
            f"{self.time:.3f} {spell(self.source)} > {spell(self.destination)}"
            f" {there} bytes, {back} back ({self.state})"
        )


@dataclass(slots=True)
class Item:
    """Something that goes from one end to the other, as often as it takes.

    :ivar tries: how often it has been sent in vain.
    :ivar here: whether it has arrived.
    """

    kind: Kind
    data: bytes
    tries: int = 0
    here: bool = False


class End:
    """One end of a connection; see the module's text for what it does."""

    peer: End

    def __init__(
        self,
        connection: FakeConnection,
        streams: FakeStreams,
        host: FakeReactor | None,
        address: Peer,
    ) -> None:
        self.connection = connection
        #: None where no host has the address.
        self.host = host
        self.address = address
        #: the program's; None before it is accepted and after it is closed.
        self.socket: FakeStreamSocket | None = None
        #: the socket that will accept it.
        self.listener: FakeStreamSocket | None = None
        self.established = False
        #: whether the kernel knows it no more: what arrives is answered by RST.
        self.dead = False
        #: an errno that the program has not been told yet; 0 for none.
        self.error = 0
        #: whether the other end has sent its last byte, and it has arrived.
        self.ended = False
        #: what has arrived and was not read yet.
        self.received = bytearray()
        #: how many bytes have reached the other end.
        self.delivered = 0
        #: what is on its way, in order.
        self.outstanding: deque[Item] = deque()
        self._streams = streams
        self._unsent = bytearray()
        self._credit = streams.window
        self._finishing = False
        self._finished = False

    @property
    def is_readable(self) -> bool:
        """Whether reading gives something: bytes, the end, or an error."""
        return bool(self.received) or self.ended or self.dead

    @property
    def is_writable(self) -> bool:
        """Whether the program hears something new when it writes."""
        room = self.established and len(self._unsent) < SEND_BUFFER
        return room or self.dead

    def read(self, size: int) -> bytes:
        """What has come, b"" at the end; OSError as the kernel's would be."""
        if self.received:
            data = bytes(self.received[:size])
            del self.received[:size]
            self._grant(len(data))
            return data
        self.raise_error()
        if self.ended or self.dead:
            return b""
        raise os_error(errno.EAGAIN)

    def write(self, data: bytes | memoryview) -> int:
        """Take some of ``data``, and say how much; OSError likewise."""
        self.raise_error()
        if self.dead or self._finishing:
            raise os_error(errno.EPIPE)
        room = SEND_BUFFER - len(self._unsent)
        if room <= 0 or not self.established:
            raise os_error(errno.EAGAIN)
        accepted = bytes(data[:room])
        self._unsent += accepted
        self._pump()
        return len(accepted)

    def finish(self) -> None:
        """Send nothing more than what was written already."""
        self._finishing = True
        self._pump()

    def close(self) -> None:
        """The program needs it no more; what it has written is still sent."""
        self._streams.let_go(self)
        if self.dead:
            return
        if not self.established:
            self.dead = True
            self.connection.ended("given up")
        elif self.received:
            # RFC 2525 §2.17: bytes that nobody will read are answered by RST, which
            # costs the other end what it has not read yet.
            self.abort()
        else:
            self.finish()

    def abort(self) -> None:
        """Forget the connection, and tell the other end so."""
        self._streams.let_go(self)
        if not self.dead:
            self.dead = True
            self._unsent.clear()
            self.connection.ended("reset")
            self._streams.reset(self)

    def fail(self, number: int) -> None:
        """It is over, with an error that the program meets when it looks."""
        if self.dead:
            return
        self.dead = True
        self.error = number
        self._unsent.clear()
        self.connection.ended(_ENDS[number])
        self.wake()

    def raise_error(self) -> None:
        """Raise what the program has not been told yet; only once."""
        number, self.error = self.error, 0
        if number:
            raise os_error(number)

    def launch(self, kind: Kind, data: bytes = b"") -> None:
        """Send something that has to arrive."""
        item = Item(kind, data)
        self.outstanding.append(item)
        self._streams.carry(self, item)

    def take(self, item: Item) -> None:
        """Something has arrived, and all that was sent before it."""
        if item.kind == "SYN":
            self.launch("SYN ACK")
        elif item.kind == "SYN ACK":
            self.established = True
            self.connection.state = "open"
            self.launch("ACK")
        elif item.kind == "ACK":
            self._become_accepted()
        elif item.kind == "FIN":
            self.ended = True
            if self.peer.ended:
                self.connection.ended("closed")
        else:
            self.received += item.data
            self.peer.delivered += len(item.data)
        self.wake()

    def wake(self) -> None:
        """Let the program look; called by the network's clock only."""
        if self.socket is not None:
            self.socket.wake()

    def _become_accepted(self) -> None:
        listener = self.listener
        if listener is None or not listener.queue_up(self):
            self.abort()
        else:
            self.established = True
            listener.wake()

    def _pump(self) -> None:
        """Send as much as the other end has room for."""
        if not self.established or self.dead:
            return
        while self._unsent and self._credit:
            size = min(self._credit, self._streams.segment_size(self))
            data = bytes(self._unsent[:size])
            del self._unsent[:size]
            self._credit -= len(data)
            self.launch("DATA", data)
        if self._finishing and not self._unsent and not self._finished:
            self._finished = True
            self.launch("FIN")

    def _grant(self, size: int) -> None:
        """The program has read so many bytes: the other end may send as many."""
        sender = self.peer
        if sender._unsent:
            self._streams.tell(self, sender._granted, size)
        else:
            sender._credit += size

    def _granted(self, size: int) -> None:
        self._credit += size
        self._pump()
        self.wake()
