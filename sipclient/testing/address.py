"""Addresses of the network in memory: one spelling for each, as a kernel has it."""

from __future__ import annotations

import os
from functools import lru_cache
from ipaddress import ip_address
from typing import TypeAlias

#: (host, port), the host numeric and in canonical spelling.
Peer: TypeAlias = tuple[str, int]

#: The addresses that stand for all of a host's own, IPv4 and IPv6.
WILDCARDS = ("0.0.0.0", "::")


@lru_cache(maxsize=10_000)
def canonical_host(host: str) -> str:
    """A numeric address in the one spelling that compares equal; without its scope.

    Raises ValueError for anything that is not a numeric address.
    """
    return str(ip_address(host.partition("%")[0]))


def wildcard_for(host: str) -> str:
    """The wildcard of the address family that ``host`` belongs to."""
    return "::" if ":" in host else "0.0.0.0"


def is_loopback(host: str) -> bool:
    """Whether a canonical address leads back to whatever host uses it."""
    return host == "::1" or host.startswith("127.")


def spell(peer: Peer) -> str:
    """host:port for people, an IPv6 host in brackets."""
    host, port = peer
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def os_error(number: int) -> OSError:
    """An OSError as the kernel's would be, of the fitting subclass."""
    return OSError(number, os.strerror(number))
