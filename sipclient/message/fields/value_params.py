"""A word and its parameters, the shape of most header fields (RFC 3261 §7.3.1).

The values of Event, Content-Disposition, Accept-Encoding and their like derive from
:class:`ValueParams`. The contract: two values are equal when word and parameters are,
as written; the comparisons that an RFC makes in any case are methods of the class.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar, TypeVar

from sipclient.errors import SIPArgumentError

from ..grammar import TOKEN
from ..params import NO_PARAMS, Params
from .reader import Reader
from .shape import fail

P = TypeVar("P", bound="ValueParams")

_QVALUE = re.compile(r"0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?").fullmatch
_SECONDS = re.compile("0*+([0-9]{0,10})").fullmatch


@dataclass(frozen=True, slots=True)
class ValueParams:
    """A word and its parameters: ``word;name=value;flag``.

    :ivar value: the word, as written.
    :ivar params: what follows it.
    :raises SIPArgumentError: for what the header can't hold.
    """

    value: str
    params: Params = NO_PARAMS

    # The word's grammar, and what it is called in errors.
    _WORD: ClassVar[re.Pattern[str]] = re.compile(TOKEN)
    _EXPECTED: ClassVar[str] = "a token"

    def __post_init__(self) -> None:
        expected = self._wrong()
        if not self._WORD.fullmatch(self.value):
            expected = self._EXPECTED
        if expected is not None:
            raise SIPArgumentError(
                f"making a {type(self).__name__}",
                f"{str(self)!a:.80} is not {expected}",
            )

    def _wrong(self) -> str | None:
        """What the parameters should have had, None when they are right."""
        return None

    def __str__(self) -> str:
        return f"{self.value}{self.params}"


class _Unfrozen:
    # The layout of ValueParams and its heirs, to be filled with plain assignments and
    # then made one by its __class__: a third of what a frozen value costs.
    __slots__ = ("params", "value")
    value: str
    params: Params


def value_reader(make: type[P], word: str | None = None) -> Reader[P]:
    """A reader of a word and its parameters.

    :param make: the class of the value.
    :param word: the word's grammar, where it is narrower than that of the class.
    """
    match_word = (make._WORD if word is None else re.compile(word)).match
    word_expected = make._EXPECTED
    wrong = make._wrong

    def read(text: str, start: int, end: int, name: str) -> P:
        match = match_word(text, start, end)
        if match is None:
            fail(name, text, start, word_expected)
        value = _Unfrozen()
        value.value = match[0]
        after = match.end()
        if after == end:
            value.params = NO_PARAMS
            value.__class__ = make  # type: ignore[assignment]  # same layout
            return value  # type: ignore[return-value]  # is one now
        value.params = Params.parse(text, after, end=end, header=name)
        value.__class__ = make  # type: ignore[assignment]  # same layout
        made: P = value  # type: ignore[assignment]  # is one now
        expected = wrong(made)
        if expected is not None:
            fail(name, text, after, expected)
        return made

    return read


def wrong_q(params: Params) -> str | None:
    """What a ``q`` should have been, None when there is none or it is a qvalue."""
    for name, raw in params.pairs:
        if name in ("q", "Q") and not _QVALUE(raw or ""):
            return "a q from 0 to 1, such as q=0.5"
    return None


def wrong_seconds(params: Params, name: str) -> str | None:
    """What that parameter should have been, None when it isn't there or is right."""
    if name not in params or seconds(params[name]) is not None:
        return None
    return f"{name} in seconds, below 2**32"


def seconds(text: str | None) -> int | None:
    """The delta-seconds that a text is, below 2**32; None where it isn't that."""
    match = _SECONDS(text) if text else None
    if match is None:
        return None
    value = int(match[1] or 0)
    return value if value < 2**32 else None
