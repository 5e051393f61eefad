"""Which Request-URIs are ours."""

from __future__ import annotations

from sipclient import AccessPoint

from .world import CoreCase


class OwnershipTests(CoreCase):
    def setUp(self) -> None:
        super().setUp()
        self.here = self.network.reactor("198.51.100.1", "198.51.100.2", "2001:db8::1")

    def check(
        self, access_point: AccessPoint, *rows: tuple[str, int | None, bool]
    ) -> None:
        agent, _ = self.open(access_point)
        for host, port, own in rows:
            self.assertEqual(agent.addresses.own(host, port), own, (host, port))

    def test_one_address(self) -> None:
        self.check(
            AccessPoint("x", listen="udp:5060:interface=198.51.100.1"),
            ("198.51.100.1", None, True),
            ("198.51.100.1", 5060, True),
            ("198.51.100.1", 5061, False),
            ("198.51.100.2", None, False),
            ("127.0.0.1", None, False),
            ("localhost", None, False),
            ("example.com", None, False),
            ("2001:db8::1", None, False),
        )

    def test_another_port_has_to_be_written(self) -> None:
        self.check(
            AccessPoint("x", listen="udp:5070:interface=198.51.100.1"),
            ("198.51.100.1", 5070, True),
            ("198.51.100.1", None, False),
            ("198.51.100.1", 5060, False),
        )

    def test_a_port_that_the_system_chose(self) -> None:
        agent, _ = self.open(AccessPoint("x", listen="udp:0:interface=198.51.100.1"))
        port = self.here.ports[0].bound[1]
        self.assertTrue(agent.addresses.own("198.51.100.1", port))
        self.assertFalse(agent.addresses.own("198.51.100.1", 0))
        self.assertFalse(agent.addresses.own("198.51.100.1", None))

    def test_all_addresses(self) -> None:
        self.check(
            AccessPoint("x", listen=["udp:5060", "sip:[::]:5062"]),
            ("198.51.100.1", None, True),
            ("198.51.100.2", None, True),
            ("127.0.0.1", None, True),
            ("127.9.9.9", None, True),
            ("localhost", None, True),
            ("LocalHost.", None, True),
            ("2001:db8::1", 5062, True),
            ("2001:DB8:0:0::1", 5062, True),
            ("::1", 5062, True),
            ("198.51.100.3", None, False),
            ("2001:db8::2", 5062, False),
            ("example.com", None, False),
        )

    def test_loopback_and_localhost(self) -> None:
        self.check(
            AccessPoint("x", listen="udp:5060:interface=127.0.0.1"),
            ("127.0.0.1", None, True),
            ("localhost", None, True),
            ("localhost", 5061, False),
            ("127.0.0.2", None, False),
            ("198.51.100.1", None, False),
        )

    def test_an_ipv6_address_is_compared_by_value(self) -> None:
        self.check(
            AccessPoint("x", listen="sip:[2001:db8::1]:5060"),
            ("2001:db8::1", None, True),
            ("2001:0DB8:0::0:1", None, True),
            ("2001:db8::2", None, False),
        )

    def test_domains(self) -> None:
        self.check(
            AccessPoint(
                "x",
                listen="udp:5060:interface=127.0.0.1",
                domains=(
                    "Example.com",
                    "example.net:5070",
                    "example.net:5072",
                    "example.org:5060",
                    "203.0.113.7",
                    "[2001:db8::7]:5070",
                ),
            ),
            ("example.com", None, True),
            ("EXAMPLE.com.", 5099, True),
            ("example.net", 5070, True),
            ("example.net", 5072, True),
            ("example.net", None, False),
            ("example.org", None, True),
            ("sub.example.com", None, False),
            ("203.0.113.7", 1, True),
            ("2001:DB8::0:7", 5070, True),
            ("2001:db8::7", None, False),
            ("127.0.0.1", None, True),
        )

    def test_an_address_that_is_listened_on_stays_ours_beside_its_domain(self) -> None:
        self.check(
            AccessPoint(
                "x",
                listen="udp:5060:interface=198.51.100.1",
                domains="198.51.100.1:5099",
            ),
            ("198.51.100.1", 5099, True),
            ("198.51.100.1", None, True),
        )
