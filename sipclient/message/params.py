"""Parameters: the ``;name=value`` tails of header fields and of URIs.

RFC 3261 §7.3.1 and §25.1: ``generic-param`` in header fields (`Params`: tokens,
hosts, quoted strings), ``uri-parameter`` in URIs (`URIParams`: %-escapes instead of
quotes, and no LWS). The contract: order and spelling survive as they were read; names
are found in any case; no name stands twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, Self, TypeVar, overload
from urllib.parse import quote_from_bytes, unquote_to_bytes

from sipclient.errors import SIPArgumentError, SIPParseError
from sipclient.message.grammar import (
    GEN_VALUE,
    GENERIC_PARAMS,
    PARAMCHARS,
    SWS,
    TOKEN,
    URI_PARAMETERS,
    encoded,
    quote,
    skip_lws,
    unquote,
)

_T = TypeVar("_T")
_Pairs = tuple[tuple[str, str | None], ...]


class _Unfrozen:
    # The layout of Params, to be filled with plain assignments and then made one by
    # its __class__: a third of what a frozen value costs, and the hot path makes many.
    __slots__ = ("pairs",)
    pairs: _Pairs


def unescape(text: str) -> str:
    """Undo the %-escapes of a URI's part; octets are UTF-8 with ``surrogateescape``."""
    if "%" not in text:
        return text
    octets = unquote_to_bytes(text.encode("utf-8", "surrogateescape"))
    return octets.decode("utf-8", "surrogateescape")


def escape(text: str, safe: str) -> str:
    """Write ``text`` with %-escapes for all but alphanumerics, ``_.-~`` and ``safe``.

    :raises SIPArgumentError: for a character that UTF-8 can't hold.
    """
    return quote_from_bytes(encoded(text), safe)


@dataclass(frozen=True, slots=True, repr=False)
class Params:
    """The parameters of a header field's value, in order.

    ``params["tag"]`` is the value without quotes, None for a parameter without "=";
    a name that isn't there is a KeyError. Iteration gives ``(name, raw value)`` as
    written. Two are equal when they are written alike.

    :ivar pairs: names with raw values (quotes included), None for no value. `of` and
        `with_` take plain text and write the quotes themselves.
    :raises SIPArgumentError: for what can't be written, or a name that is there twice.
    """

    pairs: _Pairs = ()

    _PRODUCTION: ClassVar[str] = "generic-param"
    _PLACE: ClassVar[str] = "a parameter (;name or ;name=value)"
    _ALL: ClassVar[re.Pattern[str]] = re.compile(GENERIC_PARAMS + SWS)
    # What _ALL has accepted can be cut with less care.
    _EACH: ClassVar[re.Pattern[str]] = re.compile(
        r';[ \t]*+([^;= \t]++)(?:[ \t]*+=[ \t]*+("(?>(?:[^"\\]++|\\.)*)"|[^; \t]++))?',
        re.DOTALL,
    )
    _NAME: ClassVar[re.Pattern[str]] = re.compile(TOKEN)
    _VALUE: ClassVar[re.Pattern[str]] = re.compile(GEN_VALUE)

    def __post_init__(self) -> None:
        seen = set()
        for name, value in self.pairs:
            if not self._NAME.fullmatch(name):
                raise self._refused(f"{name!a:.80} is not a parameter name")
            if value is not None and not self._VALUE.fullmatch(value):
                raise self._refused(f"{value!a:.80} is no value for {name}")
            seen.add(self._key(name))
        if len(seen) != len(self.pairs):
            raise self._refused("a name stands there twice")

    @classmethod
    def of(cls, values: Mapping[str, str | None]) -> Self:
        """Make parameters of plain text; quotes or escapes are added where needed.

        :raises SIPArgumentError: for a name or a value that can't be written.
        """
        return cls(tuple((cls._name(n), cls._raw(v)) for n, v in values.items()))

    @classmethod
    def parse(
        cls,
        text: str,
        start: int = 0,
        *,
        end: int | None = None,
        header: str | None = None,
    ) -> Self:
        """Read ``text[start:end]``, which holds parameters and nothing else.

        It starts with ";", or it is blank: then there are none.

        :raises SIPParseError: production "generic-param" ("uri-parameters" in a URI),
            or "duplicate-param" for a name that stands twice.
        """
        stop = len(text) if end is None else end
        if start >= stop:
            return cls._made(())
        match = cls._ALL.match(text, start, stop)
        place = match.end() if match else start
        if place != stop:
            separator = skip_lws(text, place)
            if text.startswith(";", separator, stop):
                place = separator
            raise SIPParseError(cls._PRODUCTION, text, place, cls._PLACE, header=header)
        return cls.cut(text, start, stop, header=header)

    @classmethod
    def cut(cls, text: str, start: int, end: int, *, header: str | None = None) -> Self:
        """Do what `parse` does for text that the grammar has accepted already.

        :raises SIPParseError: "duplicate-param" for a name that stands twice.
        """
        piece = text[start:end]
        if '"' in piece or " " in piece or "\t" in piece:
            pairs = [(n, raw or None) for n, raw in cls._EACH.findall(piece)]
        elif piece.rfind(";") == 0:
            # One, as most From and To and many a URI have.
            name, _, raw = piece[1:].partition("=")
            return cls.one(name, raw or None)
        else:
            pairs = [
                (name, raw or None)
                for name, _, raw in [one.partition("=") for one in piece.split(";")]
                if name
            ]
        if len(pairs) > 1 and (
            len({name.lower() for name, _ in pairs}) < len(pairs)
            or (
                "%" in piece and len({cls._key(name) for name, _ in pairs}) < len(pairs)
            )
        ):
            raise cls._duplicate(text, start, end, header)
        return cls._made(tuple(pairs))

    @classmethod
    def one(cls, name: str, raw: str | None) -> Self:
        """Make the single parameter that the grammar has accepted already."""
        value = _Unfrozen()
        value.pairs = ((name, raw),)
        value.__class__ = cls  # type: ignore[assignment]  # same layout
        return value  # type: ignore[return-value]  # is one now

    @classmethod
    def _made(cls, pairs: _Pairs) -> Self:
        value = _Unfrozen()
        value.pairs = pairs
        value.__class__ = cls  # type: ignore[assignment]  # same layout
        return value  # type: ignore[return-value]  # is one now

    @classmethod
    def _duplicate(
        cls, text: str, start: int, end: int, header: str | None
    ) -> SIPParseError:
        seen: set[str] = set()
        place = start
        for match in cls._EACH.finditer(text, start, end):
            place = match.start(1)
            key = cls._key(match[1])
            if key in seen:
                break
            seen.add(key)
        expected = "each parameter name only once"
        return SIPParseError("duplicate-param", text, place, expected, header=header)

    @classmethod
    def _refused(cls, came: str) -> SIPArgumentError:
        return SIPArgumentError(
            "making parameters", came, rule=f"RFC 3261 §25.1 {cls._PRODUCTION}"
        )

    # The three differences between header fields and URIs.

    @staticmethod
    def _key(name: str) -> str:
        return name.lower()

    @staticmethod
    def _plain(raw: str) -> str:
        return unquote(raw)

    @classmethod
    def _raw(cls, value: str | None) -> str | None:
        if value is None or (value[:1] != '"' and cls._VALUE.fullmatch(value)):
            return value
        return quote(value)

    @classmethod
    def _name(cls, name: str) -> str:
        return name

    # Looking

    def _find(self, name: str) -> int:
        pairs = self.pairs
        # Asked for is what a name means; only without "%" is that how it's written.
        if "%" not in name:
            for i, pair in enumerate(pairs):
                if pair[0] == name:
                    return i
        key = name.lower()
        for i, pair in enumerate(pairs):
            if self._key(pair[0]) == key:
                return i
        return -1

    def __getitem__(self, name: str) -> str | None:
        i = self._find(name)
        if i < 0:
            raise KeyError(name)
        raw = self.pairs[i][1]
        return raw if raw is None else self._plain(raw)

    @overload
    def get(self, name: str) -> str | None: ...

    @overload
    def get(self, name: str, default: _T) -> str | _T | None: ...

    def get(self, name: str, default: _T | None = None) -> str | _T | None:
        """Give ``params[name]``, or ``default`` where the name isn't there."""
        i = self._find(name)
        if i < 0:
            return default
        raw = self.pairs[i][1]
        return raw if raw is None else self._plain(raw)

    def raw(self, name: str) -> str | None:
        """Give the value as written, with quotes or escapes; None if there is none."""
        i = self._find(name)
        return None if i < 0 else self.pairs[i][1]

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self._find(name) >= 0

    def __iter__(self) -> Iterator[tuple[str, str | None]]:
        return iter(self.pairs)

    def __len__(self) -> int:
        return len(self.pairs)

    def __str__(self) -> str:
        return "".join([f";{n}" if v is None else f";{n}={v}" for n, v in self.pairs])

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {str(self)!a}>"

    # Changed copies

    def with_(self, name: str, value: str | None = None) -> Self:
        """Give a copy in which ``name`` has this value, in its place or at the end.

        The value is plain text; quotes or escapes are added where it needs them.

        :raises SIPArgumentError: for a name or a value that can't be written.
        """
        pair = (self._name(name), self._raw(value))
        i = self._find(name)
        if i < 0:
            return type(self)((*self.pairs, pair))
        return type(self)((*self.pairs[:i], pair, *self.pairs[i + 1 :]))

    def without(self, name: str) -> Self:
        """Give a copy that doesn't have ``name``; the same value when it hasn't."""
        i = self._find(name)
        return self if i < 0 else self._made(self.pairs[:i] + self.pairs[i + 1 :])


@dataclass(frozen=True, slots=True, repr=False)
class URIParams(Params):
    """The parameters of a SIP or tel URI: as `Params`, with %-escapes for quotes.

    ``%6C%72`` is found as "lr" (RFC 4475 §3.1.1.3), and ``params["x"]`` is unescaped.
    """

    _PRODUCTION: ClassVar[str] = "uri-parameters"
    _PLACE: ClassVar[str] = "a URI parameter (;name or ;name=value), no spaces"
    _ALL: ClassVar[re.Pattern[str]] = re.compile(URI_PARAMETERS)
    _EACH: ClassVar[re.Pattern[str]] = re.compile(";([^;=]++)(?:=([^;]++))?")
    _NAME: ClassVar[re.Pattern[str]] = re.compile(PARAMCHARS)
    _VALUE: ClassVar[re.Pattern[str]] = re.compile(PARAMCHARS)

    @staticmethod
    def _key(name: str) -> str:
        return unescape(name).lower()

    @staticmethod
    def _plain(raw: str) -> str:
        return unescape(raw)

    @classmethod
    def _raw(cls, value: str | None) -> str | None:
        # RFC 3261 §19.1.1: what paramchar allows stays as it is.
        return value if value is None else escape(value, "!*'()[]/:&+$")

    @classmethod
    def _name(cls, name: str) -> str:
        return escape(name, "!*'()[]/:&+$")


#: No parameters at all: one value for all who have none.
NO_PARAMS = Params()
NO_URI_PARAMS = URIParams()
