"""The ports of one host and one protocol, UDP or TCP: who has which, and which is free.

A port is bound to one of the host's addresses or to all of a family, and refused as a
kernel refuses it: OSError with EADDRINUSE, EADDRNOTAVAIL or EINVAL.
"""

from __future__ import annotations

import errno
from collections.abc import Callable
from typing import Generic, TypeVar

from .address import WILDCARDS, Peer, canonical_host, os_error, wildcard_for

T = TypeVar("T")

_EPHEMERAL = range(32768, 61000)


class PortTable(Generic[T]):
    """Who is bound to which address of a host.

    :param is_local: whether an address is one of the host's.
    """

    def __init__(self, is_local: Callable[[str], bool]) -> None:
        self._is_local = is_local
        self._holders: dict[Peer, T] = {}
        self._next_ephemeral = _EPHEMERAL.start

    @property
    def holders(self) -> tuple[T, ...]:
        """Who is bound, in the order of binding."""
        return tuple(self._holders.values())

    def bind(self, holder: T, interface: str, port: int) -> Peer:
        """Give ``holder`` an address; port 0 is any free one.

        :param interface: an address of the host; "" is the same as "0.0.0.0".
        """
        try:
            host = canonical_host(interface or "0.0.0.0")
        except ValueError:
            raise os_error(errno.EADDRNOTAVAIL) from None
        if host not in WILDCARDS and not self._is_local(host):
            raise os_error(errno.EADDRNOTAVAIL)
        if not 0 <= port <= 65535:
            raise os_error(errno.EINVAL)
        if port == 0:
            port = self._ephemeral_port(host)
        elif self._is_taken(host, port):
            raise os_error(errno.EADDRINUSE)
        self._holders[host, port] = holder
        return host, port

    def release(self, bound: Peer) -> None:
        """Make a port free again."""
        del self._holders[bound]

    def find(self, host: str, port: int) -> T | None:
        """Who receives what was sent to this address of the host."""
        exact = self._holders.get((host, port))
        if exact is not None:
            return exact
        return self._holders.get((wildcard_for(host), port))

    def _is_taken(self, host: str, port: int) -> bool:
        wildcard = wildcard_for(host)
        if (wildcard, port) in self._holders:
            return True
        if host != wildcard:
            return (host, port) in self._holders
        return any(
            taken == port and (":" in other) == (":" in host)
            for other, taken in self._holders
        )

    def _ephemeral_port(self, host: str) -> int:
        for _ in _EPHEMERAL:
            port = self._next_ephemeral
            self._next_ephemeral += 1
            if self._next_ephemeral not in _EPHEMERAL:
                self._next_ephemeral = _EPHEMERAL.start
            if not self._is_taken(host, port):
                return port
        raise os_error(errno.EADDRINUSE)
