"""The corpora through the parser: each message is valid, or wrong where its table says.

RFC 4475 and RFC 5118; seeds of fuzzers raise nothing but the parser's own error.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from sipclient.errors import SIPParseError
from sipclient.message.check import check
from sipclient.message.model import Response
from sipclient.message.parser import parse
from sipclient.message.validate import validate
from sipclient.test.checkout import CORPORA, NO_CORPORA
from sipclient.test.corpora import ALL, SEEDS, TORTURE, TORTURE_IPV6, Specimen

# What stands behind the first of two requests, by RFC 4475 §3.1.1.8.
_LEFT_OUT = {"dblreq"}

# Responses that have two Vias, and so aren't for the user agent that gets them.
_OTHERS_RESPONSES = {"bcast", "sip/input.2.sip"}

_VALID = [
    each
    for each in TORTURE + TORTURE_IPV6
    if each.kind.startswith("valid") or "tolerate" in each.kind
]
_START_LINE = ("Request-Line", "Status-Line", "Method", "SIP-Version", "URI")


class CorporaTests(SynchronousTestCase):
    """What the tables of the corpora say of the parser."""

    if CORPORA is None:
        skip = NO_CORPORA

    def test_the_tables_are_read(self) -> None:
        self.assertEqual((len(TORTURE), len(TORTURE_IPV6), len(SEEDS)), (50, 12, 19))

    def test_valid(self) -> None:
        """Each valid message is so in all its headers."""
        self.assertEqual({e.name: _fault(e) for e in _VALID if _fault(e)}, {})

    def test_others_that_parse(self) -> None:
        """So is each that only an application can object to."""
        parsed = [e for e in TORTURE if e.parser == "parse" and e not in _VALID]
        self.assertEqual(len(parsed), 14)
        self.assertEqual({e.name: _fault(e) for e in parsed if _fault(e)}, {})

    def test_octets(self) -> None:
        """What is framed comes out byte for byte."""
        changed = []
        for each in _VALID + [e for e in TORTURE if e.parser == "parse"]:
            message = parse(each.data)
            whole = len(message.raw) == len(each.data)
            if (
                bytes(message) != each.data[: len(message.raw)]
                or whole is (each.name in _LEFT_OUT)
                or not message.raw.endswith(message.body)
            ):
                changed.append(each.name)
        self.assertEqual(changed, [])

    def test_invalid(self) -> None:
        """Each invalid message is flagged, and where its table says."""
        wrong = {}
        for each in TORTURE:
            if each.kind == "invalid" or each.parser not in ("parse", "-"):
                depth = _depth(each)
                if not _agrees(each.parser, depth):
                    wrong[each.name] = each.parser, depth
        self.assertEqual(wrong, {})

    def test_ipv6_without_brackets(self) -> None:
        (bad,) = [each for each in TORTURE_IPV6 if each.kind == "invalid"]
        error = self.assertRaises(SIPParseError, validate, bad.data)
        self.assertEqual((error.production, error.offset), ("host", 4))

    def test_seeds(self) -> None:
        """Whatever it is, nothing else is raised."""
        for each in ALL:
            _fault(each)

    def test_checked_but_dropped(self) -> None:
        dropped = []
        for each in ALL:
            try:
                message = parse(each.data)
            except SIPParseError:
                continue
            if isinstance(message, Response) and len(message.headers("Via")) > 1:
                error = self.assertRaises(SIPParseError, check, message)
                self.assertEqual(error.answer, None)
                dropped.append(each.name)
        self.assertEqual(set(dropped), _OTHERS_RESPONSES)


def _fault(each: Specimen) -> str:
    """What is wrong with it, "" for nothing."""
    try:
        validate(each.data)
    except SIPParseError as error:
        return str(error)
    return ""


def _depth(each: Specimen) -> tuple[str, set[str]]:
    """How deep one must look to see the fault, and the headers that have one.

    A file that ends within its headers is looked at with the end that it lacks.
    """
    data = each.data
    try:
        message = parse(data)
    except SIPParseError as error:
        if error.production != "message":
            depth = "start-line" if error.production in _START_LINE else "framing"
            return depth, {error.header or ""}
        message = parse(data + b"\r\n")
    headers = set()
    for name in message.index:
        try:
            message.headers(name)
        except SIPParseError as error:
            headers.add(error.header or "")
    try:
        check(message)
    except SIPParseError as error:
        if error.production in _START_LINE:
            return "start-line", headers
        return ("header-error" if error.header in headers else "semantic"), headers
    return ("header-error" if headers else "none"), headers


def _agrees(told: str, found: tuple[str, set[str]]) -> bool:
    depth, headers = found
    if told.startswith("header-error"):
        named = told.removeprefix("header-error").partition("(")[0]
        # The table names some; there may be more.
        return depth == "header-error" and headers >= {
            name.strip() for name in named.split("/")
        }
    if told == "semantic" and depth == "start-line":
        return headers == {""}  # of SIP/7.0 the version is read first
    return depth in told.split("/")
