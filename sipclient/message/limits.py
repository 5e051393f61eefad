"""How much of a message a peer may make us hold, as named settings.

Everything that a peer can grow has a limit. One that is exceeded is a parse error
that says which limit it was, and what a UAS may answer.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

from ..errors import SIPArgumentError

#: How deep comments may stand in comments. It is fixed: what is read late, by whoever
#: asks, knows no settings.
NESTING: Final = 32


def check_limit(name: str, value: object, least: int) -> None:
    """Make sure that a limit is a number, and not below the least that makes sense."""
    if not (isinstance(value, (int, float)) and value >= least):
        raise SIPArgumentError(
            "setting limits",
            f"{name}={value!a:.80}",
            advice=f"Give a number from {least}",
        )


@dataclass(frozen=True, slots=True)
class MessageLimits:
    """The most that one message may hold; what is over is refused with 413 or 400.

    :ivar message: bytes of the whole message (a UDP datagram holds 65,535).
    :ivar line: characters of one unfolded header line, and of the start line.
    :ivar lines: header lines.
    :ivar body: bytes of the body.

    Raises :class:`SIPArgumentError` for one below 1.
    """

    message: int = 65_535
    line: int = 8_192
    lines: int = 256
    body: int = 65_535

    def __post_init__(self) -> None:
        for each in fields(self):
            check_limit(each.name, getattr(self, each.name), 1)


DEFAULT_LIMITS = MessageLimits()
