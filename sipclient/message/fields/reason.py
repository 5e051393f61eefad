"""The Reason header field (RFC 3326 §2)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from .reader import Listed, one
from .value_params import ValueParams, value_reader

_CAUSE = re.compile("0*+([0-9]{0,9})").fullmatch


@dataclass(frozen=True, slots=True)
class Reason(ValueParams):
    """Why a request was sent, or a response came.

    :ivar value: whose causes they are: "SIP", "Q.850" or another protocol.
    :ivar params: ``cause``, ``text`` and others.
    :raises SIPArgumentError: for what the header can't hold.
    """

    _EXPECTED: ClassVar[str] = "a protocol, such as SIP"

    def _wrong(self) -> str | None:
        if "cause" in self.params and self.cause is None:
            return "a number as cause"
        return None

    @classmethod
    def parse(cls, text: str) -> Reason:
        """Read one, such as 'SIP;cause=200;text="Call completed elsewhere"'."""
        return one(REASONS, text, "Reason")

    @property
    def cause(self) -> int | None:
        """A status of SIP, a cause of Q.850; None where not said."""
        raw = self.params.raw("cause")
        match = _CAUSE(raw) if raw else None
        return None if match is None else int(match[1] or 0)

    @property
    def text(self) -> str | None:
        """For a person to read, None where not said."""
        return self.params.get("text")


REASONS = Listed(value_reader(Reason))
