"""Peers that open connections and send half a message, or send much and never read.

An application goes on being served meanwhile; then all of it is gone.
"""

from __future__ import annotations

from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from sipclient.test.client.ends import Application, nothing_is_left
from sipclient.test.core.raw_peer import options
from sipclient.test.transport.wires import OneWire, Wire
from sipclient.testing import FakeNetwork, FakeReactor
from sipclient.transport.limits import DEFAULT_STREAM_LIMITS

A, B = "192.0.2.1", "192.0.2.2"
BY_TCP = f"sip:bob@{B};transport=tcp"
FROM_ONE = DEFAULT_STREAM_LIMITS.connections_per_peer


class FloodTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.network = FakeNetwork(seed=6)
        self.a, self.b = Application(self.network, A), Application(self.network, B)
        self.wires: list[Wire] = []
        self.addCleanup(self.finish)

    def finish(self) -> None:
        for each in self.wires:
            each.wire.abortConnection()
        self.network.advance(40)
        nothing_is_left(self.network, self.a, self.b)
        self.assertEqual(self.flushLoggedErrors(), [])

    def connected(self, host: FakeReactor) -> Wire:
        wire = Wire()
        self.wires.append(wire)
        host.connectTCP(B, 5060, OneWire(wire))
        return wire

    def served(self) -> None:
        """See that B serves A, and A is served by B, at once."""
        before = self.a.ends.outcomes["200"]
        self.a.send(BY_TCP, 3_000)
        self.a.send(f"sip:bob@{B}")
        self.network.advance(1)
        self.assertEqual(self.a.ends.outcomes["200"], before + 2)

    def test_two_thousand_that_send_half_a_message(self) -> None:
        half = options("half", "TCP")[:-40]
        for number in range(8):
            host = self.network.reactor(f"198.51.100.{number + 1}")
            for _ in range(250):
                self.connected(host)
        self.network.advance(0)
        for wire in self.wires:
            wire.wire.write(half)
        self.network.advance(0)
        streams = self.b.streams
        self.assertEqual((streams.connections, streams.refused), (2_000, 0))
        self.served()
        self.network.advance(31)
        # A's own connection is left.
        self.assertEqual((streams.connections, streams.slowed), (1, 2_000))
        self.assertEqual(
            {(each.ended, each.data) for each in self.wires}, {(True, b"")}
        )
        self.served()

    def test_one_peer_takes_no_more_than_its_share(self) -> None:
        host = self.network.reactor("198.51.100.1")
        wires = [self.connected(host) for _ in range(2_000)]
        self.network.advance(0)
        self.assertEqual(self.b.streams.refused, 2_000 - FROM_ONE)
        self.assertEqual(sum(not wire.ended for wire in wires), FROM_ONE)
        self.served()

    def test_a_peer_that_asks_and_never_reads(self) -> None:
        """Its answers are kept up to a limit; then it is cut off, and nothing stays."""
        peer = self.connected(self.network.reactor("198.51.100.1"))
        self.network.advance(0)
        wire: Any = peer.wire
        wire.pauseProducing()
        for number in range(5_000):
            wire.write(options(f"unread{number}", "TCP"))
            if number % 100 == 0:
                self.network.advance(0)
        self.served()
        self.assertEqual(self.b.streams.overflows + self.b.streams.unread, 1)
        self.network.advance(1)
        self.assertEqual(self.b.streams.connections, 1)

    def test_a_peer_that_takes_requests_and_never_reads(self) -> None:
        """Each request has its outcome: too much waits, or nobody answers."""
        self.network.streams.stall(B)
        for _ in range(100):
            self.a.send(BY_TCP, 20_000)
            self.network.advance(0.01)
        self.network.advance(33)
        self.assertEqual(sum(self.a.ends.outcomes.values()), 100)
        self.assertLessEqual(
            {*self.a.ends.outcomes}, {"SIPTransportFailure", "SIPTimedOut"}
        )
        self.assertEqual(self.a.streams.connections, 0)
        self.network.streams.resume(B)
        self.network.advance(1)
        self.a.ends.outcomes.clear()
        self.served()
