"""sipp calls a client of ours, which rings, and refuses or is canceled."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sipclient import ResponseElements, TimerValues
from sipclient.testing import RecordingObserver

from .programs import missing, missing_ipv6, until
from .sipp import SippTestCase

CALLS = 100


def ring(invite: Any) -> None:
    """Say that it rings, and no more."""
    invite.send_response(ResponseElements(180))


def ring_and_refuse(invite: Any) -> ResponseElements:
    """Say that it rings, then that one is busy."""
    ring(invite)
    return ResponseElements(486)


class SippCallsTests(SippTestCase):
    skip = missing("sipp") or missing_ipv6()

    async def calls(
        self, scenario: str, answer: Any, host: str, mode: str
    ) -> RecordingObserver:
        """Let sipp call; gives what the application heard, when all are over.

        T1 is short, so that Timers H and J end soon: H would count a missing ACK.
        """
        observer = RecordingObserver({"INVITE": answer})
        await self.client(
            observer,
            host=host,
            transport="UDP" if mode == "u1" else "TCP",
            timers=TimerValues(t1=0.05, t2=0.5, t4=0.5),
        )
        await self.sipp_asks(scenario, self.port, CALLS, host=host, mode=mode)
        await until(lambda: not self.counted.live, within=10)
        self.assertEqual(self.counted.unacknowledged, 0)
        self.assertEqual(self.counted.stray_acks, 0)
        self.assertEqual(observer.all("error_occurred"), [])
        return observer

    async def refused(self, host: str, mode: str) -> None:
        """All calls ring and are refused, each once."""
        observer = await self.calls("ask_invite", ring_and_refuse, host, mode)
        self.assertEqual(Counter(observer.names)["incoming_request"], CALLS)
        self.assertEqual(observer.all("invite_canceled"), [])

    async def canceled(self, host: str, mode: str) -> None:
        """All calls ring and are canceled; the application hears of each."""
        observer = await self.calls("ask_invite_and_cancel", ring, host, mode)
        heard = Counter(observer.names)
        self.assertEqual(heard["incoming_request"], CALLS)
        canceled = [event[1] for event in observer.all("invite_canceled")]
        self.assertEqual(len(canceled), CALLS)
        for invite in canceled:
            self.assertEqual(invite.reason.text, "Never mind")

    async def test_486_by_udp(self) -> None:
        await self.refused("127.0.0.1", "u1")
        await self.refused("::1", "u1")

    async def test_486_by_tcp(self) -> None:
        await self.refused("127.0.0.1", "t1")
        await self.refused("::1", "tn")

    async def test_cancel_by_udp(self) -> None:
        await self.canceled("127.0.0.1", "u1")
        await self.canceled("::1", "u1")

    async def test_cancel_by_tcp(self) -> None:
        await self.canceled("127.0.0.1", "t1")
        await self.canceled("::1", "tn")
