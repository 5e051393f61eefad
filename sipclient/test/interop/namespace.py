"""A network of a test's own: a namespace of Linux with an address beside loopback's.

For programs that refuse a machine whose only addresses are 127.x. Whoever talks to such
a program must be in the same namespace, so ours runs as a process of its own there.
"""

from __future__ import annotations

import sys

from twisted.trial.unittest import SkipTest

from .case import PeersTestCase
from .programs import Program, listens, missing, until

#: The address: one of those for documentation (RFC 5737), nobody's on any machine.
ADDRESS = "192.0.2.9"

_SET_UP = f"""
ip address add {ADDRESS}/32 dev lo && ip link set lo up &&
ip route add default dev lo && echo up && exec sleep 60
"""


class NamespaceTestCase(PeersTestCase):
    """Tests with programs in a network namespace, which ends with the test."""

    skip = missing("ip", "unshare", "nsenter")

    async def enter(self) -> None:
        """Make the namespace; skips where this user may not."""
        program = self.start("unshare", "--net", "sh", "-c", _SET_UP)
        await until(lambda: b"up\n" in program.out or program.code is not None)
        if program.code is not None:
            raise SkipTest(
                "no network namespace can be made here; that takes root:"
                f" {program.err.decode(errors='replace').strip()}"
            )
        self._namespace = program.pid

    def start_inside(self, *arguments: str) -> Program:
        """Start a program in the namespace."""
        return self.start(
            "nsenter", f"--net=/proc/{self._namespace}/ns/net", "--", *arguments
        )

    def start_sipclient_inside(self, *arguments: str) -> Program:
        """Start our command line in the namespace."""
        return self.start_inside(sys.executable, "-m", "sipclient", *arguments)

    def listens_inside(self, port: int, transport: str) -> bool:
        """Whether somebody in the namespace has that port."""
        return listens(port, transport, beside=self._namespace)
