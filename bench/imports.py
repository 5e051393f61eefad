"""Row 18: what it takes to import ``sipclient``, and to show the command's help.

Each in a process of its own, by turns; CPU time as the kernel counts it for the child.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator

from measuring import Figure, in_turn, report

ANCHOR = "import twisted.internet.reactor"


def running(*arguments: str) -> Callable[[], float]:
    """Make a measurement of a Python process, in milliseconds of CPU time."""

    def run() -> float:
        command = [sys.executable, *arguments]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise RuntimeError(f"{command} ended with {process.returncode}")
        return (usage.ru_utime + usage.ru_stime) * 1000

    return run


def measure() -> Iterator[Figure]:
    """Row 18."""
    bare = running("-c", ANCHOR)
    library = running("-c", "import sipclient")
    shown = running("-m", "sipclient", "--help")
    basis = "ms of CPU time"
    rounds = in_turn(library, bare, 11)
    yield Figure("18", "import of sipclient", ANCHOR, 2, 1.5, rounds, basis=basis)
    rounds = in_turn(shown, bare, 11)
    yield Figure("18b", "sipclient --help", ANCHOR, 3, 2, rounds, basis=basis)


if __name__ == "__main__":
    report(measure)
