"""Arbitrary bytes: nothing but the parser's own error comes out of any depth."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from sipclient.errors import SIPParseError
from sipclient.message.build import error_response, response
from sipclient.message.check import check
from sipclient.message.headers import CANONICAL, HEADERS
from sipclient.message.model import Request
from sipclient.message.parser import parse
from sipclient.message.validate import locate, validate
from sipclient.test.message.samples import LINES, request_octets
from sipclient.test.message.timing import slow_inputs

_SOURCE = ("192.0.2.9", 40_000)
_STARTS = st.sampled_from(
    [
        b"MESSAGE sip:b@h SIP/2.0",
        b"SIP/2.0 200 OK",
        b"ACK tel:+1 SIP/2.0",
        b"A <x> SIP/2.0",
        b"A x:y SIP/3.0",
    ]
)
_TEXTS = st.sampled_from(
    ["<sip:b@h>;tag=1", "SIP/2.0/UDP h;branch=1", "1 MESSAGE", "70", "", '"', ",", "*"]
)
_FIELDS = st.tuples(st.sampled_from(sorted(CANONICAL)), st.one_of(_TEXTS, LINES))


class FuzzTests(SynchronousTestCase):
    """Parse, check and every typed value."""

    def see(self, data: bytes) -> None:
        """Take a message to pieces in all ways that there are."""
        try:
            message = parse(data)
            self.assertIn(message.raw, data)
            for name, text in message.fields():
                self.assertIn(text, message.texts(name))
            for key in message.index:
                for read in (message.header, message.headers):
                    try:
                        read(key)
                    except SIPParseError as error:
                        self.assertEqual(error.header, HEADERS[key].name)
            repr(message)
            check(message)
            if isinstance(message, Request):
                message.source = _SOURCE
                str(message.request_uri)
                parse(response(message, 200, to_tag="9"))
        except SIPParseError as error:
            self.assertLessEqual(error.offset, len(error.text))
            self.assertIsInstance(str(error), str)
            answer = error_response(error, data, _SOURCE)
            if answer is not None:
                parse(answer[0])
        try:
            validate(data)
        except SIPParseError as error:
            self.assertLessEqual(locate(error, data).offset, len(data))

    @given(st.binary(max_size=200))
    def test_bytes(self, data: bytes) -> None:
        self.see(data)

    @given(_STARTS, st.binary(max_size=200))
    def test_bytes_behind_a_start_line(self, start: bytes, data: bytes) -> None:
        self.see(start + b"\r\n" + data + b"\r\n\r\n")

    @given(_STARTS, st.lists(_FIELDS, max_size=8), st.binary(max_size=20))
    def test_headers(
        self, start: bytes, fields: list[tuple[str, str]], body: bytes
    ) -> None:
        text = "".join([f"{name}: {value}\r\n" for name, value in fields])
        self.see(
            start + b"\r\n" + text.encode("utf-8", "surrogateescape") + b"\r\n" + body
        )

    @given(st.lists(_FIELDS, max_size=4))
    def test_headers_of_a_good_request(self, fields: list[tuple[str, str]]) -> None:
        text = "".join([f"{name}: {value}\r\n" for name, value in fields])
        self.see(request_octets(more=text))

    def test_time(self) -> None:
        """In each depth it grows with the length, that of telling the place too."""

        def seen(text: str) -> None:
            self.see(text.encode())

        start = "MESSAGE sip:b@h SIP/2.0\r\n"
        pieces = [
            (f"{start}X:\r\n ", " ", "y\r\n\r\n"),
            (f"{start}X:\r\n ", " \r\n ", "y\r\nX:"),
            (f"{start}X:", "\r\n ", "y\r\n\r\n"),
            (start, "To: x\r\n", "\r\n"),
        ]
        self.assertEqual(slow_inputs(seen, pieces), {})

    @given(st.integers(0, 400), st.binary(max_size=4), st.integers(0, 4))
    def test_changed_request(self, place: int, octets: bytes, cut: int) -> None:
        data = request_octets()
        self.see(data[:place] + octets + data[place + cut :])
