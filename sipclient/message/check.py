"""Checked depth: what must be right before a transaction is made of a message.

RFC 3261 §8.1.1 names the headers without which there is no request: To, From, CSeq,
Call-ID, Max-Forwards and Via. They must be there the right number of times and be
well formed, and so must the Request-URI. Everything else is understood later, by
whoever needs it (§8.2.2).

Each check is one compiled match for the common form, which leaves the key fields
behind; what it doesn't match goes to the full grammar of ``fields``, which
accepts it or says what is wrong.
"""

from __future__ import annotations

import re
from typing import Any, NoReturn

from ..errors import SIPParseError
from .common import DISPLAY, SIP_URI, TAG, URI_PARAM, VIA
from .fields.cseq import CSeq
from .fields.via import Via
from .grammar import CALLID, TOKEN
from .headers import HEADERS
from .model import Message, Request
from .uri import parse_uri

# The common forms, matched at once, one a line: six calls cost twice as much.
_ADDRESS = rf" ?+(?>{DISPLAY}<{SIP_URI}{URI_PARAM}>|{SIP_URI}){TAG}"
_VIA = rf" ?+{VIA} ?+"
_CALL_ID = rf" ?+({CALLID})"
_CSEQ = rf" ?+([0-9]{{1,9}}+) ({TOKEN})"

_request = re.compile(
    rf"{SIP_URI}{URI_PARAM}\n{_VIA}\n{_ADDRESS}\n{_ADDRESS}\n{_CALL_ID}\n{_CSEQ}"
    r"\n ?+(?:[0-9]{1,2}|1[0-9][0-9])"
).fullmatch
_response = re.compile(
    rf"{_VIA}\n{_ADDRESS}\n{_ADDRESS}\n{_CALL_ID}\n{_CSEQ}"
).fullmatch

_ONCE = frozenset(("from", "to", "call-id", "cseq", "max-forwards"))
_ONCE_IN_RESPONSE = _ONCE | {"via"}


def check(message: Message) -> None:
    """Make sure of the key fields, and leave them on the message.

    Raises :class:`SIPParseError`; its ``answer`` is the status for a request that can
    be answered, None for a message that is dropped: a response, or a request without
    a Via to answer to.
    """
    index = message.index
    once = _ONCE_IN_RESPONSE
    try:
        text = (
            f"{index['via']}\n{index['from']}\n{index['to']}\n{index['call-id']}"
            f"\n{index['cseq']}"
        )
        if type(message) is Request:
            text = f"{message.uri}\n{text}\n{index['max-forwards']}"
            once = _ONCE
            match = _request(text)
        else:
            match = _response(text)
    except KeyError:
        match = None
    if match is None or not once.isdisjoint(message.repeated):
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
    via: Via = _first("Via", index["via"])
    message.branch = via.branch or ""
    message.sent_by = via.sent_by.lower()
    message.from_tag = _tag(message, "From")
    message.to_tag = _tag(message, "To")
    message.call_id = _first("Call-ID", _one(message, "Call-ID"))
    cseq: CSeq = _first("CSeq", _one(message, "CSeq"))
    message.cseq = cseq.number
    message.cseq_method = cseq.method
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
        _first("Max-Forwards", _one(request, "Max-Forwards"))
    uri = parse_uri(request.uri)
    if getattr(uri, "headers", ()):
        # §19.1.1: headers have no place in a Request-URI.
        raise SIPParseError(
            "Request-URI", request.uri, request.uri.find("?"), "a URI without headers"
        )


def _first(name: str, text: str) -> Any:
    """The first value of a header line by the full grammar."""
    return HEADERS[name.lower()].shape.parse(text.strip(" \t"), name)[0]


def _tag(message: Message, name: str) -> str:
    return _first(name, _one(message, name)).params.get("tag") or ""


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
