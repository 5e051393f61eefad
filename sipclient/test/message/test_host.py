"""Hosts and ports: RFC 3261 §25.1 hostport, RFC 5954, RFC 5118."""

from __future__ import annotations

import ipaddress

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from sipclient.errors import SIPArgumentError, SIPParseError
from sipclient.message.host import (
    HostPort,
    ipv6_value,
    is_ipv4,
    is_ipv6,
    same_host,
)
from sipclient.test.message.timing import slow_inputs

# text, host, port, what is written where it differs
GOOD: list[tuple[str, str, int | None, str]] = [
    ("example.com", "example.com", None, ""),
    ("example.com.:5061", "example.com.", 5061, ""),
    ("a:0", "a", 0, ""),
    ("a:65535", "a", 65535, ""),
    ("a:0005060", "a", 5060, "a:5060"),
    ("a:0000000", "a", 0, "a:0"),
    ("192.0.2.1:5060", "192.0.2.1", 5060, ""),
    ("192.0.2.1.example", "192.0.2.1.example", None, ""),
    ("[2001:db8::10]:5070", "2001:db8::10", 5070, ""),
    ("[2001:db8::10:5070]", "2001:db8::10:5070", None, ""),
    ("[::ffff:192.0.2.2]", "::ffff:192.0.2.2", None, ""),
    # RFC 5118 §4.10: read with the colon too many, written without.
    ("[2001:db8:::192.0.2.1]", "2001:db8::192.0.2.1", None, "[2001:db8::192.0.2.1]"),
]
# text, production, offset
BAD = [
    ("", "host", 0),
    (":5060", "host", 0),
    ("2001:db8::10", "host", 0),
    ("192.0.2", "host", 0),
    ("192.0.2.256", "host", 0),
    ("192.0.02.1", "host", 0),
    ("[192.0.2.1]", "host", 0),
    ("[::1", "host", 0),
    ("[fe80::1%25eth0]", "host", 0),
    ("[2001:db8:::1]", "host", 0),
    ("-a", "host", 0),
    ("é", "host", 0),
    ("a_b", "hostport", 1),
    ("a b", "hostport", 1),
    ("a..b", "hostport", 2),
    ("a ", "hostport", 1),
    ("a:", "port", 2),
    ("a: 5060", "port", 2),
    ("a:-1", "port", 2),
    ("a:x", "port", 2),
    ("a:65536", "port", 2),
    ("a:99999999999999999999", "port", 2),
    ("a:٥٠٦٠", "port", 2),
    ("a:5060x", "hostport", 6),
]


class AddressTests(SynchronousTestCase):
    """IP addresses, checked and compared without the platform."""

    @given(st.ip_addresses(v=4).map(str) | st.text("0123456789.", max_size=16))
    def test_ipv4_as_the_standard_library_has_it(self, text: str) -> None:
        self.assertEqual(is_ipv4(text), _is(ipaddress.IPv4Address, text))

    @given(
        st.ip_addresses(v=6).flatmap(
            lambda a: st.sampled_from([str(a), a.exploded, a.exploded.upper()])
        )
        | st.text("0aF:.1", max_size=24)
        | st.lists(st.sampled_from(["", "0", "db8", "1.2.3.4"]), max_size=9).map(
            ":".join
        )
    )
    def test_ipv6_as_the_standard_library_has_it(self, text: str) -> None:
        self.assertEqual(is_ipv6(text), _is(ipaddress.IPv6Address, text))
        if is_ipv6(text):
            self.assertEqual(ipv6_value(text), int(ipaddress.IPv6Address(text)))

    def test_same_host(self) -> None:
        for one, other in [
            ("Example.COM", "example.com"),
            ("192.0.2.1", "192.0.2.1"),
            ("2001:DB8::1", "[2001:db8:0:0::1]"),
            ("::ffff:192.0.2.1", "::FFFF:c000:201"),
        ]:
            self.assertTrue(same_host(one, other), (one, other))
            self.assertTrue(same_host(other, one), (other, one))

    def test_other_host(self) -> None:
        for one, other in [
            ("example.com", "example.org"),
            ("localhost", "127.0.0.1"),
            ("::ffff:192.0.2.1", "192.0.2.1"),
            ("2001:db8::1", "2001:db8::2"),
            ("a:b", "a:c"),
        ]:
            self.assertFalse(same_host(one, other), (one, other))


class HostPortTests(SynchronousTestCase):
    """Host and port together."""

    def test_reading_and_writing(self) -> None:
        for text, host, port, written in GOOD:
            value = HostPort.parse(text)
            self.assertEqual((value.host, value.port), (host, port), text)
            self.assertEqual(str(value), written or text)
            self.assertEqual(HostPort.parse(str(value)), value)
            self.assertEqual(HostPort(host, port), value)

    def test_faults(self) -> None:
        for text, production, offset in BAD:
            error = self.assertRaises(SIPParseError, HostPort.parse, text)
            self.assertEqual(
                (error.production, error.offset), (production, offset), text
            )
            self.assertTrue(error.expected)

    def test_faults_help(self) -> None:
        """A reader learns of the brackets, and of the highest port."""
        error = self.assertRaises(SIPParseError, HostPort.parse, "::1", header="Via")
        self.assertIn("host in Via: expected", str(error))
        self.assertIn("IPv6 address in brackets", str(error))
        error = self.assertRaises(SIPParseError, HostPort.parse, "a:65536")
        self.assertIn("65535", str(error))

    def test_a_part_of_a_text(self) -> None:
        text = "UDP a.b:5060;x"
        self.assertEqual(HostPort.parse(text, 4, end=12), HostPort("a.b", 5060))
        self.assertEqual(HostPort.scan(text, 4), (HostPort("a.b", 5060), 12))

    def test_lws_around_the_colon_only_where_asked(self) -> None:
        """Via's COLON may have LWS (RFC 3261 §25.1), a URI's may not."""
        self.assertEqual(HostPort.scan("a \t: 5 ;x", lws=True), (HostPort("a", 5), 6))
        self.assertEqual(HostPort.scan("a : 5"), (HostPort("a"), 1))
        self.assertEqual(HostPort.scan("a ;x", lws=True), (HostPort("a"), 1))

    def test_arguments(self) -> None:
        self.assertEqual(HostPort("[::1]").host, "::1")
        for host, port in [
            ("", None),
            ("a b", None),
            ("a\r\n", None),
            ("a:5060", None),
            ("1.2.3", None),
            ("a", -1),
            ("a", 65536),
            ("a", True),
        ]:
            error = self.assertRaises(SIPArgumentError, HostPort, host, port)
            self.assertIn("Give a", str(error))

    def test_no_time_is_lost(self) -> None:
        pieces = [
            ("", "a", "@"),
            ("", "a.", "@"),
            ("", "a-", ""),
            ("", "-", ""),
            ("a", "-", "@"),
            ("", "1.", ""),
            ("", "1", ""),
            ("[", ":", "]"),
            ("[", "1:", "]"),
            ("a:", "0", ""),
            ("a:", "9", ""),
            ("a.", "a-.", ""),
        ]
        self.assertEqual(slow_inputs(HostPort.parse, pieces), {})
        self.assertEqual(slow_inputs(lambda t: same_host(t, "::"), pieces), {})
        self.assertEqual(slow_inputs(is_ipv6, pieces), {})
        self.assertEqual(slow_inputs(is_ipv4, pieces), {})


def _is(
    kind: type[ipaddress.IPv4Address] | type[ipaddress.IPv6Address], text: str
) -> bool:
    try:
        kind(text)
    except ValueError:
        return False
    return True
