"""sipp (Debian's sip-tester) as a peer: scenarios of ours, and what sipp counted.

It runs in a directory of its own, into which the scenario is copied: sipp writes
beside the scenario that it reads.
"""

from __future__ import annotations

import csv
from importlib.resources import files
from pathlib import Path

from .case import PeersTestCase
from .programs import PATIENCE, Program, free_port, listens, until

#: Calls that run at the same time. Twice as many overflow the sockets of sipp.
WINDOW = 32

#: Without it sipp wants to have 50,000 files open, and ends where it can't.
_SOCKETS = {"tn": ("-max_socket", "512")}


class Sipp:
    """A run of sipp.

    :ivar program: its process.
    :ivar port: where it listens.
    """

    def __init__(self, program: Program, port: int, directory: Path) -> None:
        self.program = program
        self.port = port
        self._directory = directory

    def counter(self, name: str) -> int:
        """What it counted over the whole run, as in ``FailedCall``."""
        with (self._directory / "statistics.csv").open(encoding="utf-8") as lines:
            *_, last = csv.DictReader(lines, delimiter=";")
        return int(last[f"{name}(C)"])

    @property
    def retransmissions(self) -> int:
        """What it sent again."""
        return self.counter("Retransmissions")

    @property
    def received(self) -> list[bytes]:
        """All messages that came, as they came."""
        log = (self._directory / "messages.log").read_bytes()
        parts = log.split(b"\n----------------------------------------------- ")
        return [
            part.partition(b":\n\n")[2].rstrip(b"\n")
            for part in parts
            if b" message received" in part.split(b"\n\n")[0]
        ]

    async def succeeded(self, calls: int, within: float = PATIENCE) -> None:
        """Wait for its end; AssertionError unless all calls went as they should."""
        code = await self.program.ended(within)
        if not (self._directory / "statistics.csv").exists():
            raise AssertionError(f"it counted nothing\n{self.program.told}")
        done, failed = self.counter("SuccessfulCall"), self.counter("FailedCall")
        if code != 0 or done != calls or failed:
            raise AssertionError(
                f"{done} of {calls} calls went well, {failed} failed\n{self.errors}"
                f"{self.program.told}"
            )

    @property
    def errors(self) -> str:
        """What it found wrong, the beginning of it."""
        path = self._directory / "errors.log"
        return path.read_text(errors="replace")[:4000] if path.exists() else ""


class SippTestCase(PeersTestCase):
    """Tests with sipp."""

    def sipp(
        self,
        scenario: str,
        calls: int,
        *arguments: str,
        host: str = "127.0.0.1",
        status: str = "200 OK",
        mode: str = "u1",
        way: str = "",
    ) -> Sipp:
        """Start it with a scenario of ours.

        :param status: what the scenario answers in place of "200 OK".
        :param mode: its transport: UDP (u1), one TCP connection (t1), or one for each
            call (tn).
        :param way: what stands for [way] in the scenario, parameters of a URI.
        """
        number = len(list(self.directory.iterdir()))
        directory = self.directory / f"{number}-{scenario}"
        directory.mkdir()
        source = files(__package__) / "scenarios" / f"{scenario}.xml"
        text = source.read_text(encoding="utf-8").replace("200 OK", status)
        text = text.replace("[way]", way)
        (directory / "scenario.xml").write_text(text, encoding="utf-8")
        port = free_port(host)
        program = self.start(
            *("sipp", "-nostdin", "-sf", str(directory / "scenario.xml")),
            *("-t", mode, *_SOCKETS.get(mode, ())),
            *("-i", f"[{host}]" if ":" in host else host, "-p", str(port)),
            *("-cp", str(free_port()), "-m", str(calls)),
            *("-trace_stat", "-stf", str(directory / "statistics.csv")),
            *("-trace_err", "-error_file", str(directory / "errors.log")),
            *("-trace_msg", "-message_file", str(directory / "messages.log")),
            *("-timeout", f"{PATIENCE - 5:g}s", "-timeout_error"),
            *("-key", "fold", " "),
            *arguments,
        )
        return Sipp(program, port, directory)

    async def sipp_answers(
        self,
        scenario: str,
        calls: int,
        *arguments: str,
        host: str = "127.0.0.1",
        status: str = "200 OK",
        mode: str = "u1",
    ) -> Sipp:
        """Start it as a server, and wait until it listens."""
        sipp = self.sipp(
            scenario, calls, *arguments, host=host, status=status, mode=mode
        )
        transport = "UDP" if mode == "u1" else "TCP"
        await until(
            lambda: listens(sipp.port, transport) or sipp.program.code is not None
        )
        if sipp.program.code is not None:
            raise AssertionError(f"sipp doesn't answer: {sipp.program.told}")
        return sipp

    async def sipp_asks(
        self,
        scenario: str,
        port: int,
        calls: int,
        *arguments: str,
        host: str = "127.0.0.1",
        mode: str = "u1",
    ) -> Sipp:
        """Let it send to a port, 32 calls at a time; gives it when all went well."""
        target = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        sipp = self.sipp(
            scenario,
            calls,
            *("-r", "1000", "-l", str(WINDOW)),
            *(*arguments, target),
            host=host,
            mode=mode,
        )
        await sipp.succeeded(calls)
        return sipp

    async def sipp_against_sipp(self, method: str, calls: int) -> int:
        """How often sipp asks again when sipp answers: what ours is measured by."""
        answering = await self.sipp_answers("answer", calls)
        asking = await self.sipp_asks(f"ask_{method.lower()}", answering.port, calls)
        await answering.succeeded(calls)
        return asking.retransmissions
