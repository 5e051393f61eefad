"""How the tests of the parsers say that a time is linear."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from time import process_time

from sipclient.errors import SIPParseError

SIZE = 60_000
# What passes without a second look, in seconds, and what passes never.
SHORT, LONGEST = 0.03, 0.25


def slow_inputs(
    parse: Callable[[str], object], pieces: Iterable[tuple[str, str, str]]
) -> dict[str, float]:
    """Give the inputs that take too long, and how long.

    Four times the text may take four times as long; a quadratic parser takes sixteen.

    :param pieces: beginning, what is repeated until there are 60 kB, and end.
    """
    slow = {}
    for before, repeated, after in pieces:
        count = SIZE // len(repeated)
        taken = _seconds(parse, before + repeated * count + after)
        if taken > SHORT:
            quarter = _seconds(parse, before + repeated * (count // 4) + after)
            if taken > LONGEST or taken > 8 * quarter:
                slow[f"{before}{repeated}…{after}"] = taken
    return slow


def _seconds(parse: Callable[[str], object], text: str) -> float:
    return min(_once(parse, text) for _ in range(3))


def _once(parse: Callable[[str], object], text: str) -> float:
    start = process_time()
    try:
        parse(text)
    except SIPParseError as error:
        # The error's own words are part of the price.
        str(error)
    return process_time() - start
