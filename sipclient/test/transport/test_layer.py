"""The transport layer: choosing flows, its own addresses, opening and closing."""

from __future__ import annotations

import errno
import os
from typing import Any, cast

from twisted.internet.error import CannotListenError
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer

from sipclient.bearer.access_point import ListenAddress
from sipclient.errors import SIPCouldNotConnect, SIPInUse, SIPTransportFailure
from sipclient.interfaces import ILocalAddresses
from sipclient.message.model import Request
from sipclient.message.parser import parse
from sipclient.test.transport.loopback import Inbox, LoopbackTestCase, has_ipv6
from sipclient.transport.flow import Flow
from sipclient.transport.layer import TransportLayer
from sipclient.transport.target import Target

NEAR = "192.0.2.1"
OTHER = "198.51.100.1"


class FakePort:
    """A listening port of a reactor without file descriptors."""

    def __init__(self, host: str, port: int) -> None:
        self.host = host
        self.port = port
        self.sent: list[tuple[bytes, object]] = []

    def getHandle(self) -> FakePort:
        return self

    def getHost(self) -> FakePort:
        return self

    def sendto(self, data: bytes, peer: object) -> int:
        self.sent.append((data, peer))
        return len(data)

    def stopListening(self) -> None:
        pass


@implementer(ILocalAddresses)
class Machine:
    """A reactor without file descriptors that knows its own addresses."""

    def __init__(self) -> None:
        self.problem = 0
        self.listened: list[tuple[int, str, int]] = []

    def towards(self, host: str) -> str:
        if host.startswith("203."):
            raise OSError(errno.ENETUNREACH, os.strerror(errno.ENETUNREACH))
        if ":" in host:
            return "2001:db8::1"
        return NEAR if host.startswith("192.") else OTHER

    def is_local(self, host: str) -> bool:
        return host in (NEAR, OTHER)

    def listenUDP(
        self, port: int, protocol: Any, interface: str = "", maxPacketSize: int = 8192
    ) -> FakePort:
        if self.problem:
            raise CannotListenError(
                interface, port, OSError(self.problem, os.strerror(self.problem))
            )
        self.listened.append((port, interface, maxPacketSize))
        fake = FakePort(interface, port or 30000)
        protocol.makeConnection(fake)
        return fake


class LayerTestCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.machine = Machine()
        inbox = Inbox()
        self.layer = TransportLayer(
            cast("Any", self.machine), inbox.hear, inbox.hear_unreachable
        )

    def listen(self, host: str, port: int = 5060, owner: object = None) -> Any:
        return self.layer.listen(ListenAddress("UDP", host, port), owner)

    def flow_to(self, host: str, owner: object = None) -> Flow:
        return self.layer.flow_to(Target("UDP", host, 5060), owner)


class ListeningTests(LayerTestCase):
    def test_a_reactor_without_descriptors_listens_itself(self) -> None:
        transport = self.listen(NEAR, 0)
        self.assertEqual(self.machine.listened, [(0, NEAR, 65535)])
        self.assertEqual(transport.local, (NEAR, 30000))
        self.assertEqual(self.layer.transports, (transport,))

    def test_a_port_in_use_says_what_to_do(self) -> None:
        self.machine.problem = errno.EADDRINUSE
        error = self.assertRaises(SIPInUse, self.listen, NEAR)
        self.assertIn("192.0.2.1:5060", str(error))
        self.assertIn("port 0 takes a free one", str(error))
        self.assertEqual(self.layer.transports, ())

    def test_other_problems_could_not_connect(self) -> None:
        for number, advice in (
            (errno.EADDRNOTAVAIL, "No interface of this machine"),
            (errno.EACCES, "privileges"),
            (errno.ENOBUFS, os.strerror(errno.ENOBUFS)),
        ):
            self.machine.problem = number
            error = self.assertRaises(SIPCouldNotConnect, self.listen, NEAR)
            self.assertIn(advice, str(error))

    def test_a_tap_reaches_what_is_opened_before_and_after(self) -> None:
        before = self.listen(NEAR)
        tap: Any = object()
        self.layer.tap = tap
        after = self.listen(OTHER)
        self.assertIs(self.layer.tap, tap)
        self.assertEqual([before.tap, after.tap], [tap, tap])

    def test_closing_one_leaves_the_others(self) -> None:
        first, second = self.listen(NEAR), self.listen(OTHER)
        self.successResultOf(self.layer.close(first))
        self.assertEqual(self.layer.transports, (second,))
        self.assertFalse(first.listening)
        self.assertIs(self.successResultOf(self.layer.stop()), None)
        self.assertFalse(second.listening)
        self.successResultOf(self.layer.stop())


class FlowToTests(LayerTestCase):
    def test_the_address_that_the_kernel_would_use(self) -> None:
        near, other = self.listen(NEAR), self.listen(OTHER)
        self.assertIs(self.flow_to("192.0.2.9").transport, near)
        self.assertIs(self.flow_to("198.51.100.9").transport, other)

    def test_else_one_that_takes_all(self) -> None:
        self.listen(NEAR)
        everywhere = self.listen("0.0.0.0", 5062)
        self.assertIs(self.flow_to("198.51.100.9").transport, everywhere)

    def test_else_the_first(self) -> None:
        first = self.listen("192.0.2.2")
        self.listen("192.0.2.3")
        self.assertIs(self.flow_to("198.51.100.9").transport, first)
        self.assertIs(self.flow_to("203.0.113.9").transport, first)

    def test_of_the_right_family(self) -> None:
        near = self.listen(NEAR)
        self.listen("::")
        self.assertIs(self.flow_to("192.0.2.9").transport, near)
        self.assertEqual(self.flow_to("2001:db8::9").transport.local[0], "::")

    def test_of_the_right_owner(self) -> None:
        self.listen(NEAR, 5060, "one")
        transport = self.listen("192.0.2.2", 5062, "two")
        self.assertIs(self.flow_to("192.0.2.9", "two").transport, transport)
        self.assertRaises(SIPTransportFailure, self.flow_to, "192.0.2.9", "three")

    def test_what_can_not_be_sent_to(self) -> None:
        self.listen(NEAR)
        for target, text in (
            (Target("UDP", "2001:db8::9", 5060), "no IPv6 address is listened on"),
            (Target("TCP", "192.0.2.9", 5060), "listened on by TCP"),
            (Target("UDP", "example.com", 5060), "no numeric address"),
            (Target("UDP", "192.0.2.9", 65536), "no port to send to"),
            (Target("UDP", "192.0.2.9", 0), "no port to send to"),
        ):
            error = self.assertRaises(SIPTransportFailure, self.layer.flow_to, target)
            self.assertIn(text, str(error))

    def test_a_scope_that_is_not_there(self) -> None:
        self.listen("::")
        error = self.assertRaises(SIPTransportFailure, self.flow_to, "fe80::1%nosuch0")
        self.assertIn("no interface", str(error))
        self.assertEqual(self.flow_to("fe80::1%7").peer, ("fe80::1", 5060, 0, 7))


class SentByTests(LayerTestCase):
    def test_it_is_the_address_that_is_listened_on(self) -> None:
        self.listen(NEAR)
        flow = self.flow_to("198.51.100.9")
        self.assertEqual(self.layer.sent_by(flow), (NEAR, 5060))

    def test_for_a_wildcard_the_one_that_the_kernel_would_use(self) -> None:
        self.listen("0.0.0.0", 0)
        self.listen("::")
        self.assertEqual(self.layer.sent_by(self.flow_to("192.0.2.9")), (NEAR, 30000))
        self.assertEqual(
            self.layer.sent_by(self.flow_to("198.51.100.9")), (OTHER, 30000)
        )
        self.assertEqual(
            self.layer.sent_by(self.flow_to("fe80::1%7")), ("2001:db8::1", 5060)
        )

    def test_without_a_route_there_is_none(self) -> None:
        self.listen("0.0.0.0")
        flow = self.flow_to("203.0.113.9")
        error = self.assertRaises(SIPTransportFailure, self.layer.sent_by, flow)
        self.assertIn("203.0.113.9", str(error))

    def test_local_is_what_the_machine_says(self) -> None:
        self.assertTrue(self.layer.is_local(OTHER))
        self.assertFalse(self.layer.is_local("192.0.2.9"))


class ResponseFlowTests(LayerTestCase):
    def request(self, via: str) -> Request:
        request = parse(f"OPTIONS sip:a@b SIP/2.0\r\nVia: {via}\r\n\r\n".encode())
        assert isinstance(request, Request)
        return request

    def back(self, via: str, flow: Flow) -> Flow:
        return self.layer.response_flow(self.request(via), flow)

    def test_rport_is_the_same_flow(self) -> None:
        flow = Flow(self.listen(NEAR), ("192.0.2.9", 40000))
        self.assertIs(self.back("SIP/2.0/UDP 10.0.0.1;rport", flow), flow)

    def test_another_port_leaves_from_the_same_address(self) -> None:
        self.listen(NEAR)
        flow = Flow(self.listen("192.0.2.2"), ("192.0.2.9", 40000))
        back = self.back("SIP/2.0/UDP 192.0.2.9:5070", flow)
        self.assertIs(back.transport, flow.transport)
        self.assertEqual(back.peer, ("192.0.2.9", 5070))

    def test_the_scope_stays(self) -> None:
        flow = Flow(self.listen("::"), ("fe80::9", 40000, 0, 7))
        back = self.back("SIP/2.0/UDP [fe80::9]:5070", flow)
        self.assertEqual(back.peer, ("fe80::9", 5070, 0, 7))

    def test_maddr_may_take_another_way(self) -> None:
        self.listen(NEAR)
        other = self.listen(OTHER)
        flow = Flow(self.layer.transports[0], ("192.0.2.9", 40000))
        back = self.back("SIP/2.0/UDP 192.0.2.9;maddr=198.51.100.9", flow)
        self.assertIs(back.transport, other)
        self.assertEqual(back.peer, ("198.51.100.9", 5060))
        self.assertRaises(
            SIPTransportFailure,
            self.back,
            "SIP/2.0/UDP 192.0.2.9;maddr=2001:db8::9",
            flow,
        )

    def test_a_reliable_flow_is_its_own_way_back(self) -> None:
        transport = self.listen(NEAR)
        self.patch(transport, "reliable", True)
        flow = Flow(transport, ("192.0.2.9", 40000))
        self.assertIs(self.back("SIP/2.0/TCP 10.0.0.1:5070", flow), flow)


class RealListeningTests(LoopbackTestCase):
    """The same with the kernel's addresses and sockets."""

    async def test_port_0_gives_the_real_one(self) -> None:
        layer = self.layer()
        transport = layer.listen(ListenAddress("UDP", "127.0.0.1", 0))
        self.assertEqual(transport.local[0], "127.0.0.1")
        self.assertGreater(transport.local[1], 0)

    async def test_a_port_in_use(self) -> None:
        taken = self.socket().getsockname()[1]
        error = self.assertRaises(
            SIPInUse, self.layer().listen, ListenAddress("UDP", "127.0.0.1", taken)
        )
        self.assertIn(f"127.0.0.1:{taken}", str(error))

    def test_an_address_of_another_machine(self) -> None:
        self.assertRaises(
            SIPCouldNotConnect, self.layer().listen, ListenAddress("UDP", "8.8.8.8", 0)
        )

    def test_an_interface_that_is_not_there(self) -> None:
        error = self.assertRaises(
            SIPCouldNotConnect,
            self.layer().listen,
            ListenAddress("UDP", "fe80::1%nosuch0", 0),
        )
        self.assertIn("nosuch0", str(error))

    async def test_both_families_share_a_port(self) -> None:
        if not has_ipv6():
            self.skipTest("this machine has no IPv6")
        layer = self.layer()
        first = layer.listen(ListenAddress("UDP", "0.0.0.0", 0))
        port = first.local[1]
        second = layer.listen(ListenAddress("UDP", "::", port))
        flow = layer.flow_to(Target("UDP", "127.0.0.1", 5060))
        self.assertIs(flow.transport, first)
        self.assertEqual(layer.sent_by(flow), ("127.0.0.1", port))
        flow = layer.flow_to(Target("UDP", "::1", 5060))
        self.assertIs(flow.transport, second)
        self.assertEqual(layer.sent_by(flow), ("::1", port))

    async def test_a_loopback_address_reaches_nobody_else(self) -> None:
        layer = self.layer()
        layer.listen(ListenAddress("UDP", "127.0.0.1", 0))
        flow = layer.flow_to(Target("UDP", "192.0.2.251", 5060))
        self.assertRaises(SIPTransportFailure, flow.send, b"OPTIONS")
