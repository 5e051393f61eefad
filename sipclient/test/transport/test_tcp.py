"""TCP with real sockets, on loopback."""

from __future__ import annotations

import errno
import socket
import struct

from twisted.trial.unittest import SkipTest

from sipclient.bearer.access_point import ListenAddress
from sipclient.errors import SIPInUse, SIPTransportFailure
from sipclient.test.transport.loopback import (
    Inbox,
    LoopbackTestCase,
    has_ipv6,
    reactor,
    turns,
)
from sipclient.test.transport.wires import ANSWER, message
from sipclient.transport.layer import TransportLayer
from sipclient.transport.limits import StreamLimits
from sipclient.transport.stream import StreamFlow
from sipclient.transport.target import Target
from sipclient.transport.tcp import TCPTransport


class TCPTestCase(LoopbackTestCase):
    """Layers that listen by TCP, and plain sockets as their peers."""

    host = "127.0.0.1"

    def open(
        self, inbox: Inbox | None = None, host: str = "", **limits: float
    ) -> TCPTransport:
        """Give the transport of a layer of its own."""
        inbox = inbox or Inbox()
        layer = TransportLayer(
            reactor,
            inbox.hear,
            inbox.hear_unreachable,
            inbox.hear_lost,
            limits=StreamLimits(**limits),  # type: ignore[arg-type]  # ints and floats
        )
        self.addCleanup(layer.stop)
        transport = layer.listen(ListenAddress("TCP", host or self.host, 0))
        assert isinstance(transport, TCPTransport)
        return transport

    def connect(self, transport: TCPTransport) -> socket.socket:
        """Give a plain peer's socket, connected."""
        host, port = transport.local
        wildcards = {"0.0.0.0": "127.0.0.1", "::": "::1"}
        skt = socket.create_connection((wildcards.get(host, host), port), 5)
        self.addCleanup(skt.close)
        return skt

    def listen(self) -> socket.socket:
        """Give a plain peer's listening socket."""
        skt = socket.create_server(
            (self.host, 0),
            family=socket.AF_INET6 if ":" in self.host else socket.AF_INET,
        )
        self.addCleanup(skt.close)
        skt.settimeout(5)
        return skt

    def flow_to(self, transport: TCPTransport, there: socket.socket) -> StreamFlow:
        host, port = there.getsockname()[:2]
        flow = transport.flow_to((host, port))
        assert isinstance(flow, StreamFlow)
        return flow


class ExchangeTests(TCPTestCase):
    async def test_two_layers_talk(self) -> None:
        here, there = Inbox(), Inbox()
        ours, theirs = self.open(here), self.open(there)
        flow = ours.flow_to(theirs.local)
        flow.send(message(1))
        flow.send(message(2))
        await there.when(lambda: len(there.received) == 2)
        self.assertEqual([one for one, _ in there.received], [message(1), message(2)])
        there.received[0][1].send(ANSWER)
        await here.when(lambda: here.received)
        self.assertEqual(here.received, [(ANSWER, flow)])
        self.assertIs(ours.flow_to(theirs.local), flow)
        self.assertEqual(there.received[0][1].source[0], self.host)

    async def test_pieces_and_glue(self) -> None:
        inbox = Inbox()
        peer = self.connect(self.open(inbox))
        stream = b"".join(message(number) for number in range(3))
        for byte in range(len(stream)):
            peer.send(stream[byte : byte + 1])
            await turns(1)
        peer.send(stream * 50)
        await inbox.when(lambda: len(inbox.received) == 153)
        self.assertEqual(
            [one for one, _ in inbox.received], [message(n) for n in range(3)] * 51
        )

    async def test_a_ping_is_answered(self) -> None:
        transport = self.open()
        peer = self.connect(transport)
        peer.send(b"\r\n\r\n")
        while not transport.keepalives:
            await turns(1)
        await turns(2)
        self.assertEqual(peer.recv(10), b"\r\n")

    async def test_a_large_message_to_a_slow_reader(self) -> None:
        transport = self.open(unsent=10**8)
        there = self.listen()
        flow = self.flow_to(transport, there)
        large = message(size=20_000_000)
        flow.send(large)
        flow.send(message(2))
        while not flow.connected:
            await turns(1)
        peer, _ = there.accept()
        self.addCleanup(peer.close)
        peer.setblocking(False)
        got = bytearray()
        while len(got) < len(large + message(2)):
            try:
                got += peer.recv(1_000_000)
            except BlockingIOError:
                await turns(2)
        self.assertTrue(got == large + message(2))


class IPv6ExchangeTests(ExchangeTests):
    host = "::1"
    skip = None if has_ipv6() else "this machine has no IPv6 loopback address"


class EndingTests(TCPTestCase):
    async def test_refused(self) -> None:
        inbox = Inbox()
        transport = self.open(inbox)
        flow = transport.flow_to(self.dead_port())
        flow.send(message())
        await inbox.when(lambda: inbox.lost)
        [(lost, error)] = inbox.lost
        self.assertIs(lost, flow)
        self.assertIn("Connection refused", str(error))
        self.assertRaises(SIPTransportFailure, flow.send, message())

    async def test_reset(self) -> None:
        inbox = Inbox()
        transport = self.open(inbox)
        peer = self.connect(transport)
        peer.send(message())
        await inbox.when(lambda: inbox.received)
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        peer.close()
        await inbox.when(lambda: inbox.lost)
        self.assertEqual(inbox.lost[0][0], inbox.received[0][1])
        self.assertEqual(transport.connections, 0)

    async def test_a_half_closed_one_is_answered(self) -> None:
        inbox = Inbox()
        peer = self.connect(self.open(inbox))
        peer.send(message())
        peer.shutdown(socket.SHUT_WR)
        await inbox.when(lambda: inbox.lost)
        inbox.received[0][1].send(ANSWER)
        await turns(2)
        self.assertEqual(peer.recv(1000), ANSWER)

    async def test_idle(self) -> None:
        inbox = Inbox()
        transport = self.open(inbox, idle=0.05)
        peer = self.connect(transport)
        await inbox.when(lambda: inbox.lost)
        await turns(2)
        self.assertEqual(peer.recv(1), b"")
        self.assertEqual(transport.idled, 1)

    async def test_a_peer_that_never_reads(self) -> None:
        inbox = Inbox()
        transport = self.open(inbox, unsent=100_000)
        there = self.listen()
        flow = self.flow_to(transport, there)
        while not flow.connected:
            await turns(1)
        with self.assertRaises(SIPTransportFailure):
            for _ in range(2000):
                flow.send(message(size=50_000))
                await turns(1)
        await inbox.when(lambda: inbox.lost)
        self.assertEqual(transport.connections, 0)

    async def test_many_send_half_a_message(self) -> None:
        inbox = Inbox()
        transport = self.open(inbox, connections_per_peer=200, message_time=0.3)
        peers = [self.connect(transport) for _ in range(300)]
        for peer in peers:
            try:
                peer.send(message()[:-1])
            except OSError as error:
                self.assertIn(error.errno, (errno.EPIPE, errno.ECONNRESET))
            await turns(1)
        await inbox.when(lambda: len(inbox.lost) == 200)
        self.assertEqual(transport.refused, 100)
        await turns(2)
        self.assertEqual(transport.connections, 0)

    async def test_stopping_closes_all(self) -> None:
        transport = self.open()
        peer = self.connect(transport)
        there = self.listen()
        self.flow_to(transport, there).send(message())
        while transport.connections < 2:
            await turns(1)
        await transport.stop()
        self.assertEqual(peer.recv(1), b"")
        self.assertRaises(OSError, self.connect, transport)


class ListeningTests(TCPTestCase):
    async def test_a_port_in_use(self) -> None:
        transport = self.open()
        layer = self.layer()
        error = self.assertRaises(
            SIPInUse, layer.listen, ListenAddress("TCP", *transport.local)
        )
        self.assertIn("ss -tlpn", str(error))

    async def test_both_ip_versions_on_one_port(self) -> None:
        if not has_ipv6():
            raise SkipTest("this machine has no IPv6 loopback address")
        inbox = Inbox()
        layer = self.layer(inbox)
        four = layer.listen(ListenAddress("TCP", "0.0.0.0", 0))
        assert isinstance(four, TCPTransport)
        six = layer.listen(ListenAddress("TCP", "::", four.local[1]))
        assert isinstance(six, TCPTransport)
        for transport, source in ((four, "127.0.0.1"), (six, "::1")):
            self.connect(transport).send(message())
            await inbox.when(lambda: inbox.received)
            _, flow = inbox.received.pop()
            self.assertIs(flow.transport, transport)
            self.assertEqual(flow.source[0], source)
            self.assertEqual(layer.sent_by(flow), (source, four.local[1]))

    async def test_another_port_with_the_same_number_for_udp(self) -> None:
        layer = self.layer()
        udp = layer.listen(ListenAddress("UDP", "127.0.0.1", 0))
        tcp = layer.listen(ListenAddress("TCP", *udp.local))
        self.assertEqual(tcp.local, udp.local)
        self.assertIs(layer.flow_to(Target("UDP", "127.0.0.1", 9)).transport, udp)
        self.assertIs(layer.flow_to(Target("TCP", "127.0.0.1", 9)).transport, tcp)

    async def test_a_plain_port_of_twisted(self) -> None:
        """Its factory works under ``listenTCP`` and endpoints."""
        inbox = Inbox()
        transport = TCPTransport(reactor, inbox.hear, inbox.hear_lost)
        port = reactor.listenTCP(0, transport.factory, interface="127.0.0.1")
        transport.listened(port)
        self.addCleanup(transport.stop)
        peer = self.connect(transport)
        peer.send(message())
        await inbox.when(lambda: inbox.received)
        inbox.received[0][1].send(ANSWER)
        await turns(1)
        self.assertEqual(peer.recv(1000), ANSWER)
