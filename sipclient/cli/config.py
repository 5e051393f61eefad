"""``sipclient config check FILE…``: what is wrong with a configuration, and where."""

from __future__ import annotations

from ..config.reading import Config, read_config
from ..errors import SIPConfigurationError
from ..trace.screen import printable
from .exits import DONE, FAILED
from .output import Output
from .usage import CONFIG, CommandOptions, UsageError


class Options(CommandOptions):
    """What ``config`` can be told."""

    longdesc = (
        "Checks configurations: each mistake is told with its file and line, and"
        " nothing is opened. Ends with 1 where there is one."
    )
    synopsis = "[options] check FILE..."
    optParameters = [CONFIG]  # noqa: RUF012  # Twisted's convention
    examples = """\
  sipclient config check /etc/sipclient.toml
  sipclient --config sipclient.toml config check
  sipclient config check --json *.toml
"""

    def parseArgs(self, *arguments: str) -> None:
        """Take what to do, and the files."""
        if arguments[:1] != ("check",):
            raise UsageError("what is to be done with it? There is: config check FILE")
        self.files = list(arguments[1:])

    def postOptions(self) -> None:
        """Take the file that was named before the command, too."""
        super().postOptions()
        if self["config"] is not None:
            self.files.append(self["config"])
        if not self.files:
            raise UsageError("which file? Give one or more: config check FILE")

    def run(self, output: Output) -> int:
        """Check each of them; 0 where all are right."""
        right = [_check(name, output) for name in self.files]
        return DONE if all(right) else FAILED


def _check(name: str, output: Output) -> bool:
    try:
        config = read_config(name)
    except SIPConfigurationError as error:
        for line in error.lines:
            output.say(printable(line))
        mistakes = [{"line": line or None, "error": e} for line, e in error.problems]
        output.tell(file=name, ok=False, errors=mistakes)
        return False
    output.say(printable(f"{name}: ok, {_summary(config)}"))
    output.tell(
        file=name,
        ok=True,
        access_points=[point.id for point in config.access_points],
        open=list(config.open),
    )
    return True


def _summary(config: Config) -> str:
    """What it says, for people."""
    opened = {
        point.id: " ".join([str(address) for address in point.listen])
        for point in config.opened
    }
    return "; ".join(
        [
            f"{point.id} {opened.get(point.id, 'closed')}"
            for point in config.access_points
        ]
    )
