"""Ladders: who sent what to whom, drawn as text.

`Ladder` keeps what happened and draws it when asked; `LiveLadder` draws as it happens.
Both are listeners of a :class:`sipclient.trace.tap.Tap`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from .drawing import Drawing
from .records import MessageLost, Place, Record
from .screen import Style, terminal_width
from .story import Arrow, Row, Story

# A live ladder with more parties than fit leaves out who was silent longest.
_LIVE_GAP = 18


class Ladder:
    """A ladder that is drawn when asked for.

    :param names: of the parties, by address. Several addresses may have one name.
    :param notes: whether to show what the stack found out, besides messages.
    """

    def __init__(
        self, names: Mapping[Place, str] | None = None, *, notes: bool = True
    ) -> None:
        self.rows: list[Row] = []
        self._story = Story(names)
        self._notes = notes

    def __call__(self, record: Record) -> None:
        """Take a record of a tap."""
        if isinstance(record, MessageLost):
            self._story.lost(record, self.rows)
            return
        for row in self._story.rows(record):
            if self._notes or isinstance(row, Arrow):
                self.rows.append(row)

    @property
    def arrows(self) -> list[Arrow]:
        """The messages, in their order."""
        return [row for row in self.rows if isinstance(row, Arrow)]

    def clear(self) -> None:
        """Begin anew; copies of what was before stay copies."""
        self.rows = []

    def call(self, place: Place, name: str) -> None:
        """Give an address the name of a party; columns stand in that order."""
        self._story.names[place] = name

    def lines(
        self, style: Style | None = None, width: int = 80, *, whole: bool = False
    ) -> list[str]:
        """Draw it; nothing where nothing happened.

        :param whole: show messages whole, without secrets.
        """
        if not self.rows:
            return []
        drawing = Drawing(
            _titles(self._present(), self._story.names),
            style or Style(),
            width,
            self.rows[0].time,
        )
        lines = drawing.head()
        for row in self.rows:
            lines += drawing.row(row)
            if whole and isinstance(row, Arrow):
                lines += drawing.whole(row)
        return lines

    def _present(self) -> list[str]:
        """Who takes part: in the order of their names, then of their appearance."""
        seen = set(_parties(self.rows))
        named = [name for name in self._story.names.values() if name in seen]
        return list(dict.fromkeys([*named, *_parties(self.rows)]))


class LiveLadder:
    """A ladder that is drawn while things happen.

    :param write: takes each line.
    :param whole: whether to show messages whole, without secrets.
    """

    def __init__(
        self,
        write: Callable[[str], object],
        names: Mapping[Place, str] | None = None,
        *,
        style: Style | None = None,
        width: int | None = None,
        whole: bool = False,
    ) -> None:
        self._write = write
        self._story = Story(names)
        self._style = style or Style()
        self._width = terminal_width() if width is None else width
        self._whole = whole
        self._most = max(2, self._width // _LIVE_GAP)
        self._parties: list[str] = []
        self._latest: list[str] = []
        self._drawing: Drawing | None = None
        self._start: float | None = None

    def __call__(self, record: Record) -> None:
        """Take a record of a tap, and draw what there is to draw."""
        for row in self._story.rows(record):
            self._draw(row)

    def _draw(self, row: Row) -> None:
        if self._start is None:
            self._start = row.time
        parties = list(dict.fromkeys(_parties([row])))
        drawing = self._drawing
        if drawing is None or not set(parties) <= set(self._parties):
            drawing = self._drawing = self._drawn_anew(parties)
            for line in drawing.head():
                self._write(line)
        self._latest = [p for p in self._latest if p not in parties] + parties
        for line in drawing.row(row):
            self._write(line)
        if self._whole and isinstance(row, Arrow):
            for line in drawing.whole(row):
                self._write(line)

    def _drawn_anew(self, parties: list[str]) -> Drawing:
        """Give newcomers a column; who was silent longest makes room."""
        self._parties += [p for p in parties if p not in self._parties]
        quiet = [p for p in self._latest if p not in parties]
        while len(self._parties) > self._most and quiet:
            gone = quiet.pop(0)
            self._parties.remove(gone)
            self._latest.remove(gone)
        return Drawing(
            _titles(self._parties, self._story.names),
            self._style,
            self._width,
            self._start or 0.0,
        )


def _parties(rows: Iterable[Row]) -> Iterable[str]:
    for row in rows:
        if isinstance(row, Arrow):
            yield row.source
            yield row.target
        else:
            yield row.party


def _titles(
    parties: Iterable[str], names: Mapping[Place, str]
) -> list[tuple[str, str]]:
    """Each party with its address; without one where it has several."""
    places: dict[str, list[Place]] = {}
    for place, name in names.items():
        places.setdefault(name, []).append(place)
    return [
        (party, Story().name(found[0]) if len(found) == 1 else "")
        for party in parties
        for found in [places.get(party, [])]
    ]
