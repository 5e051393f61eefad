"""``sipclient``: the library at the command line.

Each command is a module, imported when it is asked for: to show help, neither a
reactor nor a stack is needed. Exit statuses are those of ``exits``.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any, TextIO

from ..trace.screen import printable
from .exits import FAILED, USAGE
from .usage import CONFIG, GLOBAL_FLAGS, CommandOptions, UsageError, Versioned


class _Later:
    """The options of a command, which is imported when they are to be read."""

    def __init__(self, module: str) -> None:
        self._module = module

    def __call__(self) -> CommandOptions:
        module = import_module(f".{self._module}", __package__)
        options: CommandOptions = module.Options()
        return options


class Options(Versioned):
    """What stands before the command."""

    optFlags = GLOBAL_FLAGS
    optParameters = [CONFIG]  # noqa: RUF012  # Twisted's convention
    longdesc = (
        "Sends and answers SIP requests (RFC 3261). Try: sipclient demo. To see what"
        " a command does: sipclient COMMAND --help"
    )
    subCommands = [  # noqa: RUF012  # Twisted's convention
        ["config", None, _Later("config"), "Check a configuration."],
        ["demo", None, _Later("demo"), "Watch two applications exchange SIP."],
        ["listen", None, _Later("listen"), "Answer requests; a line for each."],
        ["options", None, _Later("options"), "Ask somebody what they can do."],
        ["parse", None, _Later("parse"), "Check messages in files."],
        ["message", None, _Later("message"), "Send somebody a message."],
    ]

    def getSynopsis(self) -> str:
        """Show how it is called, by the name that people know."""
        return "Usage: sipclient [options]" + ("" if self.subCommand else " COMMAND")


def main(
    arguments: Sequence[str] | None = None,
    out: TextIO | None = None,
    err: TextIO | None = None,
) -> int:
    """Do what the arguments say.

    :param arguments: those of the process unless given; likewise ``out`` and ``err``.
    :returns: the exit status.
    """
    for stream in (sys.stdout, sys.stderr):
        # What a terminal can't show is escaped, and never an error.
        reconfigure: Any = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
    options = Options()
    err = sys.stderr if err is None else err
    try:
        return _done(options, arguments, out, err)
    except BrokenPipeError:
        # Whoever read this has gone (as in "| head"), and Python's own flush at
        # the end must not fail on it once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED


def _done(
    options: Options, arguments: Sequence[str] | None, out: TextIO | None, err: TextIO
) -> int:
    try:
        options.parseOptions(  # type: ignore[no-untyped-call]  # Twisted's
            sys.argv[1:] if arguments is None else list(arguments)
        )
    except UsageError as error:
        called = f"sipclient {options.subCommand or ''}".strip()
        text = printable(f"{called}: {error}. See: {called} --help")
        print(text, file=err)
        return USAGE
    command: CommandOptions | None = getattr(options, "subOptions", None)
    if command is None:
        print(options, file=err)
        return USAGE
    from .output import Output

    output = Output(
        out, err, json=bool(command["json"]), verbose=bool(command["verbose"])
    )
    status = command.run(output)
    output.out.flush()
    return status
