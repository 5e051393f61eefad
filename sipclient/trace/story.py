"""From records to what a ladder shows: arrows between parties, and notes.

A message that both of its ends tell of (two stacks share the tap) is one arrow. What
goes the same way with the same bytes once more is a copy of it. Memory is bounded: of
a trace that runs on, the latest few thousand messages are remembered.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

from ..message.host import write_host
from ..secrecy import without_passwords
from .records import (
    MessageLost,
    MessageReceived,
    MessageSent,
    MessageUnread,
    Place,
    Record,
    RequestRouted,
    TransactionChanged,
)
from .redaction import redacted
from .screen import printable

_REMEMBERED = 4096
_BRANCH = re.compile(
    rb"(?im)^(?:Via|v)[ \t]*:[^\r\n]*?;[ \t]*branch[ \t]*=[ \t]*([^;,\s]+)"
)
_UNFINISHED = ("", "Trying", "Proceeding", "Calling")


@dataclass(frozen=True, slots=True)
class Arrow:
    """A message from one party to another.

    :ivar label: the start line as people say it: method and URI, or status and reason.
    :ivar tone: "request", "provisional", "success", "failure" or "unknown".
    :ivar copy: 1 for the first, 2 for its first repetition.
    :ivar message: all of it, without secrets; control characters as they came.
    """

    time: float
    source: str
    target: str
    label: str
    tone: str
    copy: int
    lost: bool
    message: str


@dataclass(frozen=True, slots=True)
class Note:
    """What a party did or found out."""

    time: float
    party: str
    text: str
    wrong: bool = False


Row: TypeAlias = Arrow | Note

K = TypeVar("K")
V = TypeVar("V")


class _Recent(OrderedDict[K, V], Generic[K, V]):
    """A mapping that forgets what was put in long ago."""

    def __setitem__(self, key: K, value: V) -> None:
        super().__setitem__(key, value)
        self.move_to_end(key)
        if len(self) > _REMEMBERED:
            self.popitem(last=False)


class Story:
    """Makes rows of records.

    :param names: of the parties, by address; others are called by their address.
    """

    def __init__(self, names: Mapping[Place, str] | None = None) -> None:
        self.names: dict[Place, str] = dict(names or {})
        # How often each message went each way, and how often it was told by one end.
        self._copies: _Recent[tuple[Place, Place, int], int] = _Recent()
        self._sent: _Recent[tuple[Place, Place, int], int] = _Recent()
        # Who holds the client or server transaction of a branch.
        self._holders: _Recent[tuple[str, str], str] = _Recent()

    def name(self, place: Place) -> str:
        """What a party is called."""
        name = self.names.get(place)
        return f"{write_host(place[0])}:{place[1]}" if name is None else name

    def rows(self, record: Record) -> list[Row]:
        """What is to be shown of a record: nothing, or a row."""
        row: Row | None = None
        if isinstance(record, (MessageSent, MessageReceived)):
            row = self._message(record)
        elif isinstance(record, MessageUnread):
            problem = str(record.error)
            row = Note(
                record.time,
                self.name(record.destination),
                printable(f"can't be read: {problem}"),
                wrong=True,
            )
        elif isinstance(record, RequestRouted):
            row = self._routed(record)
        elif isinstance(record, TransactionChanged):
            row = self._ended(record)
        return [] if row is None else [row]

    def lost(self, record: MessageLost, rows: list[Row]) -> None:
        """Mark the arrow of a message that got lost, among rows that were made."""
        source, target = self.name(record.source), self.name(record.destination)
        label = label_of(record.data)[0]
        for number in range(len(rows) - 1, -1, -1):
            row = rows[number]
            if (
                isinstance(row, Arrow)
                and (row.source, row.target) == (source, target)
                and row.label == label
                and not row.lost
            ):
                rows[number] = _lost(row)
                return

    def _message(self, record: MessageSent | MessageReceived) -> Arrow | None:
        # A hash in place of the bytes: thousands of large messages would be a lot.
        way = (record.source, record.destination, hash(record.data))
        outgoing = isinstance(record, MessageSent)
        here = record.source if outgoing else record.destination
        label, tone = label_of(record.data)
        branch = _BRANCH.search(record.data)
        if branch is not None and tone == "request":
            end = "client" if outgoing else "server"
            name = branch[1].decode("latin-1").lower()
            self._holders[end, name] = self.name(here)
        told = self._sent.get(way, 0)
        if outgoing:
            self._sent[way] = told + 1
        elif told:
            self._sent[way] = told - 1
            return None  # its sender has told of it
        copy = self._copies[way] = self._copies.get(way, 0) + 1
        return Arrow(
            record.time,
            self.name(record.source),
            self.name(record.destination),
            label,
            tone,
            copy,
            False,
            redacted(record.data),
        )

    def _routed(self, record: RequestRouted) -> Note | None:
        party = self._holders.get(("server", record.branch))
        if party is None:
            return None
        if record.application is not None:
            text = f"goes to the application {record.application}"
        elif record.status < 300:
            text = "is answered by the stack"
        else:
            text = f"fits no application: {record.status}"
            reasons = [f"{uid} {reason}" for uid, reason in record.reasons]
            if reasons:
                text += f" ({'; '.join(reasons)})"
        return Note(record.time, party, printable(f"{record.method} {text}"))

    def _ended(self, record: TransactionChanged) -> Note | None:
        if record.new != "Terminated" or record.old not in _UNFINISHED:
            return None
        branch, _, rest = record.key.partition(" ")
        method = rest.rpartition(" ")[2]
        end = record.kind.rpartition(" ")[2]
        party = self._holders.get((end, branch))
        if party is None:
            return None
        text = (
            "is given up, without a final response"
            if end == "client"
            else "was never answered"
        )
        return Note(record.time, party, printable(f"{method} {text}"), wrong=True)


def label_of(data: bytes) -> tuple[str, str]:
    """What an arrow is called, and its tone: from the start line of a message."""
    line = data.lstrip(b"\r\n").partition(b"\r\n")[0].decode("utf-8", "surrogateescape")
    text = printable(without_passwords(line))
    if line[:8].upper() == "SIP/2.0 ":
        label = text[8:].rstrip()
        return label, {"1": "provisional", "2": "success"}.get(label[:1], "failure")
    if line.upper().endswith(" SIP/2.0"):
        return text[:-8], "request"
    return text or "(nothing)", "unknown"


def _lost(arrow: Arrow) -> Arrow:
    return Arrow(
        arrow.time,
        arrow.source,
        arrow.target,
        arrow.label,
        arrow.tone,
        arrow.copy,
        True,
        arrow.message,
    )
