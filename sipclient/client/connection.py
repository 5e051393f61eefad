"""An application's connection to an access point."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any, Self
from weakref import ref

from twisted.internet.defer import Deferred, succeed
from twisted.logger import Logger

from ..bearer.access_point import AccessPoint, ListenAddress
from ..errors import SIPError
from ..interfaces import ISIPConnectionObserver
from ..session.commands import (
    CloseConnection,
    ReleaseTransaction,
    SendRequest,
    SendResponse,
)
from ..session.events import (
    ConnectionStateChanged,
    InviteCanceled,
    RequestReceived,
    ResponseReceived,
    TransactionFailed,
)
from .elements import RequestElements, ResponseElements
from .leaving import settled
from .link import CommandDeferred, fail_with
from .observers import Audience, SIPConnectionObserver
from .transactions import (
    ClientTransaction,
    ServerTransaction,
    Transaction,
    TransactionState,
    _closed,
    _given,
)

if TYPE_CHECKING:
    from ..message.address import Address
    from ..message.fields.media import MediaType
    from ..message.uri import URI
    from .client import SIPClient
    from .elements import HeadersGiven

_log = Logger()


class ConnectionState(Enum):
    """Where a connection is. Original: CSIPConnection::TState."""

    INIT = "Init"
    ACTIVE = "Active"
    SUSPENDED = "Suspended"
    INACTIVE = "Inactive"
    UNAVAILABLE = "Unavailable"


class SIPConnection:
    """An application's use of an access point. Original: CSIPConnection.

    Made by ``client.connect``. ``async with`` leaves at its end.

    :ivar client: whose it is.
    :ivar state: has changed before the observer hears of it.
    :ivar event_number: of the event that is being told, 0 before any.
    """

    def __init__(
        self,
        client: SIPClient,
        number: int,
        access_point: AccessPoint | str,
        audience: Audience,
    ) -> None:
        self.client = client
        self.state = ConnectionState.INIT
        self.event_number = 0
        self._id = number
        self._access_point = access_point
        self._audience = audience
        self._error: SIPError | None = None
        self._closed = False
        self._listening: tuple[ListenAddress, ...] = ()
        self._transactions: dict[int, ClientTransaction] = {}
        self._activations: list[Deferred[SIPConnection]] = []
        self._quiet: list[Deferred[None]] = []

    @property
    def access_point_id(self) -> str:
        """The id of its access point. Original: IapId."""
        point = self._access_point
        return point if isinstance(point, str) else point.id

    @property
    def listening(self) -> tuple[ListenAddress, ...]:
        """The addresses that it listens on, with their real ports, while it is ACTIVE.

        Original: GetLocalAddrL.
        """
        return self._listening

    @property
    def transactions(self) -> tuple[Transaction, ...]:
        """What runs on it: requests sent and received without final response."""
        received = [t for t in self.client._requests.values() if t.connection is self]
        return (*self._transactions.values(), *received)

    @property
    def closed(self) -> bool:
        """Whether it, or its client, was closed."""
        return self._closed

    def connection_error(self) -> SIPError | None:
        """Why the state last changed; None where nothing was wrong.

        Original: GetConnectionErrorL.
        """
        return self._error

    def active(self) -> Deferred[SIPConnection]:
        """Wait until it is ACTIVE; fails with the cause when it is UNAVAILABLE."""
        about = f"waiting for the access point {self.access_point_id!r}"
        if self._closed:
            return fail_with(_closed(about, "the connection"), about)
        if self.state is ConnectionState.ACTIVE:
            return succeed(self)
        if self.state is ConnectionState.UNAVAILABLE and self._error is not None:
            return fail_with(self._error, about)
        waiting: CommandDeferred[SIPConnection] = CommandDeferred(
            self._activations.remove
        )
        waiting.about = about
        self._activations.append(waiting)
        return waiting

    def set_observer(self, observer: Any) -> None:
        """Tell this observer from now on; None for nobody.

        Raises TypeError, naming the method, for one that doesn't fit.
        """
        self._audience = _audience(observer)
        self._introduce()

    def send_request(self, elements: RequestElements) -> Deferred[ClientTransaction]:
        """Send a request outside dialogs. Original: SendRequestL.

        Fires with the transaction when the stack has taken the request; nothing is on
        the network then. What becomes of it, the observer hears. Fails with
        :class:`SIPArgumentError` and other :class:`SIPError` where the request can't
        be sent; the elements stay as they are then.
        """
        return self._send(elements, goes_on=False)

    def _send(
        self, elements: RequestElements, *, goes_on: bool
    ) -> Deferred[ClientTransaction]:
        if not isinstance(elements, RequestElements):
            raise TypeError(f"send_request takes RequestElements, not {elements!r}")
        uri = str(elements._remote_uri) if elements._message is None else ""
        about = f"sending {elements.method or 'a request'} to {uri}"
        if self._closed:
            return fail_with(_closed(about, "the connection"), about)
        if elements._given:
            return fail_with(_given(about), about)
        link = self.client._link
        from_, to = elements._from, elements._to
        return link.ask(
            SendRequest(
                link.number(),
                self._id,
                elements.method,
                uri,
                "" if from_ is None else str(from_),
                "" if to is None else str(to),
                elements._wire(),
                elements.content,
            ),
            lambda number: self._sent(number, elements),
            elements,
            goes_on=goes_on,
        )

    def request(
        self,
        method: str,
        uri: URI | str,
        *,
        from_: Address | URI | str | None = None,
        to: Address | URI | str | None = None,
        headers: HeadersGiven = (),
        content: bytes | str = b"",
        content_type: MediaType | str | None = None,
    ) -> Deferred[ResponseElements]:
        """Send a request and wait for its final response, of any status.

        ``send_request`` and ``final`` in one; fails as they do.
        """
        try:
            elements = RequestElements(
                uri,
                method,
                from_=from_,
                to=to,
                headers=headers,
                content=content,
                content_type=content_type,
            )
        except SIPError as error:
            return fail_with(error, f"sending {method} to {uri}")
        sent = self._send(elements, goes_on=True)
        return sent.addCallback(ClientTransaction.final)

    def close(self) -> None:
        """Let go of it and of all that is on it; nothing goes to the network."""
        if not self._closed:
            link = self.client._link
            link.send(CloseConnection(link.number(), self._id))
            self._end(_closed("using a connection", "the connection"))
            self.client._connections.pop(self._id, None)

    def leave(self, timeout: float = 5.0) -> Deferred[None]:
        """Close it politely: unanswered requests get 480, sent ones may end.

        Fires when all is quiet or ``timeout`` seconds are over; never fails.
        """
        if self._closed:
            return succeed(None)
        for transaction in self.transactions:
            if isinstance(transaction, ServerTransaction):
                transaction._decline()
        quiet = settled(self.client._link.reactor, self._when_quiet(), timeout)
        return quiet.addCallback(lambda _: self.close())

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.leave()

    # For the client

    def _introduce(self) -> None:
        observer = self._audience.observer
        if isinstance(observer, SIPConnectionObserver):
            observer.connection = self

    def _sent(self, number: int, elements: RequestElements) -> ClientTransaction:
        transaction = ClientTransaction(self, number, elements)
        if self._closed:  # meanwhile: the stack says nothing of it any more
            transaction._end_silently(_closed("using a transaction", "its connection"))
            return transaction
        self._transactions[number] = transaction
        return transaction

    def _release(self, transaction: ClientTransaction, number: int) -> None:
        if self._transactions.pop(number, None) is not None:
            link = self.client._link
            link.send(ReleaseTransaction(link.number(), number))
            self._check_quiet()

    def _when_quiet(self) -> Deferred[None]:
        quiet: Deferred[None] = Deferred(self._quiet.remove)
        self._quiet.append(quiet)
        self._check_quiet()
        return quiet

    def _check_quiet(self) -> None:
        if self._quiet and not self._transactions:
            waiting, self._quiet = self._quiet, []
            for each in waiting:
                each.callback(None)

    def _end(self, error: SIPError) -> None:
        """It is closed: what is on it ends without a word."""
        self._closed = True
        received = self.transactions
        self._transactions.clear()
        for transaction in received:
            if isinstance(transaction, ClientTransaction):
                transaction._end_silently(error)
            elif isinstance(transaction, ServerTransaction):
                transaction._end_silently()
                self.client._requests.pop(transaction._id, None)
        activations, self._activations = self._activations, []
        for waiting in activations:
            waiting.errback(error)
        self._check_quiet()

    def _lose(self, error: SIPError) -> None:
        """The stack is gone: one word to the observer, none for what was on it."""
        live = list(self._transactions.values())
        self._transactions.clear()
        for transaction in live:
            transaction._end_silently(error)
        self._listening = ()
        self._change_state(ConnectionState.UNAVAILABLE, error)
        self._check_quiet()

    # Events

    def _change_state(self, state: ConnectionState, error: SIPError | None) -> None:
        self.state = state
        self._error = error
        if state in (ConnectionState.ACTIVE, ConnectionState.UNAVAILABLE):
            waiting, self._activations = self._activations, []
            for each in waiting:
                if state is ConnectionState.ACTIVE or error is None:
                    each.callback(self)
                else:
                    each.errback(error)
        if not self._closed:  # who waited may have closed it
            self._audience.tell("connection_state_changed", state)

    def _state_changed(self, event: ConnectionStateChanged) -> None:
        self._listening = event.listening
        self._change_state(ConnectionState(event.state), event.error)

    def _request_received(self, event: RequestReceived) -> None:
        number = event.transaction
        requests = self.client._requests
        transaction = ServerTransaction(self.client, self, number, event.request)
        requests[number] = transaction
        told = self._audience.tell("incoming_request", transaction, None)
        if number in requests:
            del transaction
            if isinstance(told, Deferred):
                told.addCallback(self._request_told, number)
            else:
                self._request_told(told, number)

    def _request_told(self, taken: bool, number: int) -> None:
        """The observer is through with a request: it answered or kept it, or neither.

        Kept means that the handle lives on when the client lets go of it.
        """
        transaction = self.client._requests.pop(number, None)
        if transaction is None:
            return
        method, kept = transaction.type, ref(transaction)
        del transaction
        transaction = kept()
        if transaction is not None and taken:
            self.client._requests[number] = transaction
            return
        _log.error(
            "the observer {observer} left {method} unanswered; it gets 500",
            observer=self._audience.name,
            method=method,
        )
        if transaction is not None:
            transaction.state = TransactionState.COMPLETED
        phrase = ResponseElements(500).reason_phrase
        link = self.client._link
        link.send(SendResponse(link.number(), number, method, 500, phrase, (), b""))

    def _response_received(self, event: ResponseReceived) -> None:
        transaction = self._transactions.get(event.transaction)
        if transaction is None:
            return
        transaction._answered(event.response)
        final = transaction.state is TransactionState.COMPLETED
        if final:
            del self._transactions[event.transaction]
        self._audience.tell("incoming_response", transaction, None)
        transaction._show()
        if final:
            self._check_quiet()

    def _invite_canceled(self, event: InviteCanceled) -> None:
        received = self.client._requests.pop(event.transaction, None)
        if received is not None:
            received._canceled(event.cancel)
            self._tell_canceled(received)

    def _tell_canceled(self, transaction: ServerTransaction) -> None:
        if not self._closed:
            self._audience.tell("invite_canceled", transaction)

    def _transaction_failed(self, event: TransactionFailed) -> None:
        sent = self._transactions.pop(event.transaction, None)
        if sent is not None:
            sent._failed(event.error)
            self._audience.tell("error_occurred", event.error, sent, sent)
            sent._show()
            self._check_quiet()
            return
        received = self.client._requests.pop(event.transaction, None)
        if received is not None:
            received.state = TransactionState.TERMINATED
            self._audience.tell("error_occurred", event.error, received, received)

    def __repr__(self) -> str:
        return f"<SIPConnection {self.access_point_id} {self.state.value}>"


def _audience(observer: Any) -> Audience:
    return Audience(observer, ISIPConnectionObserver, SIPConnectionObserver)
