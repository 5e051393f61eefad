"""Streams are cut into the same messages, whatever pieces they come in."""

from __future__ import annotations

import time
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from sipclient.errors import SIPParseError
from sipclient.message.build import error_response
from sipclient.message.framing import Framer
from sipclient.message.limits import MessageLimits
from sipclient.message.parser import parse

BARE = b"OPTIONS sip:b@h SIP/2.0\r\nVia: SIP/2.0/TCP h;branch=z9hG4bK1\r\nl: 0\r\n\r\n"
FULL = (
    b"MESSAGE sip:b@h SIP/2.0\r\nVia: SIP/2.0/TCP h;branch=z9hG4bK2\r\n"
    b"content-LENGTH : 9\r\nSubject: Content-Length: 3\r\n\tl: 4\r\n\r\n\r\n\r\nl: 5\r"
)
FOLDED = b"SIP/2.0 200 OK\r\nContent-Length:\r\n 3\r\nX: \xff\xfe\r\n\r\nabc"
ALL = [BARE, FULL, FOLDED, BARE]
STREAM = b"".join(ALL)


def cut(stream: bytes, places: list[int]) -> list[bytes]:
    """Cut a stream at these places."""
    edges = [0, *sorted(places), len(stream)]
    return [stream[start:end] for start, end in pairwise(edges)]


def fed(pieces: list[bytes], framer: Framer | None = None) -> list[bytes]:
    """Give what a framer makes of the pieces."""
    framer = framer or Framer()
    return [message for piece in pieces for message in framer.feed(piece)]


class CuttingTests(SynchronousTestCase):
    def test_one_piece_with_many_messages(self) -> None:
        self.assertEqual(fed([STREAM]), ALL)

    def test_every_place_to_cut(self) -> None:
        for place in range(len(STREAM) + 1):
            self.assertEqual(fed(cut(STREAM, [place])), ALL, str(place))

    def test_a_few_bytes_and_then_the_rest(self) -> None:
        """Less than the four bytes that end a header, more than once."""
        for first in range(1, 4):
            for second in range(first, 4):
                pieces = cut(BARE, [first, second])
                self.assertEqual(fed(pieces), [BARE], (first, second))

    def test_byte_by_byte(self) -> None:
        framer = Framer()
        self.assertEqual(fed([bytes([one]) for one in STREAM], framer), ALL)
        self.assertEqual(framer.partial, 0)

    def test_a_message_is_given_when_its_last_byte_comes(self) -> None:
        framer = Framer()
        for count, byte in enumerate(FULL[:-1], 1):
            self.assertEqual(framer.feed(bytes([byte])), [])
            self.assertEqual(framer.partial, count)
        self.assertEqual(framer.feed(FULL[-1:] + BARE[:3]), [FULL])
        self.assertEqual(framer.partial, 3)

    def test_what_is_framed_can_be_parsed_as_it_is(self) -> None:
        for message in fed([STREAM]):
            self.assertEqual(parse(message).raw, message)

    @given(
        st.lists(st.sampled_from([*ALL, b"\r\n", b"\r\n\r\n"]), max_size=8),
        st.lists(st.integers(0, 1000), max_size=8),
    )
    def test_any_pieces_give_the_same(
        self, parts: list[bytes], places: list[int]
    ) -> None:
        stream = b"".join(parts)
        messages = [part for part in parts if part.strip()]
        whole, pieces = Framer(), Framer()
        self.assertEqual(whole.feed(stream), messages)
        places = [min(place, len(stream)) for place in places]
        self.assertEqual(fed(cut(stream, places), pieces), messages)
        self.assertEqual(pieces.pings, whole.pings)

    @given(st.binary(max_size=200), st.lists(st.integers(0, 200), max_size=5))
    def test_any_bytes_end_alike(self, stream: bytes, places: list[int]) -> None:
        """Rubbish, too, comes to the same whatever its pieces."""
        outcomes = []
        for cuts in ([], [min(place, len(stream)) for place in places]):
            framer = Framer(MessageLimits(message=100))
            messages = []
            for piece in cut(stream, cuts):
                try:
                    messages += framer.feed(piece)
                except SIPParseError:
                    break
            outcomes.append((messages, framer.error is None))
        self.assertEqual(outcomes[0], outcomes[1])


class KeepAliveTests(SynchronousTestCase):
    def test_a_double_line_end_is_a_ping(self) -> None:
        framer = Framer()
        self.assertEqual(framer.feed(b"\r\n\r\n"), [])
        self.assertEqual((framer.pings, framer.partial), (1, 0))
        self.assertEqual(framer.feed(b"\r\n\r\n\r\n\r\n" + BARE), [BARE])
        self.assertEqual(framer.pings, 3)

    def test_one_line_end_is_none(self) -> None:
        framer = Framer()
        self.assertEqual(framer.feed(b"\r\n" + BARE + b"\r\n" + BARE), [BARE, BARE])
        self.assertEqual(framer.pings, 0)

    def test_it_may_come_in_pieces(self) -> None:
        framer = Framer()
        fed([b"\r", b"\n", b"\r", b"\n", b"\r"], framer)
        self.assertEqual((framer.pings, framer.partial), (1, 0))

    def test_line_ends_within_a_body_are_none(self) -> None:
        framer = Framer()
        framer.feed(FULL)
        self.assertEqual(framer.pings, 0)


class BrokenTests(SynchronousTestCase):
    def broken(self, data: bytes, limits: MessageLimits | None = None) -> Framer:
        """Feed it whole and byte by byte; both must fail."""
        framer = Framer(limits or MessageLimits())
        self.assertRaises(SIPParseError, fed, [bytes([b]) for b in data], framer)
        framer = Framer(limits or MessageLimits())
        self.assertRaises(SIPParseError, framer.feed, data)
        return framer

    def test_a_length_that_tells_no_end(self) -> None:
        for lines in (
            b"X: 1",
            b"l: 1\r\nl: 1",
            b"l: 1\r\nContent-Length: 1",
            b"l: -1",
            b"l: +1",
            b"l:",
            b"l: 1, 1",
            b"l: 1 1",
            b"l: 1\r\n 1",
            b"l: 1\nX: 1",
            b"l: 1\rX: 1",
            b"l: 0x1",
            b"l: 999999999999999999999",
            b"l: 000000000000000000001",
            "l: ٣".encode(),
            b"Content-Lengthy: 1",
        ):
            framer = self.broken(b"MESSAGE sip:b@h SIP/2.0\r\n" + lines + b"\r\n\r\nx")
            assert framer.error is not None
            self.assertEqual(framer.error.answer, 400, lines)
            self.assertIn("Content-Length", str(framer.error))

    def test_a_length_beyond_all_measure(self) -> None:
        framer = self.broken(b"MESSAGE sip:b@h SIP/2.0\r\nl: 9999999999\r\n\r\n")
        assert framer.error is not None
        self.assertEqual(framer.error.answer, 413)

    def test_usual_ways_to_write_it(self) -> None:
        for line in (b"l:1", b"L : 1", b"content-length:\t 0001 ", b"l:\r\n\t1"):
            message = b"A sip:b@h SIP/2.0\r\n" + line + b"\r\n\r\nx"
            self.assertEqual(fed([message]), [message], line)

    def test_whole_messages_before_it_are_given_first(self) -> None:
        framer = Framer()
        bad = b"MESSAGE sip:b@h SIP/2.0\r\nVia: SIP/2.0/TCP h\r\n\r\n"
        self.assertEqual(framer.feed(BARE + FULL + bad + BARE), [BARE, FULL])
        self.assertIsNot(framer.error, None)
        self.assertEqual(framer.broken, bad)
        self.assertRaises(SIPParseError, framer.feed, BARE)
        self.assertRaises(SIPParseError, framer.feed, b"")

    def test_it_can_be_answered(self) -> None:
        head = b"MESSAGE sip:b@h SIP/2.0\r\nVia: SIP/2.0/TCP h;branch=z9hG4bK1\r\n\r\n"
        framer = self.broken(head + b"body")
        assert framer.error is not None
        answer = error_response(framer.error, framer.broken, ("192.0.2.1", 5060))
        assert answer is not None
        self.assertTrue(answer[0].startswith(b"SIP/2.0 400 Bad Request (Content-Leng"))

    def test_a_response_can_not(self) -> None:
        framer = self.broken(b"SIP/2.0 200 OK\r\nX: 1\r\n\r\n")
        assert framer.error is not None
        self.assertIs(framer.error.answer, None)


class LimitTests(SynchronousTestCase):
    def test_message_without_an_end(self) -> None:
        framer = Framer(MessageLimits(message=100))
        self.assertEqual(framer.feed(b"x" * 100), [])
        error = self.assertRaises(SIPParseError, framer.feed, b"x")
        self.assertEqual(error.answer, 413)
        self.assertEqual(framer.partial, 0)
        over = Framer(MessageLimits(message=100))
        self.assertRaises(SIPParseError, over.feed, b"x" * 101)

    def test_message_with_a_body(self) -> None:
        size = len(FOLDED)
        self.assertEqual(fed([FOLDED], Framer(MessageLimits(message=size))), [FOLDED])
        framer = Framer(MessageLimits(message=size - 1))
        self.assertRaises(SIPParseError, framer.feed, FOLDED[:-1])

    def test_body(self) -> None:
        self.assertEqual(fed([FULL], Framer(MessageLimits(body=9))), [FULL])
        framer = Framer(MessageLimits(body=8))
        error = self.assertRaises(SIPParseError, framer.feed, FULL[:-9])
        self.assertEqual(error.answer, 413)


class TimeTests(SynchronousTestCase):
    """Nothing that a peer can send, nor how, takes more than linear time."""

    def seconds(self, data: bytes, piece: int) -> float:
        best = 1e9
        for _ in range(3):
            framer = Framer(MessageLimits(message=10**9, body=10**9))
            began = time.process_time()
            for at in range(0, len(data), piece):
                framer.feed(data[at : at + piece])
            best = min(best, time.process_time() - began)
        return best

    def test_linear(self) -> None:
        for name, unit, piece in (
            ("header", b"X: abcdefghi\r\n", 1),
            ("line", b"x", 1),
            ("almost its end", b"\r\n\r", 1),
            ("almost its end, glued", b"\r\n\r", 4096),
            ("lengths", b"l: \r\n ", 64),
            ("keep-alives", b"\r\n", 1),
            ("many messages", BARE, 65536),
            ("many messages in pieces", BARE, 7),
        ):
            start = b"" if unit == BARE or name == "keep-alives" else b"A sip:b SIP/2.0"
            short = start + unit * (30_000 // len(unit))
            long = start + unit * (240_000 // len(unit))
            ratio = self.seconds(long, piece) / max(self.seconds(short, piece), 2e-4)
            self.assertLess(ratio, 24, name)

    def test_a_body_byte_by_byte(self) -> None:
        head = b"A sip:b SIP/2.0\r\nl: 1000000\r\n\r\n"
        short = self.seconds(head + b"x" * 30_000, 1)
        self.assertLess(self.seconds(head + b"x" * 240_000, 1) / max(short, 2e-4), 24)

    def test_a_header_of_nothing_but_lengths(self) -> None:
        head = b"A sip:b SIP/2.0" + b"\r\nl:" * 50_000 + b"\r\n\r\n"
        framer = Framer(MessageLimits(message=10**9))
        began = time.process_time()
        self.assertRaises(SIPParseError, framer.feed, head)
        self.assertLess(time.process_time() - began, 2)
