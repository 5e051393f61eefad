"""Header fields that point at a dialog of its reader.

Replaces (RFC 3891 §6.1), Join (RFC 3911 §7.1) and Target-Dialog (RFC 4538 §7). The
contract: the Call-ID and both tags are there, since only together they name a dialog;
the tags are seen from the reader's side. A tag "0" stands for none, too, for the sake
of dialogs with a peer of RFC 2543 (RFC 3891 §6.1).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar, TypeVar

from ..grammar import CALLID, is_token
from ..params import Params
from .reader import Reader, Single, one
from .shape import fail
from .value_params import ValueParams, value_reader


@dataclass(frozen=True, slots=True)
class _DialogReference(ValueParams):
    _WORD: ClassVar[re.Pattern[str]] = re.compile(CALLID)
    _EXPECTED: ClassVar[str] = "a Call-ID"
    _TAGS: ClassVar[tuple[str, str]] = ("to-tag", "from-tag")

    def _wrong(self) -> str | None:
        for name in self._TAGS:
            if not is_token(self.params.raw(name) or ""):
                return f"a token as {name}"
        return None

    @property
    def call_id(self) -> str:
        """The dialog's Call-ID."""
        return self.value

    def _tag(self, name: str) -> str:
        return self.params.raw(name) or ""


class _ToFrom(_DialogReference):
    # How Replaces and Join call the tags.
    __slots__ = ()

    @property
    def to_tag(self) -> str:
        """The tag of the reader's own side."""
        return self._tag("to-tag")

    @property
    def from_tag(self) -> str:
        """The tag of the reader's peer."""
        return self._tag("from-tag")


@dataclass(frozen=True, slots=True)
class Replaces(_ToFrom):
    """The dialog in whose place the request's own one comes.

    :ivar value: its Call-ID.
    :ivar params: ``to-tag``, ``from-tag``, ``early-only`` and others.
    :raises SIPArgumentError: for what the header can't hold.
    """

    @classmethod
    def of(
        cls, call_id: str, *, to_tag: str, from_tag: str, early_only: bool = False
    ) -> Replaces:
        """Make it of a dialog, as its reader sees it."""
        params = Params.of({"to-tag": to_tag, "from-tag": from_tag})
        return cls(call_id, params.with_("early-only") if early_only else params)

    @classmethod
    def parse(cls, text: str) -> Replaces:
        """Read it, such as "425928@bobster.example.org;to-tag=7743;from-tag=6472"."""
        return one(REPLACES, text, "Replaces")

    @property
    def early_only(self) -> bool:
        """Whether it is meant for an early dialog only."""
        return "early-only" in self.params


@dataclass(frozen=True, slots=True)
class Join(_ToFrom):
    """The dialog that the request's own one joins, as in a conference.

    :ivar value: its Call-ID.
    :ivar params: ``to-tag``, ``from-tag`` and others.
    :raises SIPArgumentError: for what the header can't hold.
    """

    @classmethod
    def of(cls, call_id: str, *, to_tag: str, from_tag: str) -> Join:
        """Make it of a dialog, as its reader sees it."""
        return cls(call_id, Params.of({"to-tag": to_tag, "from-tag": from_tag}))

    @classmethod
    def parse(cls, text: str) -> Join:
        """Read it, such as "12adf2f34456gs5;to-tag=12345;from-tag=54321"."""
        return one(JOIN, text, "Join")


@dataclass(frozen=True, slots=True)
class TargetDialog(_DialogReference):
    """The dialog by which a request outside of it asks to be trusted.

    :ivar value: its Call-ID.
    :ivar params: ``local-tag``, ``remote-tag`` and others.
    :raises SIPArgumentError: for what the header can't hold.
    """

    _TAGS: ClassVar[tuple[str, str]] = ("local-tag", "remote-tag")

    @classmethod
    def of(cls, call_id: str, *, local_tag: str, remote_tag: str) -> TargetDialog:
        """Make it of a dialog, as its reader sees it."""
        return cls(
            call_id, Params.of({"local-tag": local_tag, "remote-tag": remote_tag})
        )

    @classmethod
    def parse(cls, text: str) -> TargetDialog:
        """Read it, such as "fa77as7dad8-sd98ajzz@host;local-tag=k;remote-tag=6544"."""
        return one(TARGET_DIALOG, text, "Target-Dialog")

    @property
    def local_tag(self) -> str:
        """The tag of the reader's own side."""
        return self._tag("local-tag")

    @property
    def remote_tag(self) -> str:
        """The tag of the reader's peer."""
        return self._tag("remote-tag")


D = TypeVar("D", bound=_DialogReference)


def _reader(make: type[D]) -> Reader[D]:
    read_any = value_reader(make)

    def read(text: str, start: int, end: int, name: str) -> D:
        value = read_any(text, start, end, name)
        if not value.params:
            fail(name, text, end, f"a token as {make._TAGS[0]}")
        return value

    return read


REPLACES = Single(_reader(Replaces))
JOIN = Single(_reader(Join))
TARGET_DIALOG = Single(_reader(TargetDialog))
