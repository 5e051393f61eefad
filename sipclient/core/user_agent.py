"""The user agent of one access point: its sockets, its transactions, its answers.

RFC 3261 §8: between the network below and the transaction user above. What is
received is understood as far as a transaction needs, or answered statelessly; what
can be answered without asking an application is answered here (``answers``).
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred
from twisted.logger import Logger

from ..bearer.access_point import AccessPoint, ListenAddress
from ..bearer.timing import timer_values
from ..errors import SIPError, SIPParseError, SIPTooBig
from ..message.build import error_response, response
from ..message.check import check
from ..message.model import Request
from ..message.parser import parse
from ..transaction.invite_server import InviteServer
from ..transaction.layer import TransactionLayer
from ..transaction.user import ServerTransaction
from ..transport.flow import Flow
from ..transport.layer import TransportLayer
from ..transport.response_routing import response_destination
from .answers import answer_without_application
from .ownership import Addresses

if TYPE_CHECKING:
    from .stack import Stack

_log = Logger()


class UserAgent:
    """What listens and talks at one access point.

    :ivar access_point: the value that it was opened with.
    :ivar addresses: which hosts and ports are its own.
    :ivar unreadable: messages received that could not be understood.
    :ivar starting: requests taken from applications and not on their way yet.
    """

    def __init__(self, stack: Stack, access_point: AccessPoint) -> None:
        self.stack = stack
        self.access_point = access_point
        self.unreadable = 0
        self.starting = 0
        self._limits = stack.limits.message
        self._closing = False
        self._ending: Any = None
        self.transport = TransportLayer(
            stack.reactor,
            self._received,
            self._unreachable,
            self._lost,
            self._unread,
            limits=stack.limits.streams,
            message_limits=self._limits,
        )
        self.transactions = TransactionLayer(
            stack.timers,
            timer_values(access_point.timers),
            self,
            response_flow=self.transport.response_flow,
            invite_answer=stack.limits.invite_answer,
            pending_limit=stack.limits.pending_requests,
            linger_limit=stack.limits.answered_requests,
            retry_after=stack.limits.retry_after,
        )
        self.addresses = Addresses(self.transport, access_point.domains)
        self.tap = stack.tap
        try:
            for address in access_point.listen:
                self.transport.listen(address)
        except SIPError:
            self.transport.stop()
            raise

    @property
    def listening(self) -> tuple[ListenAddress, ...]:
        """The addresses that it listens on, with their real ports."""
        return tuple(
            [ListenAddress(t.name, *t.local) for t in self.transport.transports]
        )

    @property
    def tap(self) -> Any:
        """Who is told what passes at this access point."""
        return self._tap

    @tap.setter
    def tap(self, tap: Any) -> None:
        self._tap = tap
        self.transport.tap = tap
        self.transactions.tap = tap

    # From the network.

    def _received(self, data: bytes, flow: Flow) -> None:
        try:
            message = parse(data, self._limits)
            check(message)
        except SIPParseError as error:
            self._unread(error, data, flow)
            return
        self.transactions.receive(message, flow)

    def _unread(self, error: SIPParseError, data: bytes, flow: Flow) -> None:
        """Answer what can't be understood, where it says enough to be answered."""
        self.unreadable += 1
        if self._tap is not None:
            self._tap.unread(flow, data, error)
        answer = error_response(error, data, flow.source)
        if answer is None:
            return
        text, via = answer
        try:
            destination = response_destination(via, flow.source)
        except SIPParseError:
            destination = flow.source  # an unreadable Via: back to where it came from
        # An answer to something broken: if it can't be sent, nobody waits for it.
        with suppress(SIPError):
            self.transport.flow_beside(flow, destination).send(text)

    def _unreachable(
        self, peer: tuple[Any, ...], payload: bytes, error: SIPError
    ) -> None:
        self.transactions.unreachable(peer, payload, error)

    def _lost(self, flow: Flow, error: SIPError) -> None:
        self.transactions.flow_lost(flow, error)

    def incoming_request(
        self, request: Request, transaction: ServerTransaction
    ) -> None:
        """The transaction layer has a new request; somebody must answer it."""
        if not answer_without_application(self, request, transaction):
            self.stack.user.incoming_request(self, request, transaction)

    # To the network.

    def respond(
        self,
        transaction: ServerTransaction,
        status: int,
        reason: str | None = None,
        headers: tuple[tuple[str, str], ...] = (),
        body: bytes = b"",
        *,
        to_tag: str = "",
    ) -> None:
        """Answer a request, from slices of it (RFC 3261 §8.2.6).

        :param to_tag: our tag, where another transaction has one to be the same.

        Raises :class:`SIPInvalidTransactionState` where it is answered already, and
        :class:`SIPTooBig` for what no datagram carries; it can be answered then.
        """
        request = transaction.request
        if request is None:
            transaction.respond(status, b"")  # says which state forbids it
            return
        data = response(
            request,
            status,
            reason,
            to_tag=to_tag or self._tag(transaction),
            headers=headers,
            body=body,
        )
        limit = self.stack.limits.datagram
        if len(data) > limit and not transaction.flow.reliable:
            raise SIPTooBig(
                f"answering {request.method} with {status}",
                f"it has {len(data)} bytes, and a datagram carries at most {limit}",
                advice="Make the content smaller.",
            )
        transaction.respond(status, data)

    def _tag(self, transaction: ServerTransaction) -> str:
        """Our tag: all responses to an INVITE have the same (RFC 3261 §8.2.6.2)."""
        if isinstance(transaction, InviteServer):
            return transaction.to_tag
        return self.stack.tokens.word()

    # Ending.

    def close(self) -> None:
        """Nobody uses this access point any more: end when all is answered.

        What is on its way is finished first: a response that was handed over is
        repeated as long as its transaction lives (RFC 3261 §17.2.2), a request that
        was handed over is sent. It ends in a later turn, so that who closes and
        connects again finds it as it was.
        """
        self._closing = True
        self._end_soon()

    def reopen(self) -> None:
        """Somebody uses it again, before it has ended."""
        self._closing = False

    def started(self) -> None:
        """A request of an application is on its way, or has failed."""
        self.starting -= 1
        self._end_soon()

    def idle(self) -> None:
        """The last transaction has ended (the transaction layer says so)."""
        self._end_soon()

    def _end_soon(self) -> None:
        if self._unused and self._ending is None:
            self._ending = self.stack.reactor.callLater(0, self._end)

    @property
    def _unused(self) -> bool:
        return self._closing and not self.starting and not self.transactions.live

    def _end(self) -> None:
        self._ending = None
        if self._unused:
            self.stop()

    def stop(self) -> Deferred[None]:
        """End now. Fires when the sockets are closed."""
        ending, self._ending = self._ending, None
        if ending is not None:
            ending.cancel()
        self._closing = False
        self.stack.forget(self)
        self.transactions.stop()
        return self.transport.stop()
