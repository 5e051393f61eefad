"""The command line itself: help, usage, and what stands where."""

from __future__ import annotations

import io
import shlex
import subprocess
import sys

from twisted.trial.unittest import SynchronousTestCase

import sipclient
from sipclient.cli.exits import of_error
from sipclient.cli.main import Options, main
from sipclient.cli.output import Output
from sipclient.errors import (
    SIPError,
    SIPForbidden,
    SIPICMPFailure,
    SIPTimedOut,
    SIPTooBig,
)
from sipclient.test.cli.commanding import ENVIRONMENT, called

COMMANDS = ("config", "demo", "listen", "options", "message", "parse")


class HelpTests(SynchronousTestCase):
    """Help says what there is, with an example."""

    def helped(self, *arguments: str) -> str:
        out = io.StringIO()
        self.patch(sys, "stdout", out)
        self.assertEqual(self.assertRaises(SystemExit, main, arguments).code, 0)
        return out.getvalue()

    def test_all_commands_are_named(self) -> None:
        text = self.helped("--help")
        self.assertTrue(text.startswith("Usage: sipclient [options] COMMAND\n"), text)
        for command in COMMANDS:
            self.assertIn(f"\n    {command} ", text)

    def test_each_command_has_an_example(self) -> None:
        for command in COMMANDS:
            text = self.helped(command, "--help")
            self.assertTrue(text.startswith(f"Usage: sipclient [options] {command} "))
            examples = text.partition("\nExamples:\n")[2]
            self.assertIn(f"sipclient {command}", examples)
            self.assertIn("--embedded", text)
            self.assertNotIn("Twisted", text)

    def test_every_example_is_understood(self) -> None:
        """Examples can be typed as they stand (but for what a shell does)."""
        for command in COMMANDS:
            examples = self.helped(command, "--help").partition("Examples:\n")[2]
            for line in examples.splitlines():
                words = shlex.split(line)
                if "|" in words:
                    bar = words.index("|")
                    first = words.index("sipclient") < bar
                    words = words[:bar] if first else words[bar + 1 :]
                if words:
                    Options().parseOptions(words[1:])

    def test_the_version(self) -> None:
        for arguments in (["--version"], ["parse", "--version"]):
            text = self.helped(*arguments)
            self.assertEqual(text, f"sipclient {sipclient.__version__}\n")


class UsageTests(SynchronousTestCase):
    """What can't be understood is said in one line, with status 2."""

    def wrong(self, *arguments: str) -> str:
        status, out, err = called(*arguments)
        self.assertEqual((status, out), (2, ""), (arguments, err))
        self.assertEqual(err.count("\n"), 1, err)
        self.assertTrue(err.endswith("--help\n"), err)
        return err

    def test_without_a_command_there_is_help(self) -> None:
        status, out, err = called()
        self.assertEqual((status, out), (2, ""))
        self.assertTrue(err.startswith("Usage: sipclient"))

    def test_commands_and_options_that_are_not_there(self) -> None:
        self.assertIn("call", self.wrong("call", "sip:a@b"))
        self.wrong("--nothing")
        for command in COMMANDS:
            self.assertIn(f"sipclient {command}", self.wrong(command, "--nothing"))

    def test_arguments(self) -> None:
        uri = "sip:bob@192.0.2.2"
        for arguments in (
            ["demo", "x"],
            ["listen", "x"],
            ["options"],
            ["options", uri, uri],
            ["options", "not a uri"],
            ["options", uri + "?a=b"],
            ["options", uri, "--count", "0"],
            ["options", uri, "--count", "²"],
            ["options", uri, "--interval", "-1"],
            ["message"],
            ["message", uri],
            ["message", uri, "two", "words"],
            ["message", uri, "x", "--content-type", "text"],
            ["message", uri, "x", "--timeout", "0"],
            ["message", uri, "x", "--timeout", "nan"],
            ["message", uri, "x", "--from", "a b"],
            ["message", uri, "x", "--from", "<sip:a@b>;tag=1", "--header", "x"],
            ["message", uri, "x", "--proxy", "tel:1"],
            ["message", uri, "x", "--header", "no colon"],
            ["message", uri, "x", "--header", "Via: x"],
            ["message", uri, "x", "--header", "Date: x"],
            ["message", uri, "x", "--listen", "5060"],
            ["message", uri, "x", "--listen", "tls:5061"],
            ["listen", "--answer", "x"],
            ["listen", "--answer", "100"],
            ["listen", "--answer", "MESSAGE=408"],
            ["listen", "--answer", "INVITE=200"],
            ["listen", "--answer", "REFER=202"],
            ["listen", "--answer", "a b=200"],
            ["listen", "--accept", "text"],
            ["listen", "--count", "x"],
            ["parse"],
        ):
            self.wrong(*arguments)

    def test_a_peer_could_have_written_what_is_wrong(self) -> None:
        self.assertNotIn("\x1b", self.wrong("options", "\x1b[2J"))


class PlaceTests(SynchronousTestCase):
    """Options stand where people put them."""

    def parsed(self, *arguments: str) -> Options:
        options = Options()
        options.parseOptions(arguments)
        return options

    def test_before_and_after_arguments_and_the_command(self) -> None:
        for arguments in (
            ["--json", "message", "sip:a@b", "hi", "--timeout", "3", "-v"],
            ["-v", "message", "--timeout=3", "sip:a@b", "hi", "--json"],
            ["message", "sip:a@b", "--timeout=3", "--json", "hi", "--verbose"],
        ):
            command = self.parsed(*arguments).subOptions
            self.assertTrue(command["json"] and command["verbose"])
            self.assertFalse(command["ladder"] or command["embedded"])
            self.assertEqual((command.timeout, command.text), (3.0, "hi"))

    def test_behind_two_hyphens_there_are_only_arguments(self) -> None:
        command = self.parsed("message", "sip:a@b", "--", "--json").subOptions
        self.assertEqual((command.text, bool(command["json"])), ("--json", False))

    def test_a_hyphen_is_an_argument(self) -> None:
        self.assertEqual(self.parsed("message", "sip:a@b", "-").subOptions.text, "-")


class OutputTests(SynchronousTestCase):
    def test_people_and_programs_have_their_own_words(self) -> None:
        for json, out in ((False, "for people\n"), (True, '{"a": "\\u2028"}\n')):
            streams = io.StringIO(), io.StringIO()
            output = Output(*streams, json=json)
            output.say("for people")
            output.tell(a="\u2028")
            output.complain("wrong\x1b")
            output.remark("more")
            self.assertEqual(streams[0].getvalue(), out)
            self.assertEqual(streams[1].getvalue(), "sipclient: wrong\\x1b\n")

    def test_failures_have_their_exit_statuses(self) -> None:
        for kind, status in (
            (SIPTimedOut, 4),
            (SIPForbidden, 5),
            (SIPICMPFailure, 6),
            (SIPTooBig, 1),
            (SIPError, 1),
        ):
            self.assertEqual(of_error(kind("x"))[0], status)


class ImportTests(SynchronousTestCase):
    def runs(self, code: str) -> None:
        """Run a program that exits with whether it is wrong."""
        subprocess.run(
            [sys.executable, "-c", code],
            check=True,
            capture_output=True,
            env=ENVIRONMENT,
        )

    def test_help_needs_no_reactor(self) -> None:
        self.runs(
            "import sys; from sipclient.cli.main import main\n"
            "try: main(['parse', '--help'])\n"
            "except SystemExit: pass\n"
            "sys.exit('twisted.internet.reactor' in sys.modules)"
        )

    def test_dns_is_imported_when_the_first_name_needs_it(self) -> None:
        self.runs(
            "import sys; from sipclient import Stack, parse_uri\n"
            "import sipclient.cli.options\n"
            "from twisted.internet import reactor\n"
            "resolve = Stack(reactor).resolver.resolve\n"
            "for uri in ('sip:192.0.2.1', 'sip:localhost', 'sip:bob.invalid'):\n"
            "    resolve(parse_uri(uri), lambda _: None)\n"
            "early = 'twisted.names' in sys.modules\n"
            "resolve(parse_uri('sip:bob.example'), lambda _: None)\n"
            "sys.exit(early or 'twisted.names.dns' not in sys.modules)"
        )
