"""Framing: from the bytes of a stream to whole messages (RFC 3261 §7.5, §18.3).

A stream has no edges of its own. Content-Length tells where a message ends, so each one
must have it, once. Between messages stand line ends: a double CRLF is a keep-alive that
asks for a single one (RFC 5626 §4.4.1), all others mean nothing.

The contract: how the stream is cut into pieces changes nothing, and any cutting takes
linear time. What can't be followed ends the stream: nothing tells where the next
message would begin. No header is understood here; whole messages go to ``parser``.
"""

from __future__ import annotations

import re
from typing import Final

from ..errors import SIPParseError
from .limits import DEFAULT_LIMITS, MessageLimits

# A header line by that name, in both spellings, with the lines that continue it. What
# it has besides CRLF in the way of line ends is part of its value, and spoils it.
_content_lengths = re.compile(
    rb"\r\n(?i:content-length|l)[ \t]*+:((?>(?:[^\r]++|\r(?!\n)|\r\n[ \t])*))"
).findall
_line_ends = re.compile(rb"[\r\n]*+").match
_END: Final = b"\r\n\r\n"
_MOST_DIGITS: Final = 20


class Framer:
    """Cuts one stream into messages.

    :param limits: of what one message may hold. As the end of a message over them
        can't be waited for, it ends the stream.

    :ivar error: why the stream can't be followed any more; None while it can.
    :ivar broken: where ``error`` is set, what came of that message, as far as it is
        needed to answer it: ``build.error_response`` takes both.
    :ivar pings: how many double line ends have come between messages.
    """

    __slots__ = (
        "_head_searched",
        "_held",
        "_limits",
        "_line_ends",
        "_needed",
        "broken",
        "error",
        "pings",
    )

    def __init__(self, limits: MessageLimits = DEFAULT_LIMITS) -> None:
        self.error: SIPParseError | None = None
        self.broken = b""
        self.pings = 0
        self._limits = limits
        # The beginning of a message: None where nothing has come of the next one.
        self._held: bytearray | None = None
        # Up to where no end of the header was found in it.
        self._head_searched = 0
        # How long it will be; 0 until its header has come.
        self._needed = 0
        self._line_ends = 0

    @property
    def partial(self) -> int:
        """How many bytes are held of a message that isn't whole yet."""
        return 0 if self._held is None else len(self._held)

    def feed(self, data: bytes) -> list[bytes]:
        """Take what came next; give the messages that are whole now, as they came.

        Raises :class:`SIPParseError` when the stream can't be followed any more, with
        the ``answer`` that the broken message may get. Whole messages before it are
        given first; `error` is set then, and each further call raises it.
        """
        if self.error is not None:
            raise self.error
        messages: list[bytes] = []
        held = self._held
        try:
            if held is not None:
                held += data
                if not self._is_enough(held):
                    return messages
                data = bytes(held)
                self._held = None
            self._cut(data, messages)
        except SIPParseError as error:
            self.error = error
            self._held = None
            if not messages:
                raise
        return messages

    def _is_enough(self, held: bytearray) -> bool:
        """Tell whether what is held may be a whole message by now."""
        if self._needed:
            return len(held) >= self._needed
        if held.find(_END, self._head_searched) >= 0:
            return True
        self._head_searched = max(0, len(held) - len(_END) + 1)
        self._check_header(held)
        return False

    def _cut(self, data: bytes, messages: list[bytes]) -> None:
        size = len(data)
        needed = self._needed
        if needed:
            self._needed = 0
        at = 0
        while at < size:
            if not needed:
                if data[at] <= 13:
                    at = self._skip_line_ends(data, at)
                    if at == size:
                        break
                self._line_ends = 0
                end = data.find(_END, at)
                if end < 0:
                    self._hold(data[at:])
                    self._check_header(data[at:])
                    break
                needed = self._measured(data, at, end)
            if size - at < needed:
                self._hold(data[at:])
                self._needed = needed
                break
            # A slice that is the whole is no copy.
            messages.append(data[at : at + needed])
            at += needed
            needed = 0

    def _skip_line_ends(self, data: bytes, at: int) -> int:
        found = _line_ends(data, at)
        end = found.end() if found is not None else at
        ends = self._line_ends + data.count(b"\n", at, end)
        self.pings += ends // 2
        self._line_ends = ends % 2
        return end

    def _hold(self, rest: bytes) -> None:
        self._held = bytearray(rest)
        self._head_searched = max(0, len(rest) - len(_END) + 1)

    def _check_header(self, held: bytes | bytearray) -> None:
        if len(held) > self._limits.message:
            self.broken = bytes(held)
            raise self._failure(413, f"at most {self._limits.message} bytes")

    def _measured(self, data: bytes, at: int, end: int) -> int:
        """Read how long a message is whose header stands from ``at`` to ``end``."""
        found = _content_lengths(data, at, end)
        if len(found) == 1:
            text = found[0].strip(b" \t\r\n")
            # No limit has more digits; and nobody has zeros before so many.
            if text.isdigit() and len(text) <= _MOST_DIGITS:
                body = int(text)
                whole = end + 4 - at + body
                limits = self._limits
                if body <= limits.body and whole <= limits.message:
                    return whole
                self.broken = data[at : end + 4]
                raise self._failure(
                    413,
                    f"at most {limits.message} bytes, and {limits.body} in the body",
                )
        self.broken = data[at : end + 4]
        raise SIPParseError(
            "Content-Length",
            b", ".join(found).decode("utf-8", "surrogateescape"),
            0,
            "one number of bytes, in each message of a stream",
            header="Content-Length",
            answer=self._answer(400),
        )

    def _failure(self, status: int, expected: str) -> SIPParseError:
        return SIPParseError("message", "", 0, expected, answer=self._answer(status))

    def _answer(self, status: int) -> int | None:
        """A request may be answered; a response is dropped (RFC 3261 §18.3)."""
        return None if self.broken[:4].upper() == b"SIP/" else status
