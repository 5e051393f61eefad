"""A configuration, read from TOML and checked: every mistake with its line.

::

    open = ["home"]                 # access points opened at start; all, unless given

    [[access_point]]
    id = "home"                     # "default", unless given
    listen = ["udp:5060"]           # as ListenAddress.parse reads them
    outbound_proxy = "sip:192.0.2.1"
    timers = "cellular"             # or in seconds: { T1 = 0.5, T2 = 4, T4 = 5 }
    domains = ["example.com"]

    [limits]                        # the fields of StackLimits …
    pending_requests = 500

    [limits.message]                # … and of the limits that it holds
    lines = 100

The contract: nothing is opened and nothing is guessed. What is not understood is an
error, and all errors are told at once.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, fields, is_dataclass
from difflib import get_close_matches
from functools import partial
from pathlib import Path as FilePath
from typing import Any, TypeVar

from ..bearer.access_point import AccessPoint, ListenAddress
from ..bearer.timing import TimerValues, timer_values
from ..core.limits import StackLimits
from ..core.stack import DEFAULT_ACCESS_POINT
from ..errors import SIPConfigurationError, SIPError
from .places import Path, line_of, places

_T = TypeVar("_T")

# The RFC's names, and ours.
_TIMERS = {"T1": "t1", "T2": "t2", "T4": "t4"}

_TOML_PLACE = re.compile(r" \(at (?:line ([0-9]+), column ([0-9]+)|end of document)\)")
_KINDS: tuple[tuple[type, str], ...] = (
    (bool, "true or false"),
    (str, "a text"),
    (int, "a number"),
    (float, "a number"),
    (list, "a list"),
    (dict, "a table"),
)


@dataclass(frozen=True, slots=True)
class Config:
    """What a file says about a stack.

    :ivar access_points: those that applications may ask for by name.
    :ivar limits: what peers and applications may make the stack hold.
    :ivar open: the ids of the access points to be opened at start, in their order.
    """

    access_points: tuple[AccessPoint, ...] = (DEFAULT_ACCESS_POINT,)
    limits: StackLimits = field(default_factory=StackLimits)
    open: tuple[str, ...] = (DEFAULT_ACCESS_POINT.id,)

    @property
    def opened(self) -> tuple[AccessPoint, ...]:
        """The access points to be opened at start."""
        by_id = {point.id: point for point in self.access_points}
        return tuple([by_id[name] for name in self.open])


def read_config(path: str | FilePath) -> Config:
    """Read a file.

    Raises :class:`SIPConfigurationError`, which names the file and the lines.
    """
    name = str(path)
    try:
        data = FilePath(path).read_bytes()
    except OSError as error:
        raise SIPConfigurationError(
            name, [(0, error.strerror or str(error))]
        ) from error
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise SIPConfigurationError(name, [(line, "this is not UTF-8")]) from error
    return parse_config(text, name)


def parse_config(text: str, name: str = "<string>") -> Config:
    """Read the text of a file.

    :param name: what errors call the file.

    Raises :class:`SIPConfigurationError`.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SIPConfigurationError(name, [_syntax(str(error), text)]) from error
    except RecursionError as error:
        raise SIPConfigurationError(name, [(0, "its lists are too deep")]) from error
    reader = _Reader(places(text))
    config = reader.config(data)
    if reader.problems:
        raise SIPConfigurationError(name, sorted(reader.problems, key=lambda p: p[0]))
    return config


def _syntax(message: str, text: str) -> tuple[int, str]:
    """The line and the words of what tomllib says."""
    place = _TOML_PLACE.search(message)
    if place is None:
        return 0, message
    words = message[: place.start()]
    if place[1] is None:
        return text.rstrip().count("\n") + 1, f"{words} at the end"
    return int(place[1]), f"{words} in column {place[2]}"


class _Reader:
    """Makes values of what tomllib gave, and notes what is wrong."""

    def __init__(self, places: dict[Path, int]) -> None:
        self.problems: list[tuple[int, str]] = []
        self._places = places

    def wrong(self, path: Path, text: str) -> None:
        self.problems.append((line_of(path, self._places), text))

    def config(self, data: dict[str, Any]) -> Config:
        given = self.table(data, (), ("open", "access_point", "limits"))
        limits = StackLimits()
        if "limits" in given:
            limits = self.limits(given["limits"], ("limits",), limits)
        points = self.access_points(given)
        ids = [point.id for point in points]
        opened = ids
        if "open" in given:
            opened = self.texts(given["open"], ("open",))
            # Where an access point is wrong, its id isn't known, and that is enough.
            if not self.problems:
                self.known_once(opened, ids)
        return Config(tuple(points), limits, tuple(opened))

    def known_once(self, opened: list[str], ids: list[str]) -> None:
        """Make sure that each of these is an access point, and stands there once."""
        for number, name in enumerate(opened):
            if name not in ids:
                text = f"there is no access point {name!a}{_meant(name, ids)}"
                self.wrong(("open", number), text)
            elif name in opened[:number]:
                self.wrong(("open", number), f"{name!a} stands there already")

    # Access points

    def access_points(self, given: dict[str, Any]) -> list[AccessPoint]:
        if "access_point" not in given:
            return [DEFAULT_ACCESS_POINT]
        path: Path = ("access_point",)
        tables = given["access_point"]
        if not isinstance(tables, list) or not all(isinstance(t, dict) for t in tables):
            self.wrong(path, "access points are tables headed [[access_point]]")
            return []
        points: dict[str, AccessPoint] = {}
        for number, table in enumerate(tables):
            point = self.access_point(table, (*path, number))
            if point is None:
                continue
            if point.id in points:
                here = (*path, number, "id")
                self.wrong(here, f"there is an access point {point.id!r} already")
            points[point.id] = point
        return list(points.values())

    def access_point(self, value: dict[str, Any], path: Path) -> AccessPoint | None:
        before = len(self.problems)
        known = ("id", "listen", "outbound_proxy", "timers", "domains")
        given = self.table(value, path, known)
        arguments: dict[str, Any] = {"id": DEFAULT_ACCESS_POINT.id}
        for name, said in given.items():
            here = (*path, name)
            if name == "timers":
                arguments[name] = self.timers(said, here)
            elif name == "listen":
                arguments[name] = self.texts(said, here, ListenAddress.parse)
            elif name == "domains":
                arguments[name] = self.texts(said, here, partial(_one_setting, name))
            else:
                arguments[name] = self.text(said, here, partial(_one_setting, name))
        if len(self.problems) > before:
            return None
        return self.made(path, lambda: AccessPoint(**arguments))

    def timers(self, value: Any, path: Path) -> TimerValues:
        usual = TimerValues()
        if isinstance(value, str):
            return self.made(path, lambda: timer_values(value)) or usual
        before = len(self.problems)
        seconds: dict[str, float] = {}
        for name, said in self.table(value, path, _TIMERS).items():
            here = (*path, name)
            if self.is_number(said, here, whole=False):
                if 0 < said < float("inf"):
                    seconds[_TIMERS[name]] = said
                else:
                    self.wrong(here, f"{name} is a number of seconds above 0")
        if len(self.problems) > before:
            return usual
        return self.made(path, lambda: TimerValues(**seconds)) or usual

    # Limits

    def limits(self, value: Any, path: Path, usual: _T) -> _T:
        """Those of a dataclass: a number each, or a table of a dataclass's own."""
        kind: type[_T] = type(usual)
        whole = {
            each.name: each.type == "int"
            for each in fields(usual)  # type: ignore[arg-type]  # it is a dataclass
        }
        given: dict[str, Any] = {}
        for name, said in self.table(value, path, whole).items():
            here, default = (*path, name), getattr(usual, name)
            if is_dataclass(default):
                given[name] = self.limits(said, here, default)
            elif self.is_number(said, here, whole=whole[name]):
                alone = self.made(here, partial(kind, **{name: said}))
                if alone is not None:
                    given[name] = said
        return kind(**given)

    # Pieces

    def table(self, value: Any, path: Path, known: Collection[str]) -> dict[str, Any]:
        """The settings of a table that there are; any other is a mistake."""
        if not isinstance(value, dict):
            self.wrong(path, f"{path[-1]} is a table, not {_kind(value)}")
            return {}
        given = {}
        for name, said in value.items():
            if name in known:
                given[name] = said
            else:
                text = f"there is no setting {name!a}{_meant(name, known)}"
                self.wrong((*path, name), text)
        return given

    def text(self, value: Any, path: Path, check: Callable[[str], object]) -> str:
        """A text that a check doesn't refuse."""
        if not isinstance(value, str):
            name = next(part for part in reversed(path) if isinstance(part, str))
            self.wrong(path, f"{name} is a text in quotes, not {_kind(value)}")
            return ""
        self.made(path, lambda: check(value))
        return value

    def texts(
        self, value: Any, path: Path, check: Callable[[str], object] = str
    ) -> list[str]:
        """One text, or a list of them."""
        if not isinstance(value, list):
            return [self.text(value, path, check)]
        return [self.text(v, (*path, n), check) for n, v in enumerate(value)]

    def is_number(self, value: Any, path: Path, *, whole: bool) -> bool:
        """Whether it is a number, and a whole one where that is wanted."""
        if type(value) is int or (type(value) is float and not whole):
            return True
        came = repr(value) if type(value) is float else _kind(value)
        kind = "a whole number" if whole else "a number"
        self.wrong(path, f"{path[-1]} is {kind}, not {came}")
        return False

    def made(self, path: Path, make: Callable[[], _T]) -> _T | None:
        """What this makes; None where it is refused, which is noted."""
        try:
            return make()
        except SIPError as error:
            self.wrong(path, str(error).rstrip("."))
            return None


def _one_setting(name: str, value: str) -> AccessPoint:
    """An access point to which nothing else has happened."""
    settings: dict[str, Any] = {"id": "x", name: value}
    return AccessPoint(**settings)


def _kind(value: object) -> str:
    """What a value of TOML is, in a person's words."""
    for kind, words in _KINDS:
        if isinstance(value, kind):
            return words
    return "a date"


def _meant(name: str, known: Collection[str]) -> str:
    """The name that was meant, if one is near, or all that there are."""
    by_spelling = {each.lower(): each for each in known}
    near = get_close_matches(name.lower(), by_spelling, n=1)
    if near:
        return f"; did you mean {by_spelling[near[0]]!a}?"
    return "; there are: " + ", ".join(known) if known else ""
