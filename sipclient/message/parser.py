"""Framed depth: from the bytes of one datagram to a message whose headers are text.

RFC 3261 §7 and §18.3. The parser reads the start line, the header names and
Content-Length, and keeps to the limits; it opens no header. What is well formed
beyond that is the business of :mod:`.check` (what a transaction needs) and of
:mod:`.fields` (everything else, when asked for). Any input takes linear time.
"""

from __future__ import annotations

import re
from typing import NoReturn

from ..errors import SIPParseError
from .grammar import TOKEN
from .headers import CANONICAL
from .limits import DEFAULT_LIMITS, MessageLimits
from .model import Request, Response

_FOLD = re.compile(r"[ \t]*+\r\n[ \t]++")
_STRAY = re.compile(r"\r(?!\n)|(?<!\r)\n|\x00")
_IS_TOKEN = re.compile(TOKEN).fullmatch
_IS_VERSION = re.compile(r"SIP/([0-9]++)\.([0-9]++)", re.IGNORECASE).fullmatch
_STATUS_LINE = re.compile(r"SIP/2\.0 ([1-6][0-9]{2}) (.*+)", re.IGNORECASE).fullmatch
_IS_LENGTH = re.compile(r"[ \t]*+([0-9]{1,10}+)[ \t]*+").fullmatch


def parse(data: bytes, limits: MessageLimits = DEFAULT_LIMITS) -> Request | Response:
    """Frame one message that came whole, as a datagram does.

    Octets behind the body that Content-Length tells are left out; without one the
    body is all that is left (§18.3). Raises :class:`SIPParseError`, whose ``answer``
    says what a UAS may answer.
    """
    if len(data) > limits.message:
        raise SIPParseError(
            "message", "", 0, f"at most {limits.message} bytes", answer=413
        )
    if data[:1] in b"\r\n":
        data = data.lstrip(b"\r\n")  # §7.5: empty lines before the start line
    end = data.find(b"\r\n\r\n")
    if end < 0:
        _unended(data)
    head = data[:end].decode("utf-8", "surrogateescape")
    if "\r\n " in head or "\r\n\t" in head:
        head = _FOLD.sub(" ", head)  # §7.3.1: a folded line is one line
    lines = head.split("\r\n")
    if head.count("\n") != len(lines) - 1 or head.count("\r") != len(lines) - 1:
        _stray(head)
    start = lines.pop(0)
    if len(lines) > limits.lines:
        raise SIPParseError(
            "message", start, 0, f"at most {limits.lines} header lines", answer=400
        )
    if len(head) > limits.line:
        for line in (start, *lines):
            if len(line) > limits.line:
                raise SIPParseError(
                    "header-value",
                    line,
                    limits.line,
                    f"at most {limits.line} characters in a line",
                    answer=400,
                )
    index: dict[str, list[str]] = {}
    known = CANONICAL.get
    for line in lines:
        name, colon, value = line.partition(":")
        key = known(name)
        if key is None or not colon:
            key = _unusual_name(line, name, colon)
        if key in index:
            index[key].append(value)
        else:
            index[key] = [value]
    body = data[end + 4 :]
    lengths = index.get("content-length")
    if lengths is not None:
        match = _IS_LENGTH(lengths[0])
        if match is None or len(lengths) > 1:
            raise _bad_length(start, lengths)
        length = int(match[1])
        if length != len(body):
            if length > len(body):
                raise SIPParseError(
                    "Content-Length",
                    lengths[0],
                    0,
                    f"at most the {len(body)} bytes of body that came",
                    header="Content-Length",
                    answer=_answer(start, 400),
                )
            body = body[:length]
            data = data[: end + 4 + length]
    if len(body) > limits.body:
        raise SIPParseError(
            "message",
            start,
            0,
            f"a body of at most {limits.body} bytes",
            answer=_answer(start, 413),
        )
    method, _, rest = start.partition(" ")
    uri, _, version = rest.partition(" ")
    if version == "SIP/2.0" and uri and _IS_TOKEN(method):
        return Request(data, lines, index, body, method, uri)
    if start[:4].upper() == "SIP/":
        return _response(data, lines, index, body, start)
    if version[:4].upper() != "SIP/" or " " in version or not _IS_TOKEN(method):
        raise _bad_request_line(start)
    if version.upper() != "SIP/2.0":
        raise SIPParseError(
            "SIP-Version",
            start,
            len(start) - len(version),
            "SIP/2.0",
            answer=505 if _IS_VERSION(version) else 400,
        )
    return Request(data, lines, index, body, method, uri)


def _response(
    data: bytes,
    lines: list[str],
    index: dict[str, list[str]],
    body: bytes,
    start: str,
) -> Response:
    match = _STATUS_LINE(start)
    if match is None:
        raise SIPParseError(
            "Status-Line",
            start,
            min(8, len(start)),
            "SIP/2.0, a status from 100 to 699 and a reason phrase",
            answer=None,
        )
    return Response(data, lines, index, body, int(match[1]), match[2])


def _answer(start: str, status: int) -> int | None:
    """A request may be answered; a response is dropped (RFC 3261 §18.1.2)."""
    return None if start[:4].upper() == "SIP/" else status


def _unusual_name(line: str, name: str, colon: str) -> str:
    """The key of a name that the table doesn't spell so: rare, and read slowly."""
    if not colon:
        raise SIPParseError("header-name", line, len(line), "a colon after the name")
    name = name.rstrip(" \t")
    if not _IS_TOKEN(name):
        raise SIPParseError("header-name", line, 0, "a token")
    lower = name.lower()
    return CANONICAL.get(lower, lower)


def _unended(data: bytes) -> NoReturn:
    text = data[:65_535].decode("utf-8", "surrogateescape")
    raise SIPParseError(
        "message",
        text,
        len(text),
        "the empty line that ends the header fields",
        answer=_answer(text, 400),
    )


def _stray(head: str) -> NoReturn:
    match = _STRAY.search(head)
    raise SIPParseError(
        "message",
        head,
        match.start() if match is not None else 0,
        "CR and LF only together, at the end of a line",
        answer=_answer(head, 400),
    )


def _bad_length(start: str, lengths: list[str]) -> SIPParseError:
    several = len(lengths) > 1
    return SIPParseError(
        "Content-Length",
        lengths[several],
        0,
        "one Content-Length only" if several else "a number of bytes",
        header="Content-Length",
        answer=_answer(start, 400),
    )


def _bad_request_line(start: str) -> SIPParseError:
    """Say which of the three words of a Request-Line is wrong."""
    words = start.split(" ")
    if not _IS_TOKEN(words[0]):
        return SIPParseError("Method", start, 0, "a method, which is a token")
    if len(words) > 3 or "" in words:
        return SIPParseError(
            "Request-Line",
            start,
            len(words[0]),
            "method, Request-URI and SIP/2.0 with one space between",
        )
    return SIPParseError("Request-Line", start, len(start), "SIP/2.0 at its end")
