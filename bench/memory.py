"""Row 13: what an answered request takes of memory while it lingers for its copies.

Our server answers requests faster than it forgets them; its resident memory is read
after each of several lots, and the slope over the lots is the figure. The application
keeps nothing.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

from measuring import Figure, Round, report
from traffic import exchange, script

LOT = 3_000
LOTS = 5
#: Seconds that a transaction lingers (Timer J): none may end while this measures.
LINGER = 32


def slope() -> float:
    """Bytes that one more lingering transaction takes, over several lots."""
    with script("serve_messages.py") as server:
        begun = time.monotonic()
        exchange(server, LOT, verify=True)
        start = server.resident
        for _ in range(LOTS):
            exchange(server, LOT)
        taken = server.resident - start
        if time.monotonic() > begun + LINGER:
            raise RuntimeError("the machine is too busy: transactions ended meanwhile")
        return taken / (LOT * LOTS)


def measure() -> Iterator[Figure]:
    """Row 13."""
    rounds = [Round(slope() / 1000, 1) for _ in range(3)]
    yield Figure(
        "13",
        "memory of a lingering non-INVITE transaction",
        "resident memory",
        2,
        1.2,
        rounds,
        unit="KB",
        basis="KB",
    )


if __name__ == "__main__":
    report(measure)
