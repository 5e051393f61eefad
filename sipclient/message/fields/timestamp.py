"""The Timestamp header field (RFC 3261 §8.2.6.1, §20.38)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from sipclient.errors import SIPArgumentError

from .reader import Single
from .shape import fail

_TIMESTAMP = re.compile(
    r"[ \t]*+([0-9]++(?>\.[0-9]*+|))"
    r"(?:[ \t]++([0-9]++(?>\.[0-9]*+|)|\.[0-9]++))?[ \t]*+"
)


@dataclass(frozen=True, slots=True)
class Timestamp:
    """When a request was sent, by its sender's own clock.

    Original: CSIPTimestampHeader.

    :ivar time: seconds from a beginning that only the sender knows.
    :ivar delay: seconds that the UAS took before it answered, None where not said.

    :raises SIPArgumentError: for a number that is negative or isn't one.

    Decimal, because the number has to go back as precise as it came.
    """

    time: Decimal
    delay: Decimal | None = None

    def __post_init__(self) -> None:
        for number in (self.time, self.delay):
            if number is not None and not (number.is_finite() and number >= 0):
                raise SIPArgumentError("making a Timestamp", f"{number} came")

    @classmethod
    def parse(cls, text: str) -> Timestamp:
        """Read "54.21" or "54.21 0.5"."""
        return _read(text, 0, len(text), "Timestamp")

    def __str__(self) -> str:
        if self.delay is None:
            return f"{self.time:f}"
        return f"{self.time:f} {self.delay:f}"


def _read(text: str, start: int, end: int, name: str) -> Timestamp:
    match = _TIMESTAMP.match(text, start, end)
    if match is None:
        fail(name, text, start, "seconds, such as 54.21")
    if match.end() != end:
        fail(name, text, match.end(), "nothing but the seconds and the delay")
    time, delay = match.groups()
    return Timestamp(Decimal(time), None if delay is None else Decimal(delay))


TIMESTAMP = Single(_read)
