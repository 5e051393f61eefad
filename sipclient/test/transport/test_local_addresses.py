"""What the kernel says of this machine's addresses; only numeric ones are asked for."""

from __future__ import annotations

import socket

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from sipclient.interfaces import ILocalAddresses
from sipclient.test.transport.loopback import has_ipv6, link_local
from sipclient.transport import local_addresses
from sipclient.transport.local_addresses import KernelAddresses
from sipclient.transport.peer import is_numeric, peer_at, peer_of


class KernelAddressesTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.addresses = KernelAddresses(self.clock)

    def count(self, name: str) -> list[str]:
        """Give a list that grows with each question to the kernel."""
        asked: list[str] = []
        ask = getattr(local_addresses, name)

        def counted(host: str) -> object:
            asked.append(host)
            return ask(host)

        self.patch(local_addresses, name, counted)
        return asked

    def test_it_is_what_it_says(self) -> None:
        self.assertTrue(verifyObject(ILocalAddresses, self.addresses))

    def test_loopback_is_reached_from_loopback(self) -> None:
        self.assertEqual(self.addresses.towards("127.0.0.1"), "127.0.0.1")
        if has_ipv6():
            self.assertEqual(self.addresses.towards("::1"), "::1")

    def test_a_scope_is_understood_and_left_out(self) -> None:
        found = link_local()
        if found is None:
            self.skipTest("this machine has no link-local address")
        host, interface = found
        scope = socket.if_nametoindex(interface)
        self.assertEqual(self.addresses.towards(f"{host}%{scope}"), host)
        self.assertTrue(self.addresses.is_local(f"{host}%{interface}"))

    def test_a_name_is_refused_without_a_look_up(self) -> None:
        self.patch(socket, "getaddrinfo", None)
        for name in ("example.com", "localhost", "", "127.1", "1"):
            self.assertRaises(OSError, self.addresses.towards, name)

    def test_what_is_local(self) -> None:
        for host in ("127.0.0.1", "127.9.9.9", "::1", "localhost", "LocalHost"):
            self.assertTrue(self.addresses.is_local(host), host)

    def test_what_is_not(self) -> None:
        for host in (
            "192.0.2.251",
            "2001:db8::77",
            "0.0.0.0",
            "::",
            "224.0.0.1",
            "ff02::1",
            "255.255.255.255",
            "example.com",
            "fe80::1%nosuch0",
            "",
        ):
            self.assertFalse(self.addresses.is_local(host), host)

    def test_the_kernel_is_asked_once_in_a_while(self) -> None:
        asked = self.count("_source_towards")
        for _ in range(3):
            self.addresses.towards("127.0.0.1")
        self.assertEqual(len(asked), 1)
        self.clock.advance(5)
        self.addresses.towards("127.0.0.1")
        self.assertEqual(len(asked), 2)
        self.addresses.forget()
        self.addresses.towards("127.0.0.1")
        self.assertEqual(len(asked), 3)

    def test_answers_are_bounded(self) -> None:
        self.patch(local_addresses, "_MOST_ANSWERS", 3)
        asked = self.count("_is_bindable")
        for last in (1, 2, 3, 3, 4, 1):
            self.addresses.is_local(f"127.0.0.{last}")
        self.assertEqual(len(asked), 5)

    def test_a_failure_is_not_kept(self) -> None:
        asked = self.count("_source_towards")
        for _ in range(2):
            self.assertRaises(OSError, self.addresses.towards, "fe80::1%nosuch0")
        self.assertEqual(len(asked), 2)


class PeerTests(SynchronousTestCase):
    def test_what_is_numeric(self) -> None:
        for host in ("192.0.2.1", "::1", "fe80::1%eth0", "fe80::1%2"):
            self.assertTrue(is_numeric(host), host)
        for host in ("example.com", "fe80::1%", "192.0.2.1%2", "[::1]", "1.2.3", ""):
            self.assertFalse(is_numeric(host), host)

    def test_a_scope_becomes_a_number(self) -> None:
        self.assertEqual(peer_at("fe80::1%7", 5060), ("fe80::1", 5060, 0, 7))
        self.assertEqual(peer_at("::1", 5060), ("::1", 5060))
        self.assertRaises(OSError, peer_at, "fe80::1%nosuch0", 5060)

    def test_one_peer_is_one_value(self) -> None:
        self.assertEqual(peer_of(("::1", 5060, 9, 0)), ("::1", 5060))
        self.assertEqual(peer_of(("fe80::1", 5060, 9, 2)), ("fe80::1", 5060, 0, 2))
        self.assertEqual(peer_of(("fe80::1%lo", 5060, 9, 2)), ("fe80::1", 5060, 0, 2))
        self.assertEqual(peer_of(("192.0.2.1", 5060)), ("192.0.2.1", 5060))
