"""A flow: where a message came from and where its answers go (RFC 3261 §18, RFC 5626).

With UDP it is a listening socket and a peer. What is sent along a flow leaves from the
address at which the peer reached us, which is what NATs and RFC 3581 §4 ask for. With
a stream transport it is a connection (``stream``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .carrier import Carrier
    from .peer import Peer


class Flow:
    """One transport and one peer; two of the same are equal and hash alike.

    :ivar transport: what carries it.
    :ivar peer: the other end, in the shape that the transport's socket wants.
    """

    __slots__ = ("peer", "transport")

    def __init__(self, transport: Carrier, peer: Peer) -> None:
        self.transport = transport
        self.peer = peer

    def send(self, data: bytes) -> None:
        """Send one message.

        Raises :class:`SIPTransportFailure` where the network refuses it at once, and
        :class:`SIPTooBig` where it is more than a datagram carries.
        """
        self.transport.send(data, self.peer)

    @property
    def reliable(self) -> bool:
        """Whether what was sent arrives or fails: then nothing is retransmitted."""
        return self.transport.reliable

    @property
    def connected(self) -> bool:
        """Whether there is a connection, or was one; True where none is needed."""
        return True

    @property
    def alive(self) -> bool:
        """Whether something can still be sent along it."""
        return True

    @property
    def source(self) -> tuple[str, int]:
        """The peer's numeric address and port."""
        return self.peer[0], self.peer[1]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Flow):
            return NotImplemented
        return self.transport is other.transport and self.peer == other.peer

    def __hash__(self) -> int:
        return hash((self.transport, self.peer))

    def __repr__(self) -> str:
        host, port = self.source
        here, local = self.transport.local
        return f"<Flow {self.transport.name} {here} {local} ↔ {host} {port}>"
