"""The command line as processes, on real sockets of loopback."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from sipclient.resolver.hosts import HOSTS, read_hosts
from sipclient.test.cli.commanding import ENVIRONMENT


def sipclient_process(*arguments: str) -> subprocess.Popen[str]:
    """Start the command line in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "sipclient", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=ENVIRONMENT,
    )


def names_here() -> list[tuple[str, tuple[str, ...]]]:
    """The names of this machine's hosts file that can stand in a URI."""
    try:
        text = Path(HOSTS).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return [
        (name, addresses)
        for name, addresses in read_hosts(text).items()
        if name.isascii() and name.isalpha()
    ]


class ProcessTests(SynchronousTestCase):
    def run_to_its_end(self, *arguments: str) -> tuple[int, str, str]:
        process = sipclient_process(*arguments)
        out, err = process.communicate(timeout=60)
        return process.returncode, out, err

    def listening(self, *arguments: str) -> tuple[subprocess.Popen[str], str]:
        process = sipclient_process(
            "listen", "--listen", "udp:0:interface=127.0.0.1", *arguments
        )
        self.addCleanup(self.end, process)
        assert process.stdout is not None
        words = process.stdout.readline().split()
        self.assertEqual(words[:2], ["listening", "on"])
        return process, words[2]

    def end(self, process: subprocess.Popen[str]) -> None:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=60)

    def test_two_processes_exchange_messages(self) -> None:
        listener, uri = self.listening("--answer", "MESSAGE=202", "--count", "2")
        for text in ("Hello", "Zoë"):
            status, out, err = self.run_to_its_end("message", uri, text)
            self.assertEqual((status, err), (0, ""))
            self.assertTrue(out.startswith("202 Accepted in "), out)
        out, err = listener.communicate(timeout=60)
        self.assertEqual((listener.returncode, err), (0, ""))
        self.assertEqual(
            [line.rpartition(": ")[2] for line in out.splitlines()], ["Hello", "Zoë"]
        )

    def test_options_and_ctrl_c(self) -> None:
        listener, uri = self.listening()
        status, out, err = self.run_to_its_end("options", uri, "--json")
        self.assertEqual((status, err), (0, ""))
        response, done = map(json.loads, out.splitlines())
        self.assertEqual(response["allow"], ["MESSAGE", "OPTIONS"])
        self.assertEqual(done["outcome"], "ok")
        listener.send_signal(signal.SIGINT)
        self.assertEqual(listener.communicate(timeout=60), ("", ""))
        self.assertEqual(listener.returncode, 130)

    def test_names(self) -> None:
        """localhost, and what the hosts file has for loopback, lead to the listener."""
        listener, uri = self.listening()
        port = uri.rpartition(":")[2].strip(">")
        status, _, err = self.run_to_its_end("options", f"sip:localhost:{port}")
        self.assertEqual((status, err), (0, ""))
        names = [name for name, at in names_here() if "127.0.0.1" in at]
        for name in [name for name in names if name != "localhost"][:1]:
            # It is asked, and doesn't know itself by that name.
            status, _, err = self.run_to_its_end("options", f"sip:{name}:{port}")
            self.assertEqual((status, err), (3, "sipclient: 404 Not Found\n"))
        listener.send_signal(signal.SIGINT)
        listener.communicate(timeout=60)

    def test_a_name_that_leads_nowhere(self) -> None:
        status, out, err = self.run_to_its_end("message", "sip:bob@bob.invalid", "Hi")
        self.assertEqual((status, out), (6, ""))
        self.assertIn("no name in .invalid exists", err)

    def test_a_termination_is_an_interrupt(self) -> None:
        listener, _ = self.listening()
        listener.terminate()
        self.assertEqual(listener.communicate(timeout=60)[1], "")
        self.assertEqual(listener.returncode, 130)

    def test_the_demo_holds_on_real_sockets(self) -> None:
        status, out, err = self.run_to_its_end("demo")
        self.assertEqual((status, err), (0, ""), out)
        self.assertIn("All 21 checks passed", out)

    def test_a_reader_that_goes_away_is_no_reason_to_complain(self) -> None:
        for arguments in (["demo", "--json"], ["demo", "--help"]):
            process = sipclient_process(*arguments)
            assert process.stdout is not None and process.stderr is not None
            process.stdout.close()
            self.assertEqual(process.stderr.read(), "")
            process.stderr.close()
            self.assertIn(process.wait(timeout=60), (0, 1))
