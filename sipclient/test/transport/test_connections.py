"""How connections are made and how they end, and what they may cost at most."""

from __future__ import annotations

from typing import Any

from sipclient.errors import SIPArgumentError, SIPTransportFailure
from sipclient.test.transport.wires import (
    ANSWER,
    ELSEWHERE,
    HERE,
    THERE,
    Heard,
    Wire,
    WiresTestCase,
    message,
)
from sipclient.testing import FakeNetwork
from sipclient.transport.layer import TransportLayer
from sipclient.transport.limits import StreamLimits
from sipclient.transport.target import Target


class MakingTests(WiresTestCase):
    def test_what_is_sent_meanwhile_waits(self) -> None:
        self.network.faults = self.network.faults.__class__(delay=0.1)
        wires = self.listen()
        layer = self.layer()
        flow = self.flow_to(layer)
        for number in range(3):
            flow.send(message(number))
        self.assertIs(self.flow_to(layer), flow)
        self.assertFalse(flow.connected)
        self.network.advance(1)
        self.assertTrue(flow.connected)
        self.assertEqual(wires[0].data, b"".join(message(n) for n in range(3)))

    def test_refused(self) -> None:
        heard = Heard()
        layer = self.layer(heard)
        flow = self.flow_to(layer)
        flow.send(message())
        self.network.advance(1)
        [(lost, error)] = heard.lost
        self.assertIs(lost, flow)
        self.assertIsInstance(error, SIPTransportFailure)
        self.assertIn("connecting to 192.0.2.2:5060 over TCP: Conn", str(error))
        self.assertFalse(flow.connected)
        self.assertFalse(flow.alive)
        again = self.assertRaises(SIPTransportFailure, flow.send, message())
        self.assertIn("refused", str(again))
        self.assertIsNot(self.flow_to(layer), flow)
        self.assertEqual(self.transport(layer).unmade, 1)

    def test_nobody_answers(self) -> None:
        heard = Heard()
        layer = self.layer(heard, connect_time=7)
        self.flow_to(layer, host="192.0.2.99")
        self.network.advance(6.9)
        self.assertEqual(heard.lost, [])
        self.network.advance(0.2)
        [(_, error)] = heard.lost
        self.assertIn("nobody answered within 7 s", str(error))

    def test_no_way(self) -> None:
        heard = Heard()
        layer = self.layer(heard)
        here = self.network.reactor(ELSEWHERE)
        six = self.layer(heard, self.network.reactor("2001:db8::1"))
        self.assertRaises(
            SIPTransportFailure, layer.flow_to, Target("TCP", "2001:db8::2", 5060)
        )
        error = self.assertRaises(
            SIPTransportFailure, six.flow_to, Target("TCP", THERE, 5060)
        )
        self.assertIn("no IPv4 address is listened on by TCP", str(error))
        self.assertIn("tcp:5060", str(error))
        del here

    def test_can_reach(self) -> None:
        layer = self.layer()
        self.assertTrue(layer.can_reach(Target("TCP", THERE, 5060)))
        self.assertFalse(layer.can_reach(Target("UDP", THERE, 5060)))
        self.assertFalse(layer.can_reach(Target("TCP", "::1", 5060)))

    def test_too_many_of_ours(self) -> None:
        layer = self.layer(connections=2)
        for port in (1, 2):
            self.flow_to(layer, port)
        error = self.assertRaises(SIPTransportFailure, self.flow_to, layer, 3)
        self.assertIn("StreamLimits.connections", str(error))
        self.assertEqual(self.flow_to(layer, 2).source, (THERE, 2))
        self.network.advance(1)  # they were refused
        self.flow_to(layer, 3)

    def test_ipv6(self) -> None:
        heard, other = Heard(), Heard(answers=True)
        layer = self.layer(heard, self.network.reactor("2001:db8::1"))
        self.layer(other, self.network.reactor("2001:db8::2"))
        flow = self.flow_to(layer, host="2001:db8::2")
        flow.send(message())
        self.network.advance(1)
        self.assertEqual(heard.received, [(ANSWER, flow)])
        self.assertEqual(other.received[0][1].source[0], "2001:db8::1")

    def test_limits_are_checked(self) -> None:
        bad: tuple[dict[str, Any], ...] = (
            {"connections": 0},
            {"idle": -1},
            {"connect_time": float("inf")},
            {"unsent": "1"},
        )
        for values in bad:
            self.assertRaises(SIPArgumentError, StreamLimits, **values)


class EndingTests(WiresTestCase):
    def established(self, heard: Heard, **limits: Any) -> tuple[TransportLayer, Wire]:
        """Give a layer and the plain end of a connection to it that was used."""
        layer = self.layer(heard, **limits)
        wire = self.connect()
        wire.wire.write(message())
        self.network.advance(1)
        return layer, wire

    def test_idle(self) -> None:
        heard = Heard()
        layer, wire = self.established(heard, idle=100)
        self.network.advance(98.9)
        self.assertFalse(wire.ended)
        wire.wire.write(message())
        self.network.advance(99)
        heard.received[0][1].send(ANSWER)
        self.network.advance(99)
        self.assertFalse(wire.ended)
        self.network.advance(2)
        self.assertTrue(wire.ended)
        [(_, error)] = heard.lost
        self.assertIn("idle for 100 s", str(error))
        self.assertEqual(self.transport(layer).idled, 1)
        self.assertEqual(self.transport(layer).connections, 0)

    def test_reset(self) -> None:
        heard = Heard()
        layer, wire = self.established(heard)
        wire.wire.abortConnection()
        self.network.advance(0)
        [(flow, error)] = heard.lost
        self.assertIn("from 192.0.2.2:", str(error))
        self.assertRaises(SIPTransportFailure, flow.send, message())
        self.assertEqual(self.transport(layer).connections, 0)

    def test_closed_by_the_peer(self) -> None:
        """A flow of ours that nothing passed on just now ends with the peer's half."""
        heard = Heard()
        wires = self.listen()
        layer = self.layer(heard)
        flow = self.flow_to(layer)
        flow.send(message())
        self.network.advance(10)
        wires[0].wire.loseConnection()
        self.network.advance(0)
        self.assertEqual([lost for lost, _ in heard.lost], [flow])
        self.assertEqual(self.transport(layer).connections, 0)
        again = self.flow_to(layer)
        again.send(message(2))
        self.network.advance(1)
        self.assertEqual(wires[1].data, message(2))

    def test_half_closed_it_can_still_be_answered(self) -> None:
        """A peer that says it is done may wait for answers."""
        heard = Heard()
        layer = self.layer(heard)
        wire = self.connect()
        wire.wire.write(message() + message(2)[:20])
        wire.wire.loseWriteConnection()
        self.network.advance(1)
        [(_, flow)] = heard.received
        self.assertEqual([lost for lost, _ in heard.lost], [flow])
        self.assertIsNot(self.flow_to(layer, flow.source[1]), flow)
        flow.send(ANSWER)
        self.network.advance(1)
        self.assertEqual(wire.data, ANSWER)
        self.assertFalse(wire.ended)
        self.network.advance(5)
        self.assertTrue(wire.ended)

    def test_half_closed_ones_wait_in_bounds(self) -> None:
        layer = self.layer(Heard(), connections_per_peer=1000)
        wires = [self.connect() for _ in range(300)]
        for wire in wires:
            wire.wire.write(message())
            wire.wire.loseWriteConnection()
        self.network.advance(0)
        self.network.advance(0)
        self.assertEqual(self.transport(layer).connections, 256)
        self.network.advance(6)
        self.assertEqual(self.transport(layer).connections, 0)

    def test_a_connection_dies_at_each_step(self) -> None:
        """Whatever segment it dies at, the flow is lost once, and nothing is left."""
        for number in range(8):
            for how in ("reset", "close"):
                self.network = FakeNetwork(seed=number)
                self.here = self.network.reactor(HERE)
                self.there = self.network.reactor(THERE)
                heard = Heard()
                layer = self.layer(heard)
                other = self.layer(Heard(answers=True), self.there)
                severing = self.network.streams.sever_at(number, how=how)
                flow = self.flow_to(layer)
                flow.send(message())
                self.network.advance(1000)
                self.assertEqual([lost for lost, _ in heard.lost], [flow])
                self.assertEqual(self.transport(layer).connections, 0)
                self.assertEqual(self.transport(other).connections, 0)
                if number < 3:
                    self.assertIsNot(severing.segment, None)
                for one in (layer, other):
                    one.stop()
                self.network.advance(1)
                self.assertEqual(self.network.delayed_calls(), [])


class StoppingTests(WiresTestCase):
    def test_all_is_closed_and_nobody_told(self) -> None:
        heard = Heard()
        layer = self.layer(heard)
        wire = self.connect()
        wire.wire.write(message())
        self.listen(5062)
        self.network.advance(0)
        self.flow_to(layer, 5062)
        self.network.advance(0)
        self.flow_to(layer, host="192.0.2.99").send(message())
        flow = heard.received[0][1]
        flow.send(ANSWER)
        stopped = layer.stop()
        self.network.advance(1)
        self.successResultOf(stopped)
        self.assertEqual(wire.data, ANSWER)
        self.assertTrue(wire.ended)
        self.assertEqual(heard.lost, [])
        self.assertRaises(SIPTransportFailure, flow.send, ANSWER)
        self.assertEqual(self.here.getDelayedCalls(), [])
        self.assertEqual(self.here.ports, ())

    def test_what_waits_leaves_first(self) -> None:
        layer = self.layer(unsent=10**6)
        wires = self.listen()
        flow = self.flow_to(layer)
        self.network.advance(0)
        self.network.streams.stall(THERE)
        flow.send(message(size=500_000))
        self.network.advance(0)
        stopped = layer.stop()
        self.network.advance(1)
        self.assertNoResult(stopped)
        self.network.streams.resume(THERE)
        self.network.advance(3)
        self.successResultOf(stopped)
        self.assertEqual(wires[0].data, message(size=500_000))

    def test_a_peer_that_does_not_read_can_not_hold_it_up(self) -> None:
        layer = self.layer(unsent=10**6)
        self.listen()
        flow = self.flow_to(layer)
        self.network.advance(0)
        self.network.streams.stall(THERE)
        flow.send(message(size=500_000))
        stopped = layer.stop()
        self.network.advance(6)
        self.successResultOf(stopped)
        self.network.streams.resume(THERE)

    def test_again_and_afterwards(self) -> None:
        layer = self.layer()
        transport = self.transport(layer)
        first, second = transport.stop(), transport.stop()
        self.network.advance(1)
        self.successResultOf(first)
        self.successResultOf(second)
        self.successResultOf(transport.stop())
        self.assertFalse(transport.listening)
        self.assertRaises(SIPTransportFailure, transport.flow_to, (THERE, 5060))


class LimitTests(WiresTestCase):
    def test_connections(self) -> None:
        layer = self.layer(connections=3)
        wires = [self.connect() for _ in range(4)]
        self.network.advance(1)
        self.assertEqual([wire.ended for wire in wires], [False] * 3 + [True])
        self.assertEqual(self.transport(layer).refused, 1)
        wires[0].wire.loseConnection()
        self.network.advance(6)
        self.assertFalse(self.connect().ended)

    def test_connections_per_peer(self) -> None:
        layer = self.layer(connections_per_peer=2)
        wires = [self.connect() for _ in range(3)]
        elsewhere = self.network.reactor(ELSEWHERE)
        wires += [self.connect(reactor=elsewhere) for _ in range(3)]
        self.network.advance(1)
        self.assertEqual([wire.ended for wire in wires], [False, False, True] * 2)
        self.assertEqual(self.transport(layer).refused, 2)

    def test_message_time(self) -> None:
        heard = Heard()
        layer = self.layer(heard, message_time=20)
        slow, silent, good = self.connect(), self.connect(), self.connect()
        good.wire.write(message())
        for _ in range(19):
            slow.wire.write(message()[:1])
            self.network.advance(1)
        self.assertFalse(slow.ended)
        self.network.advance(1)
        self.assertEqual([one.ended for one in (slow, silent, good)], [1, 1, 0])
        self.assertEqual(self.transport(layer).slowed, 2)
        self.assertIn("no whole message came in 20 s", str(heard.lost[0][1]))
        # For each message it begins anew.
        good.wire.write(message() + message()[:9])
        self.network.advance(19)
        good.wire.write(message()[9:] + message()[:1])
        self.network.advance(19)
        self.assertFalse(good.ended)
        good.wire.write(message()[1:])
        self.network.advance(100)
        self.assertFalse(good.ended)
        good.wire.write(message()[:-1])
        self.network.advance(21)
        self.assertTrue(good.ended)

    def test_two_thousand_that_send_half_a_message(self) -> None:
        layer = self.layer(connections=1500, connections_per_peer=500)
        transport = self.transport(layer)
        wires = []
        for number in range(4):
            attacker = self.network.reactor(f"198.51.100.{number + 1}")
            wires += [self.connect(reactor=attacker) for _ in range(500)]
        for wire in wires:
            if wire.connected:
                wire.wire.write(message()[:-1])
        self.network.advance(1)
        self.assertEqual(transport.connections, 1500)
        self.assertEqual(transport.refused, 500)
        # One delayed call does for all of them.
        self.assertLess(len(self.here.getDelayedCalls()), 4)
        self.network.advance(32)
        self.assertEqual(transport.connections, 0)
        self.assertEqual(transport.slowed, 1500)
        self.assertTrue(all(wire.ended for wire in wires))

    def test_unsent_to_a_peer_that_never_reads(self) -> None:
        heard = Heard()
        layer = self.layer(heard, unsent=100_000)
        self.listen()
        flow = self.flow_to(layer)
        self.network.advance(0)
        self.network.streams.stall(THERE)
        sent = 0
        with self.assertRaises(SIPTransportFailure) as caught:
            for _ in range(1000):
                flow.send(message(size=1000))
                sent += 1
                self.network.advance(0)
        self.assertIn("more than 100000 bytes wait", str(caught.exception))
        self.assertLess(sent, 300)  # the limit, and what two kernels hold
        self.assertRaises(SIPTransportFailure, flow.send, message())
        self.network.advance(0)
        self.assertEqual([lost for lost, _ in heard.lost], [flow])
        self.assertEqual(self.transport(layer).overflows, 1)
        self.assertEqual(self.transport(layer).connections, 0)
        self.network.streams.resume(THERE)

    def test_unsent_while_connecting(self) -> None:
        layer = self.layer(unsent=1000)
        flow = self.flow_to(layer)
        flow.send(message(size=900))
        self.assertRaises(SIPTransportFailure, flow.send, message(size=900))

    def test_what_is_not_read_for_too_long(self) -> None:
        heard = Heard()
        layer = self.layer(heard, message_time=20)
        self.listen()
        flow = self.flow_to(layer)
        self.network.advance(0)
        self.network.streams.stall(THERE)
        flow.send(message(size=200_000))
        self.network.advance(19)
        self.assertEqual(heard.lost, [])
        self.network.advance(2)
        [(lost, error)] = heard.lost
        self.assertIs(lost, flow)
        self.assertIn("took nothing of what was sent for 20 s", str(error))
        self.assertEqual(self.transport(layer).unread, 1)
        self.network.streams.resume(THERE)

    def test_a_slow_reader_gets_all(self) -> None:
        layer = self.layer()
        wires = self.listen()
        flow = self.flow_to(layer)
        self.network.advance(0)
        self.network.streams.stall(THERE)
        for number in range(20):
            flow.send(message(number, 10_000))
        self.network.streams.resume(THERE)
        self.network.advance(5)
        self.assertEqual(
            wires[0].data, b"".join(message(number, 10_000) for number in range(20))
        )
        flow.send(message())
        self.network.advance(1)
        self.assertTrue(wires[0].data.endswith(message()))

    def test_pings_of_a_peer_that_never_reads(self) -> None:
        layer = self.layer(unsent=10_000)
        wire = self.connect()
        wire.wire.pauseProducing()
        wire.wire.write(b"\r\n" * 1_000_000)
        self.network.advance(60)
        self.assertEqual(self.transport(layer).connections, 0)
