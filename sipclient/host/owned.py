"""What a session owns in the stack: connections, requests sent, requests received."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..bearer.access_point import AccessPoint
from ..core.outgoing import OutgoingRequest
from ..core.user_agent import UserAgent
from ..errors import SIPError, SIPTimedOut
from ..message.model import Request, Response
from ..session.events import InviteCanceled, ResponseReceived, TransactionFailed
from ..transaction.user import ServerTransaction

if TYPE_CHECKING:
    from .sessions import Session


class Connection:
    """A use of an access point; without ``agent``, it could not be opened."""

    __slots__ = ("access_point", "agent", "id")

    def __init__(self, number: int, access_point: AccessPoint) -> None:
        self.id = number
        self.access_point = access_point
        self.agent: UserAgent | None = None


class ClientRecord:
    """A request that the session sent and that has no final response yet."""

    __slots__ = ("connection", "id", "outgoing", "session")

    def __init__(self, session: Session, number: int, connection: int) -> None:
        self.session = session
        self.id = number
        self.connection = connection
        self.outgoing: OutgoingRequest | None = None

    def response(self, response: Response) -> None:
        """A response came, other than 100."""
        if response.status >= 200:
            self._end()
        session = self.session
        session.tell(
            ResponseReceived(session.next_event(), self.connection, self.id, response)
        )

    def failed(self, error: SIPError) -> None:
        """It is over without a final response."""
        self._end()
        session = self.session
        session.tell(
            TransactionFailed(session.next_event(), self.connection, self.id, error)
        )

    def abandon(self) -> None:
        """Nobody wants to hear of it any more."""
        if self.outgoing is not None:
            self.outgoing.abandon()
            self.outgoing = None

    def _end(self) -> None:
        self.session.transactions.pop(self.id, None)
        self.outgoing = None


class ServerRecord:
    """A request that was given to the session and has no final response yet.

    :ivar session: None when nobody can answer it any more; then it runs to its limit.
    :ivar method: of the request, which its transaction forgets before it tells why.
    :ivar error: why it has ended without a response that was sent.
    """

    __slots__ = (
        "agent",
        "connection",
        "error",
        "id",
        "method",
        "session",
        "transaction",
    )

    def __init__(
        self,
        session: Session,
        number: int,
        connection: int,
        agent: UserAgent,
        transaction: ServerTransaction,
    ) -> None:
        self.session: Session | None = session
        self.id = number
        self.connection = connection
        self.agent = agent
        self.transaction = transaction
        request = transaction.request
        self.method = "a request" if request is None else request.method
        self.error: SIPError | None = None

    def timed_out(self, transaction: ServerTransaction) -> None:
        """Its time is over: an INVITE has got 408, another request nothing."""
        came = "the application gave no final response within {:g} s"
        if self.method == "INVITE":
            limit = self.agent.stack.limits.invite_answer
            rule = "RFC 3261 §13.3.1.1; the caller got 408"
        else:
            limit = self.agent.transactions.values.t1 * 64
            rule = "RFC 4320 §4.2"
        self._fail(
            SIPTimedOut(f"answering {self.method}", came.format(limit), rule=rule)
        )

    def canceled(self, cancel: Request) -> None:
        """Its sender wants no answer any more; it has got one from the stack."""
        session, self.session = self.session, None
        if session is not None:
            session.requests.pop(self.id, None)
            session.tell(
                InviteCanceled(session.next_event(), self.connection, self.id, cancel)
            )

    def transport_failed(self, transaction: ServerTransaction, error: SIPError) -> None:
        """The response could not be sent; another one may be given where it can."""
        if transaction.request is None:
            self._fail(error)
        else:
            self.error = error

    def _fail(self, error: SIPError) -> None:
        self.error = error
        session, self.session = self.session, None
        if session is not None:
            session.requests.pop(self.id, None)
            session.tell(
                TransactionFailed(session.next_event(), self.connection, self.id, error)
            )
