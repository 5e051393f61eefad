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
# time: every repetition is possessive. They are matched at once, one a line: six calls
# cost twice as much.
_TOKEN = r"[A-Za-z0-9\-.!%*_+`'~]++"
_HOST = r"(?:[A-Za-z0-9]++(?:[.\-][A-Za-z0-9]++)*+|\[[0-9A-Fa-f:.]++\])"
_HOSTPORT = rf"{_HOST}(?::[0-9]{{1,4}}+)?+"
_SIP_URI = rf"sips?:(?:[A-Za-z0-9\-_.!~*'()&=+$,/]++@)?+{_HOSTPORT}"
_URI_PARAM = r"[A-Za-z0-9\-_.!~*'()\[\]/:&+$]++"
_URI_PARAMS = rf"(?:;{_URI_PARAM}(?:={_URI_PARAM})?+)*+"
_NAME = rf'(?:"[^"\\\x00-\x1f\x7f]*+"|{_TOKEN}(?: {_TOKEN})*+)?+[ ]?+'
_ADDRESS = rf" ?+(?:{_NAME}<{_SIP_URI}{_URI_PARAMS}>|{_SIP_URI})(?:;tag=({_TOKEN}))?+"
_VIA_PARAM = rf"(?:;(?!branch=){_TOKEN}(?:=(?:{_TOKEN}|\[?[0-9A-Fa-f:.]++\]?))?+)*+"
_VIA = (
    rf" ?+SIP/2\.0/{_TOKEN} ({_HOSTPORT}){_VIA_PARAM}"
    rf";branch=({_TOKEN}){_VIA_PARAM}[ ]?+"
)
_WORD = r"[A-Za-z0-9\-.!%*_+`'~()<>:\\\"/\[\]?{}]++"
_CALL_ID = rf" ?+({_WORD}(?:@{_WORD})?+)"
_CSEQ = rf" ?+([0-9]{{1,9}}+) ({_TOKEN})"

_request = re.compile(
    rf"{_SIP_URI}{_URI_PARAMS}\n{_VIA}(?:,[^\n]*+)?+\n{_ADDRESS}\n{_ADDRESS}\n"
    rf"{_CALL_ID}\n{_CSEQ}\n ?+(?:[0-9]{{1,2}}|1[0-9][0-9])"
).fullmatch
_response = re.compile(
    rf"{_VIA}\n{_ADDRESS}\n{_ADDRESS}\n{_CALL_ID}\n{_CSEQ}"
).fullmatch

# The same headers one by one, for what the common form doesn't match.
_call_id = re.compile(rf"[ \t]*+({_WORD}(?:@{_WORD})?+)[ \t]*+").fullmatch
_cseq = re.compile(rf"[ \t]*+([0-9]{{1,10}}+)[ \t]++({_TOKEN})[ \t]*+").fullmatch
_max_forwards = re.compile(r"[ \t]*+[0-9]{1,3}+[ \t]*+").fullmatch


def check(message: Message) -> None:
    """Make sure of the key fields, and leave them on the message.

    Raises :class:`SIPParseError`; its ``answer`` is the status for a request that can
    be answered, None for a message that is dropped: a response, or a request without
    a Via to answer to.
    """
    index = message.index
    try:
        text = (
            f"{index['via']}\n{index['from']}\n{index['to']}\n{index['call-id']}"
            f"\n{index['cseq']}"
        )
        if type(message) is Request:
            text = f"{message.uri}\n{text}\n{index['max-forwards']}"
            match = _request(text)
        else:
            match = _response(text)
    except KeyError:
        match = None
    if match is None or message.repeated:
        _check_slowly(message)
        return
    (
        sent_by,
        message.branch,
        from_tag,
        to_tag,
        message.call_id,
        number,
        message.cseq_method,
    ) = match.groups()
    message.sent_by = sent_by.lower()
    message.from_tag = from_tag or ""
    message.to_tag = to_tag or ""
    message.cseq = int(number)
    if type(message) is Request and message.cseq_method != message.method:
        _bad("CSeq", index["cseq"], f"the method of the request, {message.method}")


def _check_slowly(message: Message) -> None:
    """Check each header by the full grammar, and say which one is wrong."""
    try:
        _check_each(message)
    except SIPParseError as error:
        if not isinstance(message, Request):
            error.answer = None
        raise


def _check_each(message: Message) -> None:
    index = message.index
    if "via" not in index:
        _missing(message, "Via", answer=None)
    via: Via = HEADERS["via"].shape.parse(index["via"].strip(" \t"), "Via")[0]
    message.branch = via.branch or ""
    message.sent_by = via.sent_by.lower()
    message.from_tag = _tag("From", _one(message, "From"))
    message.to_tag = _tag("To", _one(message, "To"))
    text = _one(message, "Call-ID")
    match = _call_id(text)
    if match is None:
        _bad("Call-ID", text, "a word, or two with @ between")
    message.call_id = match[1]
    text = _one(message, "CSeq")
    match = _cseq(text)
    if match is None:
        _bad("CSeq", text, "a number and a method")
    number, method = match.groups()
    message.cseq = int(number)
    message.cseq_method = method
    if message.cseq >= 2**31:  # §8.1.1.5
        _bad("CSeq", text, "a number below 2**31")
    if isinstance(message, Request):
        _check_request(message)
    elif "via" in message.repeated or len(message.headers("Via")) != 1:
        # §8.1.3.3: a response with more than one Via isn't for us.
        _bad("Via", index["via"], "one Via in a response to our own request")


def _check_request(request: Request) -> None:
    if request.cseq_method != request.method:
        text = request.index["cseq"]
        _bad("CSeq", text, f"the method of the request, {request.method}")
    # RFC 2543 had no Max-Forwards: it may be missing, but not be wrong.
    if "max-forwards" in request.index:
        text = _one(request, "Max-Forwards")
        if not _max_forwards(text) or int(text) > 255:  # §20.22
            _bad("Max-Forwards", text, "a number from 0 to 255")
    uri = parse_uri(request.uri)
    if getattr(uri, "headers", ()):
        # §19.1.1: headers have no place in a Request-URI.
        raise SIPParseError(
            "Request-URI", request.uri, request.uri.find("?"), "a URI without headers"
        )


def _tag(name: str, text: str) -> str:
    return parse_address(text.strip(" \t"), header=name).params.get("tag") or ""


def _one(message: Message, name: str) -> str:
    """The text of a header that must come exactly once."""
    key = name.lower()
    several = message.repeated.get(key)
    if several is not None:
        raise SIPParseError(
            name, several[1], 0, f"one {name} only; {len(several)} came", header=name
        )
    text = message.index.get(key)
    if text is None:
        _missing(message, name, answer=400)
    return text


def _missing(message: Message, name: str, *, answer: int | None) -> NoReturn:
    line = message.start_line
    raise SIPParseError(
        name, line, len(line), f"a {name} header field", header=name, answer=answer
    )


def _bad(name: str, text: str, expected: str) -> NoReturn:
    raise SIPParseError(
        name, text, len(text) - len(text.lstrip(" \t")), expected, header=name
    )
