"""What all transports have in common: one listening address that carries messages."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, Protocol, TypeAlias

from twisted.internet.defer import Deferred
from twisted.logger import Logger

from ..message.host import write_host

if TYPE_CHECKING:
    from .flow import Flow
    from .peer import Peer

#: Called with each message and the flow that its answers take.
Received: TypeAlias = "Callable[[bytes, Flow], None]"


class TransportTap(Protocol):
    """Somebody who sees what passes through a transport; it must not raise."""

    def received(self, flow: Flow, data: bytes) -> None:
        """Hear of a message before anybody understood it."""

    def sent(self, flow: Flow, data: bytes) -> None:
        """Hear of a message that the network took."""


class Carrier:
    """One listening address.

    :ivar name: of the transport, as it stands in a Via.
    :ivar reliable: whether what was sent arrives or fails.
    :ivar local: numeric host and port it listens on, the real one for port 0; the host
        is ``0.0.0.0`` or ``::`` where it takes all. ``("", 0)`` before it listens.
    :ivar owner: whose it is: an access point's name, say. For the user of this class.
    :ivar tap: who sees every message, None when nobody does.
    :ivar messages_received: how many were handed on.
    :ivar messages_sent: how many the network took.
    :ivar keepalives: how many keep-alives came in place of messages.
    :ivar failures: how often handling what came raised.
    """

    name: ClassVar[str]
    reliable: ClassVar[bool]
    _log = Logger()

    def __init__(self) -> None:
        self.local = ("", 0)
        self.owner: object = None
        self.tap: TransportTap | None = None
        self.messages_received = 0
        self.messages_sent = 0
        self.keepalives = 0
        self.failures = 0

    @property
    def listening(self) -> bool:
        """Whether it is open."""
        raise NotImplementedError

    @property
    def is_wildcard(self) -> bool:
        """Whether it listens on all addresses of its family."""
        return self.local[0] in ("0.0.0.0", "::", "")

    @property
    def is_ipv6(self) -> bool:
        """Whether its peers have IPv6 addresses."""
        return ":" in self.local[0]

    def flow_to(self, peer: Peer) -> Flow:
        """Give the flow to a peer with an address of the right family.

        Raises :class:`SIPTransportFailure` where there can be none.
        """
        raise NotImplementedError

    def send(self, data: bytes, peer: Peer) -> None:
        """Send one message; what a flow does that has nothing else to do."""
        raise NotImplementedError

    def stop(self) -> Deferred[None]:
        """Close it; fires when all is closed. May be called again."""
        raise NotImplementedError

    def failed(self, what: str, peer: Peer) -> None:
        """Log a failure of the stack's: the 1st, 2nd, 4th, 8th, so no peer floods."""
        self.failures += 1
        if not self.failures & (self.failures - 1):
            self._log.failure(
                "Handling {what} {peer} failed (failure {count} of this transport).",
                what=what,
                peer=spell(peer),
                count=self.failures,
            )

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {spell(self.local)}>"


def spell(peer: Peer) -> str:
    """Write an address for people."""
    return f"{write_host(peer[0])}:{peer[1]}"
