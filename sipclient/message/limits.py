"""How much of a message a peer may make us hold, as named settings.

Everything that a peer can grow has a limit. One that is exceeded is a parse error
that says which limit it was, and what a UAS may answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

#: How deep comments may stand in comments. It is fixed: what is read late, by whoever
#: asks, knows no settings.
NESTING: Final = 32


@dataclass(frozen=True, slots=True)
class MessageLimits:
    """The most that one message may hold; what is over is refused with 413 or 400.

    :ivar message: bytes of the whole message (a UDP datagram holds 65,535).
    :ivar line: characters of one unfolded header line, and of the start line.
    :ivar lines: header lines.
    :ivar body: bytes of the body.
    """

    message: int = 65_535
    line: int = 8_192
    lines: int = 256
    body: int = 65_535


DEFAULT_LIMITS = MessageLimits()
