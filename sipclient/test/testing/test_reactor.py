"""A host in memory gives what a reactor gives and refuses what a kernel refuses."""

from __future__ import annotations

import errno
import socket

from twisted.internet import defer
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.defer import Deferred
from twisted.internet.error import (
    CannotListenError,
    InvalidAddressError,
    MessageLengthError,
)
from twisted.internet.interfaces import (
    IDelayedCall,
    IListeningPort,
    IReactorFromThreads,
    IReactorTime,
    IReactorUDP,
    ISystemHandle,
    IUDPTransport,
)
from twisted.internet.protocol import DatagramProtocol
from twisted.internet.task import LoopingCall, deferLater
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from sipclient.interfaces import ILocalAddresses
from sipclient.testing import FakeNetwork, binding

from .test_network import Ear, ear, listen

A, B = "192.0.2.1", "192.0.2.2"
A6, B6 = "2001:db8::1", "2001:db8::2"


class HostTestCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.network = FakeNetwork()
        self.a = self.network.reactor(A, A6)
        self.b = self.network.reactor(B, B6)


class InterfacesTests(HostTestCase):
    def test_of_the_reactor(self) -> None:
        for interface in (
            IReactorTime,
            IReactorUDP,
            IReactorFromThreads,
            ILocalAddresses,
        ):
            self.assertTrue(verifyObject(interface, self.a))

    def test_of_the_port(self) -> None:
        port = listen(self.a)
        for interface in (IListeningPort, IUDPTransport, ISystemHandle):
            self.assertTrue(verifyObject(interface, port))

    def test_of_its_calls(self) -> None:
        self.assertTrue(verifyObject(IDelayedCall, self.a.callLater(1, int)))


class CallsTests(HostTestCase):
    def test_from_a_thread_comes_later_and_when_running_at_once(self) -> None:
        said: list[str] = []
        self.a.callFromThread(said.append, "thread")
        self.a.callWhenRunning(said.append, "running")
        self.assertEqual(said, ["running"])
        self.network.advance(0)
        self.assertEqual(said, ["running", "thread"])

    def test_twisteds_own_helpers_run_by_it(self) -> None:
        looping = LoopingCall(lambda: said.append(f"{self.a.seconds():g}"))
        looping.clock = self.a
        said: list[str] = []
        running = looping.start(0.5)
        late: Deferred[None] = Deferred()
        late.addTimeout(1, self.a)
        self.network.result_of(deferLater(self.a, 1.2, looping.stop))
        self.successResultOf(running)
        self.failureResultOf(late, defer.TimeoutError)
        self.assertEqual(said, ["0", "0.5", "1"])
        self.assertEqual(self.a.getDelayedCalls(), [])

    def test_time_is_that_of_the_network(self) -> None:
        self.network.advance(3)
        self.assertEqual((self.a.seconds(), self.b.seconds()), (3, 3))


class ListeningTests(HostTestCase):
    def test_says_where(self) -> None:
        for interface, host in (
            ("", IPv4Address("UDP", "0.0.0.0", 5060)),
            ("::", IPv6Address("UDP", "::", 5060)),
        ):
            self.assertEqual(listen(self.a, 5060, interface).getHost(), host)
        self.assertEqual(
            [port.getHandle().getsockname() for port in self.a.ports],
            [("0.0.0.0", 5060), ("::", 5060, 0, 0)],
        )
        self.assertEqual(
            listen(self.b, 1, "2001:DB8:0::2").getHost(), IPv6Address("UDP", B6, 1)
        )

    def test_port_0_is_any_free_one(self) -> None:
        ports = {listen(self.a, 0).getHost().port for _ in range(50)}
        self.assertEqual(len(ports), 50)
        self.assertGreater(min(ports), 1023)

    def test_port_0_when_none_is_free(self) -> None:
        self.patch(binding, "_EPHEMERAL", range(40000, 40003))
        self.a = self.network.reactor("192.0.2.9")
        listen(self.a, 40001)
        ports = [listen(self.a, 0).getHost().port for _ in range(2)]
        self.assertEqual(ports, [40000, 40002])
        self.assertRaises(CannotListenError, listen, self.a, 0)
        self.assertIn("192.0.2.9", repr(self.a))

    def test_a_port_in_use(self) -> None:
        listen(self.a, 5060, A)
        for interface in (A, "", "0.0.0.0"):
            error = self.assertRaises(
                CannotListenError, listen, self.a, 5060, interface
            )
            self.assertEqual(error.socketError.errno, errno.EADDRINUSE)
        listen(self.a, 5060, "127.0.0.1")
        listen(self.a, 5060, "::")
        self.assertRaises(CannotListenError, listen, self.a, 5060, A6)
        listen(self.b, 5060, B)

    def test_an_address_of_somebody_else_and_no_address(self) -> None:
        for interface in (B, B6, "a.example", "256.1.1.1"):
            error = self.assertRaises(CannotListenError, listen, self.a, 0, interface)
            self.assertEqual(error.socketError.errno, errno.EADDRNOTAVAIL)
        self.assertRaises(CannotListenError, listen, self.a, 65536)

    def test_stopping_takes_a_moment_and_frees_the_port(self) -> None:
        class Stops(DatagramProtocol):
            noisy = False
            stopped = False

            def stopProtocol(self) -> None:
                self.stopped = True

        protocol = Stops()
        port = self.a.listenUDP(5060, protocol)
        self.assertIs(protocol.transport, port)
        stopping = port.stopListening()
        self.assertIs(port.stopListening(), stopping)
        self.assertNoResult(stopping)
        self.assertRaises(CannotListenError, listen, self.a, 5060)
        self.assertIsNone(self.network.result_of(stopping))
        self.assertTrue(protocol.stopped)
        self.assertIs(port.stopListening(), stopping)
        listen(self.a, 5060)

    def test_a_stopping_port_hears_nothing(self) -> None:
        port = listen(self.a)
        hears = ear(port)
        listen(self.b).write(b"x", (A, 5060))
        port.stopListening()
        self.network.advance(1)
        self.assertEqual(hears.heard, [])

    def test_the_most_specific_port_receives(self) -> None:
        sender = listen(self.b)
        whole = listen(self.a, 5060)
        whole6, one6 = listen(self.a, 5070, "::"), listen(self.a, 5071, A6)
        sender.write(b"v4", (A, 5060))
        sender6 = listen(self.b, 5060, B6)
        sender6.write(b"v6 wildcard", (A6, 5070))
        sender6.write(b"v6", ("2001:DB8:0:0::1", 5071))
        self.network.advance(0)
        self.assertEqual(
            [ear(port).heard for port in (whole, whole6, one6)],
            [[b"v4"], [b"v6 wildcard"], [b"v6"]],
        )
        self.assertEqual(ear(one6).sources, [(B6, 5060)])

    def test_a_long_datagram_is_cut_off_as_the_kernel_does(self) -> None:
        protocol = Ear(self.a.seconds)
        self.a.listenUDP(5060, protocol)
        self.b.listenUDP(0, sender := Ear(self.b.seconds))
        assert sender.transport is not None
        sender.transport.write(b"x" * 8193, (A, 5060))
        self.network.advance(0)
        self.assertEqual([len(data) for data in protocol.heard], [8192])
        self.assertEqual(self.network.log[0].fate, "truncated")


class SendingTests(HostTestCase):
    def test_through_the_handle(self) -> None:
        receiver = listen(self.b)
        handle = listen(self.a).getHandle()
        self.assertEqual(handle.sendto(bytearray(b"hello"), (B, 5060)), 5)
        self.network.advance(0)
        self.assertEqual(ear(receiver).heard, [b"hello"])

    def test_too_long(self) -> None:
        four, six = listen(self.a), listen(self.a, 5060, "::")
        for port, peer, limit in ((four, (B, 1), 65507), (six, (B6, 1), 65527)):
            self.assertEqual(port.getHandle().sendto(b"x" * limit, peer), limit)
            with self.assertRaises(OSError) as raised:
                port.getHandle().sendto(b"x" * (limit + 1), peer)
            self.assertEqual(raised.exception.errno, errno.EMSGSIZE)
            self.assertRaises(MessageLengthError, port.write, b"x" * (limit + 1), peer)

    def test_addresses_that_a_socket_refuses(self) -> None:
        handle = listen(self.a).getHandle()
        for peer in ((B6, 5060), ("b.example", 5060), ("", 5060)):
            self.assertRaises(socket.gaierror, handle.sendto, b"x", peer)
        self.assertRaises(OverflowError, handle.sendto, b"x", (B, 65536))
        self.assertRaises(OverflowError, handle.sendto, b"x", (B, -1))
        self.assertRaises(OSError, handle.sendto, b"x", (B, 0))

    def test_addresses_that_a_port_refuses(self) -> None:
        port, port6 = listen(self.a), listen(self.a, 5060, "::")
        self.assertRaises(InvalidAddressError, port.write, b"x", (B6, 5060))
        self.assertRaises(InvalidAddressError, port6.write, b"x", (B, 5060))
        self.assertRaises(InvalidAddressError, port.write, b"x", ("b.example", 5060))
        self.assertRaises(InvalidAddressError, port.connect, "b.example", 5060)
        self.assertRaises(AssertionError, port.write, b"x")

    def test_no_way_there(self) -> None:
        only4 = self.network.reactor("192.0.2.9")
        for port, peer, number in (
            (listen(only4, 5060, "::"), (B6, 5060), errno.ENETUNREACH),
            (listen(only4, 5060, "127.0.0.1"), (B, 5060), errno.EINVAL),
        ):
            with self.assertRaises(OSError) as raised:
                port.write(b"x", peer)
            self.assertEqual(raised.exception.errno, number)

    def test_whether_broadcast_is_allowed_is_remembered(self) -> None:
        port = listen(self.a)
        self.assertFalse(port.getBroadcastAllowed())
        port.setBroadcastAllowed(True)
        self.assertTrue(port.getBroadcastAllowed())

    def test_a_closed_socket(self) -> None:
        port = listen(self.a)
        handle = port.getHandle()
        self.network.result_of(port.stopListening())
        with self.assertRaises(OSError) as raised:
            handle.sendto(b"x", (B, 5060))
        self.assertEqual(raised.exception.errno, errno.EBADF)
        self.assertRaises(OSError, handle.getsockname)

    def test_a_connected_port_hears_and_sends_to_its_peer_only(self) -> None:
        port, peer = listen(self.a), listen(self.b)
        port.connect(B, 5060)
        self.assertRaises(RuntimeError, port.connect, B, 5060)
        port.write(b"to the peer")
        self.assertRaises(AssertionError, port.write, b"x", (B, 9))
        peer.write(b"from the peer", (A, 5060))
        listen(self.b, 5070).write(b"from another", (A, 5060))
        self.network.advance(0)
        self.assertEqual(ear(peer).heard, [b"to the peer"])
        self.assertEqual(ear(port).heard, [b"from the peer"])


class OwnAddressesTests(HostTestCase):
    def test_towards(self) -> None:
        host = self.network.reactor("10.0.0.5", "192.0.2.77", "fd00::5")
        for there, own in (
            ("10.9.9.9", "10.0.0.5"),
            (A, "192.0.2.77"),
            (A6, "fd00::5"),
            ("127.0.0.1", "127.0.0.1"),
            ("::1", "::1"),
            ("10.0.0.5", "10.0.0.5"),
        ):
            self.assertEqual(host.towards(there), own)

    def test_towards_where_no_address_leads(self) -> None:
        only4 = self.network.reactor("192.0.2.9")
        error = self.assertRaises(OSError, only4.towards, A6)
        self.assertEqual(error.errno, errno.ENETUNREACH)
        self.assertRaises(OSError, only4.towards, "localhost")

    def test_is_local(self) -> None:
        for host in (A, A6, "2001:DB8:0::1", "127.0.0.1", "127.1.2.3", "::1"):
            self.assertTrue(self.a.is_local(host), host)
        for host in (B, B6, "a.example", "localhost", ""):
            self.assertFalse(self.a.is_local(host), host)
