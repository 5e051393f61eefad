"""The Via header field (RFC 3261 §20.42, RFC 3581 for ``rport``).

The contract: any transport passes, known or not; the host is kept without brackets;
the parameters that decide where a response goes (``received``, ``rport``, ``maddr``,
``ttl``) are well formed, or the whole Via is an error.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NoReturn

from sipclient.errors import SIPArgumentError

from ..common import VIA_PARTS
from ..grammar import (
    HOST,
    IPV4ADDRESS,
    IPV6ADDRESS,
    IPV6REFERENCE,
    LWS,
    SWS,
    TOKEN,
)
from ..host import (
    HostPort,
    bare_host,
    check_host,
    check_port,
    read_port,
    write_host,
)
from ..params import NO_PARAMS, Params
from .reader import Listed, one
from .shape import fail

_PROTOCOL = rf"{TOKEN}{SWS}/{SWS}{TOKEN}"
_VIA = re.compile(
    rf"({_PROTOCOL}){SWS}/{SWS}({TOKEN}){LWS}({HOST})(?:{SWS}:{SWS}([0-9]++))?"
    rf"{SWS}(?=;|\Z)"
).match
_COMMON = re.compile(VIA_PARTS).fullmatch
_each = re.compile(";([^;=]++)(?>=([^;]++)|)").findall
_SENT_PROTOCOL = re.compile(rf"{_PROTOCOL}{SWS}/{SWS}{TOKEN}{LWS}").match
_IS_PROTOCOL = re.compile(_PROTOCOL).fullmatch
_IS_TOKEN = re.compile(TOKEN).fullmatch

# What the parameters may be that the RFCs give Via; "" stands for a flag.
_RULES = {
    "branch": (re.compile(TOKEN).fullmatch, "a token as branch"),
    "received": (
        re.compile(f"{IPV4ADDRESS}|{IPV6ADDRESS}|{IPV6REFERENCE}").fullmatch,
        "an IP address as received",
    ),
    "rport": (
        re.compile(
            "|6553[0-5]|655[0-2][0-9]|65[0-4][0-9]{2}|6[0-4][0-9]{3}|[0-5]?[0-9]{1,4}"
        ).fullmatch,
        "a port as rport, or nothing",
    ),
    "maddr": (
        re.compile(f"{HOST}|{IPV6ADDRESS}").fullmatch,
        "a host as maddr",
    ),
    "ttl": (
        re.compile("25[0-5]|2[0-4][0-9]|[01]?[0-9]{1,2}").fullmatch,
        "0 to 255 as ttl",
    ),
}


@dataclass(frozen=True, slots=True)
class Via:
    """One hop that a request took, and the way back for its response.

    :ivar transport: "UDP", "TCP", "TLS", "WS", "WSS" or another, as written.
    :ivar host: the sender's own name for itself, without brackets.
    :ivar port: None where none is written.
    :ivar params: ``branch``, ``received``, ``rport`` and others.
    :ivar protocol: name and version.
    :raises SIPArgumentError: for what a Via can't hold.
    """

    transport: str
    host: str
    port: int | None = None
    params: Params = NO_PARAMS
    protocol: str = "SIP/2.0"

    def __post_init__(self) -> None:
        object.__setattr__(self, "host", check_host(self.host))
        check_port(self.port)
        expected = _wrong(self.params)
        if not _IS_TOKEN(self.transport):
            expected = "a transport, such as UDP"
        if not _IS_PROTOCOL(self.protocol):
            expected = "a protocol, such as SIP/2.0"
        if expected is not None:
            raise SIPArgumentError(
                "making a Via", f"{str(self)!a:.80} doesn't have {expected}"
            )

    @classmethod
    def parse(cls, text: str) -> Via:
        """Read one, such as "SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK7"."""
        return one(VIA, text, "Via")

    @property
    def sent_by(self) -> str:
        """Host and port as they stand in the text ("[2001:db8::1]:5060")."""
        host = write_host(self.host)
        return host if self.port is None else f"{host}:{self.port}"

    @property
    def branch(self) -> str | None:
        """What names the transaction; None in requests of RFC 2543."""
        return self.params.get("branch")

    @property
    def received(self) -> str | None:
        """The address that the request came from, without brackets (RFC 5118 §4.5)."""
        received = self.params.get("received")
        return None if received is None else bare_host(received)

    @property
    def rport(self) -> int | None:
        """The port that the request came from, once it is filled in (RFC 3581).

        None for the bare flag too: ``"rport" in via.params`` tells that one apart.
        """
        rport = self.params.get("rport")
        return None if rport is None else int(rport)

    @property
    def maddr(self) -> str | None:
        """Where responses go instead, without brackets."""
        maddr = self.params.get("maddr")
        return None if maddr is None else bare_host(maddr)

    @property
    def ttl(self) -> int | None:
        """The time to live of multicast packets, 0 to 255."""
        ttl = self.params.get("ttl")
        return None if ttl is None else int(ttl)

    def __str__(self) -> str:
        return f"{self.protocol}/{self.transport} {self.sent_by}{self.params}"


class _Unfrozen:
    # The layout of Via, to be filled with plain assignments and then made one by its
    # __class__: a third of what a frozen value costs, and every message brings one.
    __slots__ = ("host", "params", "port", "protocol", "transport")
    transport: str
    host: str
    port: int | None
    params: Params
    protocol: str


def _made(
    transport: str, host: str, port: int | None, params: Params, protocol: str
) -> Via:
    value = _Unfrozen()
    value.transport = transport
    value.host = host
    value.port = port
    value.params = params
    value.protocol = protocol
    value.__class__ = Via  # type: ignore[assignment]  # same layout
    return value  # type: ignore[return-value]  # is one now


def _wrong(params: Params) -> str | None:
    """What one of the parameters should have been, None when all are right."""
    for name, raw in params.pairs:
        rule = _RULES.get(name.lower())
        if rule is not None and rule[0](raw or "") is None:
            return rule[1]
    return None


def _read(text: str, start: int, end: int, name: str) -> Via:
    match = _COMMON(text, start, end)
    if match is None:
        return _read_any(text, start, end, name)
    transport, host, digits, tail = match.groups()
    if tail.rfind(";") == 0:
        params = Params.one("branch", tail[8:])
    elif tail[-6:] == ";rport" and tail.rfind(";", 0, -6) == 0:
        params = Params._made((("branch", tail[8:-6]), ("rport", None)))
    else:
        params = Params._made(tuple([(n, raw or None) for n, raw in _each(tail)]))
    port = None if digits is None else int(digits)
    return _made(transport, host, port, params, "SIP/2.0")


def _read_any(text: str, start: int, end: int, name: str) -> Via:
    """Read any Via there is, or find out where it went wrong."""
    match = _VIA(text, start, end)
    if match is None:
        _fail(text, start, end, name)
    protocol, transport, host, digits = match.groups()
    port = None
    if digits is not None:
        port = read_port(text, match.start(4), match.end(4), header=name)
    after = match.end()
    params = Params.parse(text, after, end=end, header=name)
    expected = _wrong(params)
    if expected is not None:
        fail(name, text, after, expected)
    protocol = "".join(protocol.split())
    return _made(transport, bare_host(host), port, params, protocol)


def _fail(text: str, start: int, end: int, name: str) -> NoReturn:
    """Find out where it went wrong; only an error pays for that."""
    match = _SENT_PROTOCOL(text, start, end)
    if match is None:
        fail(name, text, start, "protocol and transport, such as SIP/2.0/UDP")
    _, after = HostPort.scan(text, match.end(), end=end, lws=True, header=name)
    fail(name, text, after, "parameters, or the end")


VIA = Listed(_read)
