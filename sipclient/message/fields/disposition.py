"""The Content-Disposition header field (RFC 3261 §20.11)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from .reader import Single, one
from .value_params import ValueParams, value_reader


@dataclass(frozen=True, slots=True)
class ContentDisposition(ValueParams):
    """What a body is for. Original: CSIPContentDispositionHeader.

    :ivar value: "session", "render", "icon", "alert" or another.
    :ivar params: ``handling`` and others.
    """

    _EXPECTED: ClassVar[str] = "a disposition type, such as session"

    @classmethod
    def parse(cls, text: str) -> ContentDisposition:
        """Read it, such as "session;handling=optional"."""
        return one(DISPOSITION, text, "Content-Disposition")

    @property
    def required(self) -> bool:
        """Whether who doesn't understand the body has to refuse it (415).

        True where nothing is said, as the RFC has it.
        """
        return (self.params.get("handling") or "required").lower() != "optional"


DISPOSITION = Single(value_reader(ContentDisposition))
