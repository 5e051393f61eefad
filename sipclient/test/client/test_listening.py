"""What a connection tells of itself."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from sipclient import AccessPoint, ConnectionState, ListenAddress, SIPClient, Stack
from sipclient.testing import FakeNetwork


class ListeningTests(SynchronousTestCase):
    """`connection.listening`: where it can be reached."""

    def setUp(self) -> None:
        self.network = FakeNetwork(seed=1)
        self.stack = Stack(self.network.reactor("192.0.2.1", "2001:db8::1"))
        self.client = self.network.result_of(SIPClient.embed(self.stack, "alice"))

    def test_the_addresses_with_their_real_ports(self) -> None:
        """Port 0 takes a free one, and that is the one told."""
        point = AccessPoint(
            "both", listen=("udp:0:interface=192.0.2.1", "sip:[2001:db8::1]:5070")
        )
        connection = self.network.result_of(self.client.connect(point))
        first, second = connection.listening
        self.assertEqual((first.transport, first.host), ("UDP", "192.0.2.1"))
        self.assertGreater(first.port, 0)
        self.assertEqual(second, ListenAddress("UDP", "2001:db8::1", 5070))

    def test_nothing_where_nothing_listens(self) -> None:
        """Before it is ACTIVE, when it can't be, and when the stack has stopped."""
        point = AccessPoint("a", listen=("udp:5060:interface=198.51.100.1",))
        opened = self.client.connect(point, wait=False)
        connection = self.successResultOf(opened)
        self.assertEqual(connection.listening, ())
        self.network.advance(0)
        self.assertIs(connection.state, ConnectionState.UNAVAILABLE)
        self.assertEqual(connection.listening, ())
        active = self.network.result_of(
            self.client.connect(AccessPoint("b", listen=("udp:0:interface=192.0.2.1",)))
        )
        self.assertEqual(len(active.listening), 1)
        self.network.result_of(self.stack.stop())
        self.network.advance(0)
        self.assertEqual(active.listening, ())
