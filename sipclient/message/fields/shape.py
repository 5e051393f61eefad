"""What every shape of header field has in common (RFC 3261 §7.3.1).

A :class:`Shape` turns the text of one header line into values and a value back into
text. The contract: ``parse`` returns or raises :class:`SIPParseError`, nothing else,
whatever the text is, in time that grows with its length; its error names the header and
the offset in the whole line; and what ``write`` gives parses to an equal value.
"""

from __future__ import annotations

from typing import Generic, NoReturn, TypeVar

from ...errors import SIPParseError

V = TypeVar("V")


class Shape(Generic[V]):
    """How the lines of a header field are read and its values written."""

    __slots__ = ()

    def parse(self, text: str, name: str) -> tuple[V, ...]:
        """Read all values of one header line.

        :param text: the unfolded text after the colon.
        :param name: the header's name, for errors.
        :raise SIPParseError: with that name and the offset in ``text``.
        """
        raise NotImplementedError

    def write(self, value: V) -> str:
        """The text of one value, as it stands after the colon."""
        return str(value)


class Text(Shape[str]):
    """Text as it is, but for white space around it."""

    __slots__ = ()

    def parse(self, text: str, name: str) -> tuple[str, ...]:
        """Give the text; only a line end is an error."""
        if "\r" in text or "\n" in text:
            end = len(text.partition("\r")[0].partition("\n")[0])
            fail(name, text, end, "text of one line")
        return (text.strip(" \t"),)


TEXT = Text()


def fail(name: str, text: str, offset: int, expected: str) -> NoReturn:
    """Raise the error of a value that breaks its own header's rule."""
    raise SIPParseError(name, text, offset, expected, header=name)
