"""One question to one DNS server, and its answer: by UDP, or by TCP.

RFC 1035 §4.2, RFC 7766 for TCP. Each exchange has a socket of its own, so that nobody
can guess where an answer is awaited (RFC 5452 §9.2), and nothing of it is left when it
has ended. The contract: ``done`` is called once, later than the exchange begins, with a
message or with why there is none, in words; and never after ``cancel``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from twisted.internet.error import CannotListenError
from twisted.internet.protocol import ClientFactory, DatagramProtocol
from twisted.protocols.basic import Int16StringReceiver
from twisted.python.failure import Failure

from ..transport.error_queue import reason
from .servers import Server

#: What an exchange ends with: a message of twisted.names, or why there is none.
Outcome: TypeAlias = Any
Understand: TypeAlias = Callable[[bytes], Any]


class Exchange:
    """What both kinds have in common: an end.

    :param wait: seconds that the server has.
    :param understand: from bytes to a message; None where they aren't the answer.
    """

    def __init__(
        self,
        reactor: Any,
        server: Server,
        understand: Understand,
        wait: float,
        done: Callable[[Outcome], None],
    ) -> None:
        self.server = server
        self.understand = understand
        # What came from the server, and wasn't the answer.
        self.other = 0
        self._wait = wait
        self._done: Callable[[Outcome], None] | None = done
        self._call = reactor.callLater(wait, self._silent)

    def _silent(self) -> None:
        text = f"didn't answer within {self._wait:.3g} s"
        if self.other:
            text += f", but said {self.other} times what was no answer"
        self.end(text)

    def end(self, outcome: Outcome) -> None:
        """It is over, and ends with that."""
        done, self._done = self._done, None
        if done is not None:
            self._close()
            done(outcome)

    def cancel(self) -> None:
        """Forget it."""
        self._done = None
        self._close()

    def _close(self) -> None:
        if self._call.active():
            self._call.cancel()
        self.close()

    def close(self) -> None:
        """Give the socket back."""
        raise NotImplementedError

    def fail_soon(self, reactor: Any, text: str) -> None:
        """It could not even begin; the caller hears of it in a later turn."""
        self._call.cancel()
        self._call = reactor.callLater(0, self.end, text)


class UDPExchange(Exchange):
    """Asks by UDP."""

    def __init__(
        self,
        reactor: Any,
        server: Server,
        asked: bytes,
        understand: Understand,
        wait: float,
        done: Callable[[Outcome], None],
    ) -> None:
        super().__init__(reactor, server, understand, wait, done)
        self._port: Any = None
        try:
            self._port = reactor.listenUDP(
                0, _Datagrams(self), interface="::" if ":" in server.host else ""
            )
            self._port.write(asked, (server.host, server.port))
        except CannotListenError as error:
            self.fail_soon(reactor, f"couldn't be asked ({error.socketError})")
        except OSError as error:
            self.fail_soon(reactor, f"couldn't be asked ({reason(error)})")

    def received(self, data: bytes, peer: tuple[Any, ...]) -> None:
        """Take a datagram; from anybody else it is nothing."""
        host, port = peer[:2]
        # A link-local address comes without the scope that it was sent with.
        if (host.partition("%")[0], port) != (
            self.server.host.partition("%")[0],
            self.server.port,
        ):
            return
        message = self.understand(data)
        if message is not None:
            self.end(message)
        else:
            self.other += 1

    def close(self) -> None:
        port, self._port = self._port, None
        if port is not None:
            port.stopListening()


class _Datagrams(DatagramProtocol):
    """The socket's end of a `UDPExchange`."""

    noisy = False

    def __init__(self, exchange: UDPExchange) -> None:
        self._exchange = exchange

    def datagramReceived(self, datagram: bytes, addr: Any) -> None:
        self._exchange.received(datagram, addr)


class TCPExchange(Exchange):
    """Asks by TCP, where the answer was too long for UDP."""

    def __init__(
        self,
        reactor: Any,
        server: Server,
        asked: bytes,
        understand: Understand,
        wait: float,
        done: Callable[[Outcome], None],
        limit: int,
    ) -> None:
        super().__init__(reactor, server, understand, wait, done)
        self.asked = asked
        self.limit = limit
        self._connector = reactor.connectTCP(
            server.host, server.port, _Connecting(self), timeout=wait
        )

    def close(self) -> None:
        connector, self._connector = self._connector, None
        if connector is not None:
            connector.disconnect()


class _Connecting(ClientFactory):
    """Makes the connection of a `TCPExchange`."""

    noisy = False

    def __init__(self, exchange: TCPExchange) -> None:
        self._exchange = exchange

    def buildProtocol(self, addr: object) -> _Stream:
        return _Stream(self._exchange)

    def clientConnectionFailed(self, connector: object, reason: Failure) -> None:
        text = f"couldn't be connected to ({reason.getErrorMessage()})"
        self._exchange.end(text)


class _Stream(Int16StringReceiver):
    """The connection's end of a `TCPExchange`."""

    def __init__(self, exchange: TCPExchange) -> None:
        self._exchange = exchange
        self.MAX_LENGTH = exchange.limit

    def connectionMade(self) -> None:
        asked = self._exchange.asked
        assert self.transport is not None
        self.transport.write(len(asked).to_bytes(2, "big") + asked)

    def stringReceived(self, string: bytes) -> None:
        exchange = self._exchange
        message = exchange.understand(string)
        exchange.end("answered something else" if message is None else message)

    def lengthLimitExceeded(self, length: int) -> None:
        limit = self.MAX_LENGTH
        self._exchange.end(f"answered {length} bytes, more than {limit}")

    def connectionLost(self, reason: object = None) -> None:
        self._exchange.end("closed the connection without an answer")
