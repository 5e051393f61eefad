"""Rows 5 and 6: a MESSAGE comes over UDP, an observer answers it with 200.

Our server runs with its real reactor, through the public API. Row 5's anchor is a
Twisted protocol that sends back the same datagrams, row 6's is sipp; each in a process
of its own, fed by the same generator with the same requests. What is compared is the
CPU time of the servers.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator

from measuring import Figure, in_turn, report
from traffic import exchange, script, sipp

#: For one round.
REQUESTS = 6_400
ROUNDS = 7
TITLE = "MESSAGE, 200 by an observer, as UAS"


def measure() -> Iterator[Figure]:
    """Rows 5 and 6."""
    with script("serve_messages.py") as ours:
        exchange(ours, 200, verify=True)
        with script("serve_echo.py") as echo:
            rounds = in_turn(
                lambda: exchange(ours, REQUESTS),
                lambda: exchange(echo, REQUESTS),
                ROUNDS,
            )
        yield Figure("5", TITLE, "Twisted's UDP echo", 4, 2.2, rounds)
    if shutil.which("sipp") is None:
        print("  6  left out: no sipp here (it is in Debian's sip-tester)")
        return
    with script("serve_messages.py") as ours, sipp() as other:
        exchange(ours, 200, verify=True)
        exchange(other, 200, verify=True)
        rounds = in_turn(
            lambda: exchange(ours, REQUESTS),
            lambda: exchange(other, REQUESTS),
            ROUNDS,
        )
    yield Figure("6", TITLE, "sipp as UAS", 3, 1.7, rounds)


if __name__ == "__main__":
    report(measure)
