"""Header fields that are one number.

Content-Length, Expires, Max-Forwards, Min-Expires: RFC 3261 §20.14, §20.19, §20.22,
§20.23; RSeq: RFC 3262 §7.1; Flow-Timer: RFC 5626 §10.

The value is a plain ``int`` between two bounds. The contract: only ASCII digits are
digits, and a number that is too large is an error, never a number that wrapped around
or a long computation (RFC 4475 §3.1.2.4).
"""

from __future__ import annotations

from .shape import Shape, fail

_WS = " \t"


class Integer(Shape[int]):
    """A number from ``low`` to ``high``."""

    __slots__ = ("_digits", "_high", "_low")

    def __init__(self, high: int, *, low: int = 0) -> None:
        self._low = low
        self._high = high
        self._digits = len(str(high))

    def parse(self, text: str, name: str) -> tuple[int, ...]:
        """Read the number; leading zeros count for nothing."""
        digits = text
        if not (digits.isdigit() and digits.isascii() and len(digits) <= self._digits):
            digits = self._significant(text, name)
        value = int(digits)
        if not self._low <= value <= self._high:
            self._out_of_range(text, name)
        return (value,)

    def _significant(self, text: str, name: str) -> str:
        """The digits that count, few enough for ``int()`` to be cheap."""
        digits = text.strip(_WS)
        start = len(text) - len(text.lstrip(_WS))
        if not (digits.isdigit() and digits.isascii()):
            offset = start
            while offset < len(text) and "0" <= text[offset] <= "9":
                offset += 1
            fail(name, text, offset, "digits and nothing else")
        digits = digits.lstrip("0") or "0"
        if len(digits) > self._digits:
            self._out_of_range(text, name)
        return digits

    def _out_of_range(self, text: str, name: str) -> None:
        start = len(text) - len(text.lstrip(_WS))
        fail(name, text, start, f"a number from {self._low} to {self._high}")


UINT8 = Integer(2**8 - 1)
"""Max-Forwards."""

UINT32 = Integer(2**32 - 1)
"""Seconds (delta-seconds) and lengths."""

RESPONSE_NUM = Integer(2**32 - 1, low=1)
"""RSeq: numbers of reliable provisional responses start from 1."""
