"""kamailio as a peer: a proxy with a configuration of ours, on loopback."""

from __future__ import annotations

import signal
from importlib.resources import files

from twisted.internet.defer import Deferred

from .case import PeersTestCase
from .programs import Program, free_port, listens, until


class Kamailio:
    """A running proxy.

    :ivar program: its main process, which ends the others.
    :ivar port: where it listens, by UDP and by TCP.
    """

    def __init__(self, program: Program, port: int) -> None:
        self.program = program
        self.port = port

    def uri(self, transport: str, user: str = "") -> str:
        """Where it is reached by that transport."""
        at = f"{user}@" if user else ""
        return f"sip:{at}127.0.0.1:{self.port};transport={transport.lower()}"

    @property
    def ready(self) -> bool:
        """Whether it listens."""
        return listens(self.port, "UDP") and listens(self.port, "TCP")


class KamailioTestCase(PeersTestCase):
    """Tests with kamailio."""

    async def kamailio(self) -> Kamailio:
        """Start it, and wait until it listens."""
        directory = self.directory / "kamailio"
        directory.mkdir()
        configuration = files(__package__) / "peers" / "kamailio.cfg"
        path = directory / "kamailio.cfg"
        path.write_text(configuration.read_text(encoding="utf-8"), encoding="utf-8")
        port = free_port()
        program = self.start(
            *("kamailio", "-DD", "-E", "-f", str(path)),
            *("-l", f"udp:127.0.0.1:{port}", "-l", f"tcp:127.0.0.1:{port}"),
            *("-n", "2", "-N", "2", "-m", "32", "-M", "4"),
            *("-P", str(directory / "pid"), "-Y", str(directory), "-w", str(directory)),
        )
        # It has children, and ends them when it is asked to end.
        self.addCleanup(lambda: Deferred.fromCoroutine(program.end(signal.SIGTERM)))
        kamailio = Kamailio(program, port)
        await until(lambda: kamailio.ready or program.code is not None)
        if program.code is not None:
            raise AssertionError(f"kamailio doesn't start: {program.told}")
        return kamailio
