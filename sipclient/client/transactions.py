"""Transactions, as an application holds them: an id and a mirror of the stack's state.

A handle can be closed at any time; what the stack has begun goes on without it.
"""

from __future__ import annotations

from collections import deque
from enum import Enum
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred, fail, succeed

from ..errors import (
    SIPError,
    SIPInUse,
    SIPInvalidTransactionState,
    SIPResourceNotAvailable,
)
from ..message.model import Request, Response
from ..session.commands import SendResponse
from .elements import RequestElements, ResponseElements
from .link import fail_with

if TYPE_CHECKING:
    from .client import SIPClient
    from .connection import SIPConnection


class TransactionState(Enum):
    """Where a transaction is. Original: CSIPTransactionBase::TState."""

    TRYING = "Trying"
    CALLING = "Calling"
    PROCEEDING = "Proceeding"
    COMPLETED = "Completed"
    CONFIRMED = "Confirmed"
    TERMINATED = "Terminated"


#: In these a request can be answered.
_ANSWERABLE = (TransactionState.TRYING, TransactionState.PROCEEDING)


class Transaction:
    """What client and server transactions have in common.

    Original: CSIPTransactionBase.

    :ivar connection: the connection it is on; None for a request that came where the
        application has none.
    :ivar type: the method of its request.
    :ivar state: has changed before an observer hears of it.
    """

    __slots__ = (
        "__weakref__",
        "_closed",
        "_id",
        "_request",
        "connection",
        "state",
        "type",
    )

    def __init__(
        self, connection: SIPConnection | None, number: int, method: str
    ) -> None:
        self.connection = connection
        self._id = number
        self.type = method
        self.state = TransactionState.TRYING
        self._closed = False
        self._request: RequestElements | Request | None = None

    @property
    def request_elements(self) -> RequestElements:
        """The request, to be read."""
        if not isinstance(self._request, RequestElements):
            assert self._request is not None  # set where it is made
            self._request = RequestElements._received(self._request)
        return self._request

    @property
    def closed(self) -> bool:
        """Whether it, or what it depends on, was closed by the application."""
        connection = self.connection
        return self._closed or (connection is not None and connection.closed)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.type} {self.state.value}>"


class ClientTransaction(Transaction):
    """A request that the application sent, and its answers.

    Original: CSIPClientTransaction. Made by ``connection.send_request``.

    :ivar response_elements: the latest response, None before any.
    """

    __slots__ = ("_error", "_finals", "_iterators", "response_elements")

    def __init__(
        self, connection: SIPConnection, number: int, elements: RequestElements
    ) -> None:
        super().__init__(connection, number, elements.method)
        self._request = elements
        self.response_elements: ResponseElements | None = None
        self._error: SIPError | None = None
        self._finals: list[Deferred[ResponseElements]] = []
        self._iterators: list[_Responses] = []

    def final(self) -> Deferred[ResponseElements]:
        """Wait for the final response, whatever its status: 486 is an answer.

        Fails with the :class:`SIPError` that ended the transaction without one. Fires
        after the observer was told, at once when it is called late. To cancel it is to
        stop waiting.
        """
        if self._error is not None:
            return fail(self._error)
        response = self.response_elements
        if response is not None and response.status_code >= 200:
            return succeed(response)
        waiting: Deferred[ResponseElements] = Deferred(self._finals.remove)
        self._finals.append(waiting)
        return waiting

    def __aiter__(self) -> _Responses:
        """Each response until the final one, beginning with the latest that came."""
        responses = _Responses()
        if self.response_elements is not None:
            responses.add(self.response_elements)
        if self._error is not None:
            responses.end(self._error)
        elif self.state in (TransactionState.TRYING, TransactionState.PROCEEDING):
            self._iterators.append(responses)
        else:
            responses.end(None)
        return responses

    def close(self) -> None:
        """Hear no more of it. What was sent can't be taken back."""
        if not self._closed:
            connection = self.connection
            if connection is not None:
                connection._release(self, self._id)
            self._end_silently(_closed("waiting for a response", "the transaction"))

    # For the connection

    def _answered(self, message: Response) -> None:
        self.response_elements = ResponseElements._received(message)
        self.state = (
            TransactionState.PROCEEDING
            if message.status < 200
            else TransactionState.COMPLETED
        )

    def _failed(self, error: SIPError) -> None:
        self.state = TransactionState.TERMINATED
        self._error = error

    def _show(self) -> None:
        """Let the views see what the observer has seen."""
        response = self.response_elements
        over = self.state is not TransactionState.PROCEEDING
        if self._error is None and response is not None:
            for responses in self._iterators:
                responses.add(response)
        if not over:
            return
        iterators, self._iterators = self._iterators, []
        finals, self._finals = self._finals, []
        for responses in iterators:
            responses.end(self._error)
        for waiting in finals:
            if self._error is not None:
                waiting.errback(self._error)
            elif response is not None:
                waiting.callback(response)

    def _end_silently(self, error: SIPError) -> None:
        """It ends without a word to the observer: who waits hears why."""
        self._closed = True
        if self.state in (TransactionState.TRYING, TransactionState.PROCEEDING):
            self._failed(error)
            self._show()


class ServerTransaction(Transaction):
    """A request that came, to be answered.

    Original: CSIPServerTransaction. ``incoming_request`` hands it over.
    """

    __slots__ = ("_access_point", "_cancel", "_client")

    def __init__(
        self,
        client: SIPClient,
        connection: SIPConnection | None,
        number: int,
        request: Request,
    ) -> None:
        self.connection = connection
        self._client = client
        self._access_point = ""
        self._id = number
        self.type = request.method
        # The stack has sent 100 to an INVITE already.
        self.state = (
            TransactionState.PROCEEDING
            if request.method == "INVITE"
            else TransactionState.TRYING
        )
        self._closed = False
        self._request = request
        self._cancel: Request | None = None

    @property
    def reason(self) -> Any | None:
        """Why an INVITE was canceled: the Reason of its CANCEL, None without one.

        Raises :class:`SIPParseError` where it can't be read (RFC 3326).
        """
        return None if self._cancel is None else self._cancel.header("Reason")

    @property
    def response_allowed(self) -> bool:
        """Whether it can be answered at all: an ACK can't."""
        return self.type != "ACK"

    def send_response(self, elements: ResponseElements) -> Deferred[None]:
        """Answer the request. Fires when the stack has taken the response.

        Fails with :class:`SIPInvalidTransactionState` when it has a final response,
        with :class:`SIPResourceNotAvailable` when it, or its connection, is closed,
        with :class:`SIPArgumentError` for a status that must not be sent (RFC 4320),
        with :class:`SIPInvalidDialogState` for a 2xx to INVITE without association.
        A failure that nobody looks at is logged.
        """
        if not isinstance(elements, ResponseElements):
            raise TypeError(f"send_response takes ResponseElements, not {elements!r}")
        if self.state not in _ANSWERABLE or elements._given or self.closed:
            return self._refuse(elements)
        link = self._client._link
        status = elements._status_code
        return link.ask(
            SendResponse(
                link.number(),
                self._id,
                self.type,
                status,
                elements._reason_phrase,
                elements._wire(),
                elements._content,
            ),
            self._sent if status >= 200 else _ignore,
            elements,
        )

    def _refuse(self, elements: ResponseElements) -> Deferred[None]:
        about = f"answering {self.type} with {elements.status_code}"
        if self.closed:
            return fail_with(_closed(about, "the transaction"), about)
        if self.state in _ANSWERABLE:
            return fail_with(_given(about), about)
        return fail_with(
            SIPInvalidTransactionState(
                about,
                f"it is {self.state.value}",
                rule="RFC 3261 §17.2.2",
                advice="A request has one final response.",
            ),
            about,
        )

    @property
    def closed(self) -> bool:
        """Whether it, or what it depends on, was closed by the application."""
        connection = self.connection
        return (
            self._closed
            or self._client._closed
            or (connection is not None and connection._closed)
        )

    def close(self) -> None:
        """Let go of it. A response that was given is sent, and repeated if need be."""
        if not self._closed:
            self._client._release_request(self, self._id)
            self._closed = True

    # For the client

    def _decline(self) -> None:
        """Answer it 480 if it can still be answered: its application leaves."""
        self.send_response(ResponseElements(480)).addErrback(_ignore)

    def _sent(self, _: object) -> None:
        self.state = TransactionState.COMPLETED
        self._client._requests.pop(self._id, None)

    def _end_silently(self) -> None:
        self._closed = True
        if self.state in _ANSWERABLE:
            self.state = TransactionState.TERMINATED

    def _canceled(self, cancel: Request) -> None:
        self.state = TransactionState.TERMINATED
        self._cancel = cancel


class _Responses:
    """One ``async for`` over a transaction: what came, and waiting for what comes."""

    __slots__ = ("_ended", "_error", "_queue", "_waiting")

    def __init__(self) -> None:
        self._queue: deque[ResponseElements] = deque()
        self._ended = False
        self._error: SIPError | None = None
        self._waiting: Deferred[None] | None = None

    def add(self, response: ResponseElements) -> None:
        self._queue.append(response)
        self._wake()

    def end(self, error: SIPError | None) -> None:
        self._ended = True
        self._error = error
        self._wake()

    def _wake(self) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            waiting.callback(None)

    def __aiter__(self) -> _Responses:
        return self

    async def __anext__(self) -> ResponseElements:
        while not self._queue:
            if self._error is not None:
                raise self._error
            if self._ended:
                raise StopAsyncIteration
            self._waiting = Deferred()
            await self._waiting
        return self._queue.popleft()


def _ignore(_: Any) -> None:
    """What becomes of a reply's value that says nothing."""


def _closed(attempted: str, what: str) -> SIPResourceNotAvailable:
    return SIPResourceNotAvailable(
        attempted, f"{what}, or what it depends on, was closed"
    )


def _given(attempted: str) -> SIPError:
    return SIPInUse(
        attempted,
        "these elements were given to the stack already",
        advice="Make new ones, or copy them: elements.copy().",
    )
