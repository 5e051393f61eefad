"""The History-Info header field (RFC 7044 §5)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import cast

from sipclient.errors import SIPArgumentError

from ..address import Address
from ..grammar import split_list
from ..params import Params
from .address_field import NAME_ADDRS
from .reader import one
from .shape import Shape, fail

_NUMBER = "(?:0|[1-9][0-9]*+)"
_is_index = re.compile(rf"{_NUMBER}(?>(?:\.{_NUMBER})*)").fullmatch
_INDICES = ("index", "rc", "mp", "np")


@dataclass(frozen=True, slots=True)
class HistoryEntry(Address):
    """One target that a request was sent to on its way.

    :ivar display_name: the name without quotes, "" for none.
    :ivar uri: where to; a header Reason in it says why it went on from there.
    :ivar params: ``index``, one of ``rc``, ``mp`` and ``np``, and others.
    :raises SIPArgumentError: for what the header can't hold.
    """

    def __post_init__(self) -> None:
        # Not super(): a slotted dataclass is another class than the one written here.
        Address.__post_init__(self)
        expected = _wrong(self.params)
        if expected is not None:
            raise SIPArgumentError(
                "making a HistoryEntry", f"{str(self)!a:.80} doesn't have {expected}"
            )

    @classmethod
    def parse(cls, text: str) -> HistoryEntry:
        """Read one, such as "<sip:bob@192.0.2.4>;index=1.1;rc=1"."""
        return one(HISTORY, text, "History-Info")

    @property
    def index(self) -> str | None:
        """Its place in the tree of targets ("1.1"); None where the sender left it out.

        RFC 7044 §5 calls it mandatory; without one the entry is still understood.
        """
        return self.params.get("index")


def _wrong(params: Params) -> str | None:
    """What one of the parameters should have been, None when all are right."""
    for name in _INDICES:
        if name in params and not _is_index(params.raw(name) or ""):
            return f"numbers with dots between them as {name}, such as 1.1"
    return None


_set = object.__setattr__


class History(Shape[HistoryEntry]):
    """Entries in <>, separated by commas."""

    __slots__ = ()

    def parse(self, text: str, name: str) -> tuple[HistoryEntry, ...]:
        """Read the line's entries, in their order."""
        values: list[HistoryEntry] = []
        for address in NAME_ADDRS.parse(text, name):
            expected = _wrong(address.params)
            if expected is not None:
                fail(name, text, split_list(text)[len(values)][0], expected)
            # Nobody else has seen this address yet, and an entry has its layout.
            _set(address, "__class__", HistoryEntry)
            values.append(cast(HistoryEntry, address))
        return tuple(values)


HISTORY = History()
