"""The documentation's listings do what their pages say.

A listing in ``docs/howto/listings`` is a program that runs on a network in memory, and
``NAME.txt`` beside ``NAME.py`` is what it prints: a page shows both. The sessions in
``console/`` are what somebody types at a terminal, and what comes.
"""

from __future__ import annotations

import io
import os
import re
import runpy
import shlex
import unittest
from collections.abc import Callable, Coroutine, Iterable
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from twisted import internet
from twisted.application.service import IService
from twisted.internet import task
from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from sipclient.cli import running
from sipclient.cli.main import main
from sipclient.cli.output import Output
from sipclient.cli.talking import Run, Talker
from sipclient.config.reading import read_config
from sipclient.test.checkout import CHECKOUT, NO_CHECKOUT
from sipclient.testing import FakeNetwork, FakeReactor, ScriptedPeer

LISTINGS = (CHECKOUT or Path()) / "docs" / "howto" / "listings"
NOT_THERE = NO_CHECKOUT
if CHECKOUT is not None:
    NOT_THERE = "" if LISTINGS.is_dir() else "docs/ is not in this checkout"
#: Listings that print nothing, each with a test of its own.
SILENT = frozenset(("test_inbox",))
#: Listings that run until they are interrupted, likewise.
ENDLESS = frozenset(("uas",))
EXIT_STATUS = "$ echo $?"


class Screen(io.StringIO):
    """A terminal that shows any character."""

    encoding = "utf-8"


def printed(run: Callable[[], object]) -> str:
    """What a program prints. Its reactor, if it asks for one, is a fake host."""
    network = FakeNetwork()

    def react(main: Callable[..., Coroutine[Any, Any, Any]]) -> None:
        network.result_of(main(network.reactor("192.0.2.1")))
        network.advance(60)

    out = io.StringIO()
    usual, task.react = task.react, react  # type: ignore[assignment]  # of fewer words
    try:
        with redirect_stdout(out):
            run()
    finally:
        task.react = usual
    return out.getvalue()


class ListingTests(SynchronousTestCase):
    """Each program prints what its page shows."""

    skip = NOT_THERE or None

    def check(self, name: str) -> None:
        path = LISTINGS / f"{name}.py"
        came = printed(lambda: runpy.run_path(str(path), run_name="__main__"))
        wanted = (LISTINGS / f"{name}.txt").read_text(encoding="utf-8")
        self.assertEqual(came, wanted)

    def check_service(self, name: str, answers: dict[str, int]) -> None:
        """Run a ``.tac`` as twistd does; messages to these users get these answers."""
        network = FakeNetwork()
        host = network.reactor("192.0.2.1")
        peer = ScriptedPeer(network.reactor("192.0.2.2"), "192.0.2.2")
        self.patch(internet, "reactor", host)
        made = runpy.run_path(str(LISTINGS / f"{name}.tac"))
        application = IService(made["application"])
        application.privilegedStartService()
        application.startService()
        network.advance(0.1)
        for user, status in answers.items():
            peer.sends("MESSAGE", f"sip:{user}@192.0.2.1")
            network.result_of(peer.expects(status))
        peer.sends("OPTIONS", "sip:192.0.2.1")
        network.result_of(peer.expects(200))
        network.result_of(application.stopService())
        network.advance(60)
        self.assertEqual(host.ports, ())

    def test_a_service_starts_and_answers(self) -> None:
        self.check_service("machine", {"anybody": 200})

    def test_services_share_a_stack(self) -> None:
        self.check_service("house", {"doorbell": 200, "archive": 202, "other": 404})

    def test_a_uas_of_twenty_lines(self) -> None:
        """It serves until it is interrupted, and has as many lines as is said."""
        network = FakeNetwork()
        peer = ScriptedPeer(network.reactor("192.0.2.2"), "192.0.2.2", user="alice")
        path = LISTINGS / "uas.py"
        mains: list[Callable[..., Coroutine[Any, Any, Any]]] = []
        self.patch(task, "react", mains.append)
        out = io.StringIO()
        with redirect_stdout(out):
            runpy.run_path(str(path), run_name="__main__")
            running = Deferred.fromCoroutine(mains[0](network.reactor("192.0.2.1")))
            for text in ("hello", "is anybody there?"):
                kind = [("Content-Type", "text/plain")]
                peer.sends(
                    "MESSAGE", "sip:me@192.0.2.1", headers=kind, body=text.encode()
                )
                network.result_of(peer.expects(200))
            peer.sends("OPTIONS", "sip:192.0.2.1")
            network.result_of(peer.expects(200))
        self.assertNoResult(running)
        wanted = path.with_suffix(".txt").read_text(encoding="utf-8")
        self.assertEqual(out.getvalue(), wanted)
        lines = path.read_text(encoding="utf-8").splitlines()
        self.assertLessEqual(len([line for line in lines if line]), 20)

    def test_the_configuration_is_a_good_one(self) -> None:
        config = read_config(LISTINGS / "sipclient.toml")
        self.assertEqual(config.open, ("office",))

    def test_the_tests_of_an_application_pass(self) -> None:
        made = runpy.run_path(str(LISTINGS / "test_inbox.py"))
        result = unittest.TestResult()
        cases = made["InboxTests"]
        names = unittest.TestLoader().getTestCaseNames(cases)
        for name in names:
            cases(name).run(result)
        self.assertEqual((result.errors, result.failures), ([], []))
        self.assertEqual(result.testsRun, len(names))
        self.assertGreater(len(names), 1)


def _each_listing() -> None:
    """Give `ListingTests` a test for each program."""
    for path in sorted(LISTINGS.glob("*.py")):
        if path.stem not in SILENT | ENDLESS:

            def test(self: ListingTests, name: str = path.stem) -> None:
                self.check(name)

            setattr(ListingTests, f"test_{path.stem}", test)


if not NOT_THERE:
    _each_listing()


class ConsoleTests(SynchronousTestCase):
    """The command line answers as the pages show.

    Each command runs in a host of a network in memory that takes 10 ms each way.
    """

    skip = NOT_THERE or None

    def setUp(self) -> None:
        self.network = FakeNetwork(delay=0.010)
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(LISTINGS / "console")
        # Whoever runs this, in however wide a window.
        here = {"LOGNAME": "alice", "COLUMNS": "80"}
        self.patch(os, "environ", {**os.environ, **here})

    def typed(
        self, lines: Iterable[str], host: FakeReactor, wait: bool = True
    ) -> Screen:
        """Type commands; ``wait`` is for each of them to end."""
        screen = Screen()
        status = 0

        def run(talk: Talker, output: Output) -> int:
            result = running.outcome(talk, Run(host, output))
            return self.network.result_of(result, limit=100) if wait else 0

        self.patch(running, "run_in_reactor", run)
        for line in lines:
            print(line, file=screen)
            if line == EXIT_STATUS:
                print(status, file=screen)
            else:
                status = main(shlex.split(line)[2:], screen, screen)
        return screen

    def session(self, name: str) -> tuple[list[str], str]:
        """The commands of a session, and all of it."""
        text = Path(f"{name}.console").read_text(encoding="utf-8")
        return [line for line in text.splitlines() if line[:2] == "$ "], text

    def test_one_listens_and_the_other_asks(self) -> None:
        alice, bob = (self.network.reactor(f"192.0.2.{n}") for n in (1, 7))
        commands, answered = self.session("bob")
        background = self.typed(commands, bob, wait=False)
        commands, asked = self.session("alice")
        foreground = self.typed(commands, alice)
        self.network.advance(60)
        self.assertEqual(foreground.getvalue(), asked)
        self.assertEqual(background.getvalue(), answered)
        self.assertEqual(self.network.delayed_calls(), [])

    def test_what_goes_wrong_has_a_status(self) -> None:
        alice, _ = (self.network.reactor(f"192.0.2.{n}") for n in (1, 7))
        commands, wanted = self.session("trouble")
        self.assertEqual(self.typed(commands, alice).getvalue(), wanted)

    def test_the_demo_begins_as_shown(self) -> None:
        commands, wanted = self.session("demo")
        shown = self.typed(commands, self.network.reactor("192.0.2.1")).getvalue()
        beginning, cut, rest = wanted.partition("[...]\n")
        self.assertEqual((cut, rest), ("[...]\n", ""))
        self.assertEqual(shown[: len(beginning)], beginning)

    def test_messages_and_configurations_in_files(self) -> None:
        alice = self.network.reactor("192.0.2.1")
        for name in ("parse", "config"):
            commands, wanted = self.session(name)
            self.assertEqual(self.typed(commands, alice).getvalue(), wanted)


class PageTests(SynchronousTestCase):
    """No listing is without a page, and no page shows half of one."""

    skip = NOT_THERE or None

    def setUp(self) -> None:
        pages = LISTINGS.parents[1].rglob("*.rst")
        text = "\n".join([page.read_text(encoding="utf-8") for page in pages])
        self.shown = re.findall(r"literalinclude:: (?:howto/)?listings/(\S+)", text)

    def test_each_file_is_shown_once(self) -> None:
        files = [
            str(path.relative_to(LISTINGS))
            for pattern in ("*.py", "*.tac", "*.toml", "*.txt", "console/*.console")
            for path in LISTINGS.glob(pattern)
        ]
        self.assertEqual(sorted(self.shown), sorted(files))

    def test_each_program_is_followed_by_what_it_prints(self) -> None:
        for at, name in enumerate(self.shown):
            stem, _, kind = name.partition(".")
            if kind == "py" and stem not in SILENT:
                self.assertEqual(self.shown[at + 1 : at + 2], [f"{stem}.txt"])


class ReadmeTests(SynchronousTestCase):
    """The README's taste of the library runs, too."""

    skip = NOT_THERE or None

    def test_it_prints_what_it_says(self) -> None:
        assert CHECKOUT is not None
        text = (CHECKOUT / "README.md").read_text(encoding="utf-8")
        blocks = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
        kinds = [kind for kind, _ in blocks]
        at = kinds.index("python")
        code = compile(blocks[at][1], "README.md", "exec")
        came = printed(lambda: exec(code, {"__name__": "__main__"}))
        self.assertEqual(came, blocks[at + 1][1])
