"""An answer: what is known of one name and one type of record."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of looking a name up.

    :ivar records: the addresses as text; none where there is no such record, and none
        where nobody knew.
    :ivar came: where there is none, who said what, for people.
    :ivar missing: whether that is because there is none.
    :ivar ttl: seconds that it holds.
    :ivar learned: when it was learned, in seconds of the reactor's clock.
    """

    records: tuple[str, ...] = ()
    came: str = ""
    missing: bool = False
    ttl: float = 0.0
    learned: float = 0.0
