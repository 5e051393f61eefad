"""Which DNS servers this machine asks (resolv.conf(5)).

Only its ``nameserver`` lines count. Search lists are for what people type: the host of
a URI means the same wherever it is read, so it is a whole name already.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Final, NamedTuple

from ..errors import SIPArgumentError
from ..message.host import MAX_PORT, write_host
from ..transport.peer import is_numeric
from .watched import WatchedFile

#: Where it is on systems like ours.
RESOLV_CONF: Final = "/etc/resolv.conf"

_PORT: Final = 53


class Server(NamedTuple):
    """One DNS server: a numeric address and a port."""

    host: str
    port: int = _PORT

    def __str__(self) -> str:
        if self.port == _PORT:
            return self.host
        return f"{write_host(self.host)}:{self.port}"


#: What asks when nothing is configured: resolv.conf(5) says so.
_DEFAULT: Final = (Server("127.0.0.1"),)


def read_servers(text: str) -> tuple[Server, ...]:
    """Give the servers that a resolv.conf names, each once, in their order."""
    found: dict[Server, None] = {}
    for line in text.splitlines():
        words = line.split()
        if len(words) > 1 and words[0] == "nameserver" and is_numeric(words[1]):
            found[Server(words[1])] = None
    return tuple(found) or _DEFAULT


class SystemServers:
    """The servers of a resolv.conf, as it is at the moment.

    :param limit: how many of them are asked.
    """

    def __init__(self, path: str | os.PathLike[str], limit: int) -> None:
        self._file = WatchedFile(path, read_servers)
        self._limit = limit

    def __call__(self) -> tuple[Server, ...]:
        return self._file.says[: self._limit]


def checked_servers(servers: Iterable[str | tuple[str, int]]) -> tuple[Server, ...]:
    """Give servers as they were configured: addresses, alone or each with its port.

    Raises :class:`SIPArgumentError` for what is no numeric address or no port: to find
    a DNS server by its name takes a DNS server.
    """
    found = []
    for given in servers:
        server = Server(given) if isinstance(given, str) else Server(*given)
        if not (is_numeric(server.host) and 0 < server.port <= MAX_PORT):
            raise SIPArgumentError(
                f"setting the DNS server {given!r}",
                "that is no numeric address, alone or with a port",
                advice='Write "192.0.2.53" or ("192.0.2.53", 53)',
            )
        found.append(server)
    if not found:
        raise SIPArgumentError(
            "setting the DNS servers", "there is none", advice="Name at least one"
        )
    return tuple(found)
