"""Rules of style that no linter knows: the length of files, and how they open."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

import sipclient

PACKAGE = Path(sipclient.__file__).parent
LONGEST = 450


class StyleTests(SynchronousTestCase):
    """A file holds one idea and says which."""

    def test_no_file_is_longer_than_a_reader_can_hold(self) -> None:
        long = {}
        for path in PACKAGE.rglob("*.py"):
            relative = path.relative_to(PACKAGE)
            lines = path.read_text(encoding="utf-8").count("\n")
            if relative.parts[0] != "test" and lines > LONGEST:
                long[str(relative)] = lines
        self.assertEqual(long, {})

    def test_every_module_opens_with_what_it_is(self) -> None:
        mute = []
        for path in PACKAGE.rglob("*.py"):
            docstring = ast.get_docstring(ast.parse(path.read_bytes()))
            if not docstring or not docstring.split("\n")[0].endswith((".", ":", "?")):
                mute.append(str(path.relative_to(PACKAGE)))
        self.assertEqual(mute, [])

    def test_no_group_is_repeated_possessively(self) -> None:
        """Before Python 3.11.5 such a group loses its place when a round fails.

        An atomic group around it says the same and works: "(?>(?:…)*)".
        """
        found = []
        for path in PACKAGE.rglob("*.py"):
            relative = path.relative_to(PACKAGE)
            for number, line in enumerate(path.read_text("utf-8").split("\n"), 1):
                code = line.partition("# ")[0]
                if relative.parts[0] != "test" and re.search(r"\)[*+?]\+", code):
                    found.append(f"{relative}:{number}")
        self.assertEqual(found, [])
