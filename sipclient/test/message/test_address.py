"""Addresses: RFC 3261 §20 and §25.1; what RFC 4475 says of them."""

from __future__ import annotations

import copy
import pickle
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from sipclient.errors import SIPArgumentError, SIPParseError
from sipclient.message.address import Address, parse_address, parse_addresses
from sipclient.message.params import Params, URIParams
from sipclient.message.uri import SIPURI, OtherURI, TelURI
from sipclient.test.message.test_grammar import WRITABLE
from sipclient.test.message.timing import slow_inputs

A, TAG = SIPURI("a", "b"), Params.of({"tag": "1"})
CALLER = SIPURI("caller", "example.com")

# text, value, what is written
GOOD: list[tuple[str, Address, str]] = [
    ("<sip:a@b>", Address("", A), "<sip:a@b>"),
    ("sip:a@b", Address("", A), "<sip:a@b>"),
    (" \tsip:a@b \t", Address("", A), "<sip:a@b>"),
    ("sip:a@b;tag=1", Address("", A, TAG), "<sip:a@b>;tag=1"),
    ("sip:a@b ; tag = 1 ", Address("", A, TAG), "<sip:a@b>;tag=1"),
    (
        "sip:a:p@b:5070;x",
        Address("", SIPURI("a", "b", 5070, password="p"), Params.of({"x": None})),
        "<sip:a:p@b:5070>;x",
    ),
    ('"" <sip:a@b>', Address("", A), "<sip:a@b>"),
    ('"A, <B>" <sip:a@b>;tag=1', Address("A, <B>", A, TAG), '"A, <B>" <sip:a@b>;tag=1'),
    ('"é\udcff"<sip:a@b>', Address("é\udcff", A), '"é\udcff" <sip:a@b>'),
    ("Jürgen  \t M <sip:a@b>", Address("Jürgen M", A), '"Jürgen M" <sip:a@b>'),
    (
        "<sip:a,b;c?d@e;lr?f=g>;lr",
        Address(
            "",
            SIPURI(
                "a,b;c?d", "e", params=URIParams.of({"lr": None}), headers=(("f", "g"),)
            ),
            Params.of({"lr": None}),
        ),
        "<sip:a,b;c?d@e;lr?f=g>;lr",
    ),
    # RFC 4475 §3.1.1.1 (wsinv)
    (
        '"J Rosenberg \\\\\\""       <sip:a@b>  ;  tag = 98asjd8',
        Address('J Rosenberg \\"', A, Params.of({"tag": "98asjd8"})),
        '"J Rosenberg \\\\\\"" <sip:a@b>;tag=98asjd8',
    ),
    # §3.1.1.2 (intmeth)
    (
        '"BEL:\\\x07 NUL:\\\x00 DEL:\\\x7f" <sip:a@b>',
        Address("BEL:\x07 NUL:\x00 DEL:\x7f", A),
        '"BEL:\\\x07 NUL:\\\x00 DEL:\\\x7f" <sip:a@b>',
    ),
    # §3.1.1.6 (lwsdisp)
    (
        "caller<sip:caller@example.com>;tag=323",
        Address("caller", CALLER, Params.of({"tag": "323"})),
        '"caller" <sip:caller@example.com>;tag=323',
    ),
    # §3.3.4 (unksm2)
    (
        "isbn:2983792873",
        Address("", OtherURI("isbn", "2983792873")),
        "<isbn:2983792873>",
    ),
    (
        "<http://www.example.com>;tag=1",
        Address("", OtherURI("http", "//www.example.com"), TAG),
        "<http://www.example.com>;tag=1",
    ),
    ("tel:+1;tag=1", Address("", TelURI("+1"), TAG), "<tel:+1>;tag=1"),
    # §3.3.12, §3.3.13 (cparam01, cparam02): whose the parameter is
    ("sip:a@b;x", Address("", A, Params.of({"x": None})), "<sip:a@b>;x"),
    ("<sip:a@b;x>", Address("", A.with_param("x")), "<sip:a@b;x>"),
    # §3.3.14 (regescrt)
    (
        "<sip:a@b?Route=%3Csip:c%3E>",
        Address("", replace(A, headers=(("Route", "%3Csip:c%3E"),))),
        "<sip:a@b?Route=%3Csip:c%3E>",
    ),
    # RFC 5118 §4.10
    (
        "sip:a@[2001:db8:::192.0.2.1]",
        Address("", SIPURI("a", "2001:db8::192.0.2.1")),
        "<sip:a@[2001:db8::192.0.2.1]>",
    ),
]
# text, production, offset, a part of what is expected
BAD = [
    ("", "scheme", 0, "sip:"),
    (" ", "scheme", 1, "sip:"),
    ("Bob", "scheme", 0, "sip:"),
    ("<>", "scheme", 1, "sip:"),
    ("*", "scheme", 0, "sip:"),
    # RFC 4475 §3.1.2.13 (regbadct)
    ("sip:user@example.com?Route=%3Csip:c%3E", "name-addr", 20, '"<" and ">"'),
    # §3.1.2.14 (badaspec)
    ('"W, T" < sip:t@example.org >', "name-addr", 8, "no space"),
    ("<sip:a@b >", "name-addr", 8, "no space"),
    # §3.1.2.6 (quotbal)
    ('"Mr. J. User <sip:j.user@example.com>', "display-name", 0, "closing quote"),
    # §3.1.2.15 (baddn)
    ("Bell, Alexander <sip:a@b>;tag=43", "display-name", 4, "quotes around"),
    # §3.1.2.1 (badinv01)
    ('"Joe" <sip:a@b>;;;;', "generic-param", 15, "parameter"),
    ("a@b <sip:a@b>", "display-name", 1, "quotes around"),
    ('A "B" <sip:a@b>', "display-name", 2, "quotes around"),
    ('"a\x00" <sip:a@b>', "display-name", 0, "closing quote"),
    ('"a" sip:a@b', "name-addr", 4, '"<" and a URI'),
    ('"a" "b" <sip:a@b>', "name-addr", 4, '"<" and a URI'),
    ("<sip:a@b", "name-addr", 8, '">"'),
    ("<", "name-addr", 1, '">"'),
    ("<<sip:a@b>>", "URI", 1, "without < and >"),
    ("<sip:a@b>x", "generic-param", 9, "parameter"),
    ("<sip:a@b>;tag=1;Tag=2", "duplicate-param", 16, "only once"),
    ("<sip:a@b;x;x>", "duplicate-param", 11, "only once"),
    ("sip:a@b c", "generic-param", 8, "parameter"),
    ("sip:a;b@c", "generic-param", 7, "parameter"),
    ("sip:a,b@c", "name-addr", 5, "one address only"),
    ("<sip:a@b>,<sip:c@d>", "name-addr", 9, "one address only"),
    ("sip:a@b:70000;tag=1", "port", 8, "65535"),
    ("<sip:a@b:70000>", "port", 9, "65535"),
    ("<sip:a@2001:db8::1>", "host", 7, "in brackets"),
    ("<tel:1 2>", "telephone-subscriber", 5, "telephone number"),
]


class ReadingTests(SynchronousTestCase):
    """Text to values and back."""

    def test_good(self) -> None:
        for text, value, written in GOOD:
            self.assertEqual(parse_address(text), value, text)
            self.assertEqual(str(value), written)
            self.assertEqual(parse_address(written), value)

    def test_faults(self) -> None:
        for text, production, offset, expected in BAD:
            error = self.assertRaises(SIPParseError, parse_address, text, header="To")
            self.assertEqual(
                (error.production, error.offset), (production, offset), text
            )
            self.assertIn(expected, error.expected, text)
            self.assertEqual((error.header, error.text), ("To", text))
            self.assertIn(f"{production} in To: expected", str(error))

    def test_several(self) -> None:
        texts = [text for text, _, _ in GOOD]
        values = tuple(value for _, value, _ in GOOD)
        self.assertEqual(parse_addresses(",".join(texts)), values)
        self.assertEqual(parse_addresses(" , \t".join(texts)), values)
        for text, value, _ in GOOD:
            self.assertEqual(parse_addresses(text), (value,))

    def test_faults_among_several(self) -> None:
        """The offset counts from the start of the whole value."""
        first = '"x, y" <sip:a,b@c>;q="1,2", '
        for text, production, offset, expected in BAD:
            if expected == "one address only" or production == "display-name":
                continue
            error = self.assertRaises(SIPParseError, parse_addresses, first + text)
            self.assertEqual(error.production, production, text)
            self.assertEqual(error.offset, offset + len(first), text)

    def test_commas_with_nothing_between(self) -> None:
        for text, offset in [(",", 0), ("sip:a@b,", 8), ("sip:a@b,,sip:c", 8)]:
            error = self.assertRaises(SIPParseError, parse_addresses, text)
            self.assertEqual((error.production, error.offset), ("scheme", offset))

    @given(
        st.lists(
            st.sampled_from(
                [
                    "sip:",
                    "a@b",
                    "tel:1",
                    "<",
                    ">",
                    '"',
                    "\\",
                    ";",
                    "?",
                    "=",
                    ",",
                    " ",
                    "x",
                ]
            ),
            max_size=12,
        ).map("".join)
    )
    def test_any_text_is_read_or_refused(self, text: str) -> None:
        """It raises SIPParseError only; what parses is written as it parses."""
        try:
            values = parse_addresses(text)
        except SIPParseError as error:
            self.assertTrue(0 <= error.offset <= len(text))
            self.assertTrue(str(error))
            return
        self.assertEqual(parse_addresses(", ".join(map(str, values))), values)
        for value in values:
            self.assertEqual(replace(value), value)

    @given(WRITABLE, WRITABLE)
    def test_any_text_can_be_a_name(self, name: str, value: str) -> None:
        address = Address(name, A).with_param("x", value)
        self.assertEqual(parse_address(str(address)), address)

    def test_no_time_is_lost(self) -> None:
        pieces = [
            ("", "a", ""),
            ("", "a ", ""),
            ("", " ", ""),
            ("", "<", ""),
            ("", '"', ""),
            ('"', "\\", ""),
            ('"', "a", "<sip:a@b>"),
            ("", "a ", "@<sip:a@b>"),
            ("", ",", ""),
            ("", "<sip:a@b>,", "x"),
            ("", "<tel:1>,", "x"),
            ("", "tel:1,", "<"),
            ("", "sip:a@b,", "x"),
            ("<sip:", "a", ">"),
            ("<sip:a@b", ";a", ">;"),
            ("<sip:a@b>", ";a", ";"),
            ("<sip:a@b>", ";a ", "="),
            ("sip:a@b", ";a=1", ";"),
            ("<sip:a@b>", " ", "x"),
            ("<sip:a@b>;a", " ", "x"),
        ]
        self.assertEqual(slow_inputs(parse_address, pieces), {})
        self.assertEqual(slow_inputs(parse_addresses, pieces), {})


class ValueTests(SynchronousTestCase):
    """Addresses are values."""

    def test_tag(self) -> None:
        self.assertEqual(parse_address("sip:a@b;TAG=x").tag, "x")
        self.assertIsNone(parse_address("<sip:a@b;tag=x>").tag)

    def test_changed_copies(self) -> None:
        address = Address("A", A).with_param("tag", "1")
        self.assertEqual(str(address), '"A" <sip:a@b>;tag=1')
        self.assertEqual(str(address.without_param("TAG")), '"A" <sip:a@b>')
        self.assertEqual(str(replace(address, display_name="")), "<sip:a@b>;tag=1")

    def test_the_same_however_made(self) -> None:
        one, other = parse_address('"A" <sip:a@b>;tag=1'), Address("A", A, TAG)
        self.assertEqual(one, other)
        self.assertEqual(hash(one), hash(other))
        self.assertEqual(repr(one), repr(other))
        self.assertEqual(copy.deepcopy(one), other)
        self.assertEqual(pickle.loads(pickle.dumps(one)), other)

    def test_arguments(self) -> None:
        for name, uri, params, word in [
            ("a\r\nVia: x", A, TAG, "line end"),
            ("a\ud800", A, TAG, "half of a pair"),
            ("a", "sip:a@b", TAG, "parse_uri"),
            ("a", A, URIParams.parse(";tag=1"), "Params.of"),
            ("a", A, {"tag": "1"}, "Params.of"),
        ]:
            error = self.assertRaises(SIPArgumentError, Address, name, uri, params)
            self.assertIn(word, str(error))
