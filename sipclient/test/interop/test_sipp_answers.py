"""A client of ours asks, and sipp answers."""

from __future__ import annotations

from collections import Counter

from twisted.internet.defer import DeferredSemaphore, gatherResults

from sipclient import ResponseElements, SIPConnection, TimerValues
from sipclient.errors import SIPTimedOut
from sipclient.testing import RecordingObserver

from .programs import missing, missing_ipv6, reactor
from .sipp import WINDOW, SippTestCase

EXCHANGES = 500


class AskingTestCase(SippTestCase):
    """What the tests have in common: to ask often."""

    async def ask(
        self,
        connection: SIPConnection,
        method: str,
        port: int,
        times: int = 1,
        host: str = "127.0.0.1",
    ) -> list[ResponseElements]:
        """Send so many requests, 32 of them at a time; gives the final responses."""
        uri = f"sip:bob@[{host}]:{port}" if ":" in host else f"sip:bob@{host}:{port}"
        window = DeferredSemaphore(WINDOW)
        return await gatherResults(
            [
                window.run(
                    connection.request,
                    method,
                    uri,
                    from_='"Alice" <sip:alice@example.com>',
                    content=f"This is message {number}." if method == "MESSAGE" else "",
                    content_type="text/plain" if method == "MESSAGE" else None,
                )
                for number in range(times)
            ],
            consumeErrors=True,
        )


class SippAnswersTests(AskingTestCase):
    skip = missing("sipp")

    async def exchanges(self, method: str) -> None:
        """500 exchanges of one method, beside as many of sipp with itself."""
        usual = await self.sipp_against_sipp(method, EXCHANGES)
        connection = await self.client()
        sipp = await self.sipp_answers("answer", EXCHANGES)
        answers = await self.ask(connection, method, sipp.port, EXCHANGES)
        await sipp.succeeded(EXCHANGES)

        statuses = Counter(answer.status_code for answer in answers)
        self.assertEqual(statuses, {200: EXCHANGES})
        ours = self.counted.retransmissions_sent
        self.note(
            f"{EXCHANGES} exchanges, none failed; we sent {ours} requests again,"
            f" sipp {usual} in our place, and sipp {sipp.retransmissions} answers"
        )
        self.assertLessEqual(ours, usual)
        self.assertEqual(len(sipp.received), EXCHANGES + ours)
        self.assertEqual(sipp.retransmissions, ours)

    async def test_options(self) -> None:
        await self.exchanges("OPTIONS")

    async def test_message(self) -> None:
        await self.exchanges("MESSAGE")

    async def test_a_request_that_gets_lost_twice_is_sent_three_times(self) -> None:
        connection = await self.client()
        calls = 20
        sipp = await self.sipp_answers("answer_third_copy", calls, "-nr")
        began = reactor.seconds()
        answers = await self.ask(connection, "MESSAGE", sipp.port, calls)
        took = reactor.seconds() - began
        await sipp.succeeded(calls)

        self.assertEqual({answer.status_code for answer in answers}, {200})
        self.assertEqual(self.counted.retransmissions_sent, 2 * calls)
        # RFC 3261 §17.1.2.2: the copies leave after 0.5 and 1.5 seconds.
        self.assertGreaterEqual(took, 1.5)
        copies = Counter(sipp.received)
        self.assertEqual(list(copies.values()), [3] * calls)

    async def test_a_refusal_is_an_answer(self) -> None:
        observer = RecordingObserver()
        connection = await self.client(observer)
        for status in ("486 Busy Here", "404 Not Found", "603 Decline"):
            sipp = await self.sipp_answers("answer", 1, status=status)
            [answer] = await self.ask(connection, "MESSAGE", sipp.port)
            self.assertEqual(f"{answer.status_code} {answer.reason_phrase}", status)
            await sipp.succeeded(1)
        self.assertEqual(len(observer.all("incoming_response")), 3)
        self.assertEqual(observer.all("error_occurred"), [])

    async def test_100_slows_the_copies_down_and_200_ends_it(self) -> None:
        observer = RecordingObserver()
        # The 200 comes after 1.5 seconds. Without the 100, copies would leave after 0.3
        # and 0.9 seconds; with it, the next one after the first waits for T2.
        timers = TimerValues(t1=0.3, t2=4.0)
        connection = await self.client(observer, timers=timers)
        sipp = await self.sipp_answers("answer_with_trying", 10)
        answers = await self.ask(connection, "OPTIONS", sipp.port, 10)
        await sipp.succeeded(10)

        self.assertEqual({answer.status_code for answer in answers}, {200})
        self.assertEqual(self.counted.retransmissions_sent, 10)
        # 100 is between the transactions: the observer hears of the 200 alone.
        self.assertEqual(len(observer.all("incoming_response")), 10)

    async def test_who_never_answers_times_out_once(self) -> None:
        observer = RecordingObserver()
        timers = TimerValues(t1=0.02, t2=0.2, t4=0.2)
        connection = await self.client(observer, timers=timers)
        sipp = await self.sipp_answers("answer_never", 1)
        began = reactor.seconds()
        with self.assertRaises(SIPTimedOut):
            request = connection.request(
                "MESSAGE",
                f"sip:bob@127.0.0.1:{sipp.port}",
                from_="sip:alice@example.com",
                content="Is anybody there?",
                content_type="text/plain",
            )
            await request
        took = reactor.seconds() - began

        self.assertGreaterEqual(took, 64 * timers.t1)
        self.assertGreater(self.counted.retransmissions_sent, 4)
        [failed] = observer.all("error_occurred")
        self.assertIsInstance(failed[1], SIPTimedOut)

    async def test_what_phones_answer_is_understood(self) -> None:
        connection = await self.client()
        sipp = await self.sipp_answers("answer_as_phone", 10)
        first, *more = await self.ask(connection, "OPTIONS", sipp.port, 10)
        await sipp.succeeded(10)

        self.assertEqual(len(more), 9)
        self.assertEqual(first.reason_phrase, "Alles in Ordnung, schöne Grüße")
        self.assertEqual(
            [str(tag) for tag in first.header_values("Supported")],
            ["replaces", "timer"],
        )
        self.assertEqual(len(first.header_values("Allow")), 6)
        self.assertEqual(first.header("User-Agent"), "DeskPhone T42/29.84.0.15")


class SippAnswersOverIPv6Tests(AskingTestCase):
    skip = missing("sipp") or missing_ipv6()

    async def test_both_methods(self) -> None:
        connection = await self.client(host="::1")
        sipp = await self.sipp_answers("answer", 200, host="::1")
        for method in ("OPTIONS", "MESSAGE"):
            answers = await self.ask(connection, method, sipp.port, 100, host="::1")
            self.assertEqual({answer.status_code for answer in answers}, {200})
        await sipp.succeeded(200)
