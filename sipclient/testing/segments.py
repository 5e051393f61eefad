"""What a network in memory writes down of its TCP connections.

A `Segment` is one piece that a connection carried, a `Severing` a connection's death
that a test asked for. Acknowledgements of data are not written down.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from .address import Peer, spell

if TYPE_CHECKING:
    from .stream import FakeConnection

#: What a segment is for; "DATA" has bytes of the stream, the others have none.
Kind: TypeAlias = Literal["SYN", "SYN ACK", "ACK", "DATA", "FIN", "RST"]

#: How a segment ended, or "in flight". "refused": nobody has that connection or port,
#: and RST goes back. "nowhere": no host has the address. "partitioned": the way was
#: cut. "severed": its connection died with it, or had died so before.
SegmentFate: TypeAlias = Literal[
    "in flight", "delivered", "lost", "partitioned", "refused", "nowhere", "severed"
]

#: How a connection dies. "reset": both ends hear of it at once, as of an RST. "close":
#: each end hears that the other one closed. "silence": nothing passes from now on.
Death: TypeAlias = Literal["reset", "close", "silence"]


@dataclass(slots=True)
class Segment:
    """One segment in the log; one that is sent again has an entry of its own.

    :ivar time: when it was sent, in seconds of fake time.
    :ivar source: (host, port) of the sender.
    :ivar destination: (host, port) that it was sent to.
    :ivar kind: what it is for.
    :ivar data: the bytes of the stream that it carries.
    :ivar connection: which connection it belongs to.
    :ivar fate: what became of it; "in flight" until that is known.
    :ivar arrived: when it reached its host, None if it has not.
    :ivar repeat: whether it had been sent before.
    """

    time: float
    source: Peer
    destination: Peer
    kind: Kind
    data: bytes
    connection: FakeConnection
    fate: SegmentFate = "in flight"
    arrived: float | None = None
    repeat: bool = False

    def __str__(self) -> str:
        source, destination = spell(self.source), spell(self.destination)
        text = f"{self.time:.3f} {source} > {destination} {self.kind}"
        if self.kind == "DATA":
            line = self.data.partition(b"\r\n")[0][:60]
            text += f" {len(self.data)}: {ascii(line.decode('latin-1'))[1:-1]}"
        return f"{text} ({self.fate}{', repeat' if self.repeat else ''})"


@dataclass(slots=True)
class Severing:
    """A death that waits for its segment; `FakeStreams.sever_at` makes it.

    :ivar how: how the connection dies.
    :ivar remaining: how many segments pass before it.
    :ivar segment: the one that it happened at; None as long as it has not happened.
    """

    how: Death
    remaining: int
    segment: Segment | None = None
