"""Traffic over loopback UDP: servers in processes of their own, and who drives them.

The measuring process itself is the generator. What it sends comes in windows, each of
which is there before the server looks: so it is busy until the window is answered. Its
CPU time comes from the kernel, for its threads together.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from messages import requests

HERE = Path(__file__).resolve().parent
#: So many requests wait for their answer at any time.
WINDOW = 32

_runs = count(os.getpid() * 1000)
_LINES = re.IGNORECASE | re.MULTILINE
_branch = re.compile(rb"^(?:v|via)[ \t]*:[^\r\n]*;branch=([^;\r\n]*)", _LINES).search
_call_id = re.compile(rb"^(?:i|call-id)[ \t]*:[ \t]*([^\r\n]*)", _LINES).search


@dataclass
class Server:
    """A server that runs.

    :ivar port: of the loopback address where it listens.
    """

    process: subprocess.Popen[bytes]
    port: int

    @property
    def cpu(self) -> float:
        """Seconds of CPU time that it has taken."""
        tasks = Path(f"/proc/{self.process.pid}/task").glob("*/schedstat")
        return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9

    @property
    def resident(self) -> int:
        """Bytes of its memory that are in RAM."""
        pages = Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")


def free_port() -> int:
    """A UDP port of the loopback address that nobody has now."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


@contextmanager
def running(command: list[str], port: int) -> Iterator[Server]:
    """Run a server until it is no longer needed; wait until it listens."""
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        cwd=HERE,
        env={**os.environ, "TERM": "dumb"},
    )
    try:
        wait_until_listening(process, port)
        yield Server(process, port)
    finally:
        process.kill()
        process.wait()


def wait_until_listening(process: subprocess.Popen[bytes], port: int) -> None:
    """Wait until somebody has that UDP port."""
    needle = f":{port:04X} "
    deadline = time.monotonic() + 20
    while needle not in Path("/proc/net/udp").read_text():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"{process.args!r} does not listen on port {port}")
        time.sleep(0.02)
    time.sleep(0.1)


@contextmanager
def script(name: str, *arguments: str) -> Iterator[Server]:
    """Run a script of this directory as a server; it is told its port."""
    port = free_port()
    with running([sys.executable, str(HERE / name), str(port), *arguments], port) as it:
        yield it


@contextmanager
def sipp() -> Iterator[Server]:
    """Run sipp as a UAS that answers MESSAGE."""
    port = free_port()
    scenario = str(HERE / "answer_message.xml")
    listen = ["-i", "127.0.0.1", "-p", str(port), "-nostdin"]
    with running(["sipp", "-sf", scenario, *listen], port) as it:
        yield it


def exchange(server: Server, number: int, *, verify: bool = False) -> float:
    """Exchange so many requests, and give the server's CPU time for one, in µs.

    :param verify: make sure of each answer: status, Via and Call-ID.

    Raises RuntimeError for an answer that doesn't come, or isn't what it should be.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.bind(("127.0.0.1", 0))
        peer.connect(("127.0.0.1", server.port))
        peer.setblocking(False)
        here = peer.getsockname()[1]
        made = list(requests(number, next(_runs), here, server.port))
        answers: list[bytes] = []
        start = server.cpu
        _drive(peer, server, made, answers.append if verify else len)
        taken = server.cpu - start
    if verify:
        _verify(made, answers)
    return taken / number * 1e6


def _drive(
    peer: socket.socket,
    server: Server,
    made: list[bytes],
    take: Callable[[bytes], object],
) -> None:
    """Send all and take all answers, a window at a time.

    The server is held still while a window of requests is put into its queue. Otherwise
    one that is faster than this loop, or than the machine lets this loop be, finds one
    request each time it looks, and what is measured is how it falls asleep and wakes
    up. Nor does this loop sleep while it waits for answers: the server would have to
    wake it up, and pay for that.
    """
    hold = server.process.send_signal
    for start in range(0, len(made), WINDOW):
        window = made[start : start + WINDOW]
        hold(signal.SIGSTOP)
        for request in window:
            peer.send(request)
        hold(signal.SIGCONT)
        missing = len(window)
        patience = time.monotonic() + 5
        while missing:
            try:
                answer = peer.recv(65535)
            except BlockingIOError:
                if time.monotonic() > patience:
                    raise RuntimeError(f"{missing} were not answered") from None
                continue
            take(answer)
            missing -= 1


def _verify(made: list[bytes], answers: list[bytes]) -> None:
    """Each request has one answer, 200 with its branch and its Call-ID."""
    for answer in answers:
        if not answer.startswith(b"SIP/2.0 200 "):
            raise RuntimeError(f"answered with {answer[:60]!r}")
    if sorted(map(_identity, made)) != sorted(map(_identity, answers)):
        raise RuntimeError("an answer was missing, or belonged to no request")


def _identity(message: bytes) -> tuple[bytes, bytes]:
    branch, call_id = _branch(message), _call_id(message)
    if branch is None or call_id is None:
        raise RuntimeError(f"no branch or no Call-ID in {message!r:.300}")
    return branch[1], call_id[1]
