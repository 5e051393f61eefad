"""How everything here is measured: in turn with its anchor, as a ratio, in CPU time.

The machine is not ours alone, and no two are alike. So a figure is never a time: it is
what our code took, divided by what an anchor took that ran right before or after it, as
the median over several rounds. Times are CPU time, which leaves out who else had the
processor, though not what they did to its caches: the rounds and their spread are kept.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

#: Where raw results go unless told otherwise.
RESULTS = Path(__file__).resolve().parent / "results" / "latest"


@dataclass(frozen=True)
class Round:
    """One turn of ours and of the anchor, in the same unit."""

    ours: float
    anchor: float

    @property
    def ratio(self) -> float:
        """How many times the anchor."""
        return self.ours / self.anchor


@dataclass(frozen=True)
class Figure:
    """What was found for one row of the table.

    :ivar row: its name in the table ("1b").
    :ivar of: what "times" is times of.
    :ivar must: what it has to stay below; ``goal`` is where it ought to be.
    :ivar unit: "x" for a ratio, else what ``ours`` is measured in.
    :ivar basis: the unit of a round's two values.
    :ivar notes: whatever else was found.
    """

    row: str
    title: str
    of: str
    must: float
    goal: float
    rounds: list[Round]
    unit: str = "x"
    basis: str = "µs of CPU time"
    notes: dict[str, Any] = field(default_factory=dict)

    @property
    def values(self) -> list[float]:
        """What each round says."""
        return [r.ratio if self.unit == "x" else r.ours for r in self.rounds]

    @property
    def measured(self) -> float:
        """The median of the rounds."""
        return statistics.median(self.values)

    @property
    def verdict(self) -> str:
        """How it stands against must and goal."""
        if self.measured <= self.goal:
            return "goal"
        return "must" if self.measured <= self.must else "missed"

    def as_json(self) -> dict[str, Any]:
        """All of it, as it is kept."""
        return {
            **asdict(self),
            "measured": round(self.measured, 4),
            "least": round(min(self.values), 4),
            "most": round(max(self.values), 4),
            "verdict": self.verdict,
            "when": datetime.now(UTC).isoformat(timespec="seconds"),
            "machine": machine(),
        }

    def __str__(self) -> str:
        return (
            f"{self.row:>3}  {self.title:<52}"
            f" {self.measured:8.2f} {self.unit:<2} of {self.of}"
            f"  [{min(self.values):.2f} to {max(self.values):.2f}]"
            f"  must {self.must:g}, goal {self.goal:g}: {self.verdict}"
        )


def machine() -> dict[str, Any]:
    """What it ran on, as far as that matters for ratios."""
    return {
        "cores": os.cpu_count(),
        "load": [round(load, 2) for load in os.getloadavg()],
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
    }


def cpu(call: Callable[[], object], times: int) -> float:
    """Microseconds of CPU time that one call takes, over so many."""
    turns = range(times)
    start = time.process_time()
    for _ in turns:
        call()
    return (time.process_time() - start) / times * 1e6


def in_turn(
    ours: Callable[[], float], anchor: Callable[[], float], rounds: int
) -> list[Round]:
    """Measure both by turns, changing who is first; one round before to warm up."""
    ours(), anchor()
    found = []
    for number in range(rounds):
        if number % 2:
            theirs = anchor()
            found.append(Round(ours(), theirs))
        else:
            mine = ours()
            found.append(Round(mine, anchor()))
    return found


def per_message(
    call: Callable[[bytes], object], messages: list[bytes], turns: int = 150
) -> Callable[[], float]:
    """Make a measurement of what a call takes for one message, on average."""

    def every() -> None:
        for message in messages:
            call(message)

    return lambda: cpu(every, turns) / len(messages)


def report(measure: Callable[[], Iterable[Figure]]) -> None:
    """Run one script: measure, print, and keep the raw values.

    Called by each script for itself; ends the process with 1 where a must is missed.
    """
    parser = argparse.ArgumentParser(description=sys.modules["__main__"].__doc__)
    parser.add_argument("--results", type=Path, default=RESULTS, metavar="DIRECTORY")
    directory: Path = parser.parse_args().results
    directory.mkdir(parents=True, exist_ok=True)
    missed = False
    for figure in measure():
        print(figure, flush=True)
        text = json.dumps(figure.as_json(), indent=1, ensure_ascii=False)
        path = directory / f"row-{figure.row}.json"
        path.write_text(text + "\n", encoding="utf-8")
        missed |= figure.verdict == "missed"
    sys.exit(missed)
