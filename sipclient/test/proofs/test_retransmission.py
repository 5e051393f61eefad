"""A client against silence: when its request is on the wire, to the second.

RFC 3261 §17.1.2.2 through the whole public API: Timer E doubles from T1 to T2, Timer F
ends it after 64·T1. Three admired stacks do it otherwise.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from sipclient import AccessPoint, RequestElements, SIPClient, TimerValues
from sipclient.errors import SIPTimedOut
from sipclient.testing import FakeNetwork, RecordingObserver, ScriptedPeer

A, B = "192.0.2.1", "192.0.2.2"


class RetransmissionTests(SynchronousTestCase):
    def _silence(
        self, timers: TimerValues | str, provisional_at: float | None = None
    ) -> tuple[list[float], list[tuple[str, float]]]:
        """The times at which a request was sent, and what the observer heard when."""
        network = FakeNetwork()
        peer = ScriptedPeer(network.reactor(B), B, absorbs=False)
        heard: list[tuple[str, float]] = []

        class Observer(RecordingObserver):
            def _happened(self, name: str, *arguments: object) -> None:
                if name != "connection_state_changed":
                    what = type(arguments[0]).__name__
                    heard.append((what, round(network.seconds(), 6)))

        async def test() -> None:
            client = await SIPClient.embed(network.reactor(A), "app")
            point = AccessPoint("default", timers=timers)
            connection = await client.connect(point, Observer())
            elements = RequestElements(peer.uri, "MESSAGE", from_="sip:a@example.com")
            transaction = await connection.send_request(elements)
            request = await peer.expects("MESSAGE")
            if provisional_at is not None:
                await network.sleep(provisional_at)
                peer.answers(request, 180)
            with self.assertRaises(SIPTimedOut):
                await transaction.final()
            client.close()

        network.result_of(test(), 1000)
        network.advance(1000)
        self.assertEqual(network.delayed_calls(), [])
        copies = [each for each in peer.heard if each.data == peer.heard[0].data]
        self.assertEqual(len(copies), len(peer.heard))
        return [round(each.time, 6) for each in copies], heard

    def test_no_answer_at_all(self) -> None:
        """0, 0.5, 1.5, 3.5, then every 4 s to 31.5, and one SIPTimedOut at 32."""
        times, heard = self._silence("default")
        self.assertEqual(
            times, [0.0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
        )
        self.assertEqual(heard, [("SIPTimedOut", 32.0)])

    def test_a_provisional_answer_does_not_stop_it(self) -> None:
        """In Proceeding the request goes on every T2, from the next Timer E on."""
        times, heard = self._silence("default", provisional_at=1.0)
        self.assertEqual(times, [0.0, 0.5, 1.5, 5.5, 9.5, 13.5, 17.5, 21.5, 25.5, 29.5])
        self.assertEqual(heard, [("ClientTransaction", 1.0), ("SIPTimedOut", 32.0)])

    def test_other_timers(self) -> None:
        times, heard = self._silence(TimerValues(t1=1.0, t2=2.0, t4=5.0))
        self.assertEqual(times, [0.0, 1.0, *range(3, 64, 2)])
        self.assertEqual(heard, [("SIPTimedOut", 64.0)])
        times, heard = self._silence("cellular")
        self.assertEqual(times, [0.0, 3.0, 9.0, 21.0, *range(37, 192, 16)])
        self.assertEqual(heard, [("SIPTimedOut", 192.0)])
