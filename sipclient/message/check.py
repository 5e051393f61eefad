"""Checked depth: what must be right before a transaction is made of a message.

RFC 3261 §8.1.1 names the headers without which there is no request: To, From, CSeq,
Call-ID, Max-Forwards and Via. They must be there the right number of times and be
well formed, and so must the Request-URI. Everything else is understood later, by
whoever needs it (§8.2.2).

Each check is one compiled match for the common form, which leaves the key fields
behind; what it doesn't match goes to the full grammar of :mod:`.fields`, which
accepts it or says what is wrong.
"""

from __future__ import annotations

import re
from typing import NoReturn

from ..errors import SIPParseError
from .address import parse_address
from .fields.via import Via
from .headers import HEADERS
from .model import Message, Request
from .uri import parse_uri

# The common forms. Each is a subset of its production in RFC 3261 §25, in linear
# time: every repetition is possessive.
_TOKEN = r"[A-Za-z0-9\-.!%*_+`'~]++"
_HOST = r"(?:[A-Za-z0-9]++(?:[.\-][A-Za-z0-9]++)*+|\[[0-9A-Fa-f:.]++\])"
_PORT = r"(?::[0-9]{1,4}+)?+"
_SIP_URI = rf"sips?:(?:[A-Za-z0-9\-_.!~*'()&=+$,/]++@)?+{_HOST}{_PORT}"
_URI_PARAMS = (
    r"(?:;[A-Za-z0-9\-_.!~*'()\[\]/:&+$]++(?:=[A-Za-z0-9\-_.!~*'()\[\]/:&+$]++)?+)*+"
)
_DISPLAY = rf'(?:"[^"\\\x00-\x1f\x7f]*+"|{_TOKEN}(?: {_TOKEN})*+)[ \t]*+'
_PARAM = rf"(?:;{_TOKEN}(?:=(?:{_TOKEN}|\[?[0-9A-Fa-f:.]++\]?))?+)"

_request_uri = re.compile(rf"{_SIP_URI}{_URI_PARAMS}").fullmatch
_address = re.compile(
    rf"[ \t]*+(?:(?:{_DISPLAY})?<{_SIP_URI}{_URI_PARAMS}>|{_SIP_URI})"
    rf"({_PARAM}?+)[ \t]*+"
).fullmatch
_via = re.compile(
    rf"[ \t]*+SIP/2\.0/{_TOKEN} ({_HOST}{_PORT})({_PARAM}*+)[ \t]*+(?:,|$)"
).match
_WORD = r"[A-Za-z0-9\-.!%*_+`'~()<>:\\\"/\[\]?{}]++"
_call_id = re.compile(rf"[ \t]*+({_WORD}(?:@{_WORD})?+)[ \t]*+").fullmatch
_cseq = re.compile(rf"[ \t]*+([0-9]{{1,10}}+)[ \t]++({_TOKEN})[ \t]*+").fullmatch
_max_forwards = re.compile(r"[ \t]*+[0-9]{1,3}+[ \t]*+").fullmatch


def check(message: Message) -> None:
    """Make sure of the key fields, and leave them on the message.

    Raises :class:`SIPParseError`; its ``answer`` is the status for a request that can
    be answered, None for a message that is dropped: a response, or a request without
    a Via to answer to.
    """
    try:
        _check(message)
    except SIPParseError as error:
        if not isinstance(message, Request):
            error.answer = None
        raise


def _check(message: Message) -> None:
    index = message.index
    vias = index.get("via")
    if vias is None:
        _missing(message, "Via", answer=None)
    _check_via(message, vias[0])
    message.from_tag = _tag(message, "From", index.get("from"))
    message.to_tag = _tag(message, "To", index.get("to"))
    values = index.get("call-id")
    if values is None or len(values) != 1:
        _not_once(message, "Call-ID", values)
    match = _call_id(values[0])
    if match is None:
        _bad("Call-ID", values[0], "a word, or two with @ between")
    message.call_id = match[1]
    values = index.get("cseq")
    if values is None or len(values) != 1:
        _not_once(message, "CSeq", values)
    match = _cseq(values[0])
    if match is None:
        _bad("CSeq", values[0], "a number and a method")
    number, method = match.groups()
    message.cseq = int(number)
    message.cseq_method = method
    if message.cseq >= 2**31:  # §8.1.1.5
        _bad("CSeq", values[0], "a number below 2**31")
    if type(message) is Request:
        if method != message.method:
            _bad("CSeq", values[0], f"the method of the request, {message.method}")
        values = index.get("max-forwards")
        # RFC 2543 had no Max-Forwards: one may be missing, but not be wrong.
        if values is not None and (
            len(values) != 1
            or _max_forwards(values[0]) is None
            or int(values[0]) > 255  # §20.22
        ):
            _bad("Max-Forwards", values[-1], "one number from 0 to 255")
        if _request_uri(message.uri) is None:
            _check_request_uri(message.uri)
    elif len(vias) != 1 or "," in vias[0]:
        # §8.1.3.3: a response with more than one Via isn't for us.
        _bad("Via", vias[-1], "one Via in a response to our own request")


def _check_via(message: Message, text: str) -> None:
    match = _via(text)
    if match is not None:
        sent_by, params = match.groups()
        at = params.find(";branch=")
        if at >= 0:
            end = params.find(";", at + 8)
            branch = params[at + 8 :] if end < 0 else params[at + 8 : end]
            if end < 0 or params.find(";branch=", end) < 0:
                message.branch = branch
                message.sent_by = sent_by.lower()
                return
    via: Via = HEADERS["via"].shape.parse(text.strip(" \t"), "Via")[0]
    message.branch = via.branch or ""
    message.sent_by = via.sent_by.lower()


def _tag(message: Message, name: str, values: list[str] | None) -> str:
    if values is None or len(values) != 1:
        _not_once(message, name, values)
    match = _address(values[0])
    if match is not None:
        params: str = match[1]
        if params[:5] == ";tag=":
            return params[5:]
        if not params:
            return ""
    return parse_address(values[0].strip(" \t"), header=name).params.get("tag") or ""


def _check_request_uri(text: str) -> None:
    uri = parse_uri(text)
    if getattr(uri, "headers", ()):
        # §19.1.1: headers have no place in a Request-URI.
        raise SIPParseError(
            "Request-URI", text, text.find("?"), "a URI without headers"
        )


def _not_once(message: Message, name: str, values: list[str] | None) -> NoReturn:
    if not values:
        _missing(message, name, answer=400)
    raise SIPParseError(
        name, values[1], 0, f"one {name} only; {len(values)} came", header=name
    )


def _missing(message: Message, name: str, *, answer: int | None) -> NoReturn:
    line = message.start_line
    raise SIPParseError(
        name, line, len(line), f"a {name} header field", header=name, answer=answer
    )


def _bad(name: str, text: str, expected: str) -> NoReturn:
    raise SIPParseError(
        name, text, len(text) - len(text.lstrip(" \t")), expected, header=name
    )
