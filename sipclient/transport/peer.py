"""Numeric addresses as sockets want them.

The contract: only numeric addresses pass. Given a name, ``sendto`` and ``connect``
would wait for a look-up, and the reactor with them.
"""

from __future__ import annotations

import errno
import socket
from typing import TypeAlias

from ..message.host import is_ipv4, is_ipv6

#: Where a datagram came from or goes to, as the socket module has it: host and port,
#: for a link-local IPv6 address with flow (0) and scope behind them.
Peer: TypeAlias = tuple[str, int] | tuple[str, int, int, int]


def is_numeric(host: str) -> bool:
    """Tell whether ``host`` is an IP address, possibly with a scope behind ``%``."""
    if ":" in host:
        address, percent, scope = host.partition("%")
        return is_ipv6(address) and bool(scope) == bool(percent)
    return is_ipv4(host)


def family_of(host: str) -> socket.AddressFamily:
    """Give the address family of a numeric address."""
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def peer_at(host: str, port: int) -> Peer:
    """Make the peer of a numeric address; its scope goes to the kernel as a number.

    Raises OSError where ``host`` is no numeric address, or no interface has that name.
    """
    if not is_numeric(host):
        raise OSError(errno.EINVAL, f"{host!a:.80} is not a numeric address")
    host, percent, scope = host.partition("%")
    if not percent:
        return host, port
    if scope.isascii() and scope.isdigit():
        return host, port, 0, int(scope)
    try:
        return host, port, 0, socket.if_nametoindex(scope)
    except OSError:
        raise OSError(errno.ENODEV, f"there is no interface {scope!a}") from None


def peer_of(address: tuple[str, int] | tuple[str, int, int, int]) -> Peer:
    """Give the peer of a sockaddr: scope and flow go where they mean nothing.

    So the same peer is always the same value, and a link-local one can be answered.
    """
    if len(address) == 4 and address[3]:
        return (address[0].partition("%")[0], address[1], 0, address[3])
    return address[0], address[1]
