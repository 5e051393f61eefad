"""Writing messages: requests from values, responses from slices of their request.

A response repeats its request's Via, From, To, Call-ID and CSeq as they came
(RFC 3261 §8.2.6.2); so do ACK and CANCEL of the request that they belong to
(§17.1.1.3, §9.1). None of them is parsed for that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from hashlib import blake2b

from ..errors import SIPParseError
from .grammar import split_list
from .host import same_host
from .model import Request, Response
from .status import reason_phrase

Headers = Iterable[tuple[str, str]]

_WS = " \t"
# A quoted string, in which nothing is a parameter; or one of the two that we write.
_RECEIVED_OR_RPORT = re.compile(
    r'"(?>(?:[^"\\]++|\\.)*)"?|;[ \t]*+(received|rport)[ \t]*+(?:=[^;"]*+)?(?=;|\Z)',
    re.IGNORECASE | re.DOTALL,
)


def encode(text: str) -> bytes:
    """The octets of a message's text; undecodable ones come out as they came in."""
    return text.encode("utf-8", "surrogateescape")


def request(
    method: str,
    uri: str,
    *,
    via: str,
    from_: str,
    to: str,
    call_id: str,
    cseq: int,
    max_forwards: int = 70,
    headers: Headers = (),
    body: bytes = b"",
) -> bytes:
    """A request with the six headers that each one has (RFC 3261 §8.1.1)."""
    more = "".join([f"{name}: {text}\r\n" for name, text in headers])
    return (
        encode(
            f"{method} {uri} SIP/2.0\r\nVia: {via}\r\nMax-Forwards: {max_forwards}\r\n"
            f"From: {from_}\r\nTo: {to}\r\nCall-ID: {call_id}\r\n"
            f"CSeq: {cseq} {method}\r\n{more}Content-Length: {len(body)}\r\n\r\n"
        )
        + body
    )


def response(
    request: Request,
    status: int,
    reason: str | None = None,
    *,
    to_tag: str = "",
    headers: Headers = (),
    body: bytes = b"",
) -> bytes:
    """A response to a checked request.

    :param to_tag: our tag, put behind a To that has none (not for 100, §8.2.6.2).
    :param headers: what comes besides the request's own slices and Content-Length.

    The top Via gets ``received`` and ``rport`` from ``request.source`` (§18.2.1,
    RFC 3581 §4).
    """
    index = request.index
    if reason is None:
        reason = reason_phrase(status)
    top = index["via"]
    source = request.source
    if source is not None:
        host, port = source
        if "rport" in top.lower() or not _is_sent_by(request.sent_by, host):
            top = stamped_via(top, host, port)
    text = f"SIP/2.0 {status} {reason}\r\nVia:{top}\r\n"
    if "via" in request.repeated:
        for via in request.repeated["via"][1:]:
            text += f"Via:{via}\r\n"
    to = index["to"]
    if to_tag and status != 100 and not request.to_tag:
        to = f"{to.rstrip(_WS)};tag={to_tag}"
    text += (
        f"From:{index['from']}\r\nTo:{to}\r\nCall-ID:{index['call-id']}\r\n"
        f"CSeq:{index['cseq']}\r\n"
    )
    if status == 100:
        timestamp = index.get("timestamp")
        if timestamp is not None:  # §8.2.6.1
            text += f"Timestamp:{timestamp}\r\n"
    for name, value in headers:
        text += f"{name}: {value}\r\n"
    return encode(f"{text}Content-Length: {len(body)}\r\n\r\n") + body


def stamped_via(text: str, host: str, port: int) -> str:
    """A Via line whose first value tells where its request came from.

    ``received`` is added, ``rport`` is filled in where it stands; what the sender
    itself put into them is replaced (RFC 3261 §18.2.1, RFC 3581 §4).
    """
    lower = text.lower()
    if text[-6:] == ";rport" and "received" not in lower and "," not in text:
        return f"{text}={port};received={host}"
    rest = ""
    if "," in text:
        end = split_list(text)[0][1]
        text, rest = text[:end], text[end:]
    text = text.rstrip(" \t")
    if "rport" in lower or "received" in lower:
        text = _RECEIVED_OR_RPORT.sub(lambda found: _stamp(found, port), text)
    return f"{text};received={host}{rest}"


def _stamp(found: re.Match[str], port: int) -> str:
    name = found[1]
    if name is None:
        return found[0]
    return "" if name.lower() == "received" else f";rport={port}"


def _is_sent_by(sent_by: str, host: str) -> bool:
    """Whether the host of a sent-by is that address; then nothing need be added."""
    if sent_by[:1] == "[":
        return same_host(sent_by.partition("]")[0][1:], host)
    return sent_by.partition(":")[0] == host


def ack(invite: Request, response: Response) -> bytes:
    """The ACK for a final response other than 2xx (RFC 3261 §17.1.1.3)."""
    return _follow(invite, "ACK", response.index["to"])


def cancel(invite: Request, headers: Headers = ()) -> bytes:
    """The CANCEL of a request of ours (RFC 3261 §9.1).

    :param headers: what it has besides, as Reason (RFC 3326).
    """
    return _follow(invite, "CANCEL", invite.index["to"], headers)


def _follow(first: Request, method: str, to: str, headers: Headers = ()) -> bytes:
    """A request with the Request-URI, top Via and Route of another, hop by hop."""
    index = first.index
    via = index["via"]
    if "," in via:
        via = via[: split_list(via)[0][1]]
    routes = "".join([f"Route: {route}\r\n" for route in first.texts("route")])
    more = "".join([f"{name}: {text}\r\n" for name, text in headers])
    return encode(
        f"{method} {first.uri} SIP/2.0\r\nVia:{via}\r\nMax-Forwards: 70\r\n{routes}"
        f"From:{index['from']}\r\nTo:{to}\r\nCall-ID:{index['call-id']}\r\n"
        f"CSeq: {first.cseq} {method}\r\n{more}Content-Length: 0\r\n\r\n"
    )


_SALVAGED = {
    "via": "Via",
    "v": "Via",
    "from": "From",
    "f": "From",
    "to": "To",
    "t": "To",
    "call-id": "Call-ID",
    "i": "Call-ID",
    "cseq": "CSeq",
}
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_TAG = re.compile(r";[ \t]*+tag[ \t]*+=", re.IGNORECASE)


def error_response(
    error: SIPParseError, data: bytes, source: tuple[str, int]
) -> tuple[bytes, str] | None:
    """What a UAS answers statelessly to a request that it could not read.

    :returns: the response and the text of its top Via, by which it finds its way; None
        where the message is dropped: ``error.answer`` is None, or too little of the
        request can be made out (no Via), or it may be an ACK.
    """
    status = error.answer
    if status is None:
        return None
    head = data.lstrip(b"\r\n").partition(b"\r\n\r\n")[0]
    lines = re.sub("\r?\n[ \t]+", " ", head.decode("utf-8", "surrogateescape"))
    start, *fields = lines.split("\r\n")
    if start[:4].upper() in ("ACK ", "SIP/"):
        return None
    kept: dict[str, list[str]] = {}
    for line in fields:
        name, _, value = line.partition(":")
        full = _SALVAGED.get(name.rstrip(" \t").lower())
        if full is not None and not _CONTROL.search(value):
            kept.setdefault(full, []).append(value.strip(" \t"))
    if "Via" not in kept or _is_ack(kept.get("CSeq", ())):
        return None
    via = kept["Via"][0]
    if "To" in kept and not _TAG.search(kept["To"][0], kept["To"][0].rfind(">") + 1):
        # §8.2.6.2, §8.2.7: copies of the request get the same tag, and nothing is kept.
        kept["To"][0] += f";tag={blake2b(encode(lines), digest_size=8).hexdigest()}"
    kept["Via"][0] = stamped_via(via, *source)
    text = f"SIP/2.0 {status} {_explained(status, error)}\r\n"
    for full in ("Via", "From", "To", "Call-ID", "CSeq"):
        values = kept.get(full, ())
        for value in values if full == "Via" else values[:1]:
            text += f"{full}: {value}\r\n"
    return encode(f"{text}Content-Length: 0\r\n\r\n"), via


def _is_ack(cseqs: Iterable[str]) -> bool:
    """Tell an ACK whose start line can't be read: no ACK is ever answered (§17)."""
    return any(cseq.upper().endswith("ACK") for cseq in cseqs)


def _explained(status: int, error: SIPParseError) -> str:
    """The reason phrase: with 400 it says which header was wrong (§21.4.1)."""
    phrase = reason_phrase(status)
    named = error.header or error.production
    return f"{phrase} ({named})" if status == 400 else phrase
