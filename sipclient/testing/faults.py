"""What a way between two hosts in memory does to what it carries.

`Faults` is for one direction; a network has one for all its ways, and one for each way
that it was told to set apart. Datagrams suffer them. A stream suffers only time: TCP
repeats what is lost and puts in order what comes out of order.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Faults:
    """What one direction between two hosts does to datagrams and segments.

    :ivar loss: chance, 0.0 to 1.0, that one vanishes. A segment is sent again.
    :ivar duplicate: chance that a datagram arrives twice.
    :ivar reorder: chance that one is held back, so that later ones overtake it.
    :ivar delay: seconds that it takes, or (shortest, longest), evenly spread.
    :ivar largest: bytes; a larger datagram vanishes, as where a firewall drops
        fragments, and no segment is larger. 65,535 lets everything pass.
    :ivar segment: bytes of a stream that go into one segment, or (fewest, most):
        each is as long as chance will have it, so that messages are cut anywhere.
    """

    loss: float = 0.0
    duplicate: float = 0.0
    reorder: float = 0.0
    delay: float | tuple[float, float] = 0.0
    largest: int = 65535
    segment: int | tuple[int, int] = 1460

    def __post_init__(self) -> None:
        for name in ("loss", "duplicate", "reorder"):
            chance = getattr(self, name)
            if not 0.0 <= chance <= 1.0:
                raise ValueError(f"{name} is a chance from 0.0 to 1.0, not {chance!r}")
        shortest, longest = self.delays
        if not 0.0 <= shortest <= longest:
            raise ValueError(f"a delay can't be {self.delay!r} seconds")
        fewest, most = self.segments
        if not 1 <= fewest <= most:
            raise ValueError(f"a segment can't have {self.segment!r} bytes")

    @property
    def delays(self) -> tuple[float, float]:
        """The shortest and the longest delay, in seconds."""
        if isinstance(self.delay, tuple):
            return self.delay
        return self.delay, self.delay

    @property
    def segments(self) -> tuple[int, int]:
        """The fewest and the most bytes of a segment that is not the last."""
        if isinstance(self.segment, tuple):
            return self.segment
        return self.segment, self.segment
