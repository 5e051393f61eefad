"""Framed depth: from the bytes of one datagram to a message whose headers are text.

RFC 3261 §7 and §18.3. The parser reads the start line, the header names and
Content-Length, and keeps to the limits; it opens no header. What is well formed
beyond that is the business of ``check`` (what a transaction needs) and of
``fields`` (everything else, when asked for). Any input takes linear time.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NoReturn

from ..errors import SIPParseError
from .grammar import TOKEN
from .headers import CANONICAL
from .limits import DEFAULT_LIMITS, MessageLimits
from .model import NOT_REPEATED, Request, Response, header_lines
from .status import METHODS

_STRAY = re.compile(r"\r(?!\n)|(?<!\r)\n")
_is_token = re.compile(TOKEN).fullmatch
_is_version = re.compile(r"SIP/([0-9]++)\.([0-9]++)", re.IGNORECASE).fullmatch
_status_line = re.compile(r"SIP/2\.0 ([1-6][0-9]{2}) (.*+)", re.IGNORECASE).fullmatch

# Status codes as they are written (RFC 3261 §7.2).
_STATUSES = {str(status): status for status in range(100, 700)}


def parse(data: bytes, limits: MessageLimits = DEFAULT_LIMITS) -> Request | Response:
    """Frame one message that came whole, as a datagram does.

    Octets behind the body that Content-Length tells are left out; without one the
    body is all that is left (§18.3). Raises :class:`SIPParseError`, whose ``answer``
    says what a UAS may answer: None for a response, which is dropped (§18.1.2).
    """
    if len(data) > limits.message:
        raise SIPParseError(
            "message",
            "",
            0,
            f"at most {limits.message} bytes",
            answer=_answer(data[:4].decode("latin-1"), 413),
        )
    if data[:1] <= b"\r":
        data = data.lstrip(b"\r\n")  # §7.5: empty lines before the start line
    end = data.find(b"\r\n\r\n")
    if end < 0:
        _unended(data)
    head = data[:end].decode("utf-8", "surrogateescape")
    lines = head.split("\r\n")
    joined = "".join(lines)
    if "\n" in joined or "\r" in joined:
        _stray(head)
    start = lines[0]
    if len(lines) > limits.lines or len(head) > limits.line:
        _check_limits(lines, limits)
    index, repeated = _indexed(head, lines, limits)
    body = end + 4
    size = len(data) - body
    length = index.get("content-length")
    if length is not None:
        if "content-length" in repeated:
            raise _bad_length(start, length, "one Content-Length only")
        if length.strip(" \t") != str(size):
            size = _length(start, length, size)
            data = data[: body + size]
    if size > limits.body:
        raise SIPParseError(
            "message",
            start,
            0,
            f"a body of at most {limits.body} bytes",
            answer=_answer(start, 413),
        )
    method, _, rest = start.partition(" ")
    uri, space, version = rest.partition(" ")
    if version == "SIP/2.0" and uri and (method in METHODS or _is_token(method)):
        return Request(data, body, index, repeated, method, uri)
    if method == "SIP/2.0" and space and uri in _STATUSES:
        return Response(data, body, index, repeated, _STATUSES[uri], version)
    if start[:4].upper() == "SIP/":
        match = _status_line(start)
        if match is None:
            raise _bad_status_line(start)
        return Response(data, body, index, repeated, int(match[1]), match[2])
    if (
        version[:4].upper() != "SIP/"
        or " " in version
        or not uri
        or not _is_token(method)
    ):
        raise _bad_request_line(start)
    if version.upper() != "SIP/2.0":
        raise SIPParseError(
            "SIP-Version",
            start,
            len(start) - len(version),
            "SIP/2.0",
            answer=505 if _is_version(version) else 400,
        )
    return Request(data, body, index, repeated, method, uri)


def _indexed(
    head: str, lines: list[str], limits: MessageLimits
) -> tuple[dict[str, str], Mapping[str, list[str]]]:
    """Index header lines, of which the first is the start line."""
    index: dict[str, str] = {}
    repeated: dict[str, list[str]] = {}
    known = CANONICAL
    for line in lines[1:]:
        name, colon, text = line.partition(":")
        key = known.get(name)
        if key is None or not colon:
            if not colon or line[:1] in " \t":
                unfolded = _unfolded(head, limits)
                if len(unfolded) < len(lines):
                    return _indexed(head, unfolded, limits)
            key = _unusual_key(name)
            if key is None or not colon:
                raise _bad_name(lines[0], line)
        if key not in index:
            index[key] = text
        elif key in repeated:
            repeated[key].append(text)
        else:
            repeated[key] = [index[key], text]
    return index, repeated or NOT_REPEATED


def _unfolded(head: str, limits: MessageLimits) -> list[str]:
    """The lines, where one of them continues the one before (RFC 3261 §7.3.1)."""
    lines = header_lines(head)
    first = head.find("\r\n") + 2
    if head[first] in " \t":
        raise SIPParseError(
            "message",
            head[:first],
            first,
            "no white space where the first header field begins",
            answer=_answer(lines[0], 400),
        )
    _check_limits(lines, limits)
    return lines


def _check_limits(lines: list[str], limits: MessageLimits) -> None:
    if len(lines) - 1 > limits.lines:
        raise SIPParseError(
            "message",
            lines[0],
            0,
            f"at most {limits.lines} header lines",
            answer=_answer(lines[0], 400),
        )
    for line in lines:
        if len(line) > limits.line:
            raise SIPParseError(
                "header-value",
                line,
                limits.line,
                f"at most {limits.line} characters in a line",
                answer=_answer(lines[0], 400),
            )


def _answer(start: str, status: int) -> int | None:
    """A request may be answered; a response is dropped (RFC 3261 §18.1.2)."""
    return None if start[:4].upper() == "SIP/" else status


@lru_cache(maxsize=256)
def _unusual_key(name: str) -> str | None:
    """The key of a name that the table doesn't spell so; None for what is no name.

    A peer that uses such a name does so in each of its messages.
    """
    name = name.rstrip(" \t")
    if not _is_token(name):
        return None
    lower = name.lower()
    return CANONICAL.get(lower, lower)


def _bad_name(start: str, line: str) -> SIPParseError:
    missing = ":" not in line
    return SIPParseError(
        "header-name",
        line,
        len(line) if missing else 0,
        "a colon after the name" if missing else "a token",
        answer=_answer(start, 400),
    )


def _length(start: str, text: str, most: int) -> int:
    """Read a Content-Length that doesn't just say how many bytes there are."""
    digits = text.strip(" \t")
    if len(digits) > 10:
        digits = digits.lstrip("0") or "0"
    if not (digits.isdigit() and digits.isascii()) or len(digits) > 10:
        raise _bad_length(start, text, "a number of bytes")
    if int(digits) > most:
        raise _bad_length(start, text, f"at most the {most} bytes that came")
    return int(digits)


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


def _bad_length(start: str, text: str, expected: str) -> SIPParseError:
    return SIPParseError(
        "Content-Length",
        text,
        0,
        expected,
        header="Content-Length",
        answer=_answer(start, 400),
    )


def _bad_status_line(start: str) -> SIPParseError:
    return SIPParseError(
        "Status-Line",
        start,
        min(8, len(start)),
        "SIP/2.0, a status from 100 to 699 and a reason phrase",
        answer=None,
    )


def _bad_request_line(start: str) -> SIPParseError:
    """Say which of the three words of a Request-Line is wrong."""
    words = start.split(" ")
    if not _is_token(words[0]):
        return SIPParseError("Method", start, 0, "a method, which is a token")
    if len(words) > 3 or "" in words:
        return SIPParseError(
            "Request-Line",
            start,
            len(words[0]),
            "method, Request-URI and SIP/2.0 with one space between",
        )
    return SIPParseError("Request-Line", start, len(start), "SIP/2.0 at its end")
