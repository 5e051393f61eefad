"""The Accept-Contact header field (RFC 3841 §9.2)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from .reader import Listed, one
from .value_params import ValueParams, value_reader


@dataclass(frozen=True, slots=True)
class AcceptContact(ValueParams):
    """What a caller wants of the terminal that answers.

    Original: CSIPAcceptContactHeader.

    :ivar value: always ``*``.
    :ivar params: feature tags of RFC 3840, ``require`` and ``explicit``.
    """

    value: str = "*"

    _WORD: ClassVar[re.Pattern[str]] = re.compile(r"\*")
    _EXPECTED: ClassVar[str] = "*"

    @classmethod
    def parse(cls, text: str) -> AcceptContact:
        """Read one, such as ``*;audio;require``."""
        return one(ACCEPT_CONTACTS, text, "Accept-Contact")

    @property
    def require(self) -> bool:
        """Whether a terminal without these features is out of the question."""
        return "require" in self.params

    @property
    def explicit(self) -> bool:
        """Whether a terminal has to have named these features."""
        return "explicit" in self.params


ACCEPT_CONTACTS = Listed(value_reader(AcceptContact))
