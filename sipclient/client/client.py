"""An application on a stack: the root of all that it holds."""

from __future__ import annotations

from collections import deque
from typing import Any, Final, Self

from twisted.internet.defer import Deferred, succeed

from ..bearer.access_point import AccessPoint
from ..errors import SIPError
from ..interfaces import ISIPObserver, IStack
from ..session.capabilities import Capabilities
from ..session.commands import (
    CloseSession,
    OpenConnection,
    OpenSession,
    ReleaseTransaction,
)
from ..session.events import (
    ConnectionStateChanged,
    Event,
    InviteCanceled,
    RequestReceived,
    ResponseReceived,
    TransactionFailed,
)
from .connection import SIPConnection, _audience
from .leaving import all_settled
from .link import Link, fail_with
from .observers import Audience, SIPObserver
from .transactions import ServerTransaction, TransactionState, _closed

#: How many canceled INVITEs are remembered for a connection that is yet to be made.
_CANCELED: Final = 100


class SIPClient:
    """An application, as the stack knows it by its uid. Original: CSIP.

    Made by :meth:`embed`. ``async with`` leaves at its end.

    :ivar uid: what it is known by; no other client of the stack has it.
    :ivar capabilities: by which requests find it.
    """

    def __init__(
        self, stack: IStack, uid: str, observer: Any, capabilities: Capabilities
    ) -> None:
        self.uid = uid
        self.capabilities = capabilities
        self._audience = Audience(observer, ISIPObserver, SIPObserver)
        self._closed = False
        self._connections: dict[int, SIPConnection] = {}
        self._requests: dict[int, ServerTransaction] = {}
        # INVITEs canceled where it has no connection: whoever connects there is told.
        self._canceled: deque[ServerTransaction] = deque(maxlen=_CANCELED)
        self._link = Link(stack, self)

    @classmethod
    def embed(
        cls,
        reactor_or_stack: Any,
        uid: str | int,
        observer: Any = None,
        *,
        capabilities: Capabilities | None = None,
    ) -> Deferred[SIPClient]:
        """Use a stack in this process; needs no server.

        :param reactor_or_stack: a reactor, for a stack of its own, or a
            :class:`sipclient.Stack`, which may serve several clients.
        :param uid: a name of 1 to 64 letters, digits and ``. _ -``, or an integer.
        :param observer: an ISIPObserver, or None.
        :param capabilities: what requests may come. None: none do.

        Fails with :class:`SIPAlreadyExists` where the stack has a client of that uid,
        and with :class:`SIPBadName`. Raises TypeError for an observer that doesn't
        fit.
        """
        from .embed import embedded_stack, provider_of

        provider = provider_of(embedded_stack(reactor_or_stack))
        return cls.attach(provider, uid, observer, capabilities=capabilities)

    @classmethod
    def attach(
        cls,
        stack: IStack,
        uid: str | int,
        observer: Any = None,
        *,
        capabilities: Capabilities | None = None,
    ) -> Deferred[SIPClient]:
        """Use any provider of IStack; :meth:`embed` says the rest."""
        if not isinstance(uid, (str, int)):
            raise TypeError(f"a uid is text or an integer, not {uid!r:.80}")
        client = cls(stack, str(uid), observer, capabilities or Capabilities())
        return client._open()

    @property
    def connections(self) -> tuple[SIPConnection, ...]:
        """Its open connections."""
        return tuple(self._connections.values())

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return self._closed

    def connection(self, access_point: str) -> SIPConnection | None:
        """The connection to the access point of that id, None without one."""
        for connection in self._connections.values():
            if connection.access_point_id == access_point:
                return connection
        return None

    def connect(
        self,
        access_point: AccessPoint | str,
        observer: Any = None,
        *,
        wait: bool = True,
    ) -> Deferred[SIPConnection]:
        """Use an access point. Original: CSIPConnection::NewL.

        :param access_point: a value, or the id of one that is configured.
        :param observer: an ISIPConnectionObserver, or None.
        :param wait: fire when the connection is ACTIVE, fail when it is UNAVAILABLE
            (it is closed then). False: fire with the connection in whatever state.

        Fails with :class:`SIPAlreadyExists` where the client has a connection there,
        :class:`SIPBadName` for an id that nobody knows. Raises TypeError for an
        observer that doesn't fit.
        """
        if not isinstance(access_point, (AccessPoint, str)):
            raise TypeError(f"connect takes an AccessPoint, not {access_point!r:.80}")
        audience = _audience(observer)
        name = access_point if isinstance(access_point, str) else access_point.id
        about = f"connecting {self.uid!r} to the access point {name!r}"
        if self._closed:
            return fail_with(_closed(about, "the client"), about)
        command = OpenConnection(self._link.number(), access_point)
        opened = self._link.ask(
            command,
            lambda number: self._connected(number, access_point, audience),
            goes_on=wait,
        )
        return opened.addCallback(_activated) if wait else opened

    def close(self) -> None:
        """Let go of everything that it has; nothing goes to the network."""
        if not self._closed:
            self._closed = True
            self._link.send(CloseSession(self._link.number()))
            error = _closed("using a client", "the client")
            for connection in self.connections:
                connection._end(error)
            self._connections.clear()
            for transaction in self._requests.values():
                transaction._end_silently()
            self._requests.clear()

    def leave(self, timeout: float = 5.0) -> Deferred[None]:
        """Leave all connections politely, then close.

        Fires when all is quiet or ``timeout`` seconds are over; never fails.
        """
        if self._closed:
            return succeed(None)
        for transaction in list(self._requests.values()):
            if transaction.connection is None:
                transaction._decline()
        left = all_settled([c.leave(timeout) for c in self.connections])
        return left.addCallback(lambda _: self.close())

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.leave()

    # For itself, its connections and transactions

    def _open(self) -> Deferred[SIPClient]:
        command = OpenSession(self._link.number(), self.uid, self.capabilities)
        opened = self._link.ask(command, lambda _: self)
        observer = self._audience.observer
        if isinstance(observer, SIPObserver):
            observer.client = self
        return opened

    def _connected(
        self, number: int, access_point: AccessPoint | str, audience: Audience
    ) -> SIPConnection:
        connection = SIPConnection(self, number, access_point, audience)
        if self._closed:  # meanwhile, and the stack has closed it as well
            connection._end(_closed("connecting", "the client"))
            return connection
        self._connections[number] = connection
        connection._introduce()
        for transaction in self._requests.values():
            if (
                transaction.connection is None
                and transaction._access_point == connection.access_point_id
            ):
                transaction.connection = connection
        for transaction in list(self._canceled):
            if transaction._access_point == connection.access_point_id:
                self._canceled.remove(transaction)
                transaction.connection = connection
                self._link.reactor.callLater(0, connection._tell_canceled, transaction)
        return connection

    def _release_request(self, transaction: ServerTransaction, number: int) -> None:
        if self._requests.pop(number, None) is not None:
            self._link.send(ReleaseTransaction(self._link.number(), number))

    # The receiver of the link's events

    def happened(self, event: Event) -> None:
        """One event of the session."""
        connection = self._connections.get(event.connection)
        if connection is not None:
            connection.event_number = event.number
            _TAKEN[type(event)](connection, event)
        elif event.connection == 0 and not self._closed:
            _TAKEN_HERE[type(event)](self, event)

    def _request_received(self, event: RequestReceived) -> None:
        # It may have connected there while this event was on its way.
        connection = self.connection(event.access_point)
        transaction = ServerTransaction(
            self, connection, event.transaction, event.request
        )
        transaction._access_point = event.access_point
        self._requests[event.transaction] = transaction
        self._audience.tell("incoming_request", event.access_point, transaction)

    def _request_failed(self, event: TransactionFailed) -> None:
        transaction = self._requests.pop(event.transaction, None)
        if transaction is not None:
            transaction.state = TransactionState.TERMINATED
            self._audience.tell("timed_out", transaction)

    def _invite_canceled(self, event: InviteCanceled) -> None:
        """It was never on a connection: the next one there hears of it."""
        transaction = self._requests.pop(event.transaction, None)
        if transaction is None:
            return
        transaction._canceled(event.cancel)
        connection = transaction.connection
        if connection is not None:  # made while this event was on its way
            connection._tell_canceled(transaction)
        else:
            self._canceled.append(transaction)

    def lost(self, error: SIPError) -> None:
        """The stack is gone: each connection's observer hears so, once."""
        for transaction in self._requests.values():
            transaction._end_silently()
        self._requests.clear()
        for connection in self.connections:
            connection._lose(error)

    def __repr__(self) -> str:
        return f"<SIPClient {self.uid}>"


_TAKEN: dict[type, Any] = {
    ConnectionStateChanged: SIPConnection._state_changed,
    RequestReceived: SIPConnection._request_received,
    ResponseReceived: SIPConnection._response_received,
    TransactionFailed: SIPConnection._transaction_failed,
    InviteCanceled: SIPConnection._invite_canceled,
}
_TAKEN_HERE: dict[type, Any] = {
    RequestReceived: SIPClient._request_received,
    TransactionFailed: SIPClient._request_failed,
    InviteCanceled: SIPClient._invite_canceled,
}


def _activated(connection: SIPConnection) -> Deferred[SIPConnection]:
    """Wait until it is ACTIVE; one that can't be is closed."""

    def give_up(failure: Any) -> Any:
        connection.close()
        return failure

    return connection.active().addErrback(give_up)
