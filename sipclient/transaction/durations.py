"""How long each timer of a transaction runs (RFC 3261 §17, table 4; RFC 6026 §8.11).

With ``slow`` RFC 4320 §4.1 reckons when a server may send 100.
"""

from __future__ import annotations

from typing import Final

from ..bearer.timing import TimerValues

#: RFC 3261 §17.1.1.2: Timer D is "at least 32 seconds", whatever T1 is here. It has to
#: outlast the Timer H of a server whose T1 we don't know.
_LEAST_D: Final = 32.0


class Durations:
    """The durations that follow from T1, T2 and T4, in seconds.

    :ivar a: Timer A at first; it is doubled at each retransmission of an INVITE.
    :ivar b: Timer B, after which the client of an INVITE gives up. It waits as long for
        the final response to an INVITE that was cancelled (RFC 3261 §9.1).
    :ivar d: Timer D, how long it acknowledges repeated final responses.
    :ivar e: Timer E at first; it is doubled at each retransmission.
    :ivar e_most: what Timer E grows to.
    :ivar f: Timer F, after which a client gives up.
    :ivar g: Timer G at first; it is doubled at each repetition of a final response.
    :ivar g_most: what Timer G grows to.
    :ivar h: Timer H, after which the server of an INVITE waits for no ACK any more.
    :ivar i: Timer I, how long it absorbs repeated ACKs.
    :ivar j: Timer J, how long a server repeats its final response.
    :ivar k: Timer K, how long a client absorbs repeated final responses.
    :ivar l: Timer L, how long a server absorbs an INVITE that it has accepted.
    :ivar m: Timer M, how long a client takes 2xx of other branches.
    :ivar slow: when the Timer E of a client is first set to T2, counted from its
        request: 3.5 s with the RFC's values. None where Timer F comes before that.
    """

    __slots__ = (
        *("a", "b", "d", "e", "e_most", "f", "g", "g_most", "h", "i", "j", "k"),
        *("l", "m", "slow"),
    )

    def __init__(self, values: TimerValues) -> None:
        self.a = self.e = self.g = values.t1
        self.e_most = self.g_most = values.t2
        self.b = self.f = self.h = self.j = self.l = self.m = 64 * values.t1
        self.d = max(_LEAST_D, self.h)
        self.i = self.k = values.t4
        passed = interval = values.t1
        # RFC 3261 §17.1.2.2: each time Timer E fires it is set to MIN(2*old, T2).
        while 2 * interval < values.t2 and passed < self.f:
            interval *= 2
            passed += interval
        self.slow = passed if passed < self.f else None
