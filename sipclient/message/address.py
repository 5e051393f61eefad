"""Addresses: a URI with a name for people, and the header field's parameters.

RFC 3261 §25.1 ``name-addr`` and ``addr-spec``, as From, To, Contact, Route and others
have them. The contract is that of §20: what follows a URI without <> belongs to the
header field, so that such a URI can have no ";", "," or "?". Writing always puts <>.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Self

from sipclient.errors import SIPArgumentError, SIPParseError
from sipclient.message.common import NAME_ADDR_PARTS, SIP_URI_PARTS
from sipclient.message.grammar import (
    DISPLAY_NAME,
    GENERIC_PARAMS,
    QUOTED_STRING,
    SWS,
    item_end,
    quote,
    skip_lws,
    unquote,
)
from sipclient.message.params import NO_PARAMS, Params
from sipclient.message.uri import (
    BARE_SIP_URI,
    SIP_URI,
    SIPURI,
    URI,
    OtherURI,
    TelURI,
    common_sip_uri,
    made_sip_uri,
    read_uri,
)

# Groups: name, the seven of SIP_URI, parameters.
_name_addr = re.compile(
    f"{SWS}({QUOTED_STRING}|{DISPLAY_NAME}|){SWS}<{SIP_URI}>({GENERIC_PARAMS}){SWS}"
)
_addr_spec = re.compile(f"{SWS}(){BARE_SIP_URI}({GENERIC_PARAMS}){SWS}")
_name_addr_parts = re.compile(NAME_ADDR_PARTS).fullmatch
_uri_parts = re.compile(SIP_URI_PARTS).fullmatch
_quoted_name = re.compile(QUOTED_STRING)
_plain_name = re.compile(DISPLAY_NAME)
_bare_uri = re.compile(r"[^;?, \t]*+")
_spaces = re.compile(r"[ \t]+")


@dataclass(frozen=True, slots=True)
class Address:
    """A name-addr or addr-spec with the parameters behind it. Original: CSIPAddress.

    :ivar display_name: the name without quotes, "" for none. It decides nothing.
    :ivar uri: a `SIPURI`, `TelURI` or `OtherURI`.
    :ivar params: the header field's parameters ("tag", "expires", "q" …).
    :raises SIPArgumentError: for a name with a line end, or parts of the wrong kind.
    """

    display_name: str
    uri: URI
    params: Params = NO_PARAMS

    def __post_init__(self) -> None:
        quote(self.display_name)
        if type(self.uri) not in (SIPURI, TelURI, OtherURI):
            came, advice = f"{self.uri!a:.80} is no URI", "parse_uri makes one of text"
        elif type(self.params) is not Params:
            came = f"{self.params!a:.80} are no header field parameters"
            advice = 'Give Params, for example Params.of({"tag": "1928301774"})'
        else:
            return
        rule = "RFC 3261 §25.1 name-addr"
        raise SIPArgumentError("making an address", came, rule=rule, advice=advice)

    def __str__(self) -> str:
        name = f"{quote(self.display_name)} " if self.display_name else ""
        return f"{name}<{self.uri}>{self.params}"

    @property
    def tag(self) -> str | None:
        """The tag parameter of From and To; None where there is none."""
        return self.params.get("tag")

    def with_param(self, name: str, value: str | None = None) -> Self:
        """Give a copy with this header parameter; plain text, quoted where needed."""
        return replace(self, params=self.params.with_(name, value))

    def without_param(self, name: str) -> Self:
        """Give a copy without this header parameter."""
        return replace(self, params=self.params.without(name))


class _Unfrozen:
    # The layout of Address, to be filled with plain assignments and then made one by
    # its __class__: what the parser has checked needs no second check.
    __slots__ = ("display_name", "params", "uri")
    display_name: str
    uri: URI
    params: Params


def parse_address(text: str, *, header: str = "From") -> Address:
    """Read the one address that ``text`` is.

    :param header: the header field that it stands in, for the error's words.
    :raises SIPParseError: production "name-addr", "display-name", "generic-param",
        "duplicate-param", or one of those of `parse_uri`.
    """
    common = _common_address(text)
    if common is not None:
        return common
    value, place = _scan_address(text, 0, header)
    if place != len(text):
        expected = 'the end: one address only, and "<" and ">" around a URI with a ","'
        raise SIPParseError("name-addr", text, place, expected, header=header)
    return value


def parse_addresses(text: str, *, header: str = "Contact") -> tuple[Address, ...]:
    """Read addresses that commas separate, one at least.

    :raises SIPParseError: as `parse_address` does.
    """
    common = _common_address(text)
    if common is not None:
        return (common,)
    value, place = _scan_address(text, 0, header)
    if place == len(text):
        return (value,)
    values = [value]
    while place < len(text):
        value, place = _scan_address(text, place + 1, header)
        values.append(value)
    return tuple(values)


def _scan_address(text: str, start: int, header: str) -> tuple[Address, int]:
    # Gives the place of the comma behind the address, or that of the end.
    match = _name_addr.match(text, start) or _addr_spec.match(text, start)
    if match is None:
        return _scan_step_by_step(text, start, header)
    place = match.end()
    if place != len(text) and text[place] != ",":
        return _scan_step_by_step(text, start, header)
    groups = match.groups()
    name = groups[0]
    if name:
        name = unquote(name) if name[0] == '"' else _spaces.sub(" ", name)
    uri = made_sip_uri(match, 2, groups[1:8], header)
    if not groups[8]:
        return _made(name, uri, NO_PARAMS), place
    return _made(name, uri, Params.cut(text, *match.span(9), header=header)), place


def _common_address(text: str) -> Address | None:
    # Of the common forms, or None.
    match = _name_addr_parts(text)
    if match is not None:
        quoted, words, scheme, user, host, port, param, of_param, name, value = (
            match.groups()
        )
        return _made(
            quoted or words or "",
            common_sip_uri(scheme, user, host, port, param, of_param),
            NO_PARAMS if name is None else Params.one(name, value),
        )
    match = _uri_parts(text)
    if match is None or match[5] is not None:
        return None  # RFC 3261 §20: without <>, that parameter is the header's
    return _made("", common_sip_uri(*match.groups()), NO_PARAMS)


def _made(name: str, uri: URI, params: Params) -> Address:
    value = _Unfrozen()
    value.display_name = name
    value.uri = uri
    value.params = params
    value.__class__ = Address  # type: ignore[assignment]  # same layout
    return value  # type: ignore[return-value]  # is one now


def _scan_step_by_step(text: str, start: int, header: str) -> tuple[Address, int]:
    # All that isn't a good address with a SIP URI: other URIs, and every fault.
    start = skip_lws(text, start)
    end = item_end(text, start)
    name, place = _scan_name(text, start, end, header)
    if text.startswith("<", place, end):
        uri, place = _scan_bracketed_uri(text, place + 1, end, header)
    else:
        uri, place = _scan_bare_uri(text, start, end, header)
    return _made(name, uri, Params.parse(text, place, end=end, header=header)), end


def _scan_name(text: str, start: int, end: int, header: str) -> tuple[str, int]:
    if text.startswith('"', start, end):
        quoted = _quoted_name.match(text, start, end)
        if quoted is None:
            expected = "a closing quote, and only characters that may be quoted"
            raise SIPParseError("display-name", text, start, expected, header=header)
        place = skip_lws(text, quoted.end())
        if not text.startswith("<", place, end):
            expected = '"<" and a URI after the display name'
            raise SIPParseError("name-addr", text, place, expected, header=header)
        return unquote(quoted[0]), place
    plain = _plain_name.match(text, start, end)
    place = skip_lws(text, plain.end()) if plain else start
    if plain and text.startswith("<", place, end):
        return _spaces.sub(" ", plain[0]), place
    if text.find("<", start, end) > start:
        expected = "quotes around a display name that is more than plain words"
        raise SIPParseError("display-name", text, place, expected, header=header)
    return "", start


def _scan_bracketed_uri(
    text: str, start: int, end: int, header: str
) -> tuple[URI, int]:
    close = text.find(">", start, end)
    if close < 0:
        raise SIPParseError("name-addr", text, end, '">" after the URI', header=header)
    for place in (start, close - 1):
        if text[place] in " \t":
            expected = "no space between < or > and the URI"
            raise SIPParseError("name-addr", text, place, expected, header=header)
    return read_uri(text, start, close, header=header), close + 1


def _scan_bare_uri(text: str, start: int, end: int, header: str) -> tuple[URI, int]:
    match = _bare_uri.match(text, start, end)
    stop = match.end() if match else start
    if text.startswith("?", stop, end):
        expected = '"<" and ">" around a URI that has a "?"'
        raise SIPParseError("name-addr", text, stop, expected, header=header)
    if ":" not in text[start:stop] and text.startswith(",", end) and "<" in text[end:]:
        expected = 'quotes around a display name that has a ","'
        raise SIPParseError("display-name", text, end, expected, header=header)
    return read_uri(text, start, stop, header=header), stop
