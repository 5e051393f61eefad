"""The table of header fields, and what holds for every header in it."""

from __future__ import annotations

from functools import partial

from hypothesis import example, given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from sipclient.errors import SIPParseError
from sipclient.message.headers import CANONICAL, HEADERS, TEXT, canonical
from sipclient.test.message.fields import support  # noqa: F401  # sets hypothesis up
from sipclient.test.message.timing import slow_inputs

# All that the registry of header fields has.
COMPACT = {
    "a": "Accept-Contact",
    "b": "Referred-By",
    "c": "Content-Type",
    "d": "Request-Disposition",
    "e": "Content-Encoding",
    "f": "From",
    "i": "Call-ID",
    "j": "Reject-Contact",
    "k": "Supported",
    "l": "Content-Length",
    "m": "Contact",
    "n": "Identity-Info",
    "o": "Event",
    "r": "Refer-To",
    "s": "Subject",
    "t": "To",
    "u": "Allow-Events",
    "v": "Via",
    "x": "Session-Expires",
    "y": "Identity",
}

STACK_OWNED = {
    *("Authentication-Info", "Call-ID", "Content-Length", "Content-Type", "CSeq"),
    *("From", "Max-Forwards", "Min-Expires", "P-Access-Network-Info"),
    *("Proxy-Authorization", "Record-Route", "Security-Server", "Security-Verify"),
    *("Service-Route", "To", "Via"),
}

# RFC 3261 §20, except what it lets stand once only, and what others added.
MANY = {
    *("Accept", "Accept-Contact", "Accept-Encoding", "Accept-Language", "Alert-Info"),
    *("Allow", "Allow-Events", "Authorization", "Call-Info", "Contact"),
    *("Content-Encoding", "Content-Language", "Error-Info", "Feature-Caps"),
    *("Geolocation", "History-Info", "Identity", "Identity-Info", "In-Reply-To"),
    *("P-Access-Network-Info", "P-Asserted-Identity", "P-Associated-URI"),
    *("P-Preferred-Identity", "Path", "Proxy-Authenticate", "Proxy-Authorization"),
    *("Proxy-Require", "Reason", "Record-Route", "Recv-Info", "Reject-Contact"),
    *("Request-Disposition", "Require", "Route"),
    *("Security-Client", "Security-Server", "Security-Verify", "Service-Route"),
    *("Supported", "Unsupported", "Via", "Warning", "WWW-Authenticate"),
}

# Each shape once, under the name of one header that has it.
SHAPES = {spec.shape: spec.name for spec in HEADERS.values()}

# What headers are made of, whole and broken.
PIECES = st.sampled_from(
    [
        *("SIP/2.0/UDP a", "SIP / 2.0/", "<sip:a@b>", "<sip:", ">", "sip:a", "tel:+1"),
        *('"', '"a"', "\\", '\\"', "(", ")", "()", ";", ";a=", ";a=b", ';a="b"'),
        *("Digest ", "nonce=a", "4711", "INVITE", "*", "/", "[::1]", ":", "@", "0"),
        *(" ", "\t", "\r\n", "\x00", "\x7f", "é", "\udcff", "\u0663", "99999999999"),
        *("Sat, 13 Nov 2010 23:29:00 GMT", "presence", ";q=", "1.0", ";expires=1"),
        *("-", ".", "=", ",", ", ", ";to-tag=1;from-tag=2", ";local-tag=1", ";cause=1"),
        *(";remote-tag=2", ";index=1.1", "<sip:a>;index=1", ";refresher=x", "id;user"),
    ]
)
TEXTS = st.lists(PIECES, max_size=8).map("".join) | st.text(max_size=20)

# One of them is good for each header.
GOOD = (
    *("a", "1", "1.0", "1 a", "1 1 a", "*", "a/b", "a=b", "Digest a=b", "<sip:a@b>"),
    *("SIP/2.0/UDP a", '399 a "b"', "Sat, 13 Nov 2010 23:29:00 GMT"),
    *("a;to-tag=b;from-tag=c", "a;local-tag=b;remote-tag=c"),
)
REPEATED = (
    *("a", "0", "1", " ", '"', "\\", '"\\"', "(", ")", "<", ";", ",", "=", "a, ", "1."),
    *(":", "1:", "a@", ";a=b", '"a",', "a=b,", "a a=b,", "<sip:a@b>,", "-", "\x00"),
    *(".1", ";index=1", "a;", ";cause=0"),
)


class TableTests(SynchronousTestCase):
    """Every header is found by every spelling of its names."""

    def test_a_key_is_the_name_in_lower_case(self) -> None:
        for key, spec in HEADERS.items():
            self.assertEqual(key, spec.name.lower())
            self.assertIs(canonical(key), spec)
            self.assertIs(canonical(spec.name.upper()), spec)
            self.assertIs(canonical(spec.name.swapcase()), spec)

    def test_the_compact_forms(self) -> None:
        found = {spec.compact: spec.name for spec in HEADERS.values() if spec.compact}
        self.assertEqual(found, COMPACT)
        for letter, name in COMPACT.items():
            self.assertIs(canonical(letter), HEADERS[name.lower()])
            self.assertIs(canonical(letter.upper()), HEADERS[name.lower()])

    def test_usual_spellings_need_no_second_look_up(self) -> None:
        for spelled in ("Call-ID", "Call-Id", "call-id", "CALL-ID", "i", "I"):
            self.assertEqual(CANONICAL[spelled], "call-id")

    def test_an_unknown_header_has_no_row_and_leaves_none(self) -> None:
        before = len(CANONICAL)
        for name in ("X-Unknown", "z", "", "C%6Fntact", "cALL-iD"):
            self.assertEqual(canonical(name) is None, name != "cALL-iD")
        self.assertEqual(len(CANONICAL), before)

    def test_what_the_stack_owns_tells_what_to_use_instead(self) -> None:
        owned = {spec.name for spec in HEADERS.values() if not spec.settable}
        self.assertEqual(owned, STACK_OWNED)
        for spec in HEADERS.values():
            self.assertEqual(spec.settable, not spec.elsewhere)

    def test_how_often_each_may_come(self) -> None:
        self.assertEqual({spec.name for spec in HEADERS.values() if spec.many}, MANY)


class EveryHeaderTests(SynchronousTestCase):
    """What holds for whatever a peer puts behind a header's colon."""

    @given(TEXTS)
    @example("")
    @example("a\r\nVia: b")
    def test_nothing_comes_out_but_values_or_a_parse_error(self, text: str) -> None:
        for shape, name in SHAPES.items():
            try:
                values = shape.parse(text, name)
            except SIPParseError as error:
                self.assertEqual((error.header, error.text), (name, text))
                self.assertTrue(0 <= error.offset <= len(text), str(error))
                self.assertIn(name, str(error))
            else:
                self.assertIsInstance(values, tuple)

    @given(TEXTS)
    def test_what_was_read_can_be_written_and_read_again(self, text: str) -> None:
        for shape, name in SHAPES.items():
            try:
                values = shape.parse(text, name)
            except SIPParseError:
                continue
            for value in values:
                written = shape.write(value)
                self.assertEqual(shape.parse(written, name), (value,))
                self.assertNotIn("\r", written)
                self.assertNotIn("\n", written)

    def test_single_headers_give_one_value(self) -> None:
        self.assertEqual(HEADERS["subject"].shape.parse(" a, b ", "Subject"), ("a, b",))
        self.assertIs(HEADERS["subject"].shape, TEXT)

    def test_time_grows_with_the_length(self) -> None:
        for shape, name in SHAPES.items():
            pieces = [(good_for(name), repeated, "") for repeated in REPEATED]
            parse = partial(shape.parse, name=name)
            self.assertEqual(slow_inputs(parse, pieces), {}, name)


def good_for(name: str) -> str:
    """A text that this header can be read from."""
    for text in GOOD:
        try:
            HEADERS[name.lower()].shape.parse(text, name)
        except SIPParseError:
            continue
        return text
    raise AssertionError(f"GOOD has none for {name}")
