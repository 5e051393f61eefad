"""The README: its two commands are the ones that are promised, and come first."""

from __future__ import annotations

import re

from twisted.trial.unittest import SynchronousTestCase

from sipclient.test.checkout import CHECKOUT, NO_CHECKOUT

DEMO = "python3 -m venv .venv && .venv/bin/pip install . && .venv/bin/sipclient demo"
TESTS = (
    'python3 -m venv .venv && .venv/bin/pip install ".[test]"'
    " && .venv/bin/python -m twisted.trial sipclient"
)


class ReadmeTests(SynchronousTestCase):
    """What a newcomer copies from the README works as written."""

    if CHECKOUT is None:
        skip = NO_CHECKOUT

    def setUp(self) -> None:
        assert CHECKOUT is not None
        self.text = (CHECKOUT / "README.md").read_text(encoding="utf-8")

    def test_the_first_two_code_blocks_are_the_two_commands(self) -> None:
        blocks = re.findall(
            r"^```[^\n]*\n(.*?)\n```$", self.text, re.MULTILINE | re.DOTALL
        )
        self.assertEqual(blocks[:2], [DEMO, TESTS])

    def test_it_opens_with_what_this_is_for(self) -> None:
        title, opening = self.text.split("\n\n")[:2]
        self.assertEqual(title, "# sipclient")
        self.assertNotIn("```", opening)

    def test_the_quickstart_gives_the_same_commands(self) -> None:
        assert CHECKOUT is not None
        page = (CHECKOUT / "docs" / "quickstart.rst").read_text(encoding="utf-8")
        indented = [line.strip() for line in page.splitlines() if line[:1] == " "]
        self.assertEqual(
            [c for c in indented if c.startswith("python3 ")], [DEMO, TESTS]
        )
