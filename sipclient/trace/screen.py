"""Text for a terminal: what a peer sent can't move the cursor, and it fits.

The contract: whatever `printable` gives has one line and no control characters, and
takes as many columns as `columns` says.
"""

from __future__ import annotations

import os
import re
import shutil
import unicodedata
from dataclasses import dataclass
from typing import TextIO

_ESCAPABLE = re.compile(r"[^ -~]")


def printable(text: str | bytes) -> str:
    r"""Escape all that isn't to be seen as it stands: ``\n``, ``\x1b``, ``\u202e``.

    Octets that were no UTF-8 come as ``\xff``, whether as bytes or surrogate escapes.
    """
    if isinstance(text, bytes):
        text = text.decode("utf-8", "surrogateescape")
    return _ESCAPABLE.sub(_escaped, text)


def _escaped(match: re.Match[str]) -> str:
    character = match[0]
    if character.isprintable():
        return character
    if "\udc80" <= character <= "\udcff":
        return f"\\x{ord(character) - 0xDC00:02x}"
    return character.encode("unicode_escape").decode("ascii")


def columns(text: str) -> int:
    """How many columns of a terminal a printable text takes."""
    if text.isascii():
        return len(text)
    return sum(map(_columns, text))


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def shortened(text: str, room: int, ellipsis: str = "…") -> str:
    """As much of a printable text as fits, with ``ellipsis`` for what doesn't."""
    if columns(text) <= room:
        return text
    room -= len(ellipsis)
    if room < 0:
        return ellipsis[: room + len(ellipsis)] if room + len(ellipsis) > 0 else ""
    kept = ""
    for character in text:
        room -= _columns(character)
        if room < 0:
            break
        kept += character
    return kept + ellipsis


@dataclass(frozen=True, slots=True)
class Style:
    """What a terminal can show.

    :ivar unicode: whether it has lines, arrows and ticks; else ASCII stands for them.
    :ivar colour: whether it has colours.
    """

    unicode: bool = True
    colour: bool = False

    @classmethod
    def of(cls, stream: TextIO) -> Style:
        """Find out about a stream: colours on a terminal only, unless NO_COLOR."""
        return cls(_speaks_unicode(stream), _has_colour(stream))

    def painted(self, text: str, colour: str) -> str:
        """The text in a colour of `COLOURS`, where there are any."""
        if not self.colour or not text:
            return text
        return f"\x1b[{COLOURS[colour]}m{text}\x1b[0m"

    def sign(self, unicode: str, ascii: str) -> str:
        """The first where it can be shown, else the second."""
        return unicode if self.unicode else ascii


COLOURS = {
    "bold": "1",
    "dim": "2",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "cyan": "36",
}


def _speaks_unicode(stream: TextIO) -> bool:
    try:
        "│▶◀✓✗…".encode(stream.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _has_colour(stream: TextIO) -> bool:
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return stream.isatty()


def terminal_width(most: int = 100) -> int:
    """How wide the terminal is: at least 60 columns are taken, and at most ``most``."""
    return max(60, min(most, shutil.get_terminal_size((80, 24)).columns))
