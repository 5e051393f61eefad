"""Access points and listening addresses check what they are made from."""

from __future__ import annotations

import dataclasses
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from sipclient.bearer.access_point import AccessPoint, ListenAddress
from sipclient.bearer.timing import TimerValues
from sipclient.errors import SIPArgumentError, SIPNotSupported
from sipclient.message.uri import SIPURI


class ListenAddressTests(SynchronousTestCase):
    def test_what_people_write(self) -> None:
        for text, host, port in (
            ("udp:5060", "0.0.0.0", 5060),
            ("UDP:0", "0.0.0.0", 0),
            ("udp:5060:interface=127.0.0.1", "127.0.0.1", 5060),
            ("udp:5060:interface=localhost", "127.0.0.1", 5060),
            (r"udp:5060:interface=\:\:1", "::1", 5060),
            ("udp:5060:interface=[::1]", "::1", 5060),
            (r"udp:5060:interface=fe80\:\:1%eth0", "fe80::1%eth0", 5060),
            ("sip:127.0.0.1:5061;transport=udp", "127.0.0.1", 5061),
            ("sip:127.0.0.1", "127.0.0.1", 5060),
            ("sip:[::1]:0;transport=UDP", "::1", 0),
            ("SIP:localhost:5070", "127.0.0.1", 5070),
        ):
            address = ListenAddress.parse(text)
            self.assertEqual(address, ListenAddress("UDP", host, port), text)
            self.assertEqual(ListenAddress.parse(str(address)), address)

    def test_tcp_is_written_in_the_same_ways(self) -> None:
        for text, host, port in (
            ("tcp:5060", "0.0.0.0", 5060),
            ("TCP:0:interface=localhost", "127.0.0.1", 0),
            ("tcp:5060:interface=[::1]", "::1", 5060),
            (r"tcp:5060:interface=fe80\:\:1%eth0", "fe80::1%eth0", 5060),
            ("sip:127.0.0.1;transport=tcp", "127.0.0.1", 5060),
            ("sip:[::]:5061;transport=TCP", "::", 5061),
        ):
            address = ListenAddress.parse(text)
            self.assertEqual(address, ListenAddress("TCP", host, port), text)
            self.assertEqual(ListenAddress.parse(str(address)), address)

    def test_what_is_none(self) -> None:
        for text in (
            "",
            "5060",
            "udp",
            "udp:",
            "udp:x",
            "udp:-1",
            "udp:65536",
            "udp:123456",
            "udp:٣",
            "udp:5060:127.0.0.1",
            "udp:5060:interface",
            "udp:5060:interface=",
            "udp:5060:interface=example.com",
            "udp:5060:interface=::1",
            "udp:5060:interface=[::1",
            "udp:5060:interface=1.2.3.4%eth0",
            "udp:5060:backlog=5",
            "[::1]:5060",
            "sip:",
            "sipsy:127.0.0.1",
            "sip:example.com",
            "sip:bob@127.0.0.1",
            "sip:127.0.0.1;lr",
            "sip:127.0.0.1?subject=x",
            "sip:127.0.0.1:99999",
            "tel:+123",
            "127.0.0.1:5060",
            "fe80::1%a b",
        ):
            self.assertRaises(SIPArgumentError, ListenAddress.parse, text)

    def test_an_unreadable_one_shows_how_to_write_it(self) -> None:
        error = self.assertRaises(SIPArgumentError, ListenAddress.parse, "5060")
        self.assertIn("tcp:5060:interface=127.0.0.1", str(error))

    def test_an_ipv6_address_without_brackets_is_understood_as_a_mistake(self) -> None:
        for text in ("udp:5060:interface=::1", "udp:0:interface=::"):
            error = self.assertRaises(SIPArgumentError, ListenAddress.parse, text)
            self.assertIn("interface=[::1]", str(error))

    def test_transports_that_are_not_there(self) -> None:
        for text in (
            "tls:5061:privateKey=x.pem",
            "sip:127.0.0.1;transport=tls",
            "sips:127.0.0.1",
            "ws:80",
        ):
            error = self.assertRaises(SIPNotSupported, ListenAddress.parse, text)
            self.assertIn("not there yet", str(error))

    def test_values_are_checked_too(self) -> None:
        bad: tuple[Any, ...] = (
            ("UDP", "example.com", 5060),
            ("UDP", "", 5060),
            ("UDP", "127.0.0.1", 65536),
            ("UDP", "127.0.0.1", -1),
            ("UDP", "127.0.0.1", True),
            ("UDP", "127.0.0.1", "5060"),
            ("UDP", "fe80::1%", 5060),
        )
        for arguments in bad:
            self.assertRaises(SIPArgumentError, ListenAddress, *arguments)
        self.assertEqual(ListenAddress("udp", "::", 5060).transport, "UDP")


class AccessPointTests(SynchronousTestCase):
    def test_the_name_is_enough(self) -> None:
        point = AccessPoint("default")
        self.assertEqual(point.listen, (ListenAddress("UDP", "0.0.0.0", 5060),))
        self.assertEqual(point.timers, TimerValues())
        self.assertIs(point.outbound_proxy, None)
        self.assertEqual(point.domains, ())

    def test_all_of_it(self) -> None:
        point = AccessPoint(
            "office",
            listen=["udp:5060", ListenAddress("UDP", "::1", 0)],
            outbound_proxy="sip:192.0.2.1;lr",
            timers="cellular",
            domains=["Example.com", "example.org:5070", "[2001:DB8::1]:5070"],
        )
        self.assertEqual([one.port for one in point.listen], [5060, 0])
        both = AccessPoint("both", listen=["udp:5060", "tcp:5060"])
        self.assertEqual([one.transport for one in both.listen], ["UDP", "TCP"])
        self.assertEqual(point.outbound_proxy, "sip:192.0.2.1;lr")
        self.assertEqual(point.timers.t1, 3)
        self.assertEqual(
            point.domains, ("example.com", "example.org:5070", "[2001:db8::1]:5070")
        )

    def test_one_needs_no_list(self) -> None:
        point = AccessPoint("a", listen="udp:0", domains="example.com")
        self.assertEqual(len(point.listen), 1)
        self.assertEqual(point.domains, ("example.com",))

    def test_a_proxy_may_be_a_uri(self) -> None:
        point = AccessPoint("a", outbound_proxy=SIPURI(host="192.0.2.1", port=5070))
        self.assertEqual(point.outbound_proxy, "sip:192.0.2.1:5070")

    def test_it_is_a_value(self) -> None:
        one = AccessPoint("a", listen=["udp:0", "udp:0"], timers="default")
        other = AccessPoint("a", listen=("udp:0", "udp:0"), timers=TimerValues())
        self.assertEqual(one, other)
        self.assertEqual(hash(one), hash(other))
        self.assertNotEqual(one, AccessPoint("b", listen=one.listen))
        self.assertEqual(dataclasses.replace(one, id="b").id, "b")
        attribute = "id"
        self.assertRaises(dataclasses.FrozenInstanceError, setattr, one, attribute, "b")

    def test_its_repr_makes_it_again(self) -> None:
        for point in (
            AccessPoint("a"),
            AccessPoint(
                "a",
                listen=r"udp:5060:interface=fe80\:\:1%eth0",
                outbound_proxy="sip:192.0.2.1",
                timers=TimerValues(t1=1),
                domains="example.com",
            ),
        ):
            names = {"AccessPoint": AccessPoint, "TimerValues": TimerValues}
            self.assertEqual(eval(repr(point), names), point)

    def test_bad_arguments(self) -> None:
        bad: tuple[dict[str, Any], ...] = (
            {"id": ""},
            {"id": "a b"},
            {"id": "x" * 65},
            {"id": 7},
            {"listen": []},
            {"listen": "5060"},
            {"listen": ["udp:5060", "sip:0.0.0.0"]},
            {"timers": "fast"},
            {"outbound_proxy": ""},
            {"outbound_proxy": "192.0.2.1"},
            {"outbound_proxy": "tel:+123"},
            {"outbound_proxy": "sip:a:secret@192.0.2.1"},
            {"domains": [""]},
            {"domains": "sip:example.com"},
            {"domains": "example.com:"},
            {"domains": "example.com:99999"},
        )
        for arguments in bad:
            self.assertRaises(SIPArgumentError, AccessPoint, **{"id": "a"} | arguments)

    def test_a_password_is_not_repeated(self) -> None:
        error = self.assertRaises(
            SIPArgumentError, AccessPoint, "a", outbound_proxy="sip:a:secret@192.0.2.1"
        )
        self.assertNotIn("secret", str(error))
