"""The Accept-Contact and Reject-Contact header fields (RFC 3841 §9.2)."""

from __future__ import annotations

from dataclasses import dataclass

from .reader import Listed, one
from .starred import Starred
from .value_params import value_reader


@dataclass(frozen=True, slots=True)
class AcceptContact(Starred):
    """What a caller wants of the terminal that answers.

    Original: CSIPAcceptContactHeader.

    :ivar value: always ``*``.
    :ivar params: feature tags of RFC 3840, ``require`` and ``explicit``.
    """

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


@dataclass(frozen=True, slots=True)
class RejectContact(Starred):
    """What the terminal that answers must not be.

    :ivar value: always ``*``.
    :ivar params: feature tags of RFC 3840; who has all of them isn't called.
    """

    @classmethod
    def parse(cls, text: str) -> RejectContact:
        """Read one, such as ``*;actor="msg-taker";video``."""
        return one(REJECT_CONTACTS, text, "Reject-Contact")


ACCEPT_CONTACTS = Listed(value_reader(AcceptContact))
REJECT_CONTACTS = Listed(value_reader(RejectContact))
