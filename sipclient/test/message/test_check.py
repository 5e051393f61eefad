"""The checked depth: what a transaction is made of (RFC 3261 §8.1.1)."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from sipclient.errors import SIPParseError
from sipclient.message import check as checks
from sipclient.message.check import check
from sipclient.message.headers import HEADERS
from sipclient.message.limits import MessageLimits
from sipclient.message.model import Message, Request
from sipclient.message.parser import parse
from sipclient.message.uri import parse_uri
from sipclient.test.message.samples import (
    LINES,
    octets,
    request,
    request_octets,
    response,
)
from sipclient.test.message.timing import slow_inputs

_NO_LIMITS = MessageLimits(message=10**7, line=10**7, body=10**7)

# Pieces that come close to the grammar, from both sides.
_HOSTS = (
    "h",
    "example.com",
    "a-b.c",
    "a--b.c",
    "a-.c",
    "x.1",
    "1a.b2",
    "h.",
    "h..c",
    "192.0.2.1",
    "255.255.255.255",
    "256.0.0.1",
    "01.2.3.4",
    "1.2.3",
    "1.2.3.4.5",
    "1.2.3.4a",
    "[2001:db8::1]",
    "[::ffff:192.0.2.1]",
    "[2001:db8:::192.0.2.1]",
    "[::::]",
    "[1]",
    "é",
    "",
)
_PORTS = ("", ":5060", ":1", ":65535", ":65536", ":05060", ":0", ":", ":5 60", ":99999")
_URI_PARAMS = (
    "",
    ";lr",
    ";transport=udp",
    ";a=1;b=2",
    ";a;a",
    ";a=",
    ";=1",
    ";a=1;A=2",
    ";%41=%42",
    ";a=%4",
    ";[]/:&+$=[]/:&+$",
)
_PARAMS = (
    "",
    ";tag=1",
    ";TAG=1",
    ";tag",
    ";tag=",
    ';tag="1"',
    ";tag=[::1]",
    ";tag=::",
    ";tag=1;tag=2",
    ";x=y;tag=1",
    ";tag=1;x",
    " ; tag = 1 ",
    ";tag=é",
    "?a=b",
)
_VIA_PARAMS = (
    "",
    ";branch=z9hG4bK1",
    ";rport",
    ";RPORT",
    ";rport=5060",
    ";rport=65536",
    ";rport=05",
    ";rport=x",
    ";received=192.0.2.9",
    ";received=2001:db8::1",
    ";received=h",
    ";received",
    ";ttl=999",
    ";maddr=224.2.0.1",
    ";maddr=@",
    ";branch=",
    ";branch",
    ";BRANCH=q",
    ';x="a,b;branch=no"',
    ";alias",
    " ; y = z",
    ", SIP/2.0/UDP two;branch=2",
    ", SIP/2.0",
)
_USERS = (
    "",
    "bob@",
    "b,b@",
    "b;b@",
    "b?b@",
    "b:p@",
    "b%41@",
    "b%4@",
    "b b@",
    "@",
    "é@",
)


def _join(*parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(*parts).map("".join)


_URIS = _join(
    st.sampled_from(("sip:", "sips:", "SIP:", "tel:", "http://", "")),
    st.sampled_from(_USERS),
    st.sampled_from(_HOSTS),
    st.sampled_from(_PORTS),
    st.sampled_from(_URI_PARAMS),
)
_ADDRESSES = _join(
    st.sampled_from(("", " ", "\t")),
    st.one_of(
        _URIS,
        _join(
            st.sampled_from(
                ("", "A", "A B ", '"A" ', '"A', '"\\"" ', "A  B", "é ", "A,")
            ),
            st.just("<"),
            _URIS,
            st.just(">"),
        ),
    ),
    st.sampled_from(_PARAMS),
)
_VIAS = _join(
    st.sampled_from(
        (
            "SIP/2.0/UDP ",
            " SIP/2.0/TCP ",
            "SIP / 2.0 / UDP ",
            "SIP/2.0/ ",
            "SIP/3.0/A\t",
        )
    ),
    st.sampled_from(_HOSTS),
    st.sampled_from(_PORTS),
    st.sampled_from(_VIA_PARAMS),
    st.sampled_from(_VIA_PARAMS),
    st.sampled_from(_VIA_PARAMS),
)
_CALL_IDS = st.sampled_from(("c", " c@h ", "c@", "@", "a@b@c", "a b", "", '"<>()', "é"))
_CSEQS = _join(
    st.sampled_from(
        (
            *("1", " 1", "0", "999999999", "2147483647", "2147483648", "-1", ""),
            *("\u0661", "00000000000001", "9" * 5_000),
        )
    ),
    st.sampled_from((" ", "\t", "  ", "")),
    st.sampled_from(("MESSAGE", "MESSAGE ", "message", "ACK", "", "M M", "é")),
)
_MAX_FORWARDS = st.sampled_from(
    ("70", " 0 ", "255", "256", "0068", "000", "-1", "", "7 0", "\u0667", "9" * 5_000)
)


def _mutated(strategy: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Texts of that kind, some with one character more, less, or another."""

    def change(text: str, place: int, character: str, cut: int) -> str:
        place %= len(text) + 1
        return text[:place] + character + text[place + cut :]

    characters = st.sampled_from(list(';,:<>"\\=@?[]() \t%a1.-\x00\x7fé\udcff'))
    changed = st.builds(
        change, strategy, st.integers(0, 99), characters, st.integers(0, 1)
    )
    return st.one_of(strategy, strategy, changed).filter(lambda text: "\n" not in text)


_KEY_HEADERS = st.fixed_dictionaries(
    {
        "Via": st.one_of(st.just("SIP/2.0/UDP h;branch=1;rport"), _mutated(_VIAS)),
        "Max-Forwards": st.one_of(st.just("70"), _mutated(_MAX_FORWARDS)),
        "From": st.one_of(st.just("<sip:a@h>;tag=1"), _mutated(_ADDRESSES)),
        "To": st.one_of(st.just("<sip:b@h>"), _mutated(_ADDRESSES)),
        "Call-ID": st.one_of(st.just("c"), _mutated(_CALL_IDS)),
        "CSeq": st.one_of(st.just("1 MESSAGE"), _mutated(_CSEQS)),
    }
)


def _by_the_full_grammar(message: Message) -> dict[str, object]:
    """What the typed values of the key headers say; SIPParseError where they can't."""
    via = message.headers("Via")[0]
    cseq = message.header("CSeq")
    assert cseq is not None
    if isinstance(message, Request):
        message.headers("Max-Forwards")
        assert not getattr(parse_uri(message.uri), "headers", ())
    return {
        "branch": via.branch or "",
        "sent_by": via.sent_by.lower(),
        "from_tag": message.headers("From")[0].params.get("tag") or "",
        "to_tag": message.headers("To")[0].params.get("tag") or "",
        "call_id": message.header("Call-ID"),
        "cseq": cseq.number,
        "cseq_method": cseq.method,
    }


def _left_behind(message: Message) -> dict[str, object]:
    names = ("branch", "sent_by", "from_tag", "to_tag", "call_id")
    return {name: getattr(message, name) for name in (*names, "cseq", "cseq_method")}


class AgreementTests(SynchronousTestCase):
    """The common form is a subset of the full grammar, and finds the same."""

    def compare(self, data: bytes) -> bool:
        """Compare both; tell whether the message passed."""
        message = parse(data)
        try:
            check(message)
        except SIPParseError:
            return False
        self.assertEqual(_left_behind(message), _by_the_full_grammar(message))
        again = parse(data)
        checks._check_slowly(again)
        self.assertEqual(_left_behind(message), _left_behind(again))
        return True

    @settings(max_examples=300)
    @given(_mutated(_URIS).filter(lambda uri: " " not in uri and uri), _KEY_HEADERS)
    def test_requests(self, uri: str, headers: dict[str, str]) -> None:
        self.compare(octets(f"MESSAGE {uri} SIP/2.0", headers))

    @settings(max_examples=300)
    @given(_KEY_HEADERS)
    def test_responses(self, headers: dict[str, str]) -> None:
        self.compare(octets("SIP/2.0 200 OK", headers))

    def test_each_piece_by_itself(self) -> None:
        """Every host, port and parameter in every place that has one."""
        passed = 0
        for host in _HOSTS:
            for port in _PORTS:
                place = host + port
                for data in (
                    request_octets(f"sip:{place}") if " " not in place else b"",
                    request_octets(To=f"sip:{place}"),
                    request_octets(From=f"A <sip:a@{place}>;tag=1"),
                    request_octets(Via=f"SIP/2.0/UDP {place};branch=1"),
                ):
                    passed += bool(data) and self.compare(data)
        for user in _USERS:
            for params in _URI_PARAMS:
                uri = f"sip:{user}h{params}"
                passed += " " not in uri and self.compare(request_octets(uri))
                passed += self.compare(request_octets(To=f"<{uri}>;tag=2"))
                passed += self.compare(request_octets(To=uri))
        for one in _VIA_PARAMS:
            for two in _VIA_PARAMS:
                for three in ("", ";rport", ";received=192.0.2.9", ";branch=2"):
                    via = f"SIP/2.0/UDP h{one}{two}{three}"
                    passed += self.compare(request_octets(Via=via))
                    passed += self.compare(
                        request_octets(Via=via).replace(
                            b"MESSAGE sip:bob@example.net SIP/2.0", b"SIP/2.0 200 OK"
                        )
                    )
        for params in _PARAMS:
            passed += self.compare(request_octets(From=f"<sip:a@h>{params}"))
            passed += self.compare(request_octets(From=f"sip:a@h{params}"))
        self.assertGreater(passed, 500)

    def test_the_common_form_is_common(self) -> None:
        """What stacks really send doesn't go the slow way."""
        for via in ("SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1;rport",):
            for uri in ("sip:bob@192.0.2.2:5060;transport=udp", "sip:example.net"):
                for to in ("<sip:b@example.com>", "Bob B <sip:b@h:5070;lr>;tag=2-3"):
                    message = parse(request_octets(uri, Via=via, To=to))
                    self.patch(checks, "_check_slowly", self.fail)
                    check(message)
        response(octets_of_response("192.0.2.1;rport=5060;branch=1;received=192.0.2.9"))
        response(octets_of_response("192.0.2.1:5060;branch=1;received=192.0.2.9"))
        response(octets_of_response("h:50600;branch=1;received=192.0.2.9;rport=40000"))


def octets_of_response(via: str) -> bytes:
    """A 200 whose Via is that behind the transport."""
    return request_octets(Via=f"SIP/2.0/UDP {via}").replace(
        b"MESSAGE sip:bob@example.net SIP/2.0", b"SIP/2.0 200 OK"
    )


class KeyFieldTests(SynchronousTestCase):
    """What is left on the message, from whatever way it is written."""

    def test_common(self) -> None:
        message = request(To="B <sip:b@h>;tag=2", CSeq="17 MESSAGE")
        self.assertEqual(
            _left_behind(message),
            {
                "branch": "z9hG4bK7",
                "sent_by": "192.0.2.1:5060",
                "from_tag": "1",
                "to_tag": "2",
                "call_id": "c@192.0.2.1",
                "cseq": 17,
                "cseq_method": "MESSAGE",
            },
        )

    def test_uncommon(self) -> None:
        message = request(
            "tel:+1",
            Via="SIP / 2.0 / UDP [2001:DB8::1] :5060 ; Branch = q, SIP/2.0/UDP two",
            From='"a,b" <sip:a@h>; x="tag=3"; TAG = 5',
            To="sip:b@h ;tag=2",
            CSeq="\t0017  MESSAGE ",
            Max_Forwards="0068",
        )
        self.assertEqual(
            _left_behind(message),
            {
                "branch": "q",
                "sent_by": "[2001:db8::1]:5060",
                "from_tag": "5",
                "to_tag": "2",
                "call_id": "c@192.0.2.1",
                "cseq": 17,
                "cseq_method": "MESSAGE",
            },
        )

    def test_of_rfc_2543(self) -> None:
        """No branch, no tag, no Max-Forwards: still a request."""
        message = request(Via="SIP/2.0/UDP h", From="sip:a@h", Max_Forwards=None)
        self.assertEqual((message.branch, message.from_tag), ("", ""))

    def test_top_via(self) -> None:
        message = request(more="Via: SIP/2.0/UDP two;branch=2\r\n")
        self.assertEqual(message.branch, "z9hG4bK7")


class RefusalTests(SynchronousTestCase):
    """What is refused, and what the error says."""

    def refused(self, data: bytes, header: str | None, answer: int | None = 400) -> str:
        message = parse(data)
        error = self.assertRaises(SIPParseError, check, message)
        self.assertEqual((error.header, error.answer), (header, answer), data)
        self.assertLessEqual(error.offset, len(error.text))
        return str(error)

    def test_missing(self) -> None:
        for name in ("From", "To", "Call-ID", "CSeq"):
            said = self.refused(_without(name), name)
            self.assertIn(f"expected a {name} header field", said)

    def test_without_via(self) -> None:
        """There is no way back to answer it on."""
        self.refused(request_octets(Via=None), "Via", None)

    def test_twice(self) -> None:
        for name in ("From", "t", "Call-ID", "i", "CSeq", "Max-Forwards"):
            spec = {"t": "To", "i": "Call-ID"}.get(name, name)
            more = f"{name}: {request_octets_text(spec)}\r\n"
            said = self.refused(request_octets(more=more), spec)
            self.assertIn(f"one {spec} only; 2 came", said)

    def test_bad(self) -> None:
        for name, texts in {
            "Via": ("", "SIP/2.0/UDP", "SIP/2.0/UDP h;;", "SIP/2.0/UDP h, x"),
            "From": ("", "x", "<sip:a@h", "<sip:a@h>;tag", "a, b <sip:a@h>"),
            "To": ("<sip:a@h>, <sip:b@h>", '"a <sip:a@h>', "sip:a@h?x=y"),
            "Call-ID": ("", "a b", "@", "é"),
            "CSeq": ("", "1", "MESSAGE", "2147483648 MESSAGE", "-1 MESSAGE", "1 OTHER"),
            "Max-Forwards": ("", "256", "x", "-1", "7 0", "9" * 5_000),
        }.items():
            for text in texts:
                data = request_octets(**{name.replace("-", "_"): text})
                self.refused(data, name)

    def test_method_of_cseq(self) -> None:
        said = self.refused(request_octets(CSeq="1 message"), "CSeq")
        self.assertIn("the method of the request, MESSAGE", said)

    def test_request_uri(self) -> None:
        for uri in ("x", "<sip:b@h>", "sip:", "sip:2001:db8::1", "sip:h;a;a", "sip:@h"):
            self.refused(request_octets(uri), None)

    def test_headers_in_the_request_uri(self) -> None:
        """RFC 3261 §19.1.1 has none there."""
        said = self.refused(request_octets("sip:b@h?x=y"), None)
        self.assertIn("Request-URI: expected a URI without headers at offset 7", said)

    def test_any_scheme(self) -> None:
        """Whether it is served is for others to say (416)."""
        for uri in ("tel:+1-201", "http://h/?x=y", "urn:service:sos", "x:y"):
            self.assertEqual(request(uri).uri, uri)

    def test_responses_are_dropped(self) -> None:
        good = "192.0.2.1;branch=1"
        self.assertEqual(response(octets_of_response(good)).branch, "1")
        for via in (
            f"{good}, SIP/2.0/UDP two",
            f"{good}\r\nv: SIP/2.0/UDP two",
            "",
            ";",
        ):
            self.refused(octets_of_response(via), "Via", None)
        data = octets_of_response(good)
        self.refused(data.replace(b"1 MESSAGE", b"x"), "CSeq", None)
        self.refused(data.replace(b"To:", b"X:"), "To", None)

    def test_comma_in_a_quoted_parameter(self) -> None:
        """That is still one Via."""
        data = octets_of_response('192.0.2.1;branch=1;x="a,b"')
        self.assertEqual(response(data).branch, "1")


def _without(name: str) -> bytes:
    lines = request_octets().split(b"\r\n")
    return b"\r\n".join([x for x in lines if not x.startswith(f"{name}:".encode())])


def request_octets_text(name: str) -> str:
    """The text that a good request has in that header."""
    return request().text(name) or ""


class LinearTimeTests(SynchronousTestCase):
    """Any header takes linear time."""

    def test_slow_inputs(self) -> None:
        pieces = {
            "Via": (
                "SIP/2.0/UDP h",
                (";", ";a", ",", " ", "a.", "a-", ";branch=1", '"'),
            ),
            "From": (
                "",
                ("<", ">", '"', "\\", "a ", "a\t", " ", "sip:", ";", ",", "@"),
            ),
            "To": ("sip:h", (";", ";tag=1", ";a=", ".", "a-", " ", ":", "@", "?", "=")),
            "Call-ID": ("c", ("@", " ", "a", "(", '"', "é")),
            "CSeq": ("1", ("0", " ", "\t", "A", " 1")),
            "Max-Forwards": ("", ("0", " ", "7", "é")),
        }
        slow = {}
        for name, (start, repeated) in pieces.items():
            for piece in repeated:
                data = request_octets(**{name.replace("-", "_"): "@@@"})
                before, after = data.decode().split("@@@")

                def checked(
                    text: str, before: str = before, after: str = after
                ) -> None:
                    octets = f"{before}{text}{after}".encode()
                    check(parse(octets, _NO_LIMITS))

                for end in ("", "!", "é"):
                    slow.update(slow_inputs(checked, [(start, piece, end)]))
        self.assertEqual(slow, {})

    def test_slow_uris(self) -> None:
        def checked(uri: str) -> None:
            check(parse(request_octets(uri.replace(" ", "")), _NO_LIMITS))

        slow = slow_inputs(
            checked,
            [
                (f"sip:{start}", piece, end)
                for start in ("", "a@", "h;", "h?", "[")
                for piece in ("a", ".", "a.", "-", ";", ";a", "=", "&", "@", ":", "%41")
                for end in ("", "^")
            ],
        )
        self.assertEqual(slow, {})


class ArbitraryTextTests(SynchronousTestCase):
    """Whatever the headers hold, nothing but the parser's own error comes."""

    @given(st.dictionaries(st.sampled_from(sorted(HEADERS)), LINES, max_size=6))
    def test_headers(self, headers: dict[str, str]) -> None:
        names = {HEADERS[key].name.replace("-", "_"): t for key, t in headers.items()}
        names.pop("Content_Length", None)
        message = parse(request_octets(**names))
        try:
            check(message)
        except SIPParseError as error:
            str(error)
        for key in headers:
            for read in (message.header, message.headers):
                try:
                    read(key)
                except SIPParseError as error:
                    self.assertEqual(error.header, HEADERS[key].name)
