"""Elements: what they admit, what they are worth in whose hands, and their copies."""

from __future__ import annotations

from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from sipclient import (
    Address,
    MessageElements,
    RequestElements,
    ResponseElements,
    parse_uri,
)
from sipclient.errors import SIPArgumentError, SIPInUse, SIPParseError
from sipclient.message import build
from sipclient.message.check import check
from sipclient.message.fields.media import MediaType
from sipclient.message.headers import HEADERS
from sipclient.message.model import Request, Response
from sipclient.message.parser import parse

BOB = "sip:bob@example.com"


def received_request(**options: Any) -> RequestElements:
    """Elements of a request as the network brought it."""
    message = parse(
        build.request(
            "MESSAGE",
            BOB,
            via="SIP/2.0/UDP 192.0.2.2;branch=z9hG4bK1",
            from_='"Alice" <sip:alice@example.com>;tag=1',
            to=f"<{BOB}>;tag=2",
            call_id="call",
            cseq=7,
            **options,
        )
    )
    check(message)
    assert isinstance(message, Request)
    return RequestElements._received(message)


def received_response(status: int, **options: Any) -> ResponseElements:
    """Elements of a response as the network brought it."""
    request = received_request()._message
    assert request is not None
    message = parse(build.response(request, status, **options))
    check(message)
    assert isinstance(message, Response)
    return ResponseElements._received(message)


class AdmissionTests(SynchronousTestCase):
    def test_no_header_of_the_stack_can_be_set_in_any_way(self) -> None:
        owned = [spec for spec in HEADERS.values() if not spec.settable]
        self.assertGreaterEqual(len(owned), 16)
        for spec in owned:
            for name in {spec.name, spec.name.upper(), spec.compact or spec.name}:
                elements = RequestElements(BOB, "MESSAGE")
                for attempt in (
                    lambda n=name: MessageElements(headers={n: "x"}),
                    lambda n=name: RequestElements(BOB, headers=[(n, "x")]),
                    lambda n=name: ResponseElements(200, headers={n: "x"}),
                    lambda n=name, e=elements: e.set_header(n, "x"),
                    lambda n=name, e=elements: e.add_header(n, "x"),
                ):
                    error = self.assertRaises(SIPArgumentError, attempt)
                    self.assertIn(spec.name, str(error))
                    self.assertIn(spec.elsewhere, str(error))
                self.assertEqual(elements.headers, ())

    def test_all_others_can(self) -> None:
        for spec in HEADERS.values():
            if spec.settable:
                elements = ResponseElements(200)
                try:
                    elements.add_header(spec.name, "")
                except SIPParseError as error:
                    # Admitted; only its value isn't one.
                    self.assertEqual(error.header, spec.name)

    def test_a_header_that_is_refused_changes_nothing(self) -> None:
        elements = ResponseElements(200, headers={"Subject": "x", "Expires": "7"})
        before = elements.headers
        for attempt in (
            lambda: elements.set_header("Expires", "soon"),
            lambda: elements.set_header("Expires", "7", "8"),
            lambda: elements.add_header("s", "another"),
            lambda: elements.set_header("Allow", "A", "B", "C D"),
        ):
            with self.assertRaises((SIPArgumentError, SIPParseError)):
                attempt()
            self.assertEqual(elements.headers, before)

    def test_a_header_of_one_value_comes_once(self) -> None:
        for headers in (
            [("Subject", "x"), ("Subject", "y")],
            [("Subject", "x"), ("s", "y")],
        ):
            with self.assertRaises(SIPArgumentError):
                RequestElements(BOB, headers=headers)
        many = RequestElements(BOB, headers=[("Allow", "A, B"), ("Allow", "C")])
        self.assertEqual(many.header_values("Allow"), ("A", "B", "C"))
        self.assertEqual(many.header("allow"), "A")


class HeaderTests(SynchronousTestCase):
    def test_text_and_values_mean_the_same(self) -> None:
        media = MediaType.parse("text/plain")
        for value in ("text/plain", media):
            elements = ResponseElements(200, headers={"Accept": value})
            self.assertEqual(elements.headers, (("Accept", "text/plain"),))
            self.assertEqual(elements.header("accept"), media)
        numbers = ResponseElements(200, headers={"Expires": 7})
        self.assertEqual(numbers.headers, (("Expires", "7"),))
        self.assertEqual(numbers.header("Expires"), 7)

    def test_names_are_written_in_full_and_found_by_any_spelling(self) -> None:
        elements = ResponseElements(200, headers={"s": "x", "X-Own": "y"})
        self.assertEqual(elements.headers, (("Subject", "x"), ("X-Own", "y")))
        for name in ("s", "SUBJECT", "Subject"):
            self.assertEqual(elements.header(name), "x")
        self.assertEqual(elements.header("x-own"), "y")
        self.assertIsNone(elements.header("Expires"))
        self.assertEqual(elements.header_values("Expires"), ())

    def test_setting_replaces_and_adding_adds(self) -> None:
        elements = ResponseElements(200, headers=[("Z", "1"), ("W", "2"), ("z", "3")])
        elements.set_header("Z", "4", "5")
        self.assertEqual(elements.headers, (("W", "2"), ("Z", "4"), ("Z", "5")))
        elements.add_header("W", "6")
        self.assertEqual(elements.header_values("W"), ("2", "6"))
        elements.set_header("z")
        self.assertEqual(elements.headers, (("W", "2"), ("W", "6")))

    def test_content_says_what_it_is(self) -> None:
        for attempt in (
            lambda: ResponseElements(200, content=b"x"),
            lambda: ResponseElements(200).set_content("x", None),
        ):
            self.assertRaises(SIPArgumentError, attempt)
        self.assertRaises(
            SIPParseError, ResponseElements, 200, content="x", content_type="text"
        )
        elements = ResponseElements(200)
        contents: tuple[Any, ...] = ("é", "é".encode(), bytearray("é".encode()))
        for content in contents:
            elements = ResponseElements(200, content=content, content_type="text/plain")
            self.assertEqual(elements.content, b"\xc3\xa9")
            self.assertEqual(str(elements.content_type), "text/plain")
        self.assertRaises(
            TypeError, ResponseElements, 200, content=5, content_type="text/plain"
        )
        self.assertEqual(elements._wire(), (("Content-Type", "text/plain"),))


class RequestTests(SynchronousTestCase):
    def test_parties_and_uris_are_text_or_values(self) -> None:
        uri = parse_uri("sip:alice@example.com")
        elements = RequestElements(BOB)
        for party in (uri, str(uri), Address("", uri), "<sip:alice@example.com>"):
            elements = RequestElements(BOB, "MESSAGE", from_=party, to=party)
            self.assertEqual(elements.from_, Address("", uri))
            self.assertEqual(elements.to, Address("", uri))
        elements.remote_uri = "tel:+358-555-1234567"
        self.assertEqual(str(elements.remote_uri), "tel:+358-555-1234567")
        elements.from_ = '"A B" <sip:a@b.c>'
        assert elements.from_ is not None
        self.assertEqual(elements.from_.display_name, "A B")

    def test_what_can_not_be_sent_is_refused_on_the_spot(self) -> None:
        for wrong in (
            {"remote_uri": "sip:bob@example.com?Subject=x"},
            {"method": "A B"},
            {"method": "A\r\n"},
            {"from_": "<sip:a@b.c>;tag=mine"},
            {"to": "<sip:a@b.c>;tag=mine"},
        ):
            arguments: dict[str, Any] = {"remote_uri": BOB, "method": "MESSAGE"}
            self.assertRaises(
                SIPArgumentError, RequestElements, **{**arguments, **wrong}
            )
        for text in ("", "bob", "sip:", "sip:bob@\r\nexample.com"):
            self.assertRaises(SIPParseError, RequestElements, text)

    def test_setters_check_as_the_constructor_does(self) -> None:
        elements = RequestElements(BOB, "MESSAGE", from_=BOB)
        for name, value in (
            ("method", "A B"),
            ("remote_uri", "sip:bob@example.com?Subject=x"),
            ("from_", "<sip:a@b.c>;tag=mine"),
            ("to", "<sip:a@b.c>;tag=mine"),
        ):
            before = getattr(elements, name)
            self.assertRaises(SIPArgumentError, setattr, elements, name, value)
            self.assertEqual(getattr(elements, name), before)

    def test_a_repr_shows_what_it_is_and_no_content(self) -> None:
        elements = RequestElements(BOB, content="secret", content_type="text/plain")
        self.assertEqual(
            repr(elements), "<RequestElements without method sip:bob@example.com>"
        )
        self.assertEqual(
            repr(ResponseElements(486)), "<ResponseElements 486 Busy Here>"
        )


class ResponseTests(SynchronousTestCase):
    def test_a_status_has_its_phrase(self) -> None:
        for status, phrase in ((200, "OK"), (480, "Temporarily Unavailable")):
            self.assertEqual(ResponseElements(status).reason_phrase, phrase)
        self.assertEqual(ResponseElements(200, "").reason_phrase, "")
        self.assertEqual(ResponseElements(200, "Très bien").reason_phrase, "Très bien")

    def test_what_is_no_response_is_refused(self) -> None:
        elements = ResponseElements(200)
        for status in (-1, 0, 99, 100, 700, 1000):
            self.assertRaises(SIPArgumentError, ResponseElements, status)
            self.assertRaises(
                SIPArgumentError, setattr, elements, "status_code", status
            )
        for phrase in ("a\r\nb", "a\0", "\ud800"):
            self.assertRaises(SIPArgumentError, ResponseElements, 200, phrase)
            self.assertRaises(
                SIPArgumentError, setattr, elements, "reason_phrase", phrase
            )
        elements.status_code = 486
        self.assertEqual(elements.status_code, 486)


class ReceivedTests(SynchronousTestCase):
    """What came from the network can be read in whole and not changed."""

    def test_a_request(self) -> None:
        elements = received_request(
            headers=[("s", "x"), ("Content-Type", "text/plain")], body=b"hello"
        )
        self.assertEqual(
            " ".join(name for name, _ in elements.headers),
            "Via Max-Forwards From To Call-ID CSeq s Content-Type Content-Length",
        )
        self.assertEqual(elements.method, "MESSAGE")
        self.assertEqual(str(elements.remote_uri), BOB)
        assert elements.from_ is not None
        self.assertEqual(elements.from_.display_name, "Alice")
        assert elements.cseq is not None
        self.assertEqual(elements.cseq.number, 7)
        self.assertEqual(elements.header("Subject"), "x")
        self.assertEqual(elements.content, b"hello")
        self.assertEqual(str(elements.content_type), "text/plain")

    def test_a_response(self) -> None:
        elements = received_response(486, headers=[("Retry-After", "5")])
        self.assertEqual(
            (elements.status_code, elements.reason_phrase), (486, "Busy Here")
        )
        assert elements.to is not None
        assert elements.from_ is not None
        self.assertEqual(elements.to.params["tag"], "2")
        assert elements.cseq is not None
        self.assertEqual(elements.cseq.method, "MESSAGE")
        self.assertIsNotNone(elements.header("Retry-After"))
        self.assertIsNone(elements.content_type)

    def test_they_can_not_be_changed(self) -> None:
        request, response = received_request(), received_response(200)
        for attempt in (
            lambda: request.add_header("X", "y"),
            lambda: request.set_header("X", "y"),
            lambda: request.set_content("x", "text/plain"),
            lambda: setattr(request, "method", "OPTIONS"),
            lambda: setattr(request, "remote_uri", BOB),
            lambda: setattr(request, "from_", BOB),
            lambda: setattr(request, "to", BOB),
            lambda: response.add_header("X", "y"),
            lambda: setattr(response, "status_code", 486),
            lambda: setattr(response, "reason_phrase", "x"),
        ):
            self.assertRaises(SIPInUse, attempt)

    def test_a_header_that_can_not_be_read_fails_when_it_is_read(self) -> None:
        elements = received_request(headers=[("Expires", "soon")])
        self.assertRaises(SIPParseError, elements.header, "Expires")
        self.assertIn(("Expires", "soon"), elements.headers)


class CopyTests(SynchronousTestCase):
    def test_a_copy_of_ones_own_is_equal_and_apart(self) -> None:
        elements = RequestElements(
            BOB,
            "MESSAGE",
            from_="<sip:alice@example.com>",
            to="<sip:carol@example.com>",
            headers={"Subject": "x"},
            content="hello",
            content_type="text/plain",
        )
        copy = elements.copy()
        self.assertEqual(
            (copy.method, copy.remote_uri, copy.from_, copy.to, copy._wire()),
            (
                elements.method,
                elements.remote_uri,
                elements.from_,
                elements.to,
                elements._wire(),
            ),
        )
        copy.set_header("Subject", "y")
        copy.method = "OPTIONS"
        self.assertEqual(elements.header("Subject"), "x")
        self.assertEqual(elements.method, "MESSAGE")

    def test_a_copy_of_what_was_given_can_be_changed(self) -> None:
        elements = ResponseElements(200, "Fine", headers={"Subject": "x"})
        elements._given = True
        self.assertRaises(SIPInUse, elements.set_header, "Subject", "y")
        copy = elements.copy()
        copy.set_header("Subject", "y")
        self.assertEqual((copy.status_code, copy.reason_phrase), (200, "Fine"))

    def test_a_copy_of_what_was_received_can_be_sent(self) -> None:
        """What the stack owns is left out, tags included."""
        request = received_request(
            headers=[("s", "x"), ("Content-Type", "text/plain"), ("X-Own", "y")],
            body=b"hello",
        ).copy()
        self.assertEqual(
            request._wire(),
            (("s", "x"), ("X-Own", "y"), ("Content-Type", "text/plain")),
        )
        self.assertEqual(str(request.from_), '"Alice" <sip:alice@example.com>')
        self.assertEqual(str(request.to), f"<{BOB}>")
        self.assertEqual(request.content, b"hello")
        response = received_response(486, headers=[("Retry-After", "5")]).copy()
        self.assertEqual(response._wire(), (("Retry-After", "5"),))
        response.status_code = 480
