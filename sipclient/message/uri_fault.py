"""Where and why a text is no URI, for the error that says so.

RFC 3261 §25.1 and RFC 3966, step by step. The contract: it is asked only about text
that the expressions of ``uri.py`` have refused, and finds the first place that they
can't have liked; speed doesn't matter here, linear time does.
"""

from __future__ import annotations

import re

from sipclient.errors import SIPParseError
from sipclient.message.grammar import (
    PARAMCHARS,
    PASSWORD,
    SCHEME,
    URI_HEADERS,
    URI_PARAMETERS,
    URICS,
    USER,
)
from sipclient.message.host import read_port, scan_host

_scheme = re.compile(f"({SCHEME}):")
_userinfo = re.compile(f"{USER}(?::{PASSWORD})?@")
_userinfo_start = re.compile(f"(?:{USER}(?::{PASSWORD})?)?")
_digits = re.compile("[0-9]*+")
_parameters = re.compile(URI_PARAMETERS)
_parameter_start = re.compile(f";(?:{PARAMCHARS}(?:=(?:{PARAMCHARS})?)?)?")
_headers = re.compile(f"(?:{URI_HEADERS})?")
_urics = re.compile(f"(?:{URICS})?")


def uri_fault(text: str, start: int, end: int, header: str | None) -> SIPParseError:
    """Give the error for ``text[start:end]``, which is no URI."""

    def fault(production: str, place: int, expected: str) -> SIPParseError:
        return SIPParseError(production, text, place, expected, header=header)

    match = _scheme.match(text, start, end)
    if match is None:
        if text.startswith("<", start, end):
            return fault("URI", start, "a URI without < and > around it")
        return fault("scheme", start, 'a URI, which starts with "sip:" or the like')
    place = match.end()
    scheme = match[1].lower()
    try:
        if scheme in ("sip", "sips"):
            place = _after_hostport(text, place, end, header)
        elif scheme == "tel":
            expected = "a telephone number: digits and - . ( ), then only parameters"
            return fault("telephone-subscriber", place, expected)
        else:
            rest = _urics.match(text, place, end)
            place = rest.end() if rest else place
            expected = "a character that a URI can hold; others need a %-escape"
            return fault("URI", place, expected)
    except SIPParseError as error:
        return error
    parameters = _parameters.match(text, place, end)
    place = parameters.end() if parameters else place
    if text.startswith(";", place, end):
        partial = _parameter_start.match(text, place, end)
        place = partial.end() if partial else place
        expected = ";name or ;name=value, without spaces and with %-escapes"
        return fault("uri-parameters", place, expected)
    if text.startswith("?", place, end):
        headers = _headers.match(text, place, end)
        place = headers.end() if headers else place
        return fault("headers", place, "?name=value&name=value with %-escapes")
    expected = "the end of the URI; other characters need a %-escape"
    return fault("URI" if place == end else "uri-parameters", place, expected)


def _after_hostport(text: str, place: int, end: int, header: str | None) -> int:
    userinfo = _userinfo.match(text, place, end)
    if userinfo is not None:
        place = userinfo.end()
    elif text.find("@", place, end) >= 0:
        partial = _userinfo_start.match(text, place, end)
        place = partial.end() if partial else place
        expected = 'a user name and "@"; other characters need a %-escape'
        raise SIPParseError("userinfo", text, place, expected, header=header)
    _, place = scan_host(text, place, end, header=header)
    if text.startswith(":", place, end):
        digits = _digits.match(text, place + 1, end)
        stop = digits.end() if digits else place + 1
        read_port(text, place + 1, stop, header=header)
        place = stop
    if place < end and text[place] not in ";?":
        expected = 'the end of the host, or ":" and a port, or ";" or "?"'
        raise SIPParseError("host", text, place, expected, header=header)
    return place
