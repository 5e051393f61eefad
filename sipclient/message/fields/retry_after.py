"""The Retry-After header field (RFC 3261 §20.33)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sipclient.errors import SIPArgumentError

from ..grammar import skip_comment, skip_lws
from ..params import NO_PARAMS, Params
from .reader import Single, one
from .shape import fail
from .value_params import seconds, wrong_seconds

_SECONDS = re.compile("[0-9]++")
_QUOTED_PAIR = re.compile(r"\\(.)", re.DOTALL)
_MUST_ESCAPE = re.compile(r"[()\\]")


@dataclass(frozen=True, slots=True)
class RetryAfter:
    """When to try again. Original: CSIPRetryAfterHeader.

    :ivar seconds: how long to wait, below 2**32. Original: RetryAfter.
    :ivar comment: for a person to read, "" where there is none.
    :ivar params: ``duration`` and others.
    :raises SIPArgumentError: for what the header can't hold.
    """

    seconds: int
    comment: str = ""
    params: Params = NO_PARAMS

    def __post_init__(self) -> None:
        expected = wrong_seconds(self.params, "duration")
        if not 0 <= self.seconds < 2**32:
            expected = "seconds below 2**32"
        if "\r" in self.comment or "\n" in self.comment:
            expected = "a comment of one line"
        if expected is not None:
            raise SIPArgumentError("making a RetryAfter", f"it needs {expected}")

    @classmethod
    def parse(cls, text: str) -> RetryAfter:
        """Read it, such as "120 (in a meeting);duration=3600"."""
        return one(RETRY_AFTER, text, "Retry-After")

    @property
    def duration(self) -> int | None:
        """For how many seconds it will then do. Original: DurationParam."""
        return seconds(self.params.get("duration"))

    def __str__(self) -> str:
        if not self.comment:
            return f"{self.seconds}{self.params}"
        comment = _MUST_ESCAPE.sub(r"\\\g<0>", self.comment)
        return f"{self.seconds} ({comment}){self.params}"


def _read(text: str, start: int, end: int, name: str) -> RetryAfter:
    match = _SECONDS.match(text, start, end)
    if match is None:
        fail(name, text, start, "seconds")
    wait = seconds(match[0])
    if wait is None:
        fail(name, text, start, "seconds below 2**32")
    offset, comment = match.end(), ""
    opened = skip_lws(text, offset)
    if text.startswith("(", opened):
        offset = skip_comment(text, opened, header=name)
        comment = _QUOTED_PAIR.sub(r"\1", text[opened + 1 : offset - 1])
    if offset == end:
        return RetryAfter(wait, comment)
    params = Params.parse(text, offset, end=end, header=name)
    expected = wrong_seconds(params, "duration")
    if expected is not None:
        fail(name, text, offset, expected)
    return RetryAfter(wait, comment, params)


RETRY_AFTER = Single(_read)
