"""sipp over TCP, in both roles: one connection for all calls, and one for each.

Nothing is sent again on a stream; both sides count that. With a connection for each
call sipp closes it and stands still until the kernel acknowledges that, 45 ms each: it
makes fewer calls that way.
"""

from __future__ import annotations

from collections import Counter

from twisted.internet.defer import DeferredSemaphore, gatherResults

from sipclient import ResponseElements
from sipclient.testing import RecordingObserver

from .programs import missing, missing_ipv6
from .sipp import WINDOW, SippTestCase

EXCHANGES = 500
METHODS = ("OPTIONS", "MESSAGE")


def _capabilities(_: object) -> ResponseElements:
    return ResponseElements(200, headers={"Allow": "MESSAGE, OPTIONS"})


class SippStreamTests(SippTestCase):
    skip = missing("sipp") or missing_ipv6()

    async def it_asks(self, host: str, mode: str, calls: int) -> None:
        """It asks so often by each method, and the observer answers."""
        observer = RecordingObserver({"MESSAGE": 200, "OPTIONS": _capabilities})
        await self.client(observer, host=host, transport="TCP")
        for method in METHODS:
            scenario = f"ask_{method.lower()}"
            sipp = await self.sipp_asks(
                scenario, self.port, calls, host=host, mode=mode
            )
            self.assertEqual(sipp.retransmissions, 0)
        told = observer.all("incoming_request")
        self.assertEqual(
            Counter(event[1].type for event in told), dict.fromkeys(METHODS, calls)
        )
        self.assertEqual(self.counted.retransmissions_received, 0)
        self.assertEqual(self.counted.unanswered, 0)

    async def it_answers(self, host: str) -> None:
        """It answers 500 requests of each method on our connection."""
        connection = await self.client(host=host, transport="TCP")
        for method in METHODS:
            sipp = await self.sipp_answers("answer", EXCHANGES, host=host, mode="t1")
            where = f"[{host}]" if ":" in host else host
            window = DeferredSemaphore(WINDOW)
            answers = await gatherResults(
                [
                    window.run(
                        connection.request,
                        method,
                        f"sip:bob@{where}:{sipp.port};transport=tcp",
                        from_='"Alice" <sip:alice@example.com>',
                        content=f"This is message {number}.",
                        content_type="text/plain",
                    )
                    for number in range(EXCHANGES)
                ],
                consumeErrors=True,
            )
            await sipp.succeeded(EXCHANGES)
            self.assertEqual({answer.status_code for answer in answers}, {200})
            self.assertEqual(len(sipp.received), EXCHANGES)
            self.assertEqual(sipp.retransmissions, 0)
        self.assertEqual(self.counted.retransmissions_sent, 0)

    async def test_it_asks_on_one_connection(self) -> None:
        await self.it_asks("127.0.0.1", "t1", EXCHANGES)
        await self.it_asks("::1", "t1", EXCHANGES)

    async def test_it_asks_on_a_connection_for_each_call(self) -> None:
        await self.it_asks("127.0.0.1", "tn", 100)
        await self.it_asks("::1", "tn", 100)

    async def test_it_answers(self) -> None:
        await self.it_answers("127.0.0.1")
        await self.it_answers("::1")
