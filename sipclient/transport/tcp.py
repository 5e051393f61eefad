"""SIP over TCP: listening and connecting (RFC 3261 §18).

The contract: only numeric addresses are connected to, so no name is looked up; a
connection of ours leaves from the address that is listened on.
"""

from __future__ import annotations

import socket
from typing import Any, Final

from twisted.internet.error import CannotListenError
from twisted.internet.interfaces import IReactorSocket
from twisted.internet.protocol import ClientFactory

from .connections import StreamTransport
from .peer import Peer, peer_at

# Connections that wait to be accepted; the system may allow fewer.
_BACKLOG: Final = 1024


class TCPTransport(StreamTransport):
    """One listening TCP address, and its connections."""

    name = "TCP"

    def listen(self, reactor: Any, host: str, port: int) -> None:
        """Listen; raises CannotListenError.

        :param reactor: an IReactorTCP.
        """
        self._reactor = reactor
        if host == "::" and IReactorSocket.providedBy(reactor):
            opened = self._adopted(port)
        else:
            opened = reactor.listenTCP(
                port, self.factory, backlog=_BACKLOG, interface=host
            )
        self.listened(opened)

    def _adopted(self, port: int) -> Any:
        """Listen on all IPv6 addresses, and on those only.

        IPv4 has sockets of its own: no peer may come by two addresses.
        """
        try:
            with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as skt:
                skt.setblocking(False)
                skt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                skt.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                skt.bind(peer_at("::", port))
                skt.listen(_BACKLOG)
                return self._reactor.adoptStreamPort(
                    skt.fileno(), socket.AF_INET6, self.factory
                )
        except OSError as error:
            raise CannotListenError("::", port, error) from error

    def connect(self, peer: Peer, factory: ClientFactory) -> Any:
        host = f"{peer[0]}%{peer[3]}" if len(peer) == 4 else peer[0]
        here = None if self.is_wildcard else (self.local[0], 0)
        return self._reactor.connectTCP(
            host,
            peer[1],
            factory,
            timeout=self.limits.connect_time,
            bindAddress=here,
        )
