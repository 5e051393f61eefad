"""Streams of a host in memory behave as Twisted's do, whatever becomes of them."""

from __future__ import annotations

import errno
import socket
from typing import Any

from twisted.internet import error
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import (
    TCP4ClientEndpoint,
    TCP4ServerEndpoint,
    TCP6ClientEndpoint,
    connectProtocol,
)
from twisted.internet.error import (
    CannotListenError,
    ConnectBindError,
    NotConnectingError,
)
from twisted.internet.interfaces import (
    IConnector,
    IListeningPort,
    IPullProducer,
    IPushProducer,
    IReactorTCP,
    ISystemHandle,
    ITCPTransport,
)
from zope.interface import implementer
from zope.interface.verify import verifyObject

from sipclient.testing import FakeNetwork

from .streaming import A6, B6, A, B, Ear, HalfEar, StreamTestCase


class InterfacesTests(StreamTestCase):
    def test_are_provided(self) -> None:
        caller, connector = self.call()
        self.settle()
        assert caller.ear is not None
        provided: list[tuple[Any, object]] = [
            (IReactorTCP, self.a),
            (IListeningPort, self.port),
            (IConnector, connector),
        ]
        for ear in (caller.ear, self.server.ears[0]):
            provided += [(ITCPTransport, ear.transport)]
            provided += [(ISystemHandle, ear.transport)]
        for interface, thing in provided:
            self.assertTrue(verifyObject(interface, thing))


class ListeningTests(StreamTestCase):
    def test_says_where(self) -> None:
        self.assertEqual(self.port.getHost(), IPv4Address("TCP", "0.0.0.0", 5060))
        self.assertEqual(self.port6.getHost(), IPv6Address("TCP", "::", 5060))
        self.assertEqual(self.b.ports, (self.port, self.port6))
        self.assertEqual(self.port6.bound, ("::", 5060))
        self.assertIn("5060", repr(self.port))

    def test_port_0_is_any_free_one(self) -> None:
        ports = {self.b.listenTCP(0, self.server).getHost().port for _ in range(20)}
        self.assertEqual(len(ports), 20)

    def test_a_port_in_use(self) -> None:
        raised = self.assertRaises(
            CannotListenError, self.b.listenTCP, 5060, self.server, interface=B
        )
        self.assertEqual(raised.socketError.errno, errno.EADDRINUSE)

    def test_udp_has_ports_of_its_own(self) -> None:
        from .test_network import listen

        listen(self.b, 5060)
        self.assertEqual(len(self.b.ports), 3)

    def test_an_address_of_somebody_else(self) -> None:
        for interface in (A, A6):
            raised = self.assertRaises(
                CannotListenError, self.b.listenTCP, 0, self.server, interface=interface
            )
            self.assertEqual(raised.socketError.errno, errno.EADDRNOTAVAIL)

    def test_stopping_frees_the_port_and_refuses_who_comes(self) -> None:
        self.finished(self.port)
        caller, _ = self.call()
        self.settle()
        self.assertEqual(caller.failures, ["ConnectionRefusedError"])
        self.assertEqual(self.b.ports, (self.port6,))
        self.b.listenTCP(5060, self.server)

    def test_stopping_leaves_connections_alone(self) -> None:
        here, there = self.connected()
        self.finished(self.port)
        here.transport.write(b"still here")
        self.settle()
        self.assertEqual(there.text, b"still here")

    def test_a_factory_may_want_nobody(self) -> None:
        self.server.make = lambda: None
        caller, _ = self.call()
        self.settle()
        assert caller.ear is not None
        self.assertEqual(caller.ear.lost, ["ConnectionDone"])
        self.assertEqual(self.network.streams.open, ())


class ConnectingTests(StreamTestCase):
    def test_takes_a_round_trip_and_half_a_one_more_for_the_server(self) -> None:
        self.build(FakeNetwork(delay=0.1))
        here, there = self.connected()
        self.assertAlmostEqual(here.made_at or 0, 0.2)
        self.assertAlmostEqual(there.made_at or 0, 0.3)

    def test_both_ends_know_each_other(self) -> None:
        for host, own, kind in ((B, A, IPv4Address), (B6, A6, IPv6Address)):
            here, there = self.connected(host)
            peer = here.transport.getPeer()
            self.assertEqual(peer, kind("TCP", host, 5060))
            self.assertEqual(here.transport.getHost().host, own)
            self.assertEqual(there.transport.getHost(), peer)
            self.assertEqual(there.transport.getPeer(), here.transport.getHost())

    def test_from_a_chosen_address(self) -> None:
        self.a = self.network.reactor("192.0.2.10", "192.0.2.11")
        caller, _ = self.call(bindAddress=("192.0.2.10", 5099))
        self.settle()
        assert caller.ear is not None
        self.assertEqual(
            self.server.ears[0].transport.getPeer(),
            IPv4Address("TCP", "192.0.2.10", 5099),
        )
        second, _ = self.call(bindAddress=("192.0.2.10", 5099))
        self.settle()
        self.assertEqual(second.failures, [ConnectBindError.__name__])

    def test_to_oneself(self) -> None:
        for host in (A, "127.0.0.1"):
            self.a.listenTCP(5061, self.server, interface=host)
            self.call(host, 5061)
            self.settle(0)
            peer = self.server.ears[-1].transport.getPeer()
            self.assertEqual(peer.host, host)

    def test_refused_where_nobody_listens(self) -> None:
        self.build(FakeNetwork(delay=0.5))
        caller, _ = self.call(port=5061)
        self.settle(0.9)
        self.assertEqual(caller.failures, [])
        self.settle(0.1)
        self.assertEqual(caller.failures, ["ConnectionRefusedError"])
        self.assertEqual(self.network.delayed_calls(), [])

    def test_a_port_that_only_connects_takes_nobody(self) -> None:
        here, _ = self.connected()
        own = here.transport.getHost()
        caller, _ = self.call(own.host, own.port)
        self.settle()
        self.assertEqual(caller.failures, ["ConnectionRefusedError"])

    def test_silence_ends_in_a_timeout(self) -> None:
        caller, _ = self.call("198.51.100.7", timeout=7)
        self.settle(6.9)
        self.assertEqual(caller.failures, [])
        self.settle(0.1)
        self.assertEqual(caller.failures, ["TimeoutError"])
        self.assertEqual(self.network.streams.open, ())

    def test_the_kernel_gives_up_too(self) -> None:
        caller, _ = self.call("198.51.100.7", timeout=1000)
        self.settle(126)
        self.assertEqual(caller.failures, [])
        self.settle(1)
        self.assertEqual(caller.failures, ["TCPTimedOutError"])
        self.assertEqual(self.kinds(), ["SYN"] * 7)
        self.assertEqual(self.states(), ["timed out"])

    def test_no_way_there(self) -> None:
        self.a = self.network.reactor("192.0.2.10")
        caller, _ = self.call(B6)
        self.settle(0)
        self.assertEqual(caller.failures, ["NoRouteError"])
        other, _ = self.call(B, bindAddress=("127.0.0.1", 0))
        self.settle(0)
        self.assertEqual(len(other.failures), 1)

    def test_it_can_be_stopped(self) -> None:
        self.build(FakeNetwork(delay=0.5))
        for moment in (0.0, 0.25, 0.75):
            caller, connector = self.call()
            self.settle(moment)
            connector.stopConnecting()
            self.assertEqual(caller.failures, ["UserError"])
            self.assertRaises(NotConnectingError, connector.stopConnecting)
            self.settle()
            self.assertEqual(self.server.ears, [])
        self.assertEqual(self.network.streams.open, ())
        self.assertEqual(self.network.delayed_calls(), [])

    def test_a_connector_connects_again(self) -> None:
        caller, connector = self.call(port=5061)
        self.settle()
        self.b.listenTCP(5061, self.server)
        connector.connect()
        self.settle()
        self.assertIsNotNone(caller.ear)
        connector.disconnect()
        self.settle()
        self.assertEqual(caller.losses, ["ConnectionDone"])

    def test_names_are_not_looked_up(self) -> None:
        caller, _ = self.call("b.example")
        self.settle()
        self.assertEqual(caller.failures, ["DNSLookupError"])

    def test_more_than_the_backlog_must_wait(self) -> None:
        port = self.b.listenTCP(5061, self.server, backlog=2)
        self.network.streams.stall(B)
        for _ in range(5):
            self.call(port=5061, timeout=60)
            self.settle(0.1)
        made = [each.state for each in self.network.streams.connections]
        self.assertEqual(made, ["open"] * 3 + ["connecting"] * 2)
        self.network.streams.resume(B)
        self.settle(10)
        self.assertEqual(len(self.server.ears), 5)
        self.finished(port)


class WritingTests(StreamTestCase):
    def test_nothing_arrives_while_its_sender_writes(self) -> None:
        here, there = self.connected()
        here.answer = lambda data: here.transport.write(b"pong")
        there.answer = lambda data: there.transport.write(b"ping")
        there.transport.write(b"ping")
        here.transport.writeSequence([b"a", b"b"])
        self.assertEqual((here.heard, there.heard), ([], []))
        self.network.run(lambda: len(here.heard) > 100)

    def test_what_is_written_at_once_arrives_at_once(self) -> None:
        here, there = self.connected()
        for data in (b"a", b"b", b"c"):
            here.transport.write(data)
        self.settle()
        self.assertEqual(there.heard, [b"abc"])

    def test_a_lot_arrives_whole(self) -> None:
        self.build(FakeNetwork(delay=(0.0, 0.05)))
        here, there = self.connected()
        data = bytes(range(256)) * 4000
        here.transport.write(data)
        self.settle(60)
        self.assertEqual(there.text, data)
        self.assertLess(max(map(len, there.heard)), 1461)

    def test_text_is_refused(self) -> None:
        here, _ = self.connected()
        self.assertRaises(TypeError, here.transport.write, "text")

    def test_options_are_kept(self) -> None:
        here, _ = self.connected()
        for name in ("NoDelay", "KeepAlive"):
            self.assertFalse(getattr(here.transport, f"getTcp{name}")())
            getattr(here.transport, f"setTcp{name}")(True)
            self.assertTrue(getattr(here.transport, f"getTcp{name}")())

    def test_what_a_protocol_raises_ends_its_connection_and_the_advance(self) -> None:
        here, there = self.connected()
        there.answer = lambda data: {b"": 0}[data]
        here.transport.write(b"x")
        self.assertRaises(KeyError, self.settle)
        self.settle()
        self.assertEqual((there.lost, here.lost), (["KeyError"], ["ConnectionDone"]))


class ClosingTests(StreamTestCase):
    def test_flushes_first(self) -> None:
        self.build(FakeNetwork(delay=0.1))
        here, there = self.connected()
        data = b"x" * 500_000
        here.transport.write(data)
        here.transport.loseConnection()
        here.transport.write(b"too late?")
        self.settle(60)
        self.assertEqual(there.text[:500_000], data)
        self.assertEqual((here.lost, there.lost), (["ConnectionDone"],) * 2)
        self.assertEqual(self.states(), ["closed"])
        self.assertEqual(self.network.streams.open, ())

    def test_aborting_does_not(self) -> None:
        here, there = self.connected()
        here.transport.write(b"x" * 500_000)
        self.network.streams.stall(B)
        self.settle()
        here.transport.abortConnection()
        here.transport.abortConnection()
        self.settle()
        self.network.streams.resume(B)
        self.settle()
        self.assertEqual(here.lost, ["ConnectionAborted"])
        self.assertEqual(there.lost, ["ConnectionLost"])
        self.assertLess(len(there.text), 500_000)
        self.assertEqual(self.states(), ["reset"])

    def test_both_at_once(self) -> None:
        self.build(FakeNetwork(delay=0.1))
        here, there = self.connected()
        here.transport.loseConnection()
        there.transport.loseConnection()
        self.settle()
        self.assertEqual((here.lost, there.lost), (["ConnectionDone"],) * 2)

    def test_unread_bytes_make_it_a_reset(self) -> None:
        """As on Linux: the other end loses even what it had not read yet."""
        here, there = self.connected()
        there.transport.pauseProducing()
        here.transport.write(b"never read")
        self.settle()
        there.transport.loseConnection()
        self.settle()
        self.assertEqual(here.lost, ["ConnectionLost"])

    def test_bytes_for_a_closed_socket_make_it_a_reset(self) -> None:
        self.build(FakeNetwork(delay=0.1))
        here, there = self.connected()
        there.transport.loseConnection()
        self.settle(0.05)
        here.transport.write(b"too late")
        self.settle()
        self.assertEqual((there.lost, here.lost), (["ConnectionDone"],) * 2)
        self.assertIn("refused", self.fates())
        self.assertIn("RST", self.kinds())

    def test_nothing_happens_to_a_transport_that_is_gone(self) -> None:
        here, _ = self.connected()
        transport = here.transport
        transport.loseConnection()
        self.settle()
        transport.write(b"x")
        transport.loseConnection()
        transport.abortConnection()
        self.settle()
        self.assertEqual(here.lost, ["ConnectionDone"])


class HalfTests(StreamTestCase):
    ear: type[Ear] = HalfEar

    def halves(self) -> tuple[HalfEar, HalfEar]:
        here, there = self.connected()
        assert isinstance(here, HalfEar) and isinstance(there, HalfEar)
        return here, there

    def test_one_half_goes_and_the_other_works_on(self) -> None:
        here, there = self.halves()
        here.transport.write(b"the last")
        here.transport.loseWriteConnection()
        self.settle()
        here.transport.write(b"not sent")
        self.assertEqual((here.halves, there.halves), (["write"], ["read"]))
        there.transport.write(b"answer")
        self.settle()
        self.assertEqual((there.text, here.text), (b"the last", b"answer"))
        self.assertEqual((here.lost, there.lost), ([], []))
        there.transport.loseConnection()
        self.settle()
        self.assertEqual(here.halves, ["write", "read"])
        self.assertEqual(there.lost, ["ConnectionDone"])
        here.transport.loseConnection()
        self.settle()
        self.assertEqual(here.lost, ["ConnectionDone"])
        self.assertEqual(self.states(), ["closed"])

    def test_a_protocol_without_halves_is_lost(self) -> None:
        self.ear = Ear
        plain, _ = self.connected()
        self.ear = HalfEar
        _, there = self.connected()
        self.server.ears[0].transport.loseWriteConnection()
        self.settle()
        self.assertEqual(plain.lost, ["ConnectionDone"])
        self.assertEqual(there.lost, [])


class ProducerTests(StreamTestCase):
    def test_a_reader_that_pauses_hears_nothing_until_it_resumes(self) -> None:
        here, there = self.connected()
        there.transport.pauseProducing()
        here.transport.write(b"one")
        self.settle()
        self.assertEqual(there.heard, [])
        there.transport.resumeProducing()
        self.assertEqual(there.heard, [])  # not inside the call
        self.settle(0)
        self.assertEqual(there.heard, [b"one"])

    def test_a_reader_may_pause_between_two_segments(self) -> None:
        self.build(FakeNetwork(segment=1))
        here, there = self.connected()
        there.answer = lambda data: there.transport.pauseProducing()
        here.transport.write(b"abc")
        self.settle()
        self.assertEqual(there.heard, [b"a"])
        there.transport.resumeProducing()
        self.settle()
        self.assertEqual(there.heard, [b"a", b"bc"])

    def test_a_push_producer_is_paused_when_the_window_is_full(self) -> None:
        @implementer(IPushProducer)
        class Push:
            def __init__(self) -> None:
                self.said: list[str] = []

            def pauseProducing(self) -> None:
                self.said.append("pause")

            def resumeProducing(self) -> None:
                self.said.append("resume")

            def stopProducing(self) -> None:
                self.said.append("stop")

        here, there = self.connected()
        there.transport.pauseProducing()
        producer = Push()
        here.transport.registerProducer(producer, True)
        written = 0
        while "pause" not in producer.said:
            here.transport.write(b"x" * 10_000)
            written += 10_000
            self.settle(0.1)
        # Its own buffer, its kernel's, and the window of the other end.
        self.assertLess(abs(written - 3 * 65536), 10_000)
        there.transport.resumeProducing()
        self.settle()
        self.assertEqual(producer.said, ["pause", "resume"])
        self.assertEqual(len(there.text), written)
        there.transport.abortConnection()
        self.settle()
        self.assertEqual(producer.said, ["pause", "resume", "stop"])

    def test_a_pull_producer_is_asked_when_there_is_room(self) -> None:
        @implementer(IPullProducer)
        class Pull:
            left = 50

            def resumeProducing(self) -> None:
                if not self.left:
                    here.transport.unregisterProducer()
                    here.transport.loseConnection()
                    return
                self.left -= 1
                here.transport.write(b"x" * 10_000)

            def stopProducing(self) -> None:
                """It is never asked to."""

        here, there = self.connected()
        here.transport.registerProducer(Pull(), False)
        self.settle(60)
        self.assertEqual(len(there.text), 500_000)
        self.assertEqual(there.lost, ["ConnectionDone"])


class EndpointTests(StreamTestCase):
    def test_both_kinds_work(self) -> None:
        endpoint = TCP4ServerEndpoint(self.b, 5061, interface=B)
        listening: Deferred[IListeningPort] = endpoint.listen(self.server)
        port = self.network.result_of(listening)
        for client in (
            TCP4ClientEndpoint(self.a, B, 5061),
            TCP6ClientEndpoint(self.a, B6, 5060),
        ):
            here = self.network.result_of(connectProtocol(client, self.make()))
            self.settle()
            here.transport.write(b"hello")
            self.settle()
            self.assertEqual(self.server.ears[-1].text, b"hello")
        nobody = TCP4ClientEndpoint(self.a, B, 9)
        self.assertRaises(
            error.ConnectionRefusedError,
            self.network.result_of,
            connectProtocol(nobody, self.make()),
        )
        self.finished(port)


class SocketTests(StreamTestCase):
    """What a transport shows of its socket."""

    def test_its_names(self) -> None:
        here, there = self.connected(B6)
        handle = here.transport.getHandle()
        self.assertEqual(handle.family, socket.AF_INET6)
        self.assertEqual(handle.getpeername(), (B6, 5060, 0, 0))
        self.assertEqual(there.transport.getHandle().getsockname(), (B6, 5060, 0, 0))

    def test_it_is_closed_with_its_transport(self) -> None:
        here, _ = self.connected()
        handle = here.transport.getHandle()
        here.transport.loseConnection()
        self.settle()
        for use in (handle.getsockname, handle.getpeername, lambda: handle.recv(1)):
            with self.assertRaises(OSError) as raised:
                use()
            self.assertEqual(raised.exception.errno, errno.EBADF)
