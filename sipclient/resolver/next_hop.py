"""What a URI itself says of the way: transport, host and port (RFC 3263 §4.1, §4.2).

Whether TCP can be used is known by the transport layer, where the access point's
listening addresses are; here it is only named.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Final, NamedTuple

from ..errors import SIPError, SIPInvalidURIType, SIPNotSupported, SIPResolvingFailure
from ..message.host import MAX_PORT, is_ipv4, is_ipv6
from ..message.uri import SIPURI, URI
from ..transport.target import Target

_DEFAULT_PORT: Final = 5060
_TRANSPORTS: Final = {"udp": "UDP", "tcp": "TCP"}


class NextHop(NamedTuple):
    """Where a request goes to, before addresses are known.

    :ivar transport: as it stands in a Via: "UDP" or "TCP".
    :ivar host: an address or a name; the latter in lower case, without a dot at its
        end.
    """

    transport: str
    host: str
    port: int

    @property
    def attempted(self) -> str:
        """What is being done, for errors."""
        return finding(self.host)

    def targets(self, addresses: Iterable[str]) -> tuple[Target, ...]:
        """The targets at these addresses, in this order."""
        return tuple([Target(self.transport, at, self.port) for at in addresses])

    def known_addresses(self) -> tuple[str, ...]:
        """The addresses of a host that needs no look-up; none of any other."""
        return _known_addresses(self.host)


# Each request asks for it.
@lru_cache(maxsize=1_024)
def _known_addresses(host: str) -> tuple[str, ...]:
    if is_ipv4(host) or is_ipv6(host):
        return (host,)
    # RFC 6761 §6.3: these names are loopback.
    if host == "localhost" or host.endswith(".localhost"):
        return ("127.0.0.1",)
    return ()


def finding(host: str) -> str:
    """Say what is being done, for errors."""
    return f"finding where to send a request for {host}"


def next_hop(uri: URI) -> NextHop | SIPError:
    """Read the next hop from a URI, or say what prevents it."""
    if not isinstance(uri, SIPURI):
        return SIPInvalidURIType(
            f"finding where to send a request for a {uri.scheme}: URI",
            "only sip: URIs lead to an address",
            rule="RFC 3261 §8.1.2",
            advice="Set an outbound proxy that knows what to do with it",
        )
    host = uri.maddr or uri.host
    name = "tls" if uri.scheme == "sips" else uri.transport or "udp"
    transport = _TRANSPORTS.get(name)
    if transport is None:
        return SIPNotSupported(
            finding(host),
            f"its URI asks for {name.upper()}, which is not there yet",
            rule="RFC 3263 §4.1",
            advice="Use a sip: URI with transport=udp, transport=tcp, or without",
        )
    port = _DEFAULT_PORT if uri.port is None else uri.port
    if not 0 < port <= MAX_PORT:
        return SIPResolvingFailure(
            finding(host), f"nobody listens on port {port}", advice="Correct the port"
        )
    if ":" not in host:
        host = host.lower().rstrip(".")
    return NextHop(transport, host, port)
