"""Hosts and ports: names, IPv4 and IPv6 addresses, as URIs and Via have them.

RFC 3261 §25.1 ``hostport`` with RFC 5954 for IPv6. The contract: a host is kept
without brackets and is always a valid one; whatever writes it next to a port puts the
brackets back. Nothing here asks the network or the platform.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sipclient.errors import SIPArgumentError, SIPParseError
from sipclient.message.grammar import (
    HOST,
    HOSTNAME,
    IPV4ADDRESS,
    IPV6ADDRESS,
    IPV6REFERENCE,
    SWS,
)

#: The highest port there is.
MAX_PORT = 65535

_HOST = re.compile(HOST)
_HOSTNAME = re.compile(HOSTNAME)
_IPV4 = re.compile(IPV4ADDRESS)
_IPV6 = re.compile(IPV6ADDRESS)
_REFERENCE = re.compile(IPV6REFERENCE)
_COLON = re.compile(f"{SWS}:{SWS}")
_DIGITS = re.compile("[0-9]*+")
_PORT = re.compile("0*+([0-9]{0,5})")


def is_ipv4(text: str) -> bool:
    """Say whether ``text`` is an IPv4 address: four octets, no zero in front."""
    return len(text) < 16 and _IPV4.fullmatch(text) is not None


def is_ipv6(text: str) -> bool:
    """Say whether ``text`` is an IPv6 address (RFC 5954 §4.1), without brackets."""
    return len(text) < 46 and _IPV6.fullmatch(text) is not None


def ipv6_value(text: str) -> int:
    """Give the 128 bits of an IPv6 address that `is_ipv6` accepts."""
    if "." in text:
        colon = text.rindex(":") + 1
        a, b, c, d = (int(octet) for octet in text[colon:].split("."))
        text = f"{text[:colon]}{a << 8 | b:x}:{c << 8 | d:x}"
    head, gap, tail = text.partition("::")
    first = [int(group, 16) for group in head.split(":")] if head else []
    last = [int(group, 16) for group in tail.split(":")] if tail else []
    if gap:
        first += [0] * (8 - len(first) - len(last))
    value = 0
    for group in first + last:
        value = value << 16 | group
    return value


def same_host(one: str, other: str) -> bool:
    """Say whether two hosts are written for the same thing; nothing is looked up.

    Names are compared in any case, IPv6 addresses by value (RFC 5954 §4.2), brackets
    don't matter. A name never equals an address (RFC 3261 §19.1.4).
    """
    one, other = bare_host(one).lower(), bare_host(other).lower()
    if one == other:
        return True
    if ":" not in one or ":" not in other or not (is_ipv6(one) and is_ipv6(other)):
        return False
    return ipv6_value(one) == ipv6_value(other)


def bare_host(text: str) -> str:
    """Take the brackets off a host, and mend three colons (RFC 5118 §4.10)."""
    if text[:1] == "[" and text[-1:] == "]":
        text = text[1:-1]
    # The ABNF of RFC 3261 put a colon between "::" and IPv4address; what was meant has
    # two, and only that is an address to anybody else.
    return text.replace(":::", "::", 1) if ":::" in text else text


def check_host(host: str) -> str:
    """Give a host as values keep it, without brackets, after checking it.

    :raises SIPArgumentError: when it is neither a host name nor an IP address.
    """
    if isinstance(host, str):
        if _HOSTNAME.fullmatch(host) or is_ipv4(host) or is_ipv6(host):
            return host
        if _REFERENCE.fullmatch(host):
            return bare_host(host)
    raise SIPArgumentError(
        "checking a host",
        f"{host!a:.80} is not one",
        rule="RFC 3261 §25.1 host",
        advice="Give a host name, an IPv4 address or an IPv6 address",
    )


def check_port(port: int | None) -> None:
    """Check a port that was handed in: None, or 0 to 65535.

    :raises SIPArgumentError: when it is anything else.
    """
    if port is None or (type(port) is int and 0 <= port <= MAX_PORT):
        return
    raise SIPArgumentError(
        "checking a port",
        f"{port!a:.80} is not one",
        rule="RFC 3261 §25.1 port",
        advice=f"Give a number from 0 to {MAX_PORT}, or None for the default",
    )


def read_port(text: str, start: int, end: int, *, header: str | None = None) -> int:
    """Read the port that is ``text[start:end]``, digits and nothing else.

    :raises SIPParseError: for no digits, other characters, or more than 65535.
    """
    match = _PORT.fullmatch(text, start, end)
    # A run of zeros is a port too: then nothing but the empty string is left.
    if match is not None and start < end:
        port = int(match[1] or 0)
        if port <= MAX_PORT:
            return port
    digits = _DIGITS.match(text, start, end)
    stop = digits.end() if digits else start
    place = start if stop == end else stop
    raise SIPParseError(
        "port", text, place, f"a port number up to {MAX_PORT}", header=header
    )


def write_host(host: str) -> str:
    """Write a host for a place where a port may follow: IPv6 gets its brackets."""
    return f"[{host}]" if ":" in host else host


@dataclass(frozen=True, slots=True)
class HostPort:
    """A host and, where one is given, a port.

    :ivar host: a name or an address; brackets are taken off.
    :ivar port: None where none is written, which is not the same as the default.
    :raises SIPArgumentError: when either can't be one.
    """

    host: str
    port: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "host", check_host(self.host))
        check_port(self.port)

    def __str__(self) -> str:
        host = write_host(self.host)
        return host if self.port is None else f"{host}:{self.port}"

    @classmethod
    def parse(
        cls,
        text: str,
        start: int = 0,
        *,
        end: int | None = None,
        header: str | None = None,
    ) -> HostPort:
        """Read the hostport that is ``text[start:end]``, without any LWS.

        :raises SIPParseError: production "host", "port" or "hostport".
        """
        stop = len(text) if end is None else end
        value, place = cls.scan(text, start, end=stop, header=header)
        if place != stop:
            raise SIPParseError(
                "hostport", text, place, "the end of host and port", header=header
            )
        return value

    @classmethod
    def scan(
        cls,
        text: str,
        start: int = 0,
        *,
        end: int | None = None,
        lws: bool = False,
        header: str | None = None,
    ) -> tuple[HostPort, int]:
        """Read a hostport that starts at ``start``; give it and the place after it.

        With ``lws`` there may be LWS around the colon, as in Via's sent-by.

        :raises SIPParseError: production "host" or "port".
        """
        stop = len(text) if end is None else end
        host, place = scan_host(text, start, stop, header=header)
        port = None
        colon = _COLON.match(text, place, stop) if lws else None
        after = colon.end() if colon else place + text.startswith(":", place, stop)
        if after > place:
            digits = _DIGITS.match(text, after, stop)
            place = digits.end() if digits else after
            port = read_port(text, after, place, header=header)
        value = _new(cls)
        _set_host(value, host)
        _set_port(value, port)
        return value, place


_new = object.__new__
# What the parser has checked needs no second check; the slots take it directly.
_set_host = HostPort.__dict__["host"].__set__
_set_port = HostPort.__dict__["port"].__set__


def scan_host(
    text: str, start: int, end: int, *, header: str | None = None
) -> tuple[str, int]:
    """Read the host at ``start``; give it without brackets, and the place after it.

    :raises SIPParseError: when no valid host stands there.
    """
    match = _HOST.match(text, start, end)
    if match is None:
        expected = "a host name, an IPv4 address or an IPv6 address in brackets"
        raise SIPParseError("host", text, start, expected, header=header)
    host = match[0]
    return (bare_host(host) if host[0] == "[" else host), match.end()
