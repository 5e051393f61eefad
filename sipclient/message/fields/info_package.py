"""The Info-Package and Recv-Info header fields (RFC 6086 §7.2, §7.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from .reader import Listed, Single, one
from .value_params import ValueParams, value_reader


@dataclass(frozen=True, slots=True)
class InfoPackage(ValueParams):
    """What an INFO is about, or what somebody takes INFO about.

    :ivar value: the package ("foo"), compared in any case.
    :ivar params: those that the package defines.
    """

    _EXPECTED: ClassVar[str] = "an info package"

    @classmethod
    def parse(cls, text: str) -> InfoPackage:
        """Read one, such as "conference;version=2"."""
        return one(INFO_PACKAGE, text, "Info-Package")


_read = value_reader(InfoPackage)

INFO_PACKAGE = Single(_read)
# RFC 6086 §5.2.1: an empty Recv-Info says that INFO is understood, and none wanted.
INFO_PACKAGES = Listed(_read, empty=True)
