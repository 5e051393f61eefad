"""URIs: RFC 3261 §19.1, §25.1; RFC 3966; what RFC 4475 and RFC 5118 say of them."""

from __future__ import annotations

import copy
import pickle
from dataclasses import FrozenInstanceError, replace

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from sipclient.errors import SIPArgumentError, SIPParseError
from sipclient.message.params import URIParams
from sipclient.message.uri import (
    SIPURI,
    URI,
    OtherURI,
    TelURI,
    escape_user,
    parse_uri,
    read_uri,
)
from sipclient.test.message.test_grammar import WRITABLE
from sipclient.test.message.timing import slow_inputs

# Every one is written as it was read.
SIP_URIS: list[tuple[str, SIPURI]] = [
    ("sip:example.com", SIPURI(host="example.com")),
    ("sip:bob@example.com:5070", SIPURI("bob", "example.com", 5070)),
    ("sips:bob@h:5061", SIPURI("bob", "h", 5061, scheme="sips")),
    ("sip:a:b@h", SIPURI("a", "h", password="b")),
    ("sip:a:@h", SIPURI("a", "h", password="")),
    (
        "sip:h;transport=udp;lr",
        SIPURI(host="h", params=URIParams.of({"transport": "udp", "lr": None})),
    ),
    (
        "sip:alice@atlanta.com?subject=project%20x&priority=",
        SIPURI(
            "alice",
            "atlanta.com",
            headers=(("subject", "project%20x"), ("priority", "")),
        ),
    ),
    # RFC 4475 §3.1.1.2 (intmeth)
    (
        (
            "sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*"
            ":&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@example.com"
        ),
        SIPURI(
            "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*",
            "example.com",
            password="&it+has=1,weird!*pas$wo~d_too.(doesn't-it)",
        ),
    ),
    # §3.1.1.3 (esc01)
    (
        "sip:sips%3Auser%40example.com@example.net",
        SIPURI("sips%3Auser%40example.com", "example.net"),
    ),
    # §3.1.1.4 (escnull)
    ("sip:null-%00-null@example.com", SIPURI("null-%00-null", "example.com")),
    # §3.1.1.9 (semiuri)
    (
        "sip:user;par=u%40example.net@example.com",
        SIPURI("user;par=u%40example.net", "example.com"),
    ),
    # §3.1.2.11 (escruri): a URI like any other; its place in a start line is wrong
    (
        "sip:user@example.com?Route=%3Csip:example.com%3E",
        SIPURI("user", "example.com", headers=(("Route", "%3Csip:example.com%3E"),)),
    ),
    # RFC 5118 §4.3, §4.4
    ("sip:[2001:db8::10:5070]", SIPURI(host="2001:db8::10:5070")),
    ("sip:[2001:db8::10]:5070", SIPURI(host="2001:db8::10", port=5070)),
]
OTHER_URIS: list[tuple[str, URI]] = [
    ("tel:+1-201-555-0123", TelURI("+1-201-555-0123")),
    (
        "tel:7042;phone-context=example.com",
        TelURI("7042", URIParams.of({"phone-context": "example.com"})),
    ),
    ("tel:*21#", TelURI("*21#")),
    ("isbn:2983792873", OtherURI("isbn", "2983792873")),
    ("soap.beep://192.0.2.103:3002", OtherURI("soap.beep", "//192.0.2.103:3002")),
    ("http://[::1]/a?b=c", OtherURI("http", "//[::1]/a?b=c")),
    ("urn:service:sos", OtherURI("urn", "service:sos")),
]
# text, production, offset, a part of what is expected
BAD = [
    ("", "scheme", 0, "sip:"),
    ("bob@example.com", "scheme", 0, "sip:"),
    ("1sip:a", "scheme", 0, "sip:"),
    (" sip:a", "scheme", 0, "sip:"),
    # RFC 4475 §3.1.2.7 (ltgtruri)
    ("<sip:user@example.com>", "URI", 0, "without < and >"),
    # RFC 4475 §3.1.2.8 (lwsruri)
    ("sip:user@example.com; lr", "uri-parameters", 21, "without spaces"),
    # RFC 5118 §4.2 (ipv6-bad)
    ("sip:user@2001:db8::10", "host", 9, "in brackets"),
    ("sip:", "host", 4, "host name"),
    ("sip:a@", "host", 6, "host name"),
    ("sip:@b", "userinfo", 4, "user name"),
    ("sip::pw@b", "userinfo", 4, "user name"),
    ("sip:a b@c", "userinfo", 5, "%-escape"),
    ("sip:a%4@c", "userinfo", 5, "%-escape"),
    ("sip:a:b;c@d", "userinfo", 7, "%-escape"),
    ("sip:é@c", "userinfo", 4, "%-escape"),
    ("sip:a@b@c", "host", 7, "end of the host"),
    ("sip:a@b_c", "host", 7, "end of the host"),
    ("sip:a@b ", "host", 7, "end of the host"),
    ("sip:a@192.0.2.1.", "host", 6, "IPv4"),
    ("sip:a@b:", "port", 8, "65535"),
    ("sip:a@b:x", "port", 8, "65535"),
    ("sip:a@b:65536", "port", 8, "65535"),
    ("sip:a@b:5060x", "host", 12, "end of the host"),
    ("sip:a@b:\u0665", "port", 8, "65535"),
    ("sip:a@b;", "uri-parameters", 8, ";name"),
    ("sip:a@b;;lr", "uri-parameters", 8, ";name"),
    ("sip:a@b;x=", "uri-parameters", 9, "%-escape"),
    ("sip:a@b;x=%zz", "uri-parameters", 9, "%-escape"),
    ("sip:a@b;lr;LR", "duplicate-param", 11, "only once"),
    ("sip:a@b?", "headers", 7, "?name=value"),
    ("sip:a@b?x", "headers", 7, "?name=value"),
    ("sip:a@b?x=1&", "headers", 11, "?name=value"),
    ("sip:a@b?x=a b", "headers", 11, "?name=value"),
    ("sip:a@b\r\nVia: x", "host", 7, "end of the host"),
    ("tel:", "telephone-subscriber", 4, "telephone number"),
    ("tel:+", "telephone-subscriber", 4, "telephone number"),
    ("tel:+12a", "telephone-subscriber", 4, "telephone number"),
    ("tel:12;;", "telephone-subscriber", 4, "only parameters"),
    ("urn:", "URI", 4, "%-escape"),
    ("http://a b", "URI", 8, "%-escape"),
    ("http://a/%4", "URI", 9, "%-escape"),
]


class ReadingTests(SynchronousTestCase):
    """Text to values and back."""

    def test_sip_uris(self) -> None:
        for text, value in SIP_URIS:
            self.assertEqual(parse_uri(text), value)
            self.assertEqual(str(value), text)
            self.assertEqual(SIPURI.parse(text), value)

    def test_other_uris(self) -> None:
        for text, value in OTHER_URIS:
            self.assertEqual(parse_uri(text), value)
            self.assertEqual(str(value), text)
            self.assertRaises(SIPParseError, SIPURI.parse, text)

    def test_what_is_written_in_another_way(self) -> None:
        for text, written in [
            ("SIP:a@b", "sip:a@b"),
            ("SIPS:a@b:05061", "sips:a@b:5061"),
            ("TEL:+1", "tel:+1"),
            ("HTTP://A", "http://A"),
            # RFC 5118 §4.10
            ("sip:u@[2001:db8:::192.0.2.1]", "sip:u@[2001:db8::192.0.2.1]"),
        ]:
            self.assertEqual(str(parse_uri(text)), written)

    def test_a_part_of_a_text(self) -> None:
        self.assertEqual(read_uri("<sip:a@b>", 1, 8), SIPURI("a", "b"))
        error = self.assertRaises(
            SIPParseError, read_uri, "<sip:a@b;>", 1, 9, header="To"
        )
        self.assertEqual((error.offset, error.header), (9, "To"))

    def test_faults(self) -> None:
        for text, production, offset, expected in BAD:
            error = self.assertRaises(SIPParseError, parse_uri, text)
            self.assertEqual(
                (error.production, error.offset), (production, offset), text
            )
            self.assertIn(expected, error.expected, text)
            self.assertEqual(error.text, text)

    def test_only_sip_for_sip(self) -> None:
        error = self.assertRaises(SIPParseError, SIPURI.parse, "http://a")
        self.assertEqual(error.production, "scheme")

    @given(
        st.text("sip:@;?=&%41a.[]/ té\udcff", max_size=40).map("sip:a@b".__add__)
        | st.text("sip:@;?=&%41a.[]/ té\udcff", max_size=40).map("sip:".__add__)
        | st.text("telhx:+12-;=%/?", max_size=20)
    )
    def test_any_text_is_read_or_refused(self, text: str) -> None:
        """It raises SIPParseError only; what parses is written as it parses."""
        try:
            value = parse_uri(text)
        except SIPParseError as error:
            self.assertTrue(0 <= error.offset <= len(text))
            self.assertTrue(str(error))
            return
        self.assertEqual(parse_uri(str(value)), value)
        self.assertTrue(value.equivalent(parse_uri(str(value))))
        if isinstance(value, SIPURI):
            # The constructor agrees with the parser about what is good.
            self.assertEqual(replace(value), value)

    def test_no_time_is_lost(self) -> None:
        pieces = [
            ("", "a", ""),
            ("sip:", "a", "@"),
            ("sip:", "a", "_"),
            ("sip:", "a.", "_"),
            ("sip:", "a-", "@"),
            ("sip:", "@", ""),
            ("sip:", ":", "@"),
            ("sip:", "a:", "@"),
            ("sip:", "%41", "%"),
            ("sip:", "1.", ""),
            ("sip:[", ":", "]"),
            ("sip:[", "1", "]"),
            ("sip:a@b", ";a", "@"),
            ("sip:a@b", ";", ""),
            ("sip:a@b;a=", "%41", "%"),
            ("sip:a@b;a", "=a", ""),
            ("sip:a@b?a=", "a", "@"),
            ("sip:a@b?a=b", "&a=b", "&"),
            ("sip:a@b?", "?", ""),
            ("sip:a@b:", "0", ""),
            ("sip:a@b:", "9", ""),
            ("tel:", "-", ""),
            ("tel:", "1", "@"),
            ("tel:", "a", "g"),
            ("x:", "a", " "),
            ("x:", "%41", "%"),
        ]
        self.assertEqual(slow_inputs(parse_uri, pieces), {})


class PartsTests(SynchronousTestCase):
    """What a SIP URI tells of itself."""

    def test_escapes(self) -> None:
        uri = SIPURI.parse("sip:caf%C3%A9%20%00%FF@h?Subject=next%20meeting")
        self.assertEqual(uri.user, "caf%C3%A9%20%00%FF")
        self.assertEqual(uri.user_unescaped, "café \x00\udcff")
        self.assertEqual(uri.headers_unescaped, (("Subject", "next meeting"),))
        self.assertIsNone(SIPURI(host="h").user_unescaped)

    @given(WRITABLE.filter(bool))
    def test_any_text_can_be_a_user(self, text: str) -> None:
        uri = SIPURI(escape_user(text), "h")
        self.assertEqual(SIPURI.parse(str(uri)).user_unescaped, text)

    def test_parameters(self) -> None:
        uri = SIPURI.parse("sip:h;Transport=TCP;%6C%72;maddr=[::1]")
        self.assertEqual((uri.transport, uri.maddr, uri.lr), ("tcp", "::1", True))
        uri = SIPURI.parse("sip:h")
        self.assertEqual((uri.transport, uri.maddr, uri.lr), (None, None, False))

    def test_changed_copies(self) -> None:
        uri = SIPURI("bob", "example.com")
        changed = uri.with_param("transport", "tcp").with_param("lr")
        self.assertEqual(str(changed), "sip:bob@example.com;transport=tcp;lr")
        self.assertEqual(changed.without_param("TRANSPORT").without_param("lr"), uri)
        self.assertEqual(str(replace(uri, user=None, port=0)), "sip:example.com:0")

    def test_frozen_however_made(self) -> None:
        for uri in (SIPURI.parse("sip:a@b"), SIPURI("a", "b")):
            with self.assertRaises(FrozenInstanceError):
                uri.host = "c"  # type: ignore[misc]  # what is tested
            self.assertEqual(hash(uri), hash(SIPURI("a", "b")))
            self.assertEqual(copy.deepcopy(uri), uri)
            self.assertEqual(pickle.loads(pickle.dumps(uri)), uri)

    def test_the_password_is_not_shown(self) -> None:
        uri = SIPURI.parse("sip:bob:secret@h")
        self.assertEqual(repr(uri), "<SIPURI 'sip:bob:***@h'>")
        self.assertEqual(repr(SIPURI("bob", "h")), "<SIPURI 'sip:bob@h'>")

    def test_brackets_come_off(self) -> None:
        self.assertEqual(SIPURI(host="[::1]"), SIPURI(host="::1"))


class ArgumentTests(SynchronousTestCase):
    """Constructors refuse what could not be written."""

    def test_sip_uri(self) -> None:
        for arguments in [
            {},
            {"host": "a b"},
            {"host": "a\r\nVia: x"},
            {"host": "::g"},
            {"host": "h", "user": ""},
            {"host": "h", "user": "a@b"},
            {"host": "h", "user": "a\r\n"},
            {"host": "h", "port": 65536},
            {"host": "h", "port": -1},
            {"host": "h", "port": "5060"},
            {"host": "h", "password": "x"},
            {"host": "h", "user": "a", "password": "x@y"},
            {"host": "h", "scheme": "tel"},
            {"host": "h", "params": {"lr": None}},
            {"host": "h", "headers": (("a b", "c"),)},
            {"host": "h", "headers": (("a", "b=c"),)},
            {"host": "h", "headers": (("a", "b&c=d"),)},
        ]:
            with self.assertRaises(SIPArgumentError, msg=str(arguments)):
                SIPURI(**arguments)  # type: ignore[arg-type]  # what is tested

    def test_words(self) -> None:
        error = self.assertRaises(SIPArgumentError, SIPURI, "a b", "h")
        self.assertEqual(
            str(error),
            "making a SIP URI: 'a b' can't be used (RFC 3261 §25.1 user)."
            " Write other characters as %-escapes; escape_user does that",
        )
        error = self.assertRaises(
            SIPArgumentError, SIPURI, "a", "h", password="se cret"
        )
        self.assertNotIn("cret", str(error))

    def test_other_uris(self) -> None:
        for number in ("", "+", "a b", "12;x", "+12a"):
            self.assertRaises(SIPArgumentError, TelURI, number)
        self.assertRaises(SIPArgumentError, TelURI, "1", {"ext": "1"})
        for scheme, rest in [("sip", "a@b"), ("1", "a"), ("a", ""), ("a", "b c")]:
            self.assertRaises(SIPArgumentError, OtherURI, scheme, rest)
