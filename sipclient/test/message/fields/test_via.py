"""Via: RFC 3261 §20.42, RFC 3581, RFC 5118 §4.5."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from sipclient.errors import SIPArgumentError
from sipclient.message.fields.via import Via
from sipclient.message.params import Params

from .support import HOSTS, PORTS, TOKENS, params, read, rewritten, unexpected

VIAS = st.builds(
    Via,
    TOKENS,
    HOSTS,
    PORTS,
    params(
        branch=TOKENS,
        received=st.sampled_from(["192.0.2.7", "2001:db8::9", "[2001:db8::9]"]),
        rport=st.none() | st.integers(0, 65535).map(str),
        ttl=st.integers(0, 255).map(str),
        maddr=st.sampled_from(["239.0.0.1", "[ff02::1]", "group.example.com"]),
    ),
    st.sampled_from(["SIP/2.0", "SIP/3.0", "other/1"]),
)

BAD = [
    ("", "Via", 0),
    ("SIP/2.0", "Via", 0),
    ("SIP/2.0/UDP", "Via", 0),
    ("SIP/2.0/UDP ", "Via", 0),
    ("SIP/2.0 UDP a", "Via", 0),
    ("SIP/2.0/UDP _a", "host", 12),
    ("SIP/2.0/UDP 192.0.2.256", "host", 12),
    ("SIP/2.0/UDP 2001:db8::1", "host", 12),
    ("SIP/2.0/UDP a:", "port", 14),
    ("SIP/2.0/UDP a:65536", "port", 14),
    ("SIP/2.0/UDP a:\u0661", "port", 14),
    ("SIP/2.0/UDP a:5060 b", "Via", 18),
    ("SIP/2.0/UDP 192.0.2.15;;,;,,", "generic-param", 22),
    ("SIP/2.0/UDP a;branch=x;BRANCH=y", "duplicate-param", 23),
    ("SIP/2.0/UDP a;branch", "Via", 13),
    ('SIP/2.0/UDP a;branch="x"', "Via", 13),
    ("SIP/2.0/UDP a;rport=65536", "Via", 13),
    ("SIP/2.0/UDP a;rport=x", "Via", 13),
    ("SIP/2.0/UDP a;rport=", "generic-param", 19),
    ("SIP/2.0/UDP a;ttl=256", "Via", 13),
    ("SIP/2.0/UDP a;ttl", "Via", 13),
    ("SIP/2.0/UDP a;received=b", "Via", 13),
    ("SIP/2.0/UDP a;maddr", "Via", 13),
    ("SIP/2.0/UDP a, SIP/2.0/UDP b:x", "port", 29),
    ("SIP/2.0/UDP a,", "Via", 14),
]


class ViaTests(SynchronousTestCase):
    def one(self, text: str) -> Via:
        [via] = read("Via", text)
        assert isinstance(via, Via)
        return via

    @given(st.lists(VIAS, min_size=1, max_size=3))
    def test_what_is_written_is_read_again(self, vias: list[Via]) -> None:
        self.assertEqual(rewritten("Via", *vias), tuple(vias))

    @given(VIAS)
    def test_the_short_way_reads_what_the_full_grammar_reads(self, via: Via) -> None:
        roomy = str(via).replace("/", " / ", 1)
        self.assertEqual(read("Via", roomy), read("Via", str(via)))

    def test_bad_ones_are_refused(self) -> None:
        self.assertEqual(unexpected("Via", BAD), {})

    def test_the_parts_of_a_plain_one(self) -> None:
        via = self.one("SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK7;rport=49152")
        self.assertEqual(
            (via.protocol, via.transport, via.host, via.port, via.sent_by),
            ("SIP/2.0", "UDP", "192.0.2.1", 5060, "192.0.2.1:5060"),
        )
        self.assertEqual((via.branch, via.rport), ("z9hG4bK7", 49152))
        self.assertEqual((via.received, via.maddr, via.ttl), (None, None, None))

    def test_white_space_may_stand_around_every_separator(self) -> None:
        # RFC 4475 §3.1.1.1, unfolded.
        text = "SIP  / 2.0  / TCP     spindle.example.com   : 5060 ;  branch  =   z9 "
        self.assertEqual(
            self.one(text),
            Via("TCP", "spindle.example.com", 5060, Params.of({"branch": "z9"})),
        )

    def test_several_stand_in_their_order_on_one_line(self) -> None:
        vias = read("Via", 'SIP/2.0/UDP a;x="b,c" ,SIP/2.0/SCTP d')
        self.assertEqual([via.host for via in vias], ["a", "d"])

    def test_an_unknown_transport_passes(self) -> None:
        self.assertEqual(self.one("SIP/2.0/UNKNOWN a").transport, "UNKNOWN")

    def test_received_loses_its_brackets(self) -> None:
        for text in ("2001:db8::9:255", "[2001:db8::9:255]"):
            via = self.one(f"SIP/2.0/UDP [2001:db8::9:1];received={text};branch=z9")
            self.assertEqual(via.received, "2001:db8::9:255")
            self.assertEqual(via.sent_by, "[2001:db8::9:1]")
            self.assertEqual(str(via).partition(";received=")[2][: len(text)], text)

    def test_a_bare_rport_asks_for_a_port_and_has_none(self) -> None:
        via = self.one("SIP/2.0/UDP a;rport;branch=z9hG4bK1")
        self.assertIsNone(via.rport)
        self.assertIn("rport", via.params)
        self.assertNotIn("rport", self.one("SIP/2.0/UDP a").params)

    def test_multicast_has_maddr_and_ttl(self) -> None:
        via = self.one("SIP/2.0/UDP a;maddr=[ff02::1];TTL=16")
        self.assertEqual((via.maddr, via.ttl, via.branch), ("ff02::1", 16, None))

    def test_a_value_refuses_what_a_via_cannot_hold(self) -> None:
        for arguments in (
            ("UDP TCP", "a"),
            ("UDP", "a b"),
            ("UDP", "a", 65536),
            ("UDP", "a", None, Params.of({"rport": "x"})),
            ("UDP", "a", None, Params(), "SIP"),
        ):
            with self.assertRaises(SIPArgumentError):
                Via(*arguments)
