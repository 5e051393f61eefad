"""The Call-ID and In-Reply-To header fields (RFC 3261 §20.8, §20.21).

The value is a plain ``str``, compared by its bytes and so in its exact case.
"""

from __future__ import annotations

import re

from ..grammar import CALLID, SWS
from .shape import Shape, fail

# A word may hold quotes and brackets, which need no partner: no comma hides in one.
_CALL_ID = re.compile(rf"{SWS}({CALLID}){SWS}")


class CallId(Shape[str]):
    """One callid, or with ``many`` several, separated by commas."""

    __slots__ = ("_many",)

    def __init__(self, *, many: bool = False) -> None:
        self._many = many

    def parse(self, text: str, name: str) -> tuple[str, ...]:
        """Read the line's identifiers, in their order."""
        values = []
        offset, end = 0, len(text)
        while True:
            match = _CALL_ID.match(text, offset)
            if match is None:
                fail(name, text, offset, "an identifier such as a84b4c76@192.0.2.1")
            values.append(match[1])
            offset = match.end()
            if offset == end:
                return tuple(values)
            if not self._many or text[offset] != ",":
                fail(name, text, offset, "the end of the identifier")
            offset += 1


CALL_ID = CallId()
CALL_IDS = CallId(many=True)
