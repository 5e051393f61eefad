"""Understood depth of everything: whether a message is right, or what is wrong where.

A stack reads only what it needs (RFC 3261 §8.2.2); this reads all of it, for tools that
look at messages. `validate` says what is wrong, `locate` where in the bytes that is.
The contract: whatever the bytes are, nothing but :class:`SIPParseError` is raised, in
time that grows with their length.
"""

from __future__ import annotations

from typing import NamedTuple

from ..errors import SIPParseError
from .check import check
from .headers import HEADERS
from .limits import DEFAULT_LIMITS, MessageLimits
from .model import FOLD, Message, Request, Response, header_key
from .parser import parse

# Bytes in which a place is looked for: no error is about what stands behind them.
_MOST = 1 << 17


class Place(NamedTuple):
    """Where in a message something is.

    :ivar offset: in bytes, from 0.
    :ivar line: as editors count, from 1.
    """

    offset: int
    line: int


def validate(data: bytes, limits: MessageLimits = DEFAULT_LIMITS) -> Request | Response:
    """Read a message with every header that is known, and give it.

    Raises :class:`SIPParseError` for the first thing that the RFCs don't allow; its
    ``answer`` is what a UAS may answer to a request, and None for a response. Unlike
    a user agent, this takes a response with several Vias: one on its way has them.
    """
    message = parse(data, limits)
    try:
        _check(message)
        _read_all(message)
    except SIPParseError as error:
        if not isinstance(message, Request):
            error.answer = None
        raise
    return message


def _check(message: Request | Response) -> None:
    try:
        check(message)
    except SIPParseError as error:
        # That there are several is the last that is checked, and a matter of the user
        # agent that a response is for. What is wrong within one, `_read_all` says.
        on_its_way = isinstance(message, Response) and len(message.texts("Via")) > 1
        if error.header != "Via" or not on_its_way:
            raise


def _read_all(message: Message) -> None:
    for key in dict.fromkeys([header_key(name) for name, _ in message.fields()]):
        spec = HEADERS.get(key)
        if spec is None:
            continue
        texts = message.texts(key)
        if len(texts) > 1 and not spec.many:
            raise SIPParseError(
                spec.name,
                texts[1],
                0,
                f"one {spec.name} only; {len(texts)} came",
                header=spec.name,
            )
        for text in texts:
            spec.shape.parse(text, spec.name)


def locate(error: SIPParseError, data: bytes) -> Place:
    """Find the place in a message's bytes that an error of `validate` is about.

    It is that of the line, where the error is about something that isn't there.
    """
    text = data[:_MOST].decode("utf-8", "surrogateescape")
    begin = len(text) - len(text.lstrip("\r\n"))
    head_end = text.find("\r\n\r\n", begin)
    head = text[begin : head_end if head_end >= 0 else len(text)]
    if head_end < 0 and error.production == "message":
        at = len(head)  # the empty line is missed at the very end
    else:
        flat, places = _unfolded(head)
        at = places[min(_found(error, flat), len(flat))]
    at += begin
    return Place(
        len(text[:at].encode("utf-8", "surrogateescape")),
        text.count("\n", 0, at) + 1,
    )


def _unfolded(head: str) -> tuple[str, list[int]]:
    """The text with each line in one, and for each character where it stood."""
    pieces: list[str] = []
    places: list[int] = []
    done = 0
    for fold in FOLD.finditer(head):
        pieces += (head[done : fold.start()], " ")
        places += range(done, fold.start() + 1)
        done = fold.end()
    places += range(done, len(head) + 1)
    return "".join((*pieces, head[done:])), places


def _found(error: SIPParseError, flat: str) -> int:
    """Where in the unfolded head the error points to."""
    if error.header is not None:
        key = header_key(error.header)
        start = 0
        for line in flat.split("\r\n"):
            name, colon, _ = line.partition(":")
            if colon and header_key(name.rstrip(" \t")) == key:
                at = line.find(error.text, len(name) + 1)
                if at >= 0:
                    return start + at + error.offset
            start += len(line) + 2
    at = flat.find(error.text)
    return 0 if at < 0 else at + error.offset
