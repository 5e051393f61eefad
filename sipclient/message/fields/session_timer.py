"""The Session-Expires and Min-SE header fields (RFC 4028 §4, §5)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, TypeVar

from sipclient.errors import SIPArgumentError

from ..params import NO_PARAMS, Params
from .reader import Reader, Single
from .shape import fail
from .value_params import seconds

_SECONDS = re.compile("[0-9]++").match


@dataclass(frozen=True, slots=True)
class _Interval:
    seconds: int
    params: Params = NO_PARAMS

    def __post_init__(self) -> None:
        expected = self._wrong(self.params)
        if not 0 <= self.seconds < 2**32:
            expected = "seconds below 2**32"
        if expected is not None:
            raise SIPArgumentError(
                f"making a {type(self).__name__}", f"it needs {expected}"
            )

    @staticmethod
    def _wrong(params: Params) -> str | None:
        """What the parameters should have had, None when they are right."""
        return None

    def __str__(self) -> str:
        return f"{self.seconds}{self.params}"


@dataclass(frozen=True, slots=True)
class SessionExpires(_Interval):
    """How long a session lasts that nobody refreshes.

    :ivar seconds: from the last refresh, below 2**32.
    :ivar params: ``refresher`` and others.
    :raises SIPArgumentError: for what the header can't hold.
    """

    @staticmethod
    def _wrong(params: Params) -> str | None:
        if "refresher" in params and _side(params) is None:
            return "uac or uas as refresher"
        return None

    @classmethod
    def parse(cls, text: str) -> SessionExpires:
        """Read it, such as "1800;refresher=uac"."""
        return SESSION_EXPIRES.parse(text, "Session-Expires")[0]

    @property
    def refresher(self) -> Literal["uac", "uas"] | None:
        """Which side refreshes the session, None where that is left open."""
        return _side(self.params)


@dataclass(frozen=True, slots=True)
class MinSE(_Interval):
    """The shortest session interval that somebody on the way puts up with.

    :ivar seconds: below 2**32.
    :ivar params: none that has a meaning so far.
    :raises SIPArgumentError: for what the header can't hold.
    """

    @classmethod
    def parse(cls, text: str) -> MinSE:
        """Read it, such as "90"."""
        return MIN_SE.parse(text, "Min-SE")[0]


def _side(params: Params) -> Literal["uac", "uas"] | None:
    word = (params.raw("refresher") or "").lower()
    if word == "uac":
        return "uac"
    return "uas" if word == "uas" else None


V = TypeVar("V", bound=_Interval)


def _reader(make: type[V]) -> Reader[V]:
    def read(text: str, start: int, end: int, name: str) -> V:
        match = _SECONDS(text, start, end)
        interval = None if match is None else seconds(match[0])
        if match is None or interval is None:
            fail(name, text, start, "seconds below 2**32")
        params = Params.parse(text, match.end(), end=end, header=name)
        expected = make._wrong(params)
        if expected is not None:
            fail(name, text, match.end(), expected)
        return make(interval, params)

    return read


SESSION_EXPIRES = Single(_reader(SessionExpires))
MIN_SE = Single(_reader(MinSE))
