"""A target: one address that a request can be sent to (RFC 3263 §4)."""

from __future__ import annotations

from typing import NamedTuple

from ..message.host import write_host


class Target(NamedTuple):
    """Transport, numeric address and port of one next hop.

    :ivar transport: as it stands in a Via: "UDP".
    :ivar host: an IPv4 or IPv6 address, the latter without brackets. A link-local one
        names its interface: ``fe80::1%eth0``.
    """

    transport: str
    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.transport} {write_host(self.host)}:{self.port}"
