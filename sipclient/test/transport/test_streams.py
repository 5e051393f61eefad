"""Connections on a network in memory: what is sent along them and what comes."""

from __future__ import annotations

from sipclient.errors import SIPTransportFailure
from sipclient.message.model import Request
from sipclient.message.parser import parse
from sipclient.test.transport.wires import (
    ANSWER,
    HERE,
    THERE,
    Heard,
    Wire,
    WiresTestCase,
    message,
)
from sipclient.testing import Faults
from sipclient.transport.flow import Flow


class ExchangeTests(WiresTestCase):
    def test_requests_and_answers_take_one_connection(self) -> None:
        heard, other = Heard(), Heard(answers=True)
        layer = self.layer(heard)
        self.layer(other, self.there)
        flow = self.flow_to(layer)
        self.assertTrue(flow.reliable)
        self.assertEqual(flow.source, (THERE, 5060))
        for number in (1, 2):
            flow.send(message(number))
        self.network.advance(1)
        self.assertEqual([data for data, _ in other.received], [message(1), message(2)])
        self.assertEqual(heard.received, [(ANSWER, flow), (ANSWER, flow)])
        self.assertIs(self.flow_to(layer), flow)
        self.assertEqual(len(self.network.streams.connections), 1)
        self.assertEqual(heard.lost, [])

    def test_what_came_by_a_connection_can_be_sent_back_by_it(self) -> None:
        """A target that is the other end of a connection takes that connection."""
        heard = Heard()
        layer = self.layer(heard)
        wire = self.connect()
        wire.wire.write(message())
        self.network.advance(1)
        [(_, flow)] = heard.received
        self.assertIs(self.flow_to(layer, flow.source[1]), flow)

    def test_any_cutting_gives_the_same(self) -> None:
        self.network.faults = Faults(segment=(1, 7))
        heard = Heard(answers=True)
        self.layer(heard)
        wire = self.connect()
        wire.wire.write(b"".join(message(number, 50) for number in range(9)))
        self.network.advance(60)
        self.assertEqual(
            [data for data, _ in heard.received], [message(n, 50) for n in range(9)]
        )
        self.assertEqual(wire.data, ANSWER * 9)

    def test_answers_to_what_came_together_leave_together(self) -> None:
        self.layer(Heard(answers=True))
        wire = self.connect()
        wire.wire.write(message() * 5)
        self.network.advance(0)
        back = [
            segment.data
            for segment in self.network.streams.log
            if segment.kind == "DATA" and segment.source == (HERE, 5060)
        ]
        self.assertEqual(back, [ANSWER * 5])

    def test_equal_only_to_itself(self) -> None:
        layer = self.layer()
        flow, other = self.flow_to(layer), self.flow_to(layer, 5062)
        self.assertEqual(flow, flow)
        self.assertNotEqual(flow, other)
        self.assertEqual(len({flow, other, flow}), 2)
        self.assertIn("TCP 192.0.2.1 5060 ↔ 192.0.2.2 5062", repr(other))

    def test_it_leaves_from_the_address_that_is_listened_on(self) -> None:
        both = self.network.reactor("198.51.100.1", "198.51.100.2")
        wires = self.listen()
        self.flow_to(self.layer(reactor=both))
        self.network.advance(1)
        self.assertEqual(wires[0].wire.getPeer().host, "198.51.100.1")

    def test_a_tap_sees_messages_only(self) -> None:
        seen: list[tuple[str, bytes]] = []

        class Tap:
            def received(self, flow: object, data: bytes) -> None:
                seen.append(("received", data))

            def sent(self, flow: object, data: bytes) -> None:
                seen.append(("sent", data))

        self.layer(Heard(answers=True)).tap = Tap()
        wire = self.connect()
        wire.wire.write(b"\r\n\r\n" + message())
        self.network.advance(1)
        self.assertEqual(seen, [("received", message()), ("sent", ANSWER)])

    def test_what_handles_a_message_may_fail(self) -> None:
        heard = Heard()
        layer = self.layer(heard)
        transport = self.transport(layer)

        def fail(data: bytes, flow: Flow) -> None:
            heard.hear(data, flow)
            raise ZeroDivisionError

        transport._received = fail
        wire = self.connect()
        wire.wire.write(message() * 2)
        self.network.advance(1)
        self.assertEqual(len(heard.received), 2)
        self.assertEqual(transport.failures, 2)
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 2)
        self.assertIs(wire.why, None)

    def test_counters(self) -> None:
        layer = self.layer(Heard(answers=True))
        wire = self.connect()
        wire.wire.write(message() * 3)
        self.network.advance(1)
        transport = self.transport(layer)
        self.assertEqual(transport.messages_received, 3)
        self.assertEqual(transport.messages_sent, 3)
        self.assertEqual(transport.connections, 1)


class KeepAliveTests(WiresTestCase):
    def test_a_ping_is_answered_by_a_pong(self) -> None:
        heard = Heard()
        layer = self.layer(heard)
        wire = self.connect()
        wire.wire.write(b"\r\n\r\n")
        self.network.advance(1)
        self.assertEqual(wire.data, b"\r\n")
        wire.wire.write(b"\r\n\r\n\r\n\r\n" + message())
        self.network.advance(1)
        self.assertEqual(wire.data, b"\r\n" * 3)
        self.assertEqual(len(heard.received), 1)
        self.assertEqual(self.transport(layer).keepalives, 3)

    def test_it_keeps_a_connection_alive(self) -> None:
        self.layer(idle=60)
        wire = self.connect()
        for _ in range(10):
            wire.wire.write(b"\r\n\r\n")
            self.network.advance(59)
        self.assertFalse(wire.ended)
        self.network.advance(61)
        self.assertTrue(wire.ended)


class BrokenTests(WiresTestCase):
    def test_it_is_told_answered_and_closed(self) -> None:
        heard = Heard()
        layer = self.layer(heard)
        wire = self.connect()
        bad = b"MESSAGE sip:b@h SIP/2.0\r\nVia: SIP/2.0/TCP h\r\n\r\n"
        wire.wire.write(message() + bad + message(2))
        self.network.advance(0)
        self.assertEqual([data for data, _ in heard.received], [message()])
        [(error, data, flow)] = heard.broken
        self.assertEqual(data, bad)
        self.assertIn("Content-Length", str(error))
        self.assertEqual([lost for lost, _ in heard.lost], [flow])
        self.assertEqual(parse(wire.data).raw, wire.data)
        self.assertTrue(wire.ended)
        self.assertRaises(SIPTransportFailure, flow.send, ANSWER)
        # It may still be sending; nothing of that is looked at.
        wire.wire.write(message(3) * 100)
        self.network.advance(1)
        self.assertEqual(len(heard.received), 1)
        wire.wire.loseConnection()
        self.network.advance(1)
        self.assertEqual(self.transport(layer).connections, 0)
        self.assertEqual(self.transport(layer).broken, 1)
        self.assertEqual(len(heard.lost), 1)

    def test_a_peer_that_does_not_close_is_cut_off(self) -> None:
        layer = self.layer()
        wire = self.connect()
        wire.wire.write(b"rubbish\r\n\r\n")
        self.network.advance(4)
        self.assertEqual(self.transport(layer).connections, 1)
        self.network.advance(2)
        self.assertEqual(self.transport(layer).connections, 0)


class RoutingTests(WiresTestCase):
    """RFC 3261 §18.2.2: where the answer goes."""

    def request(self, heard: Heard, via: str) -> tuple[Request, Flow, Wire]:
        """Let a request come by a connection of its own."""
        wire = self.connect()
        start = f"A sip:b SIP/2.0\r\nVia: SIP/2.0/{via}\r\nl: 0\r\n\r\n"
        wire.wire.write(start.encode())
        self.network.advance(0)
        data, flow = heard.received[-1]
        request = parse(data)
        assert isinstance(request, Request)
        return request, flow, wire

    def test_by_the_connection_that_the_request_came_by(self) -> None:
        heard = Heard()
        layer = self.layer(heard)
        via = "TCP h:5070;rport;maddr=192.0.2.99"
        request, flow, _ = self.request(heard, via)
        self.assertIs(layer.response_flow(request, flow), flow)
        self.assertIs(layer.flow_beside(flow, ("192.0.2.9", 5060)), flow)

    def test_else_by_a_new_one_to_the_sent_by_port(self) -> None:
        heard = Heard()
        layer = self.layer(heard)
        for via, port in (
            ("TCP h:5070;branch=x;rport", 5070),
            ("TCP h;branch=x", 5060),
            ("TCP ???", 5060),
        ):
            request, flow, wire = self.request(heard, via)
            wire.wire.abortConnection()
            self.network.advance(0)
            self.assertFalse(flow.alive)
            again = layer.response_flow(request, flow)
            self.assertIsNot(again, flow)
            self.assertEqual(again.source, (THERE, port))
