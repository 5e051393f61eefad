"""Writing messages: RFC 3261 §8.1.1, §8.2.6, §9.1, §17.1.1.3, §18.2.1, RFC 3581."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from sipclient.errors import SIPParseError
from sipclient.message import build
from sipclient.message.check import check
from sipclient.message.fields.via import Via
from sipclient.message.model import Request, Response
from sipclient.message.parser import parse
from sipclient.test.message.samples import LINES, request, request_octets, response
from sipclient.test.message.timing import slow_inputs

_SOURCE = ("192.0.2.9", 40_000)


def _answer(
    message: Request, status: int = 200, reason: str | None = None, **keywords: Any
) -> Response:
    """A response to it, as the other side reads it but for the number of Vias."""
    data = build.response(message, status, reason, **keywords)
    answer = parse(data)
    assert isinstance(answer, Response)
    return answer


class RequestTests(SynchronousTestCase):
    """A request from its parts."""

    def test_parts(self) -> None:
        data = build.request(
            "MESSAGE",
            "sip:b@h",
            via="SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1",
            from_="<sip:a@h>;tag=1",
            to="<sip:b@h>",
            call_id="c",
            cseq=7,
            headers=(("Subject", "Чай"), ("X-New", "1"), ("X-New", "\udcff")),
            body=b"\x00\xff",
        )
        message = parse(data)
        check(message)
        assert isinstance(message, Request)
        self.assertEqual(message.start_line, "MESSAGE sip:b@h SIP/2.0")
        self.assertEqual((message.cseq, message.cseq_method), (7, "MESSAGE"))
        self.assertEqual(message.text("Max-Forwards"), "70")
        self.assertEqual(message.texts("X-New"), ("1", "\udcff"))
        self.assertEqual(message.text("Subject"), "Чай")
        self.assertEqual(message.header("Content-Length"), 2)
        self.assertEqual(message.body, b"\x00\xff")

    def test_max_forwards(self) -> None:
        data = build.request(
            "A", "x:y", via="", from_="", to="", call_id="", cseq=1, max_forwards=0
        )
        self.assertEqual(parse(data).text("Max-Forwards"), "0")


class ResponseTests(SynchronousTestCase):
    """RFC 3261 §8.2.6.2: what a response repeats of its request."""

    def test_slices(self) -> None:
        """Each comes back as it is written, all Vias in their order."""
        texts = {
            "Via": "SIP / 2.0 / UDP 192.0.2.1 ;branch=z9hG4bK7,\tSIP/2.0/TCP b",
            "From": '"\\"A\udcff" <sip:a@h>;x;tag=1',
            "To": "sip:b@h;tag=2",
            "Call_ID": "\tc@h",
            "CSeq": "0001   MESSAGE",
        }
        message = request(**texts, more="v: SIP/2.0/TLS c;branch=2\r\n")
        answer = _answer(message, 486)
        self.assertEqual(answer.start_line, "SIP/2.0 486 Busy Here")
        self.assertEqual(answer.texts("Via"), message.texts("Via"))
        for name in ("From", "To", "Call-ID", "CSeq"):
            self.assertEqual(answer.texts(name), message.texts(name))
        self.assertEqual(answer.header("Content-Length"), 0)

    def test_reason_headers_and_body(self) -> None:
        answer = _answer(
            request(), 299, "Fein", headers=(("Server", "x"), ("k", "y")), body=b"hi"
        )
        self.assertEqual(answer.start_line, "SIP/2.0 299 Fein")
        self.assertEqual((answer.text("Server"), answer.text("Supported")), ("x", "y"))
        self.assertEqual((answer.header("Content-Length"), answer.body), (2, b"hi"))
        self.assertEqual(_answer(request(), 299, "").reason, "")

    def test_to_tag(self) -> None:
        """Ours where there is none; never another, never with 100."""
        for to in (
            "<sip:b@h>",
            "sip:b@h",
            "B <sip:b@h;tag=no> ;x",
            '"tag=1" <sip:b@h>',
        ):
            answer = _answer(request(To=to), to_tag="9")
            check(answer)
            self.assertEqual(answer.to_tag, "9")
            self.assertEqual(_answer(request(To=to)).text("To"), to)
            self.assertEqual(_answer(request(To=to), 100, to_tag="9").text("To"), to)
        answer = _answer(request(To="<sip:b@h>;TAG=2"), to_tag="9")
        self.assertEqual(answer.text("To"), "<sip:b@h>;TAG=2")

    def test_timestamp(self) -> None:
        """§8.2.6.1: 100 alone repeats it."""
        message = request(Timestamp="54.1 0.2")
        self.assertEqual(_answer(message, 100).text("Timestamp"), "54.1 0.2")
        self.assertNotIn("Timestamp", _answer(message, 200))
        self.assertNotIn("Timestamp", _answer(request(), 100))


class ViaTests(SynchronousTestCase):
    """``received`` and ``rport``: RFC 3261 §18.2.1, RFC 3581 §4, RFC 5118 §4.5."""

    def stamped(self, via: str, source: tuple[str, int] | None = _SOURCE) -> list[str]:
        """The Via texts of a response to a request with that Via."""
        message = request(Via=via)
        message.source = source
        answer = _answer(message)
        self.assertEqual(
            [str(each) for each in answer.headers("Via")][1:],
            [str(each) for each in message.headers("Via")][1:],
        )
        return list(answer.texts("Via"))

    def test_nothing_known_of_its_source(self) -> None:
        via = "SIP/2.0/UDP h;rport;branch=1"
        self.assertEqual(self.stamped(via, None), [via])

    def test_same_address(self) -> None:
        """Nothing is added where the sent-by is right and rport isn't asked for."""
        for sent_by, host in (
            ("192.0.2.9", "192.0.2.9"),
            ("192.0.2.9:5060", "192.0.2.9"),
            ("[2001:db8::1]:5060", "2001:db8::1"),
            ("[2001:DB8:0::1]", "2001:db8::1"),
            ("[::ffff:192.0.2.9]", "::ffff:c000:209"),
        ):
            via = f"SIP/2.0/UDP {sent_by};branch=1"
            self.assertEqual(self.stamped(via, (host, 40_000)), [via])

    def test_another_address(self) -> None:
        for sent_by, host in (
            ("192.0.2.1", "192.0.2.9"),
            ("example.com:5060", "192.0.2.9"),
            ("[2001:db8::2]:5060", "2001:db8::1"),
            ("[2001:db8::1]", "192.0.2.9"),
            ("192.0.2.9", "2001:db8::1"),
        ):
            via = f"SIP/2.0/UDP {sent_by};branch=1"
            # RFC 3261 §25.1 via-received: an IPv6 address has no brackets there.
            self.assertEqual(
                self.stamped(via, (host, 40_000)), [f"{via};received={host}"]
            )

    def test_rport(self) -> None:
        """It is filled in where it stands, and received comes with it in any case."""
        for via, expected in (
            ("h;rport;branch=1", "h;rport=40000;branch=1;received=192.0.2.9"),
            ("h;branch=1;rport", "h;branch=1;rport=40000;received=192.0.2.9"),
            ("192.0.2.9;rport;branch=1", None),
            ("192.0.2.9;branch=1 ; RPort ;x", None),
            ("192.0.2.9;branch=rport", "192.0.2.9;branch=rport;received=192.0.2.9"),
            (
                "192.0.2.9;rportx;branch=1",
                "192.0.2.9;rportx;branch=1;received=192.0.2.9",
            ),
        ):
            (text,) = self.stamped(f"SIP/2.0/UDP {via}")
            if expected is not None:
                self.assertEqual(text, f"SIP/2.0/UDP {expected}")
            stamped = Via.parse(text)
            self.assertEqual(stamped.received, "192.0.2.9")
            if expected is None:
                self.assertEqual(stamped.rport, 40_000)

    def test_ipv6(self) -> None:
        via = "SIP/2.0/UDP [2001:db8::1]:5060;branch=1;rport"
        (text,) = self.stamped(via, ("2001:db8::9", 40_000))
        stamped = Via.parse(text)
        self.assertEqual((stamped.received, stamped.rport), ("2001:db8::9", 40_000))

    def test_what_the_sender_put_there(self) -> None:
        """It is not believed."""
        for params in (
            ";received=198.51.100.1;branch=1",
            ";branch=1;received=[2001:db8::5]",
            ";branch=1 ; Received = 2001:db8::5 ;x=y",
            ";rport=7;branch=1;received=198.51.100.1",
            ";branch=1;RPORT=7",
            ";branch=1;RECEIVED=198.51.100.1;rport",
        ):
            (text,) = self.stamped(f"SIP/2.0/UDP h{params}")
            stamped = Via.parse(text)
            self.assertEqual(stamped.received, "192.0.2.9")
            self.assertEqual(stamped.branch, "1")
            if "port" in params.lower():
                self.assertEqual(stamped.rport, 40_000)

    def test_quoted_parameters_are_left_alone(self) -> None:
        quoted = 'x=";rport;received=1.2.3.4\\";rport, SIP/2.0/UDP q"'
        (text,) = self.stamped(f"SIP/2.0/UDP h;{quoted};rport;branch=1")
        self.assertEqual(
            text, f"SIP/2.0/UDP h;{quoted};rport=40000;branch=1;received=192.0.2.9"
        )
        (text,) = self.stamped(f"SIP/2.0/UDP h;{quoted};branch=1")
        self.assertEqual(text, f"SIP/2.0/UDP h;{quoted};branch=1;received=192.0.2.9")

    def test_several_on_one_line(self) -> None:
        """Only the first is ours to change."""
        (text,) = self.stamped(
            "SIP/2.0/UDP h;branch=1;rport , SIP/2.0/UDP i;rport;received=192.0.2.77"
        )
        self.assertEqual(
            text,
            "SIP/2.0/UDP h;branch=1;rport=40000;received=192.0.2.9 , "
            "SIP/2.0/UDP i;rport;received=192.0.2.77",
        )

    def test_several_lines(self) -> None:
        message = request(more="Via: SIP/2.0/UDP i;rport\r\n")
        message.source = _SOURCE
        self.assertEqual(
            _answer(message).texts("Via"),
            (
                "SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK7;received=192.0.2.9",
                "SIP/2.0/UDP i;rport",
            ),
        )


class FollowTests(SynchronousTestCase):
    """ACK and CANCEL: RFC 3261 §17.1.1.3, §9.1."""

    def setUp(self) -> None:
        self.invite = request(
            "sip:b@h;x=y",
            "INVITE",
            Via="SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK7, SIP/2.0/UDP other",
            CSeq="0017 INVITE",
            To="sip:b@h",
            more="Route: <sip:p1;lr>, <sip:p2;lr>\r\nRoute:<sip:p3;lr>\r\n",
        )

    def test_cancel(self) -> None:
        message = parse(build.cancel(self.invite))
        check(message)
        assert isinstance(message, Request)
        self.assertEqual((message.method, message.uri), ("CANCEL", "sip:b@h;x=y"))
        self.assertEqual((message.cseq, message.cseq_method), (17, "CANCEL"))
        self.assertEqual(
            message.texts("Via"), ("SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK7",)
        )
        self.assertEqual(message.texts("Route"), self.invite.texts("Route"))
        for name in ("From", "To", "Call-ID"):
            self.assertEqual(message.texts(name), self.invite.texts(name))
        self.assertEqual(message.text("Max-Forwards"), "70")
        self.assertEqual(message.body, b"")

    def test_cancel_with_more(self) -> None:
        message = parse(build.cancel(self.invite, [("Reason", "SIP;cause=200")]))
        self.assertEqual(message.texts("Reason"), ("SIP;cause=200",))

    def test_ack(self) -> None:
        """As CANCEL, with the To of the response."""
        refusal = _answer(self.invite, 486, to_tag="9")
        message = parse(build.ack(self.invite, refusal))
        check(message)
        assert isinstance(message, Request)
        self.assertEqual((message.method, message.uri), ("ACK", "sip:b@h;x=y"))
        self.assertEqual((message.cseq, message.cseq_method), (17, "ACK"))
        self.assertEqual((message.branch, message.to_tag), ("z9hG4bK7", "9"))
        self.assertEqual(message.texts("Route"), self.invite.texts("Route"))

    def test_without_route(self) -> None:
        message = parse(build.cancel(request(method="INVITE")))
        self.assertNotIn("Route", message)


class ErrorResponseTests(SynchronousTestCase):
    """The answer to what can't be read, as far as it can be: RFC 3261 §8.2.6."""

    def answered(self, data: bytes) -> Response | None:
        """The answer to octets that the parser or the check refuses."""
        try:
            check(parse(data))
        except SIPParseError as error:
            made = build.error_response(error, data, _SOURCE)
        else:
            self.fail(f"{data!r} is good")
        if made is None:
            return None
        answer = parse(made[0])
        assert isinstance(answer, Response)
        return answer

    def test_slices(self) -> None:
        data = b"\r\n" + request_octets(
            CSeq="x", more="v: SIP/2.0/UDP two\r\nVia\r\n : SIP/2.0/UDP\r\n\tthree\r\n"
        )
        answer = self.answered(data)
        assert answer is not None
        self.assertEqual(answer.start_line, "SIP/2.0 400 Bad Request (CSeq)")
        self.assertEqual(
            answer.texts("Via"),
            (
                "SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK7;received=192.0.2.9",
                "SIP/2.0/UDP two",
                "SIP/2.0/UDP three",
            ),
        )
        for name in ("From", "Call-ID", "CSeq"):
            self.assertEqual(answer.text(name), parse(data).text(name))
        self.assertEqual(answer.header("Content-Length"), 0)

    def test_top_via_is_given(self) -> None:
        """As it came: by it the answer finds its way."""
        error = SIPParseError("x", "", 0, "y")
        made = build.error_response(error, request_octets(), _SOURCE)
        assert made is not None
        self.assertEqual(made[1], "SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK7")

    def test_to_tag(self) -> None:
        """§8.2.6.2: it has one, and copies of the request get the same (§8.2.7)."""
        tags = set()
        for call_id in ("1", "2", "2"):
            data = request_octets(CSeq="x", Call_ID=call_id)
            answer = self.answered(data)
            assert answer is not None
            to = answer.header("To")
            assert to is not None
            self.assertEqual(str(to.uri), "sip:bob@example.net")
            tags.add(to.params["tag"])
        self.assertEqual(len(tags), 2)

    def test_to_tag_that_is_there(self) -> None:
        for to in ("<sip:b@h>;tag=2", "sip:b@h ; TAG = 2"):
            answer = self.answered(request_octets(CSeq="x", To=to))
            assert answer is not None
            self.assertEqual(answer.text("To"), to)
        answer = self.answered(request_octets(CSeq="x", To="<sip:b@h;tag=uri>"))
        assert answer is not None
        self.assertNotEqual(answer.text("To"), "<sip:b@h;tag=uri>")

    def test_statuses(self) -> None:
        for start, said in (
            (b"A sip:b@h SIP/3.0", "SIP/2.0 505 Version Not Supported"),
            (b"A  sip:b@h SIP/2.0", "SIP/2.0 400 Bad Request (Request-Line)"),
        ):
            data = start + request_octets()[request_octets().index(b"\r\n") :]
            answer = self.answered(data)
            assert answer is not None
            self.assertEqual(answer.start_line, said)

    def test_dropped(self) -> None:
        """What says too little, and what is never answered."""
        good = request_octets()
        rest = good[good.index(b"\r\n") :]
        for data in (
            b"",
            b"A\r\n\r\n",
            request_octets(CSeq="x").replace(b"Via:", b"X:"),
            b"SIP/2.0 999 x" + rest,
            b"ACK sip:b@h SIP/3.0" + rest,
            good.replace(b"\r\n", b"\n"),
        ):
            self.assertIs(self.answered(data), None)

    def test_half_of_a_message(self) -> None:
        """Whatever stands before the end is used, what isn't there left out."""
        data = request_octets()
        answer = self.answered(data[: data.index(b"From")])
        assert answer is not None
        self.assertEqual(answer.start_line, "SIP/2.0 400 Bad Request (message)")
        self.assertNotIn("From", answer)
        self.assertNotIn("To", answer)

    def test_control_characters_are_left_out(self) -> None:
        """Nothing of them comes back into the answer."""
        data = request_octets(CSeq="1 \x00", From="<sip:a@h>;x=\x1b", Call_ID="a\rb")
        answer = self.answered(data)
        assert answer is not None
        self.assertEqual(answer.text("To")[:21], "<sip:bob@example.net>")  # type: ignore[index]  # it is there
        for name in ("CSeq", "From", "Call-ID"):
            self.assertNotIn(name, answer)

    def test_what_may_be_an_ack_is_dropped(self) -> None:
        """Even where its start line is broken: an ACK is never answered (§17)."""
        data = request_octets(CSeq="1 ACK", Max_Forwards="x")
        self.assertIs(self.answered(data), None)
        self.assertIs(self.answered(b"rest of something\r\n" + data), None)

    @given(st.dictionaries(st.sampled_from(("Via", "From", "To", "X")), LINES))
    def test_any_text(self, headers: dict[str, str]) -> None:
        """What comes out is a message of one start line and the headers it should."""
        data = request_octets(CSeq="x", **headers)
        answer = self.answered(data)
        if answer is not None:
            allowed = ["Via", "From", "To", "Call-ID", "CSeq", "Content-Length"]
            names = [name for name, _ in answer.fields()]
            self.assertEqual(names, [name for name in allowed if name in names])

    def test_time(self) -> None:
        def answered(text: str) -> None:
            data = request_octets(CSeq="x").decode().replace("h4", text)
            build.error_response(SIPParseError("x", "", 0, "y"), data.encode(), _SOURCE)

        def stamped(text: str) -> None:
            build.stamped_via(text, *_SOURCE)

        pieces = [
            (start, piece, end)
            for start in ("SIP/2.0/UDP h", 'SIP/2.0/UDP h;x="')
            for piece in (";", " ", ";rport", ";received=", ";received", '"', "\\", ",")
            for end in ("", "=", '"', "!")
        ]
        self.assertEqual(slow_inputs(stamped, pieces), {})
        pieces = [("", p, "") for p in (" ", "\r\n ", "\n ", "\r\n", "Via:", "\r\nv:a")]
        self.assertEqual(slow_inputs(answered, pieces), {})


class RoundTripTests(SynchronousTestCase):
    """What is built is read again."""

    @given(st.binary(max_size=100), st.integers(200, 699))
    def test_response(self, body: bytes, status: int) -> None:
        message = request()
        message.source = _SOURCE
        answer = response(build.response(message, status, to_tag="9", body=body))
        self.assertEqual((answer.status, answer.body), (status, body))
        self.assertEqual(answer.branch, message.branch)
        self.assertEqual((answer.cseq, answer.to_tag), (message.cseq, "9"))
