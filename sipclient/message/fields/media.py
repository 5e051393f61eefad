"""The Content-Type and Accept header fields (RFC 3261 §20.1, §20.15)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from ..grammar import SWS, TOKEN
from .reader import Listed, Single, one
from .shape import fail
from .value_params import ValueParams, value_reader, wrong_q


@dataclass(frozen=True, slots=True)
class MediaType(ValueParams):
    """What a body is, or may be. Originals: CSIPContentTypeHeader, CSIPAcceptHeader.

    :ivar value: type and subtype, as written ("application/sdp"); in Accept either
        may be ``*``.
    :ivar params: ``charset``, ``boundary`` and others; in Accept ``q`` too.
    """

    _WORD: ClassVar[re.Pattern[str]] = re.compile(rf"{TOKEN}{SWS}/{SWS}{TOKEN}")
    _EXPECTED: ClassVar[str] = "a type and subtype, such as application/sdp"

    def _wrong(self) -> str | None:
        return wrong_q(self.params)

    @classmethod
    def parse(cls, text: str) -> MediaType:
        """Read one, such as "text/plain;charset=utf-8"."""
        return one(CONTENT_TYPE, text, "Content-Type")

    @property
    def essence(self) -> str:
        """Type and subtype in lower case, without white space: to compare by."""
        return "/".join([part.strip(" \t") for part in self.value.lower().split("/")])

    @property
    def type(self) -> str:
        """The type in lower case ("application")."""
        return self.essence.partition("/")[0]

    @property
    def subtype(self) -> str:
        """The subtype in lower case ("sdp")."""
        return self.essence.partition("/")[2]

    @property
    def q(self) -> float:
        """How much it is wanted: 0 is not at all, 1 where nothing is said."""
        return float(self.params.get("q") or 1)

    def includes(self, essence: str) -> bool:
        """Whether this range of an Accept takes in a type such as "text/plain"."""
        wanted, _, subtype = essence.lower().partition("/")
        return self.type in ("*", wanted) and self.subtype in ("*", subtype)


_read = value_reader(MediaType)


def _read_content_type(text: str, start: int, end: int, name: str) -> MediaType:
    value = _read(text, start, end, name)
    for param, said in value.params:
        if said is None:
            fail(name, text, start, f"a value for {param}")
    return value


# An accept-param may do without a value, a media type's own parameter can't.
CONTENT_TYPE = Single(_read_content_type)
MEDIA_RANGES = Listed(_read, empty=True)
