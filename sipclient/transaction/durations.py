"""How long each timer of a transaction runs (RFC 3261 §17, table 4; RFC 4320 §4.1)."""

from __future__ import annotations

from ..bearer.timing import TimerValues


class Durations:
    """The durations that follow from T1, T2 and T4, in seconds.

    :ivar e: Timer E at first; it is doubled at each retransmission.
    :ivar e_most: what Timer E grows to.
    :ivar f: Timer F, after which a client gives up.
    :ivar j: Timer J, how long a server repeats its final response.
    :ivar k: Timer K, how long a client absorbs repeated final responses.
    :ivar slow: when the Timer E of a client is first set to T2, counted from its
        request: 3.5 s with the RFC's values. None where Timer F comes before that.
    """

    __slots__ = ("e", "e_most", "f", "j", "k", "slow")

    def __init__(self, values: TimerValues) -> None:
        self.e = values.t1
        self.e_most = values.t2
        self.f = self.j = 64 * values.t1
        self.k = values.t4
        passed = interval = values.t1
        # RFC 3261 §17.1.2.2: each time Timer E fires it is set to MIN(2*old, T2).
        while 2 * interval < values.t2 and passed < self.f:
            interval *= 2
            passed += interval
        self.slow = passed if passed < self.f else None
