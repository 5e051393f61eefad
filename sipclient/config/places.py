"""In which line of a TOML text each key and each item of an array stands.

``tomllib`` gives values without their places. The contract: the text is one that
``tomllib`` accepts, so that all that is left to do here is to tell keys from strings
and comments (TOML 1.0).
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_left
from typing import TypeAlias

#: The keys, and the numbers of items, that lead to a value.
Path: TypeAlias = tuple[str | int, ...]

_BLANK = re.compile(r"(?>(?:[ \t\r\n]++|#[^\n]*+)*)")
_STRING = re.compile(
    r'"""(?>(?:[^"\\]++|\\.|"(?!""))*)"{3,5}'
    r"|'''(?>(?:[^']++|'(?!''))*)'{3,5}"
    r'|"(?>(?:[^"\\\n]++|\\.)*)"'
    r"|'[^'\n]*+'",
    re.DOTALL,
)
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]++")
# A number, a date or a truth value; what may follow one is none of these.
_PLAIN = re.compile(r"[^,\]}#\n]++")


def places(text: str) -> dict[Path, int]:
    """Give the line of each key and item, from 1; that of a table is its header's.

    :param text: what ``tomllib.loads`` has accepted.
    """
    scanner = _Scanner(text)
    scanner.scan()
    return scanner.places


def line_of(path: Path, places: dict[Path, int]) -> int:
    """The line of a value, or of the nearest one around it; 1 where nothing is."""
    while path and path not in places:
        path = path[:-1]
    return places.get(path, 1)


class _Scanner:
    def __init__(self, text: str) -> None:
        self.places: dict[Path, int] = {}
        self._text = text
        self._at = 0
        self._line_ends = [match.start() for match in re.finditer("\n", text)]
        # The number of the last table in each array of tables.
        self._last: dict[Path, int] = {}

    def scan(self) -> None:
        table: Path = ()
        while self._skip_blank():
            if self._next("["):
                table = self._header()
            else:
                self._key_and_value(table)

    def _next(self, character: str) -> bool:
        """Take this character, if it is the next one."""
        if self._text.startswith(character, self._at):
            self._at += len(character)
            return True
        return False

    def _take(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self._text, self._at)
        if match is None:
            return ""
        self._at = match.end()
        return match[0]

    def _skip_blank(self) -> bool:
        """Skip blanks, line ends and comments; tell whether something follows."""
        self._take(_BLANK)
        return self._at < len(self._text)

    def _note(self, path: Path, at: int) -> None:
        self.places.setdefault(path, bisect_left(self._line_ends, at) + 1)

    def _header(self) -> Path:
        begin = self._at
        is_array = self._next("[")
        path: Path = ()
        *above, name = self._key()
        for part in above:
            path = self._within((*path, part))
            self._note(path, begin)
        path = (*path, name)
        self._note(path, begin)
        if is_array:
            self._last[path] = self._last.get(path, -1) + 1
            path = self._within(path)
            self._note(path, begin)
        self._at += 2 if is_array else 1  # the brackets that close it
        return path

    def _within(self, path: Path) -> Path:
        """Go on into the last table, where the path is that of an array of tables."""
        return (*path, self._last[path]) if path in self._last else path

    def _key(self) -> list[str]:
        parts = []
        while True:
            self._skip_blank()
            quoted = self._take(_STRING)
            if quoted:
                parts.append(tomllib.loads(f"key = {quoted}")["key"])
            else:
                parts.append(self._take(_BARE_KEY))
            self._skip_blank()
            if not self._next("."):
                return parts

    def _key_and_value(self, table: Path) -> None:
        begin = self._at
        path = table
        for part in self._key():
            path = (*path, part)
            self._note(path, begin)
        self._at += 1  # the equals sign
        self._value(path)

    def _value(self, path: Path) -> None:
        self._skip_blank()
        if self._next("["):
            self._array(path)
        elif self._next("{"):
            while self._skip_blank() and not self._next("}"):
                self._key_and_value(path)
                self._skip_blank()
                self._next(",")
        elif not self._take(_STRING):
            self._take(_PLAIN)

    def _array(self, path: Path) -> None:
        number = 0
        while self._skip_blank() and not self._next("]"):
            item = (*path, number)
            self._note(item, self._at)
            self._value(item)
            self._skip_blank()
            self._next(",")
            number += 1
