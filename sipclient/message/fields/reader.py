"""Shapes made from the reader of one value, and what readers share (RFC 3261 §7.3.1).

A *reader* reads one value from ``text[start:end]``, which has no white space around it.
The contract: it works on the line itself and not on a piece of it, so that the offsets
of errors are those of the line.
"""

from __future__ import annotations

from typing import Protocol, TypeVar

from ..grammar import split_list
from .shape import Shape, fail

V = TypeVar("V")
W = TypeVar("W", covariant=True)

_WS = " \t"


class Reader(Protocol[W]):
    """Reads one value of the header ``name`` from ``text[start:end]``."""

    def __call__(self, text: str, start: int, end: int, name: str, /) -> W:
        """Read it, or raise SIPParseError."""


class Single(Shape[V]):
    """One value a line: a comma, where there is one, is part of it."""

    __slots__ = ("_read",)

    def __init__(self, read: Reader[V]) -> None:
        self._read = read

    def parse(self, text: str, name: str) -> tuple[V, ...]:
        """Read the line's one value."""
        start, end = 0, len(text)
        if text[:1] in _WS or text[-1] in _WS:
            start, end = trimmed(text)
        return (self._read(text, start, end, name),)


class Listed(Shape[V]):
    """Values separated by commas.

    :param read: reads one of them.
    :param empty: whether a line may hold none ("Accept:" accepts nothing).
    """

    __slots__ = ("_empty", "_read")

    def __init__(self, read: Reader[V], *, empty: bool = False) -> None:
        self._read = read
        self._empty = empty

    def parse(self, text: str, name: str) -> tuple[V, ...]:
        """Read the line's values, in their order."""
        read = self._read
        if "," in text:
            items = split_list(text)
            return tuple([read(text, start, end, name) for start, end in items])
        start, end = 0, len(text)
        if text[:1] in _WS or text[-1] in _WS:
            start, end = trimmed(text)
            if start == end and self._empty:
                return ()
        return (read(text, start, end, name),)


def trimmed(text: str) -> tuple[int, int]:
    """Where the text starts and ends, but for the white space around it."""
    end = len(text.rstrip(_WS))
    return min(end, len(text) - len(text.lstrip(_WS))), end


def one(shape: Shape[V], text: str, name: str) -> V:
    """The value of a text that holds exactly one."""
    values = shape.parse(text, name)
    if len(values) != 1:
        fail(name, text, 0, f"one value; {len(values)} came")
    return values[0]
