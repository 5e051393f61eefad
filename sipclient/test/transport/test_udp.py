"""Datagrams over real loopback sockets, by our own descriptor and by Twisted's port."""

from __future__ import annotations

import errno
import socket
import sys
from collections.abc import Callable
from typing import Any

from twisted.internet import error
from twisted.internet.main import CONNECTION_DONE
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from sipclient.errors import SIPICMPFailure, SIPTooBig, SIPTransportFailure
from sipclient.test.transport.loopback import (
    Inbox,
    LoopbackTestCase,
    has_ipv6,
    link_local,
    reactor,
    turns,
)
from sipclient.transport import descriptor, error_queue
from sipclient.transport.descriptor import DatagramDescriptor
from sipclient.transport.flow import Flow
from sipclient.transport.udp import UDPTransport

HELLO = b"OPTIONS sip:bob@127.0.0.1 SIP/2.0\r\n\r\n"


class ExchangeTests(LoopbackTestCase):
    """What one end sends the other receives, and can answer."""

    host = "127.0.0.1"

    async def test_a_datagram_comes_with_a_flow_that_answers_it(self) -> None:
        inbox = Inbox()
        transport = self.listening(inbox, self.host)
        peer = self.socket(self.host)
        peer.sendto(HELLO, transport.local)
        await inbox.when(lambda: inbox.received)
        data, flow = inbox.received[0]
        self.assertEqual(data, HELLO)
        self.assertEqual(flow.source, peer.getsockname()[:2])
        self.assertFalse(flow.reliable)
        flow.send(b"answer")
        answer, source = peer.recvfrom(100)
        self.assertEqual(answer, b"answer")
        self.assertEqual(source[:2], transport.local)
        self.assertEqual((transport.messages_received, transport.messages_sent), (1, 1))

    async def test_many_datagrams_come_in_their_order(self) -> None:
        inbox = Inbox()
        transport = self.listening(inbox, self.host)
        peer = self.socket(self.host)
        sent = [b"%d" % number for number in range(600)]
        for data in sent:
            peer.sendto(data, transport.local)
        await inbox.when(lambda: len(inbox.received) == len(sent))
        self.assertEqual([data for data, _ in inbox.received], sent)

    async def test_the_largest_datagram_is_whole(self) -> None:
        inbox = Inbox()
        transport = self.listening(inbox, self.host)
        other = self.listening(Inbox(), self.host)
        other.send(b"x" * 65507, transport.local)
        await inbox.when(lambda: inbox.received)
        self.assertEqual(len(inbox.received[0][0]), 65507)

    def test_one_that_no_datagram_carries_is_too_big(self) -> None:
        transport = self.listening(Inbox(), self.host)
        error = self.assertRaises(
            SIPTooBig, transport.send, b"x" * 65536, (self.host, 5060)
        )
        self.assertIn("65536 bytes", str(error))
        self.assertEqual(transport.refused, 1)

    async def test_keep_alives_are_counted_and_nothing_else(self) -> None:
        inbox = Inbox()
        transport = self.listening(inbox, self.host)
        peer = self.socket(self.host)
        for data in (b"", b"\r\n", b"\r\n\r\n", b"\n", b"\r\nHELLO"):
            peer.sendto(data, transport.local)
        await inbox.when(lambda: inbox.received)
        self.assertEqual(inbox.received[0][0], b"\r\nHELLO")
        self.assertEqual(transport.keepalives, 4)

    async def test_equal_flows_are_one(self) -> None:
        inbox = Inbox()
        transport = self.listening(inbox, self.host)
        first, second = self.socket(self.host), self.socket(self.host)
        for peer in (first, first, second):
            peer.sendto(HELLO, transport.local)
        await inbox.when(lambda: len(inbox.received) == 3)
        flows = [flow for _, flow in inbox.received]
        self.assertEqual(flows[0], flows[1])
        self.assertNotEqual(flows[0], flows[2])
        self.assertEqual(len(set(flows)), 2)
        self.assertNotEqual(flows[0], flows[0].peer)
        self.assertIn(str(first.getsockname()[1]), repr(flows[0]))

    async def test_a_receiver_that_fails_stops_nothing_and_floods_no_log(self) -> None:
        inbox = Inbox()

        def fail(data: bytes, flow: Flow) -> None:
            inbox.hear(data, flow)
            raise RuntimeError("on purpose")

        transport = UDPTransport(fail, inbox.hear_unreachable)
        port = DatagramDescriptor(0, transport.protocol, self.host, reactor)
        port.startListening()
        self.addCleanup(transport.stop)
        peer = self.socket(self.host)
        for _ in range(10):
            peer.sendto(HELLO, transport.local)
        await inbox.when(lambda: len(inbox.received) == 10)
        await transport.stop()
        self.assertEqual(transport.failures, 10)
        self.assertEqual(len(self.flushLoggedErrors(RuntimeError)), 4)

    async def test_a_tap_sees_both_directions(self) -> None:
        inbox = Inbox()
        transport = self.listening(inbox, self.host)
        seen: list[tuple[str, tuple[str, int], bytes]] = []

        class Tap:
            def received(self, flow: Flow, data: bytes) -> None:
                seen.append(("received", flow.source, data))

            def sent(self, flow: Flow, data: bytes) -> None:
                seen.append(("sent", flow.source, data))

        transport.tap = Tap()
        peer = self.socket(self.host)
        peer.sendto(HELLO, transport.local)
        await inbox.when(lambda: inbox.received)
        inbox.received[0][1].send(b"answer")
        address = peer.getsockname()[:2]
        self.assertEqual(
            seen, [("received", address, HELLO), ("sent", address, b"answer")]
        )


class IPv6ExchangeTests(ExchangeTests):
    """The same with IPv6."""

    host = "::1"
    skip = None if has_ipv6() else "this machine has no IPv6"


class PlainPortTests(LoopbackTestCase):
    """The protocol works on a port of Twisted's own."""

    async def test_listen_udp(self) -> None:
        inbox = Inbox()
        transport = UDPTransport(inbox.hear, inbox.hear_unreachable)
        self.assertFalse(transport.listening)
        reactor.listenUDP(0, transport.protocol, interface="127.0.0.1")
        self.addCleanup(transport.stop)
        peer = self.socket()
        peer.sendto(HELLO, transport.local)
        await inbox.when(lambda: inbox.received)
        inbox.received[0][1].send(b"answer")
        self.assertEqual(peer.recv(100), b"answer")

    async def test_an_adopted_socket(self) -> None:
        inbox = Inbox()
        transport = UDPTransport(inbox.hear, inbox.hear_unreachable)
        adopted = self.socket()
        adopted.setblocking(False)
        reactor.adoptDatagramPort(
            adopted.fileno(), socket.AF_INET, transport.protocol, 65535
        )
        self.addCleanup(transport.stop)
        self.assertEqual(transport.local, adopted.getsockname())
        peer = self.socket()
        peer.sendto(HELLO, transport.local)
        await inbox.when(lambda: inbox.received)


class UnreachableTests(LoopbackTestCase):
    """An ICMP error is heard, with what it was about, and harms nothing."""

    host = "127.0.0.1"
    text = "port unreachable"

    def setUp(self) -> None:
        self.inbox = Inbox()
        self.transport = self.listening(self.inbox, self.host)
        port: Any = self.transport.protocol.transport
        if not port.hears_errors:
            self.skipTest("this platform keeps no ICMP errors")

    def heard(self, count: int) -> Callable[[], bool]:
        return lambda: self.transport.unreachables == count

    async def test_it_names_destination_and_payload(self) -> None:
        dead = self.dead_port(self.host)
        self.transport.send(HELLO, dead)
        await self.inbox.when(lambda: self.inbox.unreachables)
        peer, payload, error = self.inbox.unreachables[0]
        self.assertEqual(peer, dead)
        self.assertEqual(payload, HELLO)
        self.assertIsInstance(error, SIPICMPFailure)
        self.assertIn(self.text, str(error))
        self.assertIn(str(dead[1]), str(error))

    async def test_the_port_survives_any_number_of_them(self) -> None:
        dead = [self.dead_port(self.host) for _ in range(3)]
        for number in range(300):
            self.transport.send(b"%d" % number, dead[number % 3])
            if number % 100 == 99:
                await self.inbox.when(self.heard(number + 1))
        self.assertEqual(
            sorted(int(payload) for _, payload, _ in self.inbox.unreachables),
            list(range(300)),
        )
        peer = self.socket(self.host)
        peer.sendto(HELLO, self.transport.local)
        await self.inbox.when(lambda: self.inbox.received)
        self.assertEqual(self.transport.refused, 0)

    async def test_what_is_sent_meanwhile_arrives(self) -> None:
        """The kernel tells an ICMP error in place of the next send; it's sent again."""
        peer = self.socket(self.host)
        dead = self.dead_port(self.host)
        for number in range(20):
            self.transport.send(HELLO, dead)
            self.transport.send(b"%d" % number, peer.getsockname()[:2])
        received = [int(peer.recv(100)) for _ in range(20)]
        self.assertEqual(received, list(range(20)))
        await self.inbox.when(lambda: len(self.inbox.unreachables) == 20)

    async def test_what_is_received_meanwhile_is_not_lost(self) -> None:
        peer = self.socket(self.host)
        dead = self.dead_port(self.host)
        for number in range(20):
            self.transport.send(HELLO, dead)
            peer.sendto(b"%d" % number, self.transport.local)
        await self.inbox.when(
            lambda: len(self.inbox.received) == len(self.inbox.unreachables) == 20
        )

    async def test_they_do_not_keep_the_reactor_busy(self) -> None:
        """After the last one the descriptor is quiet: nothing wakes it up again."""
        port: Any = self.transport.protocol.transport
        calls = []
        for name in ("doRead", "readConnectionLost"):
            method = getattr(port, name)

            def count(*args: object, method: Any = method) -> None:
                calls.append(method)
                method(*args)

            self.patch(port, name, count)
        self.transport.send(HELLO, self.dead_port(self.host))
        await self.inbox.when(lambda: self.inbox.unreachables)
        await turns(20)
        self.assertLessEqual(len(calls), 2)

    async def test_a_reactor_that_calls_them_readable_is_understood(self) -> None:
        """As select() does: nothing to read then means something in the queue."""
        self.transport.send(HELLO, self.dead_port(self.host))
        # This send takes the error from the socket; only the queue has it now.
        self.transport.send(HELLO, self.socket(self.host).getsockname()[:2])
        port: Any = self.transport.protocol.transport
        port.doRead()
        self.assertEqual(len(self.inbox.unreachables), 1)

    async def test_stopping_amid_them_is_clean(self) -> None:
        dead = self.dead_port(self.host)
        for _ in range(50):
            self.transport.send(HELLO, dead)
        await self.transport.stop()
        self.assertEqual(self.inbox.unreachables, [])
        self.assertFalse(self.transport.listening)

    async def test_stopping_from_within_one_ends_them(self) -> None:
        stopped = []

        def stop(*args: Any) -> None:
            stopped.append(self.transport.stop())
            self.inbox.hear_unreachable(*args)

        self.patch(self.transport.protocol, "_unreachable", stop)
        dead = self.dead_port(self.host)
        for _ in range(3):
            self.transport.send(HELLO, dead)
        await self.inbox.when(lambda: self.inbox.unreachables)
        await stopped[0]
        await turns(3)
        self.assertEqual(len(stopped), 1)

    async def test_a_listener_that_fails_stops_nothing(self) -> None:
        def fail(*args: Any) -> None:
            self.inbox.hear_unreachable(*args)
            raise RuntimeError("on purpose")

        self.patch(self.transport.protocol, "_unreachable", fail)
        dead = self.dead_port(self.host)
        for _ in range(2):
            self.transport.send(HELLO, dead)
        await self.inbox.when(lambda: len(self.inbox.unreachables) == 2)
        await self.transport.stop()
        self.assertEqual(len(self.flushLoggedErrors(RuntimeError)), 2)


class SilentPlatformTests(LoopbackTestCase):
    """Where ICMP errors aren't kept everything else works."""

    async def test_an_unreachable_is_not_heard_and_harms_nothing(self) -> None:
        self.patch(descriptor, "hear_errors", lambda skt: False)
        inbox = Inbox()
        transport = self.listening(inbox)
        for _ in range(3):
            transport.send(HELLO, self.dead_port())
        peer = self.socket()
        peer.sendto(HELLO, transport.local)
        await inbox.when(lambda: inbox.received)
        inbox.received[0][1].send(b"answer")
        self.assertEqual(peer.recv(100), b"answer")
        self.assertEqual((inbox.unreachables, transport.lost), ([], 0))

    def test_asking_for_them_says_whether_they_come(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as skt:
            self.patch(sys, "platform", "win32")
            self.assertFalse(error_queue.hear_errors(skt))
            self.patch(sys, "platform", "linux")
        self.assertFalse(error_queue.hear_errors(skt))


class IPv6UnreachableTests(UnreachableTests):
    """The same with IPv6."""

    host = "::1"
    skip = None if has_ipv6() else "this machine has no IPv6"


class LinkLocalTests(LoopbackTestCase):
    """A peer on a link can be answered: its scope is not lost."""

    skip = None if link_local() else "this machine has no link-local address"

    async def test_the_flow_leads_back(self) -> None:
        host, interface = link_local() or ("", "")
        inbox = Inbox()
        transport = self.listening(inbox, f"{host}%{interface}")
        peer = self.socket(f"{host}%{interface}")
        scope = socket.if_nametoindex(interface)
        peer.sendto(HELLO, (host, transport.local[1], 0, scope))
        await inbox.when(lambda: inbox.received)
        flow = inbox.received[0][1]
        self.assertEqual(flow.peer, (host, peer.getsockname()[1], 0, scope))
        self.assertEqual(flow.source, (host, peer.getsockname()[1]))
        flow.send(b"answer")
        self.assertEqual(peer.recv(100), b"answer")


class StoppingTests(LoopbackTestCase):
    """Ending is clean, whenever it comes."""

    async def test_nothing_is_delivered_after_it(self) -> None:
        inbox = Inbox()
        stopped = []

        def stop(data: bytes, flow: Flow) -> None:
            stopped.append(transport.stop())
            inbox.hear(data, flow)

        transport = UDPTransport(stop, inbox.hear_unreachable)
        DatagramDescriptor(0, transport.protocol, "127.0.0.1", reactor).startListening()
        self.addCleanup(transport.stop)
        peer = self.socket()
        for _ in range(5):
            peer.sendto(HELLO, transport.local)
        await inbox.when(lambda: inbox.received)
        await stopped[0]
        self.assertEqual(len(inbox.received), 1)

    async def test_the_port_is_free_when_it_fired(self) -> None:
        transport = self.listening(Inbox())
        local = transport.local
        first, second = transport.stop(), transport.stop()
        await first
        await second
        await transport.stop()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as skt:
            skt.bind(local)

    async def test_sending_afterwards_fails(self) -> None:
        transport = self.listening(Inbox())
        await transport.stop()
        error = self.assertRaises(
            SIPTransportFailure, transport.send, HELLO, ("127.0.0.1", 5060)
        )
        self.assertIn("closed", str(error))

    async def test_the_descriptor_is_stopped_but_once(self) -> None:
        transport = self.listening(Inbox())
        port: Any = transport.protocol.transport
        done = port.stopListening()
        self.assertIs(port.stopListening(), done)
        port.readConnectionLost(Failure(CONNECTION_DONE))
        await done
        self.assertIs(port.stopListening(), None)
        self.assertFalse(transport.listening)

    def test_the_end_of_the_reactor_closes_it(self) -> None:
        transport = self.listening(Inbox())
        port: Any = transport.protocol.transport
        reactor.removeReader(port)
        port.connectionLost(Failure(error.ConnectionLost()))
        self.assertFalse(transport.listening)


class RefusingSocket:
    """A socket whose sends end as a list says: with an error number, or well."""

    def __init__(self, *outcomes: int) -> None:
        self.outcomes = list(outcomes)

    def sendto(self, data: bytes, peer: object) -> int:
        number = self.outcomes.pop(0)
        if number:
            raise OSError(number, "as told")
        return len(data)


class Handle:
    """A port that has such a socket."""

    def __init__(self, skt: RefusingSocket) -> None:
        self.skt = skt
        self.host = "192.0.2.1"
        self.port = 5060

    def getHandle(self) -> RefusingSocket:
        return self.skt

    def getHost(self) -> Handle:
        return self


class SendTests(SynchronousTestCase):
    """What a refusal by the kernel means for the one who sends."""

    peer = ("192.0.2.9", 5060)

    def transport(self, *outcomes: int) -> UDPTransport:
        transport = UDPTransport(lambda *args: None, lambda *args: None)
        transport.opened(Handle(RefusingSocket(*outcomes)))
        return transport

    def test_no_room_is_loss(self) -> None:
        for number in (errno.EAGAIN, errno.ENOBUFS):
            transport = self.transport(number, number)
            transport.send(HELLO, self.peer)
            self.assertEqual((transport.lost, transport.messages_sent), (1, 0))

    def test_an_older_error_is_not_this_datagrams(self) -> None:
        for number in (errno.ECONNREFUSED, errno.EHOSTUNREACH, errno.EMSGSIZE):
            transport = self.transport(number, 0)
            transport.send(HELLO, self.peer)
            self.assertEqual((transport.lost, transport.messages_sent), (0, 1))

    def test_a_refusal_that_stays_is_nobodys(self) -> None:
        """An unconnected socket can't be refused: it was yet another older error."""
        transport = self.transport(errno.ECONNREFUSED, errno.ECONNREFUSED)
        transport.send(HELLO, self.peer)
        self.assertEqual(transport.lost, 1)

    def test_what_is_sure_to_fail_is_said(self) -> None:
        for number, advice in (
            (errno.ENETUNREACH, "No route"),
            (errno.EHOSTUNREACH, "network is up"),
            (errno.EPERM, "packet filter"),
            (errno.EACCES, "broadcast"),
            (errno.EINVAL, "192.0.2.1:5060 can't reach it"),
            (errno.EADDRNOTAVAIL, "listen anew"),
            (errno.EIO, "as told"),
        ):
            transport = self.transport(number, number)
            error = self.assertRaises(
                SIPTransportFailure, transport.send, HELLO, self.peer
            )
            self.assertIn(advice, str(error))
            self.assertIn("192.0.2.9:5060", str(error))
            self.assertEqual(transport.refused, 1)

    def test_a_port_that_is_none(self) -> None:
        transport = UDPTransport(lambda *args: None, lambda *args: None)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as skt:
            handle = Handle(RefusingSocket())
            self.patch(handle, "getHandle", lambda: skt)
            transport.opened(handle)
            self.assertRaises(
                SIPTransportFailure, transport.send, HELLO, ("127.0.0.1", 65536)
            )

    def test_it_has_a_face(self) -> None:
        self.assertEqual(repr(self.transport()), "<UDPTransport 192.0.2.1:5060>")
