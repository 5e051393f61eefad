"""Commands of the command line on a network in memory."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

import sipclient
from sipclient.cli.main import Options, main
from sipclient.cli.output import Output
from sipclient.cli.running import outcome
from sipclient.cli.talking import Run
from sipclient.testing.network import FakeNetwork
from sipclient.testing.reactor import FakeReactor

#: Of processes that are to find the sipclient that is tested, wherever they start.
ENVIRONMENT = {
    **os.environ,
    "PYTHONPATH": str(Path(sipclient.__file__).parents[1]),
    "PYTHONIOENCODING": "utf-8",
}


class Running:
    """A command that may still be going on.

    :ivar status: a Deferred of its exit status; to cancel it is to interrupt it.
    """

    def __init__(self, reactor: FakeReactor, arguments: Sequence[str]) -> None:
        options = Options()
        options.parseOptions(arguments)
        command: Any = options.subOptions
        self.out, self.err = io.StringIO(), io.StringIO()
        output = Output(
            self.out, self.err, json=command["json"], verbose=command["verbose"]
        )
        self.status: Deferred[int] = outcome(command.talk, Run(reactor, output))

    @property
    def lines(self) -> list[str]:
        """What it said on stdout."""
        return self.out.getvalue().splitlines()

    @property
    def objects(self) -> list[dict[str, Any]]:
        """What it said on stdout, with ``--json``."""
        return [json.loads(line) for line in self.lines]

    @property
    def errors(self) -> str:
        """What it said on stderr."""
        return self.err.getvalue()


class CommandTestCase(SynchronousTestCase):
    """Two hosts, and commands on them; nothing is left at the end."""

    maxDiff = None

    def setUp(self) -> None:
        self.network = FakeNetwork(delay=0.001)
        self.here = self.network.reactor("192.0.2.1")
        self.there = self.network.reactor("192.0.2.2", "2001:db8::2")

    def tearDown(self) -> None:
        self.network.advance(0.001)  # a port closes in a turn of its own
        for reactor in (self.here, self.there):
            self.assertEqual(reactor.ports, ())
        self.assertEqual(self.network.delayed_calls(), [])

    def start(self, reactor: FakeReactor, *arguments: str) -> Running:
        """Let a command begin, and come to where it waits for the network."""
        command = Running(reactor, arguments)
        self.network.advance(0)
        return command

    def ended(self, command: Running, limit: float = 100.0) -> int:
        """Wait for its exit status."""
        status: int = self.network.result_of(command.status, limit=limit)
        return status

    def interrupt(self, command: Running) -> int:
        """End it as Ctrl-C does, and give its exit status."""
        command.status.cancel()
        return self.ended(command)


def called(*arguments: str) -> tuple[int, str, str]:
    """Call the command line: exit status, stdout, stderr."""
    out, err = io.StringIO(), io.StringIO()
    status = main(arguments, out, err)
    return status, out.getvalue(), err.getvalue()
