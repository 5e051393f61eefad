"""The anchor of row 5: Twisted's own UDP, sending back what it gets."""

from __future__ import annotations

import sys
from typing import Any

from twisted.internet import reactor
from twisted.internet.protocol import DatagramProtocol


class Echo(DatagramProtocol):
    """Sends each datagram back."""

    noisy = False

    def datagramReceived(self, datagram: bytes, addr: Any) -> None:
        """Send it back."""
        self.transport.write(datagram, addr)


if __name__ == "__main__":
    reactor.listenUDP(int(sys.argv[1]), Echo(), interface="127.0.0.1")
    reactor.run()
