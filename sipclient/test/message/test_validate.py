"""Understood depth: what is flagged, and where in the bytes it is."""

from __future__ import annotations

from time import process_time

from twisted.trial.unittest import SynchronousTestCase

from sipclient.errors import SIPParseError
from sipclient.message.model import Request
from sipclient.message.validate import Place, locate, validate
from sipclient.test.checkout import NO_CORPORA
from sipclient.test.corpora import SEEDS, TORTURE, TORTURE_IPV6

GOOD = (
    b"MESSAGE sip:bob@example.com SIP/2.0\r\n"
    b"Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKx\r\n"
    b"Max-Forwards: 70\r\n"
    b"To: <sip:bob@example.com>\r\n"
    b"From: <sip:alice@example.com>;tag=1\r\n"
    b"Call-ID: x\r\n"
    b"CSeq: 1 MESSAGE\r\n"
)
RESPONSE = b"SIP/2.0 200 OK\r\n" + GOOD.partition(b"\r\n")[2].replace(
    b"Max-Forwards: 70\r\n", b""
)


def fault(data: bytes) -> tuple[SIPParseError, Place] | None:
    """What is wrong with a message, and where; None where nothing is."""
    try:
        validate(data)
    except SIPParseError as error:
        return error, locate(error, data)
    return None


class ValidateTests(SynchronousTestCase):
    def test_a_good_message_is_given(self) -> None:
        message = validate(GOOD + b"\r\n")
        assert isinstance(message, Request)
        self.assertEqual(message.call_id, "x")

    def test_every_known_header_is_read(self) -> None:
        for line in (
            b"Date: Fri, 01 Jan 2010 16:00:00 EST",
            b"Contact: <sip:a@b",
            b"Expires: -1",
            b"Warning: x",
            b"Accept: text",
            b"Content-Type: text",
        ):
            found = fault(GOOD + line + b"\r\n\r\n")
            assert found is not None, line
            self.assertEqual(found[0].answer, 400)
            self.assertEqual(found[1].line, 8)

    def test_unknown_headers_may_be_anything(self) -> None:
        self.assertIsNone(fault(GOOD + b"Q: \xff(;\r\nQ:\r\n\r\n"))

    def test_what_comes_once_only(self) -> None:
        data = GOOD + b"Expires: 1\r\nSubject: a\r\nExpires: 2\r\n\r\n"
        found = fault(data)
        assert found is not None
        error, (offset, line) = found
        self.assertIn("one Expires only", str(error))
        self.assertEqual((line, data[offset:]), (10, b"2\r\n\r\n"))

    def test_responses_are_dropped_and_never_answered(self) -> None:
        for line in (b"Date: x", b"Expires: 1\r\nExpires: 2", b"Contact: <"):
            found = fault(RESPONSE + line + b"\r\n\r\n")
            assert found is not None
            self.assertIsNone(found[0].answer)

    def test_a_response_on_its_way_has_several_vias(self) -> None:
        via = b"Via: SIP/2.0/UDP h;branch=z9hG4bKy"
        for more in (via, via.replace(b";", b", SIP/2.0/UDP i;")):
            self.assertIsNone(fault(RESPONSE + more + b"\r\n\r\n"))
        found = fault(RESPONSE + b"Via: SIP/2.0/UDP h;;\r\n\r\n")
        assert found is not None
        self.assertEqual((found[0].header, found[1].line), ("Via", 7))
        found = fault(RESPONSE.replace(b"CSeq", b"X") + via + b"\r\n\r\n")
        assert found is not None
        self.assertEqual(found[0].header, "CSeq")


class LocateTests(SynchronousTestCase):
    def test_the_place_is_that_of_the_mistake(self) -> None:
        for old, new, line, rest in (
            (b"70", b"x", 3, b"x\r\nTo"),
            (b"<sip:bob@", b"Bob, <sip:bob@", 4, b", <sip"),
            (b"Call-ID: x", b"Call-ID: a b", 6, b"b\r\n"),
            (b"Call-ID: x", b"i :\r\n a b", 7, b"b\r\n"),
            (b"Call-ID: x", b"Subject\xc3\xa9: x", 6, b"Subject"),
            (b"Call-ID: x", b"Subject", 6, b"\r\nCSeq"),
            (b"SIP/2.0\r", b"SIP/3.0\r", 1, b"SIP/3.0"),
            (b"MESSAGE sip", b"MESSAGE  sip", 1, b"  sip"),
            (b"sip:bob@example.com SIP", b"sip:b<b SIP", 1, b"<b SIP"),
            (b"Max-Forwards: 70", b"A: \xc3\xa9\r\nMax-Forwards: z", 4, b"z\r\nTo"),
            (b"Max-Forwards: 70", b"A: b\nMax-Forwards: 70", 3, b"\nMax"),
        ):
            for lead in (b"", b"\r\n\r\n"):
                data = lead + GOOD.replace(old, new, 1) + b"\r\n"
                found = fault(data)
                assert found is not None, new
                error, place = found
                self.assertEqual(
                    (place.line - 2 * bool(lead), data[place.offset :][: len(rest)]),
                    (line, rest),
                    f"{new!r}: {error}",
                )

    def test_what_is_missing_is_missing_in_the_start_line_or_at_the_end(self) -> None:
        found = fault(GOOD.replace(b"Call-ID", b"X") + b"\r\n")
        assert found is not None
        self.assertEqual(found[1].line, 1)
        found = fault(GOOD)
        assert found is not None
        self.assertEqual(found[1], Place(len(GOOD), 8))

    def test_a_file_of_any_size_takes_no_time(self) -> None:
        for more in (b"X: a\r\n b\r\n" * 200_000, b" " * 2_000_000):
            started = process_time()
            self.assertIsNotNone(fault(GOOD + more + b"\r\n"))
            self.assertTrue(process_time() - started < 1.0)

    def test_any_bytes_have_a_place(self) -> None:
        for data in (
            b"",
            b"\r\n",
            b"\xff",
            b"\r\n\r\n",
            b"a\r\n b\r\n\r\n",
            b"\0" * 70000,
        ):
            found = fault(data)
            assert found is not None
            self.assertTrue(0 <= found[1].offset <= len(data))


class CorpusTests(SynchronousTestCase):
    """What others say is invalid is flagged, and what they say is valid isn't."""

    if not TORTURE:
        skip = NO_CORPORA

    def test_rfc_4475(self) -> None:
        for row in TORTURE:
            if row.kind in ("valid", "invalid"):
                self.assertEqual(fault(row.data) is None, row.kind == "valid", row.name)

    def test_rfc_5118(self) -> None:
        flagged = [row.name for row in TORTURE_IPV6 if fault(row.data) is not None]
        self.assertEqual(flagged, ["ipv6-bad"])

    def test_every_fault_has_a_place_in_the_bytes(self) -> None:
        for row in (*TORTURE, *TORTURE_IPV6, *SEEDS):
            found = fault(row.data)
            if found is not None:
                offset, line = found[1]
                self.assertTrue(0 <= offset <= len(row.data), row.name)
                self.assertEqual(line, row.data.count(b"\n", 0, offset) + 1)
