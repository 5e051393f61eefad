"""Table 4 of RFC 3261, with RFC 6026's Timers L and M."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from sipclient.bearer.timing import TimerValues
from sipclient.transaction.durations import Durations

# T1, T2, T4; then what table 4 makes of them.
TABLE: dict[tuple[float, float, float], dict[str, float]] = {
    (0.5, 4.0, 5.0): {
        **dict.fromkeys("aeg", 0.5),
        **dict.fromkeys("bdfhjlm", 32.0),
        **dict.fromkeys("ik", 5.0),
        **dict.fromkeys(("e_most", "g_most"), 4.0),
        "slow": 3.5,
    },
    # The original's, for slow bearers.
    (3.0, 16.0, 17.0): {
        **dict.fromkeys("aeg", 3.0),
        **dict.fromkeys("bdfhjlm", 192.0),
        **dict.fromkeys("ik", 17.0),
        **dict.fromkeys(("e_most", "g_most"), 16.0),
        "slow": 21.0,
    },
    # Timer D doesn't shrink: it is the server's Timer H that it has to outlast.
    (0.1, 4.0, 5.0): {
        **dict.fromkeys("aeg", 0.1),
        **dict.fromkeys("bfhjlm", 6.4),
        "d": 32.0,
        **dict.fromkeys("ik", 5.0),
        **dict.fromkeys(("e_most", "g_most"), 4.0),
    },
}


class DurationTests(SynchronousTestCase):
    def test_each_timer(self) -> None:
        for (t1, t2, t4), expected in TABLE.items():
            durations = Durations(TimerValues(t1, t2, t4))
            for name, seconds in expected.items():
                self.assertEqual(getattr(durations, name), seconds, (t1, name))
