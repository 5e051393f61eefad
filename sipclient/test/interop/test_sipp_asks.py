"""sipp asks, and a client of ours answers."""

from __future__ import annotations

from collections import Counter

from sipclient import RequestElements, ResponseElements
from sipclient.testing import RecordingObserver

from .programs import missing, missing_ipv6
from .sipp import SippTestCase

EXCHANGES = 500


def _told(observer: RecordingObserver) -> list[RequestElements]:
    return [event[1].request_elements for event in observer.all("incoming_request")]


def _capabilities(_: object) -> ResponseElements:
    return ResponseElements(200, headers={"Allow": "MESSAGE, OPTIONS"})


class SippAsksTests(SippTestCase):
    skip = missing("sipp")

    async def exchanges(self, method: str) -> None:
        """500 exchanges of one method, beside as many of sipp with itself."""
        usual = await self.sipp_against_sipp(method, EXCHANGES)
        observer = RecordingObserver({"MESSAGE": 200, "OPTIONS": _capabilities})
        await self.client(observer)
        sipp = await self.sipp_asks(f"ask_{method.lower()}", self.port, EXCHANGES)

        told = Counter(elements.method for elements in _told(observer))
        self.assertEqual(told, {method: EXCHANGES})
        self.assertEqual(self.counted.unanswered, 0)
        self.note(
            f"{EXCHANGES} exchanges, none failed; sipp sent {sipp.retransmissions}"
            f" requests again, and {usual} when sipp answered"
        )
        self.assertLessEqual(sipp.retransmissions, usual)

    async def test_options(self) -> None:
        await self.exchanges("OPTIONS")

    async def test_message(self) -> None:
        await self.exchanges("MESSAGE")

    async def test_a_copy_gets_the_same_answer_and_the_observer_hears_once(
        self,
    ) -> None:
        observer = RecordingObserver({"MESSAGE": 200})
        await self.client(observer)
        calls = 50
        sipp = await self.sipp_asks("ask_again", self.port, calls, "-nr")

        self.assertEqual(len(_told(observer)), calls)
        self.assertEqual(self.counted.retransmissions_received, calls)
        self.assertEqual(self.counted.responses_repeated, calls)
        answers = Counter(sipp.received)
        self.assertEqual(list(answers.values()), [2] * calls)

    async def test_what_phones_write_is_understood(self) -> None:
        observer = RecordingObserver({"MESSAGE": 200})
        await self.client(observer)
        await self.sipp_asks("ask_as_phone", self.port, 10)

        first, *_ = told = _told(observer)
        self.assertEqual(len(told), 10)
        sender = first.from_
        assert sender is not None
        self.assertEqual(sender.display_name, 'Zoë "Front Desk" O\'Hara')
        self.assertEqual(first.header("Subject"), "A word, on two lines")
        self.assertEqual(str(first.cseq), "4711 MESSAGE")
        self.assertEqual(str(first.content_type), 'text/plain;charset="UTF-8"')
        self.assertEqual(first.content.decode().strip(), "Grüße, Bob.")
        self.assertEqual(
            [str(tag) for tag in first.header_values("Supported")],
            ["replaces", "100rel", "timer", "norefersub"],
        )


class SippAsksOverIPv6Tests(SippTestCase):
    skip = missing("sipp") or missing_ipv6()

    async def test_both_methods(self) -> None:
        observer = RecordingObserver({"MESSAGE": 200, "OPTIONS": _capabilities})
        await self.client(observer, host="::1")
        for method in ("OPTIONS", "MESSAGE"):
            scenario = f"ask_{method.lower()}"
            await self.sipp_asks(scenario, self.port, 100, host="::1")
        told = Counter(elements.method for elements in _told(observer))
        self.assertEqual(told, {"OPTIONS": 100, "MESSAGE": 100})
