"""Access points: the addresses and settings that an application works with.

Both values here are checked when they are made, and never change. Opening them is the
stack's work.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from ..errors import SIPArgumentError, SIPNotSupported, SIPParseError
from ..message.host import MAX_PORT, HostPort, is_ipv4, is_ipv6, write_host
from ..message.uri import SIPURI, parse_uri
from .timing import TimerValues, timer_values

#: The port of SIP over UDP and TCP (RFC 3261 §19.1.2).
DEFAULT_PORT: Final = 5060

_EXAMPLES: Final = (
    "Write udp:5060, tcp:5060:interface=127.0.0.1 or sip:[::1]:5060;transport=udp"
)
_HERE: Final = frozenset(("UDP", "TCP"))
_NOT_YET: Final = frozenset(("TLS", "SCTP", "WS", "WSS"))
_ID = re.compile("[A-Za-z0-9._-]{1,64}")
_ENDPOINT = re.compile("[a-z][a-z0-9+.-]{0,15}", re.IGNORECASE)
_NUMBER = re.compile("[0-9]{1,5}")
_SCOPE = re.compile("[A-Za-z0-9._:-]{1,32}")
# A colon of an argument is written with a backslash before it, as Twisted does.
_UNESCAPED_COLON = re.compile(r"(?<!\\):")


@dataclass(frozen=True, slots=True)
class ListenAddress:
    """One address to listen on.

    :ivar transport: "UDP" or "TCP", in any case.
    :ivar host: numeric; ``0.0.0.0`` and ``::`` take what comes to any address. A
        link-local IPv6 address names its interface: ``fe80::1%eth0``.
    :ivar port: 0 takes any that is free.

    Raises :class:`SIPArgumentError` for what is no address, :class:`SIPNotSupported`
    for another transport.
    """

    transport: str
    host: str
    port: int

    def __post_init__(self) -> None:
        transport = self.transport.upper()
        if transport in _NOT_YET:
            raise SIPNotSupported(
                f"listening by {transport}",
                "the TLS, SCTP and WebSocket transports are not there yet",
                advice="Listen by UDP or TCP: udp:5060, tcp:5060",
            )
        if transport not in _HERE:
            raise SIPArgumentError(
                f"listening by {self.transport!a:.80}",
                "that is no transport of SIP",
                advice=_EXAMPLES,
            )
        object.__setattr__(self, "transport", transport)
        host, percent, scope = self.host.partition("%")
        scoped = bool(percent)
        if not (
            (is_ipv4(host) and not scoped)
            or (is_ipv6(host) and (not scoped or _SCOPE.fullmatch(scope)))
        ):
            raise SIPArgumentError(
                f"listening on {self.host!a:.80}",
                "it is not a numeric address",
                advice="Give an address of this machine, or 0.0.0.0 or :: for all",
            )
        if not (type(self.port) is int and 0 <= self.port <= MAX_PORT):
            raise SIPArgumentError(
                f"listening on {write_host(self.host)}",
                f"{self.port!a:.80} is not a port",
                advice=f"Give a number from 0 (any free one) to {MAX_PORT}",
            )

    @classmethod
    def parse(cls, text: str) -> ListenAddress:
        r"""Read an address as it is written in settings and on the command line.

        ``udp:PORT`` and ``tcp:PORT:interface=ADDRESS`` are in the style of Twisted's
        endpoints: colons within the address are written ``\:``, or the address stands
        in brackets. ``sip:ADDRESS:PORT;transport=tcp`` is a SIP URI; port and
        parameter may be missing, the latter for UDP.
        """
        try:
            if text[:4].lower() in ("sip:", "sips"):
                return cls._from_uri(text)
            return cls._from_endpoint(text)
        except SIPParseError as error:
            raise _unreadable(text, str(error)) from error

    @classmethod
    def _from_uri(cls, text: str) -> ListenAddress:
        uri = parse_uri(text)
        if not isinstance(uri, SIPURI):
            raise _unreadable(text, "it is no SIP URI")
        if uri.user is not None or uri.headers:
            raise _unreadable(text, "only address, port and transport belong there")
        for name, _ in uri.params:
            if name.lower() != "transport":
                raise _unreadable(text, f"{name} means nothing there")
        transport = "TLS" if uri.scheme == "sips" else uri.transport or "udp"
        port = DEFAULT_PORT if uri.port is None else uri.port
        return cls(transport, _numeric(uri.host), port)

    @classmethod
    def _from_endpoint(cls, text: str) -> ListenAddress:
        bracket = text.find("[")
        head = text if bracket < 0 else text[:bracket]
        transport, *rest = _UNESCAPED_COLON.split(head)
        if not rest or not _ENDPOINT.fullmatch(transport):
            raise _unreadable(text, "that is neither an endpoint nor a SIP URI")
        if bracket >= 0:
            rest[-1] += text[bracket:]
        if transport.upper() not in _HERE:
            # Others have arguments of their own; say first that they are not there.
            return cls(transport, "0.0.0.0", 0)
        if not _NUMBER.fullmatch(rest[0]):
            raise _unreadable(text, f"{rest[0]!a} is not a port")
        host = "0.0.0.0"
        for argument in rest[1:]:
            name, equals, value = argument.partition("=")
            if not equals and not host:
                raise _unreadable(
                    text, "an IPv6 address stands in brackets: interface=[::1]"
                )
            if name != "interface" or not equals:
                raise _unreadable(text, f"{argument!a} means nothing there")
            host = _numeric(value.replace("\\:", ":"))
        return cls(transport, host, int(rest[0]))

    def __str__(self) -> str:
        """Write it as a SIP URI, which `parse` reads again."""
        if "%" in self.host:  # no URI can say that
            host = self.host.replace(":", "\\:")
            return f"{self.transport.lower()}:{self.port}:interface={host}"
        host = write_host(self.host)
        return f"sip:{host}:{self.port};transport={self.transport.lower()}"


def _numeric(host: str) -> str:
    """The address in what a person writes: no brackets, and no localhost."""
    if host[:1] == "[" and host[-1:] == "]":
        host = host[1:-1]
    return "127.0.0.1" if host.lower() == "localhost" else host


def _unreadable(text: str, why: str) -> SIPArgumentError:
    return SIPArgumentError(
        f"reading the listening address {text!a:.80}", why, advice=_EXAMPLES
    )


@dataclass(frozen=True, slots=True, init=False, repr=False)
class AccessPoint:
    """Where and how a stack reaches the network. Original: IAP.

    It holds what it was given in one form: addresses and timers as values, the
    proxy and the domains as text that has been read once.

    :param id: its name: letters, digits, ``.``, ``_`` and ``-``, at most 64.
    :param listen: addresses to listen on, each a `ListenAddress` or its text.
    :param outbound_proxy: the SIP URI that all requests outside of dialogs go through.
    :param timers: `TimerValues`, or the name of a preset: ``"default"``,
        ``"cellular"``.
    :param domains: hosts, with or without a port, that requests may name to mean us.

    Raises :class:`SIPArgumentError` where one of them can't be right, and
    :class:`SIPNotSupported` for a transport that isn't there.
    """

    id: str
    listen: tuple[ListenAddress, ...]
    outbound_proxy: str | None
    timers: TimerValues
    domains: tuple[str, ...]

    def __init__(
        self,
        id: str,
        listen: str | ListenAddress | Iterable[str | ListenAddress] = ("udp:5060",),
        outbound_proxy: str | SIPURI | None = None,
        timers: str | TimerValues = "default",
        domains: str | Iterable[str] = (),
    ) -> None:
        if type(id) is not str or not _ID.fullmatch(id):
            raise SIPArgumentError(
                "naming an access point",
                f"{id!a:.80}",
                advice="Use 1 to 64 letters, digits, dots, underscores and hyphens",
            )
        if isinstance(listen, (str, ListenAddress)):
            listen = (listen,)
        addresses = tuple(
            ListenAddress.parse(one) if isinstance(one, str) else one for one in listen
        )
        for address in addresses:
            if not isinstance(address, ListenAddress):
                raise TypeError(
                    f"a listening address is a ListenAddress or text, not {address!r}"
                )
        taken = [address for address in addresses if address.port]
        if not addresses or len(set(taken)) < len(taken):
            raise SIPArgumentError(
                f"making access point {id}",
                "an address stands there twice" if addresses else "it has no address",
                advice=_EXAMPLES,
            )
        if isinstance(domains, str):
            domains = (domains,)
        put = object.__setattr__
        put(self, "id", id)
        put(self, "listen", addresses)
        put(self, "outbound_proxy", _proxy(outbound_proxy))
        put(self, "timers", timer_values(timers))
        put(self, "domains", tuple(_domain(domain) for domain in domains))

    def __repr__(self) -> str:
        text = f"AccessPoint({self.id!r}, listen={[str(one) for one in self.listen]!r}"
        if self.outbound_proxy is not None:
            text += f", outbound_proxy={self.outbound_proxy!r}"
        if self.timers != TimerValues():
            text += f", timers={self.timers!r}"
        if self.domains:
            text += f", domains={list(self.domains)!r}"
        return text + ")"


def _proxy(proxy: str | SIPURI | None) -> str | None:
    if proxy is None:
        return None
    attempted = "setting the outbound proxy"
    advice = "Write it as a SIP URI: sip:192.0.2.1:5060"
    try:
        uri = parse_uri(proxy) if isinstance(proxy, str) else proxy
    except SIPParseError as error:
        raise SIPArgumentError(attempted, str(error), advice=advice) from error
    if not isinstance(uri, SIPURI):
        raise SIPArgumentError(
            attempted,
            f"requests can't be routed through {uri.scheme}: URIs",
            rule="RFC 3261 §8.1.2",
            advice=advice,
        )
    if uri.password is not None:
        # A value that is shown in logs and traces must not hold a secret.
        raise SIPArgumentError(
            attempted,
            "there is a password in its URI",
            rule="RFC 3261 §19.1.1",
            advice="Leave it away; credentials are given for a realm",
        )
    return str(uri)


def _domain(domain: str) -> str:
    try:
        parsed = HostPort.parse(domain)
    except SIPParseError as error:
        raise SIPArgumentError(
            f"setting the domain {domain!a:.80}",
            str(error),
            advice="Write example.com or example.com:5070",
        ) from error
    return str(parsed).lower()
