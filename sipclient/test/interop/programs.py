"""Other programs as children of a test: found, started, awaited and ended.

Each is ended by its process id, through the handle that it was started with: nothing
else on the machine is touched.
"""

from __future__ import annotations

import errno
import random
import shutil
import signal
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from twisted.internet import reactor as _reactor
from twisted.internet.defer import Deferred
from twisted.internet.defer import TimeoutError as DeferredTimeout
from twisted.internet.error import ProcessExitedAlready
from twisted.internet.protocol import ProcessProtocol
from twisted.internet.task import deferLater
from twisted.python.failure import Failure

reactor: Any = _reactor

#: Seconds that a program gets for what it does in a few of them.
PATIENCE = 30.0

#: The Debian package of each program.
_PACKAGES = {
    "baresip": "baresip-core",
    "ip": "iproute2",
    "kamailio": "kamailio",
    "nsenter": "util-linux",
    "perl": "perl",
    "sipp": "sip-tester",
    "sipsak": "sipsak",
    "unshare": "util-linux",
}


def missing(*programs: str) -> str | None:
    """Why tests with these programs can't run; None where all are there."""
    lacking = [name for name in programs if shutil.which(name) is None]
    if not lacking:
        return None
    packages = " ".join(dict.fromkeys(_PACKAGES[name] for name in lacking))
    return (
        f"{' and '.join(lacking)} not found; on Debian: apt-get install"
        f" --no-install-recommends {packages}"
    )


def missing_ipv6() -> str | None:
    """Why tests over IPv6 can't run; None where they can."""
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
            probe.bind(("::1", 0))
    except OSError as error:
        return f"this machine has no ::1: {error}"
    return None


def free_port(host: str = "127.0.0.1", *, digits: int = 5) -> int:
    """A port that nobody has for UDP or TCP, with so many digits."""
    low, high = (5061, 9999) if digits == 4 else (20_000, 30_000)
    while True:
        port = random.randint(low, high)
        if all(_is_free(host, port, kind) for kind in _KINDS):
            return port


_KINDS = (socket.SOCK_DGRAM, socket.SOCK_STREAM)


def _is_free(host: str, port: int, kind: socket.SocketKind) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, kind) as probe:
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            return False
    return True


def listens(port: int, transport: str = "UDP", *, beside: int | str = "self") -> bool:
    """Whether somebody has that port, without touching it.

    :param beside: a process in the network namespace that is meant.
    """
    tables, state = {"UDP": ("udp", "07"), "TCP": ("tcp", "0A")}[transport]
    wanted = f":{port:04X}"
    for table in (tables, f"{tables}6"):
        try:
            text = Path(f"/proc/{beside}/net/{table}").read_text(encoding="ascii")
        except FileNotFoundError:
            continue
        for line in text.splitlines()[1:]:
            _, local, _, of, *_ = line.split()
            if local.endswith(wanted) and of == state:
                return True
    return False


class Program(ProcessProtocol):
    """A running program.

    :ivar pid: its process id.
    :ivar out: what it wrote to its standard output. :ivar err: and to the other one.
    :ivar code: its exit status, below 0 for a signal; None while it runs.
    """

    def __init__(self, arguments: Sequence[str]) -> None:
        self.arguments = tuple(arguments)
        self.pid = 0
        self.out = b""
        self.err = b""
        self.code: int | None = None
        self._waiting: list[Deferred[int]] = []

    @classmethod
    def start(
        cls, arguments: Sequence[str], directory: str, environment: dict[str, str]
    ) -> Program:
        """Start it; the first argument is a name to be looked for, or a path."""
        program = cls(arguments)
        path = shutil.which(arguments[0])
        if path is None:
            raise FileNotFoundError(arguments[0])
        process = reactor.spawnProcess(
            program, path, list(arguments), env=environment, path=directory
        )
        program.pid = process.pid
        return program

    def outReceived(self, data: bytes) -> None:
        self.out += data

    def errReceived(self, data: bytes) -> None:
        self.err += data

    def processEnded(self, reason: Failure) -> None:
        ended: Any = reason.value
        code = -ended.signal if ended.signal else ended.exitCode
        self.code = code
        waiting, self._waiting = self._waiting, []
        for each in waiting:
            each.callback(code)

    async def ended(self, within: float = PATIENCE) -> int:
        """Wait for its end; gives its exit status. AssertionError when it is late."""
        if self.code is not None:
            return self.code
        waiting: Deferred[int] = Deferred(self._waiting.remove)
        self._waiting.append(waiting)
        waiting.addTimeout(within, reactor)
        try:
            return await waiting
        except DeferredTimeout:
            raise AssertionError(f"runs on after {within:g} s: {self.told}") from None

    async def end(self, number: int = signal.SIGKILL) -> int:
        """End it if it runs, and wait until it is gone."""
        if self.code is None:
            process: Any = self.transport
            with suppress(ProcessExitedAlready):  # only not told yet
                process.signalProcess(number)
        return await self.ended()

    async def first_line(self, within: float = PATIENCE) -> str:
        """Wait until it has written a line; gives the first one."""
        await until(lambda: b"\n" in self.out or self.code is not None, within)
        if b"\n" not in self.out:
            raise AssertionError(f"wrote no line: {self.told}")
        return self.out.decode().partition("\n")[0]

    @property
    def told(self) -> str:
        """Everything about it, for who looks for a failure's cause."""
        return (
            f"{' '.join(self.arguments)}\nexit status: {self.code}\n"
            f"standard output:\n{self.out.decode(errors='replace')}\n"
            f"standard error:\n{self.err.decode(errors='replace')}"
        )


async def until(holds: Callable[[], bool], within: float = PATIENCE) -> None:
    """Look again and again; AssertionError when it doesn't come to hold in time."""
    deadline = reactor.seconds() + within
    while not holds():
        if reactor.seconds() > deadline:
            raise AssertionError(f"did not come to hold within {within:g} s")
        await deferLater(reactor, 0.02)
