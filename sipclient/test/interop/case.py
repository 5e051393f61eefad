"""What all tests with other programs stand on.

The contract: when a test is over, whatever its outcome, none of the processes that it
started lives, and no socket of ours is open.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.trial.unittest import TestCase

import sipclient
from sipclient import (
    AccessPoint,
    Capabilities,
    ListenAddress,
    SIPClient,
    SIPConnection,
    Stack,
    TimerValues,
)

from .programs import Program, reactor

log = Logger()

#: What the clients of these tests take.
METHODS = ("INVITE", "MESSAGE", "OPTIONS")


class PeersTestCase(TestCase):
    """Tests with other programs, and with a stack of ours on real sockets."""

    timeout = 60

    def setUp(self) -> None:
        self.directory = Path(self.mktemp()).absolute()
        self.directory.mkdir()

    def start(self, *arguments: str) -> Program:
        """Start a program, which is ended with the test."""
        environment = dict(os.environ)
        # The source that runs here, wherever the program is started.
        source = str(Path(sipclient.__file__).parents[1])
        paths = [source, environment.get("PYTHONPATH", "")]
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
        program = Program.start(arguments, str(self.directory), environment)
        self.addCleanup(lambda: Deferred.fromCoroutine(program.end()))
        return program

    def start_sipclient(self, *arguments: str) -> Program:
        """Start our command line."""
        return self.start(sys.executable, "-m", "sipclient", *arguments)

    async def client(
        self,
        observer: Any = None,
        *,
        host: str = "127.0.0.1",
        transport: str = "UDP",
        timers: TimerValues | None = None,
        outbound_proxy: str | None = None,
    ) -> SIPConnection:
        """A client of ours that takes every request of `METHODS`; ended with the test.

        A test may have several, each with a stack of its own.

        :param observer: of its connection.
        """
        self.stack = Stack(reactor)
        self.addCleanup(self.stack.stop)
        client = await SIPClient.embed(
            self.stack,
            "interop",
            capabilities=Capabilities(users="*", methods=METHODS),
        )
        return await client.connect(
            AccessPoint(
                "interop",
                listen=ListenAddress(transport, host, 0),
                timers=timers or TimerValues(),
                outbound_proxy=outbound_proxy,
            ),
            observer,
        )

    @property
    def port(self) -> int:
        """Where the client of ours listens, that which was made last."""
        [address] = self.stack.agents["interop"].listening
        return address.port

    @property
    def counted(self) -> Any:
        """The transaction layer of the client that was made last, which counts."""
        return self.stack.agents["interop"].transactions

    def note(self, what: str) -> None:
        """Put a figure where trial keeps its log."""
        log.info("{test}: {what}", test=self.id().rpartition(".")[2], what=what)
