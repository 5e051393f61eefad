"""The suite's own promises: what is missing is named, and no process is left."""

from __future__ import annotations

import os
import shutil
import signal
import sys

from twisted.trial.unittest import SkipTest

from . import namespace
from .case import PeersTestCase
from .programs import missing

_SLEEPS = (sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)")


class ProgramTests(PeersTestCase):
    def test_what_is_missing_is_named_with_the_way_to_get_it(self) -> None:
        self.patch(shutil, "which", lambda name: None)
        reason = missing("sipp", "sipsak") or ""
        self.assertTrue(reason.startswith("sipp and sipsak not found"))
        self.assertTrue(reason.endswith(" sip-tester sipsak"))

    def test_a_package_is_named_once(self) -> None:
        self.patch(shutil, "which", lambda name: None)
        reason = missing("unshare", "nsenter", "ip") or ""
        self.assertTrue(reason.endswith(" util-linux iproute2"), reason)

    def test_nothing_is_missing_where_all_is_found(self) -> None:
        self.patch(shutil, "which", lambda name: f"/usr/bin/{name}")
        self.assertIsNone(missing("sipp", "sipsak"))

    async def test_a_program_that_is_ended_is_gone(self) -> None:
        program = self.start(*_SLEEPS)
        self.assertEqual(await program.first_line(), "up")
        self.assertEqual(await program.end(), -signal.SIGKILL)
        with self.assertRaises(ProcessLookupError):
            os.kill(program.pid, 0)

    async def test_a_program_that_runs_on_is_ended_with_its_test(self) -> None:
        # The last cleanup to be added is the first to run, so this one sees its work.
        self.addCleanup(lambda: self.assertEqual(program.code, -signal.SIGKILL))
        program = self.start(*_SLEEPS)
        await program.first_line()

    async def test_a_program_that_is_late_is_told_of(self) -> None:
        program = self.start(*_SLEEPS)
        await program.first_line()
        error = None
        try:
            await program.ended(within=0.05)
        except AssertionError as raised:
            error = raised
        self.assertIn("runs on after 0.05 s", str(error))
        self.assertIn("up", str(error))


class NamespaceTests(namespace.NamespaceTestCase):
    async def test_it_has_the_address_and_ours_are_not_there(self) -> None:
        await self.enter()
        program = self.start_inside("ip", "-oneline", "address")
        await program.ended()
        self.assertIn(f"inet {namespace.ADDRESS}/32 ", program.out.decode())
        self.assertEqual(
            {line.split()[1] for line in program.out.decode().splitlines()}, {"lo"}
        )

    async def test_who_may_not_make_one_is_told_why(self) -> None:
        self.patch(namespace, "_SET_UP", "echo not permitted >&2; exit 1")
        with self.assertRaises(SkipTest) as raised:
            await self.enter()
        self.assertIn("takes root: not permitted", str(raised.exception))
