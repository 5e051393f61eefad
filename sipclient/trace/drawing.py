"""Drawing rows as text: a column for each party, an arrow for each message.

The contract: no line is wider than asked for (as long as that is 12 columns for each
party), and none holds a control character but those that colour it.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from .screen import Style, columns, printable, shortened
from .story import Arrow, Note, Row

_TIME = 9  # "  12.345 " before the first column
_LEAST_GAP = 12  # between two columns, that any arrow fits
_LEAST_URI = 8
_LEAST_NOTE = 28
_TONES = {
    "request": "cyan",
    "provisional": "dim",
    "success": "green",
    "failure": "red",
    "unknown": "yellow",
}


@dataclass(frozen=True, slots=True)
class Signs:
    """What lines and arrows are made of."""

    bar: str
    dash: str
    right: str
    left: str
    lost: str
    dot: str
    ellipsis: str


UNICODE = Signs("│", "─", "▶", "◀", "✗", "·", "…")
ASCII = Signs("|", "-", ">", "<", "x", "*", "..")


class Drawing:
    """Draws rows between parties, whose columns stand in the order given.

    :param parties: their names, each with a second line (an address, or "").
    :param width: columns of the terminal.
    :param start: the time that is shown as 0.
    """

    def __init__(
        self,
        parties: Sequence[tuple[str, str]],
        style: Style,
        width: int,
        start: float = 0.0,
    ) -> None:
        self._style = style
        self._signs = UNICODE if style.unicode else ASCII
        self._width = width
        self._start = start
        self._titles = [(printable(a), printable(b)) for a, b in parties]
        self._at = self._placed()
        self._bars = {name: at for (name, _), at in zip(parties, self._at, strict=True)}

    def _placed(self) -> list[int]:
        """Where each party's bar stands."""
        if not self._titles:
            return []
        widths = [max(columns(a), columns(b)) for a, b in self._titles]
        first = _TIME + min(widths[0], 24) // 2
        last = max(first, self._width - 1 - (min(widths[-1], 24) + 1) // 2)
        count = len(widths) - 1
        if not count:
            return [first]
        gap = max(_LEAST_GAP, (last - first) // count)
        return [first + number * gap for number in range(count + 1)]

    def head(self) -> list[str]:
        """The lines that name the columns."""
        lines = []
        for which in (0, 1):
            line = ""
            for at, title in zip(self._at, self._titles, strict=True):
                room = 24 if len(self._at) < 2 else self._at[1] - self._at[0] - 1
                text = shortened(title[which], room, self._signs.ellipsis)
                begin = max(at - columns(text) // 2, columns(line) + bool(line))
                line += " " * (begin - columns(line)) + text
            if line.strip():
                colour = "dim" if which else "bold"
                line = shortened(line.rstrip(), self._width, self._signs.ellipsis)
                lines.append(self._style.painted(line, colour))
        return [*lines, self._lifelines()]

    def row(self, row: Row) -> list[str]:
        """The lines of one row."""
        if isinstance(row, Note):
            return self._note(row)
        return [self._arrow(row)]

    def whole(self, arrow: Arrow) -> list[str]:
        """A message's own lines, to be shown below its arrow."""
        room = self._width - _TIME - 2
        lines = arrow.message.replace("\r\n", "\n").rstrip("\n").split("\n")
        return [
            " " * _TIME
            + self._style.painted(
                f"{self._signs.bar} {shortened(printable(line), room)}".rstrip(), "dim"
            )
            for line in lines
        ]

    def _arrow(self, arrow: Arrow) -> str:
        signs = self._signs
        here, there = self._bars[arrow.source], self._bars[arrow.target]
        label = arrow.label
        again = f" (copy {arrow.copy})" if arrow.copy > 1 else ""
        if here == there:
            text = f"{signs.dash}{signs.right} itself: {label}{again}"
            return self._beside(arrow.time, here, text, _TONES[arrow.tone])
        low, high = min(here, there), max(here, there)
        room = high - low - 1
        tail = signs.dash * 2
        if there > here:
            head = signs.dash + (signs.lost + "  " if arrow.lost else signs.right)
        else:
            head = ("  " + signs.lost if arrow.lost else signs.left) + signs.dash
        free = room - len(tail) - len(head) - 2
        if arrow.tone == "request" and columns(label) > free - len(again):
            method, _, _ = label.partition(" ")
            if columns(method) + _LEAST_URI > free - len(again):
                label = method  # too little of the URI would be left to be of use
        label = shortened(label, free - len(again), signs.ellipsis) + again
        if arrow.lost and columns(label) + 5 <= free:
            label += " lost"  # where there is no room, the sign must do
        label = f" {shortened(label, free, signs.ellipsis)} "
        line = signs.dash * (free + 2 - columns(label))
        body = tail + label + line + head
        if there < here:
            body = head + line + label + tail
        colour = "yellow" if arrow.copy > 1 else _TONES[arrow.tone]
        body = self._style.painted(body, "red" if arrow.lost else colour)
        return (
            self._when(arrow.time)
            + self._lifelines(_TIME, low + 1)
            + body
            + self._lifelines(high, None)
        )

    def _note(self, note: Note) -> list[str]:
        at = self._bars[note.party]
        colour = "red" if note.wrong else "dim"
        right, left = self._room_beside(at)
        text = f"{self._signs.dot} {note.text}"
        lines = []
        when = self._when(note.time)
        pieces = textwrap.wrap(text, max(right, left, 20), subsequent_indent="  ")
        longest = max(map(columns, pieces))
        for piece in pieces:
            if right >= left:
                lines.append(self._beside(None, at, piece, colour, when))
            else:
                bars = self._lifelines(_TIME, at - 1 - longest)
                gap = " " * (longest - columns(piece) + 1)
                piece = self._style.painted(piece, colour)
                lines.append(f"{when}{bars}{piece}{gap}{self._lifelines(at, None)}")
            when = " " * _TIME
        return lines

    def _room_beside(self, at: int) -> tuple[int, int]:
        """Columns for text to the right and to the left of a bar.

        It reaches over the next bar only where there is too little before it.
        """
        right = min([bar for bar in self._at if bar > at], default=self._width)
        left = max([bar for bar in self._at if bar < at], default=_TIME)
        if max(right - at, at - left) < _LEAST_NOTE:
            right, left = self._width, _TIME
        return right - at - 3, at - left - 3

    def _beside(
        self, time: float | None, at: int, text: str, colour: str, when: str = ""
    ) -> str:
        """Text to the right of a bar, over the bars that it reaches."""
        text = shortened(text, self._width - at - 2, self._signs.ellipsis)
        end = at + 2 + columns(text)
        line = when if time is None else self._when(time)
        line += self._lifelines(_TIME, at + 1) + " "
        line += self._style.painted(text, colour)
        if end < self._at[-1]:
            line += self._lifelines(end, None)
        return line

    def _when(self, time: float) -> str:
        return self._style.painted(f"{time - self._start:8.3f}", "dim") + " "

    def _lifelines(self, begin: int = 0, end: int | None = None) -> str:
        """The bars of all parties, from one column to before another."""
        last = self._at[-1] + 1 if self._at else 0
        cells = [" "] * last
        for at in self._at:
            cells[at] = self._signs.bar
        return "".join(cells[begin:end])
