"""Framing: RFC 3261 §7 and §18.3, and the limits."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from sipclient.errors import SIPParseError
from sipclient.message.limits import MessageLimits
from sipclient.message.model import Request, Response
from sipclient.message.parser import parse
from sipclient.test.message.samples import LINES, request_octets
from sipclient.test.message.timing import slow_inputs

NAMES = st.sampled_from(
    ["Via", "v", "TO", "f", "Call-ID", "call-id", "Subject", "X-New", "x-new", "K"]
)
FOLDS = st.sampled_from(["\r\n ", " \r\n\t", "\r\n \t", "  \r\n  "])


class StartLineTests(SynchronousTestCase):
    """RFC 3261 §7.1, §7.2."""

    def refused(self, start: str, production: str, answer: int | None = 400) -> None:
        error = self.assertRaises(SIPParseError, parse, f"{start}\r\n\r\n".encode())
        self.assertEqual((error.production, error.answer), (production, answer), start)

    def test_request(self) -> None:
        message = parse(b"MESSAGE sip:b@example.net SIP/2.0\r\n\r\n")
        self.assertIsInstance(message, Request)
        assert isinstance(message, Request)
        self.assertEqual(message.method, "MESSAGE")
        self.assertEqual(message.uri, "sip:b@example.net")
        self.assertEqual(message.start_line, "MESSAGE sip:b@example.net SIP/2.0")

    def test_any_token_is_a_method(self) -> None:
        for method in ("message", "NEW", "a-.!%*_+`'~9"):
            message = parse(f"{method} sip:b@h SIP/2.0\r\n\r\n".encode())
            assert isinstance(message, Request)
            self.assertEqual(message.method, method)

    def test_case_of_the_version(self) -> None:
        """§7.1: SIP-Version is case-insensitive."""
        self.assertIsInstance(parse(b"A sip:b@h sip/2.0\r\n\r\n"), Request)
        self.assertIsInstance(parse(b"sip/2.0 200 OK\r\n\r\n"), Response)

    def test_response(self) -> None:
        message = parse("SIP/2.0 200 Всё хорошо\r\n\r\n".encode())
        assert isinstance(message, Response)
        self.assertEqual((message.status, message.reason), (200, "Всё хорошо"))
        self.assertEqual(message.start_line, "SIP/2.0 200 Всё хорошо")

    def test_empty_reason(self) -> None:
        """§25.1: the phrase may be empty, the space before it stands."""
        message = parse(b"SIP/2.0 100 \r\n\r\n")
        assert isinstance(message, Response)
        self.assertEqual((message.status, message.reason), (100, ""))
        self.refused("SIP/2.0 100", "Status-Line", None)

    def test_bad_status_lines(self) -> None:
        for start in (
            "SIP/2.0 99 Low",
            "SIP/2.0 700 High",
            "SIP/2.0 4294967301 better not",
            "SIP/2.0  200 OK",
            "SIP/2.0 2\u0660\u0660 OK",
            "SIP/3.0 200 OK",
            "SIP/2.0",
        ):
            self.refused(start, "Status-Line", None)

    def test_bad_request_lines(self) -> None:
        self.refused("", "message")
        self.refused(" A sip:b@h SIP/2.0", "Method")
        self.refused("A@B sip:b@h SIP/2.0", "Method")
        self.refused("@ sip:b@h SIP/2.0", "Method")
        self.refused("É sip:b@h SIP/2.0", "Method")
        self.refused("A  sip:b@h SIP/2.0", "Request-Line")
        self.refused("A sip:b@h  SIP/2.0", "Request-Line")
        self.refused("A sip:b@h SIP/2.0 ", "Request-Line")
        self.refused("A sip:b@h; lr SIP/2.0", "Request-Line")
        self.refused("A  SIP/2.0", "Request-Line")
        self.refused("A sip:b@h", "Request-Line")
        self.refused("A sip:b@h HTTP/1.1", "Request-Line")
        self.refused("A", "Request-Line")

    def test_other_versions(self) -> None:
        """§21.5.6: 505 for a version, 400 for what is none."""
        self.refused("A sip:b@h SIP/7.0", "SIP-Version", 505)
        self.refused("A sip:b@h sip/2.00", "SIP-Version", 505)
        self.refused("A sip:b@h SIP/2", "SIP-Version", 400)
        self.refused("A sip:b@h SIP/2.\u0660", "SIP-Version", 400)

    def test_place(self) -> None:
        error = self.assertRaises(
            SIPParseError, parse, b"A sip:b@h SIP/7.0\r\nX: y\r\n\r\n"
        )
        self.assertEqual((error.text, error.offset), ("A sip:b@h SIP/7.0", 10))
        self.assertIn("expected SIP/2.0 at offset 10, near", str(error))


class LineTests(SynchronousTestCase):
    """RFC 3261 §7.3: header lines, and what separates them."""

    def refused(self, data: bytes, production: str, answer: int | None = 400) -> str:
        error: SIPParseError = self.assertRaises(SIPParseError, parse, data)
        self.assertEqual((error.production, error.answer), (production, answer), data)
        self.assertLessEqual(error.offset, len(error.text))
        return error.text[: error.offset]

    def test_empty_lines_before(self) -> None:
        """§7.5: they are ignored, and are no part of the message."""
        for before in (b"\r\n", b"\r\n\r\n\r\n", b"\n"):
            message = parse(before + b"A sip:b@h SIP/2.0\r\n\r\n")
            self.assertEqual(message.raw, b"A sip:b@h SIP/2.0\r\n\r\n")

    def test_no_empty_line(self) -> None:
        for data in (b"", b"A", b"A sip:b@h SIP/2.0\r\n", b"A sip:b@h SIP/2.0\n\n"):
            self.assertEqual(self.refused(data, "message"), data.decode())
        self.refused(b"SIP/2.0 200 OK\r\n", "message", None)
        self.refused(b"\r\n\r\n", "message")

    def test_stray_line_ends(self) -> None:
        """CR and LF come together, or the message is refused."""
        for text in (b"a\rb", b"a\nb", b"a\r\r", b"\n", b"a\n b"):
            data = b"A sip:b@h SIP/2.0\r\nX: " + text + b"\r\n\r\n"
            before = self.refused(data, "message")
            self.assertEqual(data[len(before) : len(before) + 1].strip(), b"")
        self.refused(b"A sip:b@h SIP/2.0\nX: y\r\n\r\n", "message")
        self.refused(b"SIP/2.0 200 OK\r\nX: \r\r\n\r\n", "message", None)

    def test_nul_before_a_stray_line_end(self) -> None:
        """The place is the line end's: NUL may stand in a quoted-pair."""
        data = b'A sip:b@h SIP/2.0\r\nX: "\\\x00"\rb\r\n\r\n'
        self.assertTrue(self.refused(data, "message").endswith('"\\\x00"'))

    def test_nul_is_kept(self) -> None:
        """It is a header's own grammar that takes it or not."""
        message = parse(b'A sip:b@h SIP/2.0\r\nTo: "\\\x00"\r\n\r\n')
        self.assertEqual(message.text("To"), '"\\\x00"')

    def test_no_colon(self) -> None:
        self.assertEqual(
            self.refused(b"A sip:b@h SIP/2.0\r\nSubject\r\n\r\n", "header-name"),
            "Subject",
        )
        self.refused(b"SIP/2.0 200 OK\r\nnothing\r\n\r\n", "header-name", None)

    def test_names(self) -> None:
        for name in (b"", b"a b", b"\xc3\xa9", b"a@b", b"\x00"):
            data = b"A sip:b@h SIP/2.0\r\n" + name + b": x\r\n\r\n"
            self.refused(data, "header-name")

    def test_space_before_the_colon(self) -> None:
        """§25.1 HCOLON: white space may stand before it."""
        message = parse(b"A sip:b@h SIP/2.0\r\nTO \t : x\r\nX-Y :z\r\n\r\n")
        self.assertEqual((message.text("To"), message.text("x-y")), ("x", "z"))

    def test_compact_forms(self) -> None:
        """§7.3.3: they are the same header, also side by side."""
        message = parse(b"A sip:b@h SIP/2.0\r\nv: 1\r\nVia: 2\r\nV: 3\r\n\r\n")
        self.assertEqual(message.texts("VIA"), ("1", "2", "3"))
        self.assertEqual(message.text("v"), "1")

    def test_folded_line(self) -> None:
        """§7.3.1: a line that begins with white space goes on the one before."""
        message = parse(
            b"A sip:b@h SIP/2.0\r\nSubject: I  \r\n\t know\r\n  \r\n you\r\n"
            b"k: a\r\n\r\n"
        )
        self.assertEqual(message.text("Subject"), "I know you")
        self.assertEqual(message.text("k"), "a")

    def test_folded_name(self) -> None:
        message = parse(b"A sip:b@h SIP/2.0\r\nTO\r\n : x\r\n\r\n")
        self.assertEqual(message.text("To"), "x")

    def test_folded_start_line(self) -> None:
        """Nothing goes on a start line: what looks like it isn't left out either."""
        self.refused(b"A sip:b@h SIP/2.0\r\n X: y\r\n\r\n", "message")
        self.refused(b"SIP/2.0 200 OK\r\n\tX: y\r\n\r\n", "message", None)
        self.refused(b"SIP/2.0 200 OK \r\n \r\nX: y\r\n\r\n", "message", None)

    @given(st.lists(st.tuples(NAMES, LINES), max_size=8), FOLDS, st.binary(max_size=40))
    def test_octets_and_order(
        self, fields: list[tuple[str, str]], fold: str, body: bytes
    ) -> None:
        """What came in comes out, and the headers are told in their order."""
        text = "".join([f"{name}:{fold}{value}\r\n" for name, value in fields])
        data = f"A sip:b@h SIP/2.0\r\n{text}\r\n".encode("utf-8", "surrogateescape")
        message = parse(data + body)
        self.assertEqual(bytes(message), data + body)
        self.assertEqual(message.body, body)
        self.assertEqual(
            list(message.fields()), [(name, v.strip(" \t")) for name, v in fields]
        )
        for name, _ in fields:
            self.assertIn(name, message)


class ContentLengthTests(SynchronousTestCase):
    """RFC 3261 §18.3, §20.14."""

    def framed(self, length: str, body: bytes) -> bytes:
        message = parse(f"A sip:b@h SIP/2.0\r\n{length}\r\n\r\n".encode() + body)
        self.assertTrue(message.raw.endswith(b"\r\n\r\n" + message.body))
        return message.body

    def refused(self, length: str, body: bytes, start: str) -> SIPParseError:
        data = f"{start}\r\n{length}\r\n\r\n".encode() + body
        error: SIPParseError = self.assertRaises(SIPParseError, parse, data)
        self.assertEqual(error.production, "Content-Length")
        self.assertEqual(error.header, "Content-Length")
        return error

    def test_absent(self) -> None:
        self.assertEqual(self.framed("X: y", b"body"), b"body")

    def test_exact(self) -> None:
        self.assertEqual(self.framed("Content-Length: 4", b"body"), b"body")
        self.assertEqual(self.framed("l: \t 4\t", b"body"), b"body")
        self.assertEqual(self.framed("L:\r\n 0", b""), b"")
        self.assertEqual(self.framed(f"l: {'0' * 5_000}4", b"body"), b"body")
        self.assertEqual(self.framed(f"l: {'0' * 5_000}", b""), b"")

    def test_shorter(self) -> None:
        """What is behind the body is left out."""
        self.assertEqual(self.framed("l: 4", b"body and more"), b"body")
        self.assertEqual(self.framed("l: 0", b"A sip:b@h SIP/2.0\r\n\r\n"), b"")

    def test_longer(self) -> None:
        for number in ("5", "9999", "4294967301"):
            error = self.refused(f"l: {number}", b"body", "A sip:b@h SIP/2.0")
            self.assertEqual(error.answer, 400)

    def test_no_number(self) -> None:
        for text in ("-999", "", "4 4", "4, 4", "+4", "0x4", "\u0664", "4" * 5_000):
            error = self.refused(f"l: {text}", b"body", "A sip:b@h SIP/2.0")
            self.assertEqual(error.answer, 400)

    def test_two(self) -> None:
        """Even the same twice: RFC 4475 §3.3.9."""
        for second in ("l: 4", "Content-Length: 5"):
            self.refused(f"Content-Length: 4\r\n{second}", b"body", "A sip:b@h SIP/2.0")

    def test_response_is_dropped(self) -> None:
        for length in ("l: 5", "l: x", "l: 4\r\nl: 4"):
            error = self.refused(length, b"body", "SIP/2.0 200 OK")
            self.assertEqual(error.answer, None)


class LimitTests(SynchronousTestCase):
    """Each limit lets its number pass, and not one more."""

    def one_too_many(
        self, limits: MessageLimits, fits: bytes, over: bytes, answer: int
    ) -> SIPParseError:
        parse(fits, limits)
        error: SIPParseError = self.assertRaises(SIPParseError, parse, over, limits)
        self.assertEqual(error.answer, answer)
        over = b"SIP/2.0 200 OK OK OK" + over[over.index(b"\r\n") :]
        dropped = self.assertRaises(SIPParseError, parse, over, limits)
        self.assertEqual(dropped.answer, None)
        return error

    def test_message(self) -> None:
        data = request_octets()
        limits = MessageLimits(message=len(data))
        over = data + bytes(40)
        error = self.one_too_many(MessageLimits(message=len(data)), data, over, 413)
        self.assertIn(f"at most {len(data)} bytes", str(error))
        self.assertRaises(SIPParseError, parse, data + b"x", limits)

    def test_line(self) -> None:
        limits = MessageLimits(line=40)
        start = b"A sip:b@h SIP/2.0\r\n"
        for line in (b"X: %s", b"X:\r\n %s", b"Subject: %s"):
            unfolded = len(line.replace(b"\r\n", b"")) - 2
            fits = start + line % (b"y" * (40 - unfolded)) + b"\r\n\r\n"
            over = start + line % (b"y" * (41 - unfolded)) + b"\r\n\r\n"
            error = self.one_too_many(limits, fits, over, 400)
            self.assertEqual((error.offset, len(error.text)), (40, 41))

    def test_start_line(self) -> None:
        limits = MessageLimits(line=40)
        fits = b"A sip:%s SIP/2.0\r\n\r\n"
        parse(fits % (b"h" * 26), limits)
        error = self.assertRaises(SIPParseError, parse, fits % (b"h" * 27), limits)
        self.assertEqual((error.offset, error.answer), (40, 400))

    def test_lines(self) -> None:
        limits = MessageLimits(lines=3)
        for line in (b"X: y\r\n", b"k: a\r\n"):
            fits = b"A sip:b@h SIP/2.0\r\n%s\r\n"
            self.one_too_many(limits, fits % (line * 3), fits % (line * 4), 400)

    def test_body(self) -> None:
        limits = MessageLimits(body=5)
        fits = b"A sip:b@h SIP/2.0\r\n\r\n12345"
        self.one_too_many(limits, fits, fits + b"6", 413)

    def test_body_that_is_left_out_counts_for_nothing(self) -> None:
        parse(b"A sip:b@h SIP/2.0\r\nl: 1\r\n\r\n123456", MessageLimits(body=5))


class LinearTimeTests(SynchronousTestCase):
    """Any input takes linear time."""

    def test_slow_inputs(self) -> None:
        start = "A sip:b@h SIP/2.0\r\n"
        pieces = [
            ("", "\r\n", ""),
            ("", "\r", ""),
            ("", " ", "\r\n\r\n"),
            ("A ", " ", "\r\n\r\n"),
            ("", "A", "\r\n\r\n"),
            ("SIP/2.0 200 ", "\t", "\r\n\r\n"),
            (f"{start}X: \r\n ", " ", "\r\n\r\n"),
            (f"{start}X: \r\n y", " ", "z\r\n\r\n"),
            (f"{start}X: y", "\r\n ", "\r\n\r\n"),
            (f"{start}X: y", " \r\n\t", "\r\n\r\n"),
            (start, ":", "\r\n\r\n"),
            (start, "X:\r\n", "\r\n"),
            (start, "X", ":\r\n\r\n"),
            (f"{start}l: ", "0", "\r\n\r\n"),
            (f"{start}l: ", "9", "\r\n\r\n"),
            (f"{start}l: ", " ", "\r\n\r\n"),
            (start, "\udc80", "\r\n\r\n"),
        ]
        for limits in (MessageLimits(), MessageLimits(line=10**6, lines=10**6)):
            slow = slow_inputs(
                lambda text, limits=limits: parse(  # type: ignore[misc]  # a default
                    text.encode("utf-8", "surrogateescape"), limits
                ),
                pieces,
            )
            self.assertEqual(slow, {})
