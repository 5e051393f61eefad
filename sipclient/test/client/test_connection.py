"""A connection's states: who waits for them, and who is told."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from sipclient import AccessPoint, SIPClient
from sipclient.testing import FakeNetwork, RecordingObserver


class ActivationTests(SynchronousTestCase):
    """Who waits for ACTIVE may do with the connection what it likes."""

    def setUp(self) -> None:
        self.network = FakeNetwork()
        self.host = self.network.reactor("192.0.2.1")
        self.observer = RecordingObserver()
        self.point = AccessPoint("default", listen="udp:5060")

    def test_closed_at_once_its_observer_hears_nothing_any_more(self) -> None:
        async def connect_and_close() -> None:
            client = await SIPClient.embed(self.host, "org.example.hasty")
            connection = await client.connect(self.point, self.observer)
            connection.close()

        self.network.result_of(connect_and_close())
        self.network.advance(1)
        self.assertEqual(self.observer.names, [])

    def test_otherwise_it_hears_of_it_after_who_waited(self) -> None:
        async def connect() -> list[str]:
            client = await SIPClient.embed(self.host, "org.example.patient")
            await client.connect(self.point, self.observer)
            return list(self.observer.names)

        self.assertEqual(self.network.result_of(connect()), [])
        self.network.advance(1)
        self.assertEqual(self.observer.names, ["connection_state_changed"])
