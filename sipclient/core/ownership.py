"""Which Request-URIs are ours: the addresses and domains of an access point."""

from __future__ import annotations

from ipaddress import IPv6Address

from ..message.host import HostPort, is_ipv4, is_ipv6, same_host
from ..transport.layer import TransportLayer

_WILDCARDS = ("0.0.0.0", "::", "")


class Addresses:
    """The hosts and ports for which an access point answers.

    A host is ours when one of the listening addresses is that host (or all hosts of
    this machine) at the same port, 5060 where none is written, or when it is one of
    the access point's domains. ``localhost`` is any loopback address (RFC 6761 §6.3).
    """

    def __init__(self, transport: TransportLayer, domains: tuple[str, ...]) -> None:
        self._transport = transport
        # By host, the ports that were written beside it; None for any.
        self._domains: dict[str, set[int | None]] = {}
        for domain in domains:
            named = HostPort.parse(domain)
            self._domains.setdefault(_name(named.host), set()).add(named.port)

    def own(self, host: str, port: int | None) -> bool:
        """Tell whether a URI with that host and port leads here."""
        here = (host, port or 5060)
        for transport in self._transport.transports:
            if transport.local == here:
                return True  # spelled like the address that is listened on
        name = _name(host)
        ports = self._domains.get(name, ())
        if None in ports or (port or 5060) in ports:
            return True
        return any(
            listening == (port or 5060) and self._is(bound, name)
            for bound, listening in (t.local for t in self._transport.transports)
        )

    def _is(self, bound: str, host: str) -> bool:
        everywhere = bound in _WILDCARDS
        if host == "localhost":
            return everywhere or bound == "::1" or bound.startswith("127.")
        if not (is_ipv4(host) or is_ipv6(host)):
            return False
        if everywhere:
            return self._transport.is_local(host)
        return same_host(bound, host)


def _name(host: str) -> str:
    """A host in the one spelling by which it is looked up."""
    name = host.lower().rstrip(".")
    return str(IPv6Address(name)) if ":" in name and is_ipv6(name) else name
