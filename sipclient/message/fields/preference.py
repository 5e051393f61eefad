"""The Accept-Encoding and Accept-Language header fields (RFC 3261 §20.2, §20.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from .reader import Listed, one
from .token_list import LANGUAGE_TAG
from .value_params import ValueParams, value_reader, wrong_q


@dataclass(frozen=True, slots=True)
class Preference(ValueParams):
    """Something acceptable, and how much.

    Originals: CSIPAcceptEncodingHeader, CSIPAcceptLanguageHeader.

    :ivar value: a coding, a language, or ``*`` for any.
    :ivar params: ``q`` and others.
    """

    _EXPECTED: ClassVar[str] = "something acceptable, or * for any"

    def _wrong(self) -> str | None:
        return wrong_q(self.params)

    @classmethod
    def parse(cls, text: str) -> Preference:
        """Read one, such as "gzip;q=0.5"."""
        return one(CODING_PREFERENCES, text, "Accept-Encoding")

    @property
    def q(self) -> float:
        """How much it is wanted: 0 is not at all, 1 where nothing is said."""
        return float(self.params.get("q") or 1)


CODING_PREFERENCES = Listed(value_reader(Preference), empty=True)
LANGUAGE_PREFERENCES = Listed(
    value_reader(Preference, rf"(?:{LANGUAGE_TAG}|\*)"), empty=True
)
