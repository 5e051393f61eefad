"""Run all measurements, one after the other, and show the table.

    python bench/run.py [--results DIRECTORY] [NAME …]

A name is that of a script ("parsing"); without any, all run. Each script can be run by
itself, too. Ends with 1 where a figure misses its must or a script fails.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

from measuring import RESULTS

HERE = Path(__file__).resolve().parent
SCRIPTS = ("parsing", "others", "message_uas", "timers", "memory", "silence", "imports")


def main() -> int:
    """Run the scripts that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--results", type=Path, default=RESULTS, metavar="DIRECTORY")
    parser.add_argument("names", nargs="*", choices=[*SCRIPTS, []], metavar="NAME")
    arguments = parser.parse_args()
    wrong = 0
    for name in arguments.names or SCRIPTS:
        script = str(HERE / f"{name}.py")
        command = [sys.executable, script, "--results", str(arguments.results)]
        wrong += subprocess.run(command, check=False).returncode != 0
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    print(f"\n{os.cpu_count()} cores, load {load}. Raw results: {arguments.results}")
    for path in sorted(arguments.results.glob("row-*.json"), key=_order):
        found = json.loads(path.read_text(encoding="utf-8"))
        print(
            f"  {found['row']:>3}  {found['title']:<50}"
            f"{found['measured']:9.2f} {found['unit']:<3}{found['verdict']}"
        )
    return int(wrong > 0)


def _order(path: Path) -> tuple[int, str]:
    row = path.stem.removeprefix("row-")
    return int(row.rstrip("ab")), row


if __name__ == "__main__":
    sys.exit(main())
