"""``sipclient config check``, and what a configuration says to other commands."""

from __future__ import annotations

import json
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from sipclient.cli.main import Options
from sipclient.cli.talking import TalkingOptions
from sipclient.test.cli.commanding import CommandTestCase, called

GOOD = """\
open = ["home"]
[[access_point]]
id = "away"
[[access_point]]
id = "home"
listen = "udp:5070:interface=192.0.2.2"
outbound_proxy = "sip:192.0.2.9"
timers = { T1 = 0.25 }
domains = "example.com"
[limits]
datagram = 5000
"""
BAD = "\nopn = 1\n[limits]\ndatagram = 0\n"


def written(directory: str, text: str) -> str:
    """A file of that text."""
    path = Path(directory)
    path.write_text(text, encoding="utf-8")
    return str(path)


class CheckTests(SynchronousTestCase):
    def test_a_good_one(self) -> None:
        name = written(self.mktemp(), GOOD)
        summary = "away closed; home sip:192.0.2.2:5070;transport=udp"
        for arguments in (["config", "check", name], ["--config", name, "config"]):
            if "check" not in arguments:
                arguments.append("check")
            status, out, err = called(*arguments)
            self.assertEqual((status, err), (0, ""))
            self.assertEqual(out, f"{name}: ok, {summary}\n")

    def test_a_bad_one_is_told_by_file_and_line(self) -> None:
        name = written(self.mktemp(), BAD)
        status, out, err = called("config", "check", name)
        self.assertEqual((status, err), (1, ""))
        first, second = out.splitlines()
        self.assertTrue(first.startswith(f"{name}:2: there is no setting 'opn'; did"))
        self.assertTrue(second.startswith(f"{name}:4: "))
        self.assertIn("datagram", second)

    def test_several_files_for_programs(self) -> None:
        good, bad = written(self.mktemp(), GOOD), written(self.mktemp(), BAD)
        missing = self.mktemp()
        status, out, _ = called("--json", "config", "check", good, bad, missing)
        self.assertEqual(status, 1)
        first, second, third = map(json.loads, out.splitlines())
        wanted = {"file": good, "ok": True, "access_points": ["away", "home"]}
        self.assertEqual(first, {**wanted, "open": ["home"]})
        self.assertEqual([one["line"] for one in second["errors"]], [2, 4])
        error = {"line": None, "error": "No such file or directory"}
        self.assertEqual(third, {"file": missing, "ok": False, "errors": [error]})

    def test_usage(self) -> None:
        for arguments in (["config"], ["config", "show"], ["config", "check"]):
            status, out, err = called(*arguments)
            self.assertEqual((status, out, err.count("\n")), (2, "", 1))


class ConfiguredTests(CommandTestCase):
    """The commands that talk do so as the configuration says."""

    def command(self, *arguments: str) -> TalkingOptions:
        options = Options()
        options.parseOptions(arguments)
        command: TalkingOptions = options.subOptions
        return command

    def test_what_was_not_given_is_taken_from_it(self) -> None:
        name = written(self.mktemp(), GOOD)
        for arguments in (
            ["--config", name, "options", "sip:192.0.2.7"],
            ["options", "sip:192.0.2.7", "--config", name],
        ):
            command = self.command(*arguments)
            self.assertEqual(command["proxy"], "sip:192.0.2.9")
            self.assertEqual(command.point.timers.t1, 0.25)
            self.assertEqual(command.limits.datagram, 5000)
            [address] = command.listen
            self.assertEqual((address.host, address.port), ("192.0.2.2", 0))

    def test_what_was_given_counts(self) -> None:
        name = written(self.mktemp(), GOOD)
        command = self.command(
            *("message", "sip:b@192.0.2.7", "hi", "--proxy", "sip:192.0.2.8"),
            *("--listen", "udp:5099", "--config", name),
        )
        self.assertEqual(command["proxy"], "sip:192.0.2.8")
        self.assertEqual([address.port for address in command.listen], [5099])

    def test_who_listens_has_its_ports_and_domains(self) -> None:
        name = written(self.mktemp(), GOOD)
        listener = self.start(self.there, "listen", "--config", name)
        self.assertEqual(listener.lines, ["listening on sip:192.0.2.2:5070"])
        asking = self.start(
            self.here,
            *("options", "sip:example.com", "--proxy", "sip:192.0.2.2:5070"),
        )
        self.assertEqual(self.ended(asking), 0, asking.errors)
        self.assertEqual(self.interrupt(listener), 130)

    def test_a_wrong_one_is_a_matter_of_usage(self) -> None:
        name = written(self.mktemp(), BAD)
        for arguments in (
            ["options", "sip:192.0.2.7", "--config", name],
            ["--config", name, "listen"],
        ):
            status, out, err = called(*arguments)
            self.assertEqual((status, out, err.count("\n")), (2, "", 1))
            self.assertIn(f"{name}:2: ", err)
            self.assertIn("It has 1 more", err)

    def test_other_commands_have_none(self) -> None:
        status, _, err = called("--config", "x", "parse", "y")
        self.assertEqual(status, 2)
        self.assertIn("--config says nothing to this command", err)
