"""Numbers that name things, each given once (64 bits; 0 names nothing)."""

from __future__ import annotations


class Ids:
    """Gives ascending numbers. A handle's id is never used for another one."""

    __slots__ = ("_last",)

    def __init__(self, start: int = 0) -> None:
        self._last = start

    def next(self) -> int:
        """The next number."""
        self._last = number = self._last + 1
        return number
