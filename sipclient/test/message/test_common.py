"""The common forms: what they take, the full grammar takes too, and finds the same."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from sipclient.message import address, common, grammar, uri
from sipclient.message.fields import via

# Pieces that come close to the common forms, from both sides.
_HOSTS = st.sampled_from(
    [
        "h",
        "a.b-c",
        "a--b",
        "1a.b",
        "a.1",
        "h.",
        "127.0.0.1",
        "255.255.255.255",
        "256.0.0.1",
        "1.2.3",
        "01.2.3.4",
        "1.2.3.4.5",
        "[::1]",
        "é",
    ]
)
_PORTS = st.sampled_from(
    ("", ":1", ":5060", ":59999", ":61022", ":65535", ":65536", ":0", ":05", ":")
)
_USERS = st.sampled_from(("", "bob@", "b;c@", "b:p@", "b%41@", "+1-2@", "b b@", "@"))
_URI_PARAMS = st.sampled_from(
    ("", ";lr", ";a=b", ";%41=%42", ";a=", ";a=b;c=d", ";A;a", "?x=y", ";é")
)
_PARAMS = st.sampled_from(
    ("", ";tag=1", ";tag", ';tag="1"', ";tag=[::1]", ";expires=60", ";a=1;b=2", " ;x")
)
_NAMES = st.sampled_from(
    ("", " ", "Bob ", "Bob", "Bob  B ", '"B, b" ', '"b\\"" ', '"" ', "B\tb ", "é ")
)
_VIA_PARAMS = st.lists(
    st.sampled_from(
        [
            ";branch=1",
            ";rport",
            ";rport=5060",
            ";rport=65536",
            ";received=192.0.2.1",
            ";received=::1",
            ";RPORT",
            ";x",
            ";branch",
            ";ttl=999",
        ]
    ),
    max_size=4,
).map("".join)


def _joined(*pieces: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(*pieces).map("".join)


_URIS = _joined(
    st.sampled_from(("sip:", "sips:", "SIP:", "tel:", "")),
    _USERS,
    _HOSTS,
    _PORTS,
    _URI_PARAMS,
)
_ADDRESSES = _joined(
    _NAMES, st.one_of(_URIS, _URIS.map(lambda text: f"<{text}>")), _PARAMS
)
_VIAS = _joined(
    st.sampled_from(("SIP/2.0/UDP ", "SIP/2.0/TCP  ", "sip/2.0/udp ", "SIP/2.0/ ")),
    _HOSTS,
    _PORTS,
    _VIA_PARAMS,
)


class CommonFormTests(SynchronousTestCase):
    @given(_ADDRESSES)
    def test_addresses(self, text: str) -> None:
        found = address._common_address(text)
        if found is not None:
            full, place = address._scan_address(text, 0, "From")
            self.assertEqual((found, place), (full, len(text)))
            self.assertIs(type(found.uri), type(full.uri))

    @given(_URIS)
    def test_uris(self, text: str) -> None:
        match = re.fullmatch(common.SIP_URI_PARTS, text)
        if match is not None:
            found = uri.common_sip_uri(*match.groups())
            self.assertEqual(found, uri.read_uri(text, 0, len(text)))

    @given(_VIAS)
    def test_vias(self, text: str) -> None:
        match = re.fullmatch(common.VIA_PARTS, text)
        self.assertEqual(match is None, re.fullmatch(common.VIA, text) is None)
        if match is not None:
            self.assertEqual(
                via.Via.parse(text), via._read_any(text, 0, len(text), "Via")
            )

    @given(_HOSTS, _PORTS)
    def test_hosts_and_ports(self, host: str, port: str) -> None:
        if re.fullmatch(common.HOST, host):
            self.assertTrue(re.fullmatch(grammar.HOST, host))
        if re.fullmatch(f":{common.PORT}", port):
            self.assertTrue(0 < int(port[1:]) < 65536)

    def test_they_take_what_nearly_all_messages_have(self) -> None:
        """They would be of no use otherwise."""
        for text in ('"Bob" <sip:b@h.example:5060;lr>;tag=1', "sip:b@192.0.2.1"):
            self.assertIsNotNone(address._common_address(text))
        for port in (1, 9999, 59999, 60000, 64999, 65499, 65529, 65530, 65535):
            self.assertTrue(re.fullmatch(common.PORT, str(port)), port)
        for octet in range(256):
            self.assertTrue(re.fullmatch(common.IPV4, f"1.2.3.{octet}"), octet)
        for text in (";rport;branch=1", ";received=192.0.2.1;branch=1;rport=61022"):
            self.assertTrue(re.fullmatch(common.VIA, f"SIP/2.0/UDP h:5060{text}"))
