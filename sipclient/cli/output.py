"""What the command line says, and where.

What people asked for goes to stdout, what goes wrong to stderr. With ``--json``, stdout
has one JSON object a line and nothing else.
"""

from __future__ import annotations

import json
import sys
from typing import Any, TextIO

from ..errors import SIPError
from ..trace.screen import Style, printable


class Output:
    """The two streams, and what goes to each.

    :param json: objects for programs on stdout, in place of text for people.
    :param verbose: say on stderr what is usually left out.
    """

    def __init__(
        self,
        out: TextIO | None = None,
        err: TextIO | None = None,
        *,
        json: bool = False,
        verbose: bool = False,
    ) -> None:
        self.out = sys.stdout if out is None else out
        self.err = sys.stderr if err is None else err
        self.json = json
        self.verbose = verbose
        self.style = Style.of(self.out)

    def say(self, text: str = "") -> None:
        """Tell people; nothing with ``--json``."""
        if not self.json:
            print(text, file=self.out, flush=True)

    def tell(self, **fields: Any) -> None:
        """Tell programs: one object, with ``--json`` only."""
        if self.json:
            print(json.dumps(fields), file=self.out, flush=True)

    def draw(self, text: str) -> None:
        """Show lines of a ladder: on stdout, where it isn't taken for objects."""
        print(text, file=self.err if self.json else self.out, flush=True)

    def complain(self, problem: SIPError | str) -> None:
        """Say in one line what went wrong."""
        text = printable(str(problem))
        print(f"sipclient: {text}", file=self.err, flush=True)

    def remark(self, text: str) -> None:
        """Say with ``-v`` what else there is to know."""
        if self.verbose:
            print(f"sipclient: {printable(text)}", file=self.err, flush=True)
