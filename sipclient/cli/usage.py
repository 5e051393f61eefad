"""How commands read their options: before and after their arguments, as people type.

Everything here is cheap to import, for ``--help`` has to be quick.
"""

from __future__ import annotations

import getopt
import sys
from typing import TYPE_CHECKING, Any

from twisted.python import usage

if TYPE_CHECKING:
    from .output import Output

UsageError = usage.UsageError

#: They may stand before the command or behind it.
GLOBAL_FLAGS: list[list[Any]] = [
    ["embedded", None, "The SIP stack runs in this process; so far it always does."],
    ["json", None, "One JSON object a line on stdout, and nothing else there."],
    ["ladder", None, "Draw the messages as they pass."],
    ["verbose", "v", "Say more; with --ladder, show messages whole."],
]

#: Likewise, for the commands that have it.
CONFIG = ["config", None, None, "A configuration (a TOML file)."]


class Versioned(usage.Options):
    """Options that know the version of this program, not of Twisted."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # Twisted's
        # A docstring that takes two lines is one sentence to who reads the help.
        self.docs = {name: " ".join(text.split()) for name, text in self.docs.items()}

    def opt_version(self) -> None:
        """Show the version and exit."""
        from .. import __version__

        print(f"sipclient {__version__}")
        sys.exit(0)


class CommandOptions(Versioned):
    """The options of one command.

    A subclass says in ``examples`` how it is used, and does it in ``run``.
    """

    optFlags = GLOBAL_FLAGS
    examples = ""

    def run(self, output: Output) -> int:
        """Do it; gives the exit status."""
        raise NotImplementedError

    def parseOptions(self, options: Any = None) -> None:
        """Read options wherever they stand, up to ``--``."""
        try:
            given, arguments = getopt.gnu_getopt(options, self.shortOpt, self.longOpt)
        except getopt.GetoptError as error:
            raise UsageError(str(error)) from None
        flat: list[str] = []
        for name, value in given:
            takes_one = f"{name[2:]}=" in self.longOpt
            if name[:2] == "--":
                flat.append(f"{name}={value}" if takes_one else name)
            else:
                flat.append(name + value)
        super().parseOptions(  # type: ignore[no-untyped-call]  # Twisted's
            [*flat, "--", *arguments]
        )

    def postOptions(self) -> None:
        """Take over what stood before the command."""
        for name, *_ in GLOBAL_FLAGS:
            self[name] = bool(self[name] or (self.parent and self.parent[name]))
        if self.parent and self.parent["config"] is not None:
            if "config" not in self:
                raise UsageError("--config says nothing to this command")
            if self["config"] is None:
                self["config"] = self.parent["config"]

    def parseArgs(self, *arguments: str) -> None:
        """Take what is no option."""
        raise NotImplementedError

    def getUsage(self, width: int | None = None) -> str:
        """Show options and examples."""
        text: str = super().getUsage(width)
        return text.rstrip() + "\n\nExamples:\n" + self.examples.rstrip() + "\n"
