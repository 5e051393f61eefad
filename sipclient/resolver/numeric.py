"""The resolver that asks nobody: numeric addresses and localhost.

RFC 3263 §4 for a host that is an address: no DNS, the transport that is named or UDP,
the port that is named or 5060. Every answer is there at once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

from zope.interface import implementer

from ..errors import SIPError, SIPInvalidURIType, SIPNotSupported, SIPResolvingFailure
from ..interfaces import IPendingResolution, IResolver
from ..message.host import MAX_PORT, is_ipv4, is_ipv6
from ..message.uri import SIPURI, URI
from ..transport.target import Target

#: What a resolution ends with.
Outcome: TypeAlias = tuple[Target, ...] | SIPError

_DEFAULT_PORT: Final = 5060


@implementer(IPendingResolution)
class Resolved:
    """A resolution that is over; there is nothing left to cancel."""

    __slots__ = ()

    def cancel(self) -> None:
        """Do nothing: ``done`` has been called already."""


_RESOLVED: Final = Resolved()


@implementer(IResolver)
class NumericResolver:
    """Resolves URIs whose host is an IP address or localhost, to UDP."""

    def resolve(self, uri: URI, done: Callable[[Outcome], None]) -> Resolved:
        done(target_of(uri))
        return _RESOLVED


def target_of(uri: URI) -> Outcome:
    """Give the one target of a URI in a tuple, or the failure that it comes to."""
    if not isinstance(uri, SIPURI):
        return SIPInvalidURIType(
            f"finding where to send a request for a {uri.scheme}: URI",
            "only sip: URIs lead to an address",
            rule="RFC 3261 §8.1.2",
            advice="Set an outbound proxy that knows what to do with it",
        )
    host = uri.maddr or uri.host
    attempted = f"finding where to send a request for {host}"
    transport = "tls" if uri.scheme == "sips" else uri.transport or "udp"
    if transport != "udp":
        return SIPNotSupported(
            attempted,
            f"its URI asks for {transport.upper()}; TCP and TLS transports are not"
            " there yet",
            rule="RFC 3263 §4.1",
            advice="Use a sip: URI without transport, or with transport=udp",
        )
    port = _DEFAULT_PORT if uri.port is None else uri.port
    if not 0 < port <= MAX_PORT:
        return SIPResolvingFailure(
            attempted, f"nobody listens on port {port}", advice="Correct the port"
        )
    if is_ipv4(host) or is_ipv6(host):
        return (Target("UDP", host, port),)
    # RFC 6761 §6.3: these names are loopback, and need no look-up.
    name = host.lower().rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return (Target("UDP", "127.0.0.1", port),)
    return SIPResolvingFailure(
        attempted,
        "this version resolves only numeric addresses and localhost",
        rule="RFC 3263 §4.2",
        advice="Give an address in place of the name, or set an outbound proxy with a"
        " numeric address",
    )
