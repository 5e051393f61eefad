"""Twisted's programs running a stack, on real sockets of loopback."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from sipclient.test.cli.commanding import ENVIRONMENT

TWIST = ["-m", "twisted", "--log-format=text"]
TWISTD = ["-c", "from twisted.scripts.twistd import run; run()", "-n", "--pidfile="]
LISTEN = ["--listen", "udp:0:interface=127.0.0.1"]
OPTIONS = """\
OPTIONS sip:127.0.0.1:{there} SIP/2.0
Via: SIP/2.0/UDP 127.0.0.1:{here};branch=z9hG4bK7
Max-Forwards: 70
From: <sip:alice@127.0.0.1>;tag=1
To: <sip:127.0.0.1:{there}>
Call-ID: daemon
CSeq: 1 OPTIONS

"""
#: Seconds in which a daemon has to have left.
PATIENCE = 5.0


class DaemonTests(SynchronousTestCase):
    """A daemon answers OPTIONS, and SIGTERM ends it with status 0."""

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        directory = Path(self.mktemp())
        directory.mkdir()
        process = subprocess.Popen(
            [sys.executable, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=ENVIRONMENT,
            cwd=directory,
        )
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        return process

    def port(self, process: subprocess.Popen[str]) -> int:
        """Where it listens: it says so in its log."""
        assert process.stdout is not None
        said = ""
        for line in process.stdout:
            said += line
            found = re.search(r"is listening on sip:127\.0\.0\.1:([0-9]+);", line)
            if found:
                return int(found[1])
        raise AssertionError(said)

    def ask(self, port: int) -> str:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            asking.settimeout(10)
            asking.bind(("127.0.0.1", 0))
            text = OPTIONS.format(there=port, here=asking.getsockname()[1])
            data = text.replace("\n", "\r\n").encode()
            asking.sendto(data, ("127.0.0.1", port))
            return asking.recv(65535).decode()

    def check(self, *arguments: str) -> None:
        process = self.start(*arguments)
        self.assertTrue(self.ask(self.port(process)).startswith("SIP/2.0 200 OK\r\n"))
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=60)
        self.assertLess(time.monotonic() - began, PATIENCE)
        self.assertEqual(process.returncode, 0, said)
        self.assertNotIn("Traceback", said)

    def test_twist(self) -> None:
        self.check(*TWIST, "sipclient", *LISTEN)

    def test_twistd(self) -> None:
        self.check(*TWISTD, "sipclient", *LISTEN)

    def test_a_configuration(self) -> None:
        path = Path(self.mktemp()).absolute()
        text = '[[access_point]]\nlisten = "udp:0:interface=127.0.0.1"\n'
        path.write_text(text, encoding="utf-8")
        self.check(*TWISTD, "sipclient", "--config", str(path))

    def test_a_configuration_that_is_wrong(self) -> None:
        path = Path(self.mktemp()).absolute()
        path.write_text("\nlissten = 1\n", encoding="utf-8")
        for program in (TWIST, TWISTD):
            process = self.start(*program, "sipclient", "--config", str(path))
            said, _ = process.communicate(timeout=60)
            self.assertNotEqual(process.returncode, 0)
            self.assertIn(f"{path}:2: there is no setting 'lissten'", said)
            self.assertNotIn("Traceback", said)
