"""The timer values that an access point's transactions work with (RFC 3261 §17).

All other durations of a transaction are multiples of these three (RFC 3261, table 4).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from ..errors import SIPArgumentError


@dataclass(frozen=True, slots=True)
class TimerValues:
    """T1, T2 and T4 of RFC 3261 §17.1, in seconds.

    Original: KSIPTransactionTimerLANT1, …T2, …T4.

    :ivar t1: the round trip time that is reckoned with; a request is given up after
        64 times as long.
    :ivar t2: the longest pause between retransmissions, apart from those of INVITE.
    :ivar t4: how long a message may stay in the network.

    Raises :class:`SIPArgumentError` unless all are above 0 and t1 is at most t2.
    """

    t1: float = 0.5
    t2: float = 4.0
    t4: float = 5.0

    def __post_init__(self) -> None:
        for name in ("t1", "t2", "t4"):
            value = getattr(self, name)
            if not (isinstance(value, (int, float)) and 0 < value < math.inf):
                raise SIPArgumentError(
                    "setting timer values",
                    f"{name}={value!r}",
                    advice=f"{name.upper()} is a number of seconds above 0",
                )
        if self.t1 > self.t2:
            raise SIPArgumentError(
                "setting timer values",
                f"t1={self.t1!r} is longer than t2={self.t2!r}",
                rule="RFC 3261 §17.1.2.2",
                advice="Retransmissions begin with T1 and slow down to T2",
            )


# The original's values for slow bearers have kept their use on cellular networks.
PRESETS = {"default": TimerValues(), "cellular": TimerValues(3.0, 16.0, 17.0)}


def timer_values(preset: str | TimerValues) -> TimerValues:
    """Give the values of a preset, ``"default"`` or ``"cellular"``.

    Values that are there already come back as they are. Raises
    :class:`SIPArgumentError` for a preset that nobody knows.
    """
    if isinstance(preset, TimerValues):
        return preset
    try:
        return PRESETS[preset]
    except (KeyError, TypeError):
        raise SIPArgumentError(
            "setting timer values",
            f"{preset!r} is no preset",
            advice=f"There are {' and '.join(map(repr, PRESETS))};"
            " any others are TimerValues(t1, t2, t4)",
        ) from None
