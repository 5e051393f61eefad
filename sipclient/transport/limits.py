"""What connections may cost: how many, how long, how much is kept for them."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

from ..errors import SIPArgumentError


@dataclass(frozen=True, slots=True)
class StreamLimits:
    """The limits of one listening TCP address and its connections.

    :ivar connections: those that peers made, and as many again that we made. One more
        that a peer makes is closed at once; one more of ours fails.
    :ivar connections_per_peer: of the former, those from one address.
    :ivar idle: seconds without a message, or a keep-alive, in either direction, after
        which a connection is closed. RFC 3261 §18 asks for as much as the longest
        transaction takes: that is an INVITE that rings.
    :ivar message_time: seconds that one message may take to arrive or to leave, and a
        new connection to its first one.
    :ivar connect_time: seconds for making a connection.
    :ivar unsent: bytes kept for a peer that doesn't read, or isn't connected yet.

    Raises :class:`SIPArgumentError` unless all are above 0.
    """

    connections: int = 10_000
    connections_per_peer: int = 256
    idle: float = 600
    message_time: float = 32
    connect_time: float = 10
    unsent: int = 262_144

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not (isinstance(value, (int, float)) and 0 < value < math.inf):
                raise SIPArgumentError(
                    "setting the limits of connections",
                    f"{field.name}={value!r}",
                    advice="Each is a number above 0",
                )


DEFAULT_STREAM_LIMITS = StreamLimits()
