"""One application's session: its commands, its events, and what it owns.

Ids, numbers and ownership exist here once, for applications in this process and for
those behind a socket alike: what another session owns isn't in this one's tables, so
it can be neither seen nor answered.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from zope.interface import implementer

from ..bearer.access_point import AccessPoint, ListenAddress
from ..core.user_agent import UserAgent
from ..errors import (
    SIPAlreadyExists,
    SIPBadName,
    SIPError,
    SIPInvalidTransactionState,
    SIPNotFound,
    SIPResourceNotAvailable,
)
from ..interfaces import ISession, ISessionSink
from ..message.model import Request
from ..session import commands
from ..session.capabilities import Capabilities
from ..session.events import ConnectionStateChanged, Event, RequestReceived
from ..transaction.user import ServerTransaction
from .owned import ClientRecord, Connection, ServerRecord
from .refusals import check_answer, outgoing_request

if TYPE_CHECKING:
    from .host import Host

_is_uid = re.compile(r"[A-Za-z0-9._-]{1,64}").fullmatch


@implementer(ISession)
class Session:
    """What the host keeps for one application.

    :ivar uid: by which it is known, "" before it has one.
    :ivar transactions: requests of its own that run, by id.
    :ivar requests: requests received and not answered finally, by id.
    """

    def __init__(self, host: Host, sink: ISessionSink) -> None:
        self.host = host
        self.sink = sink
        self.uid = ""
        self.capabilities = Capabilities()
        self.connections: dict[int, Connection] = {}
        self.transactions: dict[int, ClientRecord] = {}
        self.requests: dict[int, ServerRecord] = {}
        self._by_access_point: dict[str, Connection] = {}
        self._last = 0
        self._unacknowledged: deque[Event] = deque()
        self._replying = False
        self._held: list[Event] = []

    # ISession

    def submit(self, command: commands.Command) -> None:
        """Do a command; its reply goes to the sink, before any event that it causes."""
        self._replying = True
        try:
            if not self.uid and type(command) is not commands.OpenSession:
                raise SIPResourceNotAvailable(
                    "using a session", "it is not open, or closed already"
                )
            value = _DO[type(command)](self, command)
        except SIPError as error:
            self.sink.replied(commands.Refused(command.number, error))
        else:
            self.sink.replied(commands.Accepted(command.number, value))
        finally:
            self._replying = False
            if self._held:
                held, self._held = self._held, []
                for event in held:
                    self.sink.happened(event)

    def acknowledge(self, number: int) -> None:
        """Everything up to that event was taken in; it need not be kept."""
        kept = self._unacknowledged
        while kept and kept[0].number <= number:
            kept.popleft()

    # Events

    def next_event(self) -> int:
        """The number of the event that is told next."""
        self._last = number = self._last + 1
        return number

    def tell(self, event: Event) -> None:
        """Keep an event until it is acknowledged, and tell it."""
        self._unacknowledged.append(event)
        if self._replying:
            self._held.append(event)
        else:
            self.sink.happened(event)

    def lose(self, error: SIPError) -> None:
        """The stack is gone: forget everything, and say it once."""
        self._forget()
        self.sink.lost(error)

    # What the network brings

    def give(
        self, agent: UserAgent, request: Request, transaction: ServerTransaction
    ) -> None:
        """A request was routed here."""
        name = agent.access_point.id
        connection = self._by_access_point.get(name)
        number = 0 if connection is None else connection.id
        record = ServerRecord(self, self.host.ids.next(), number, agent, transaction)
        self.requests[record.id] = record
        transaction.user = record
        self.tell(RequestReceived(self.next_event(), number, record.id, request, name))

    # Commands

    def _open_session(self, command: commands.OpenSession) -> None:
        if self.uid:
            raise SIPAlreadyExists(
                f"opening a session for {command.uid!r}",
                f"this one is open for {self.uid!r}",
            )
        if not _is_uid(command.uid):
            raise SIPBadName(
                f"opening a session for {command.uid!r}",
                "a uid is 1 to 64 letters, digits, dots, dashes and underscores",
                advice="Reverse DNS is the custom, as in org.example.phone.",
            )
        self.uid = command.uid
        self.capabilities = command.capabilities
        try:
            self.host.admit(self)
        except SIPError:
            self.uid = ""
            raise

    def _close_session(self, command: commands.CloseSession) -> None:
        self._forget()

    def _forget(self) -> None:
        for connection in list(self.connections.values()):
            self._drop(connection)
        for record in self.requests.values():
            record.session = None
        self.requests.clear()
        self.host.dismiss(self)
        self.uid = ""

    def _open_connection(self, command: commands.OpenConnection) -> int:
        wanted = command.access_point
        if not isinstance(wanted, AccessPoint):
            wanted = self.host.stack.configured(wanted)
        if wanted.id in self._by_access_point:
            raise SIPAlreadyExists(
                f"connecting {self.uid!r} to the access point {wanted.id!r}",
                "it has a connection there",
                advice="One connection is all that an application needs there:"
                " client.connection(id) gives it.",
            )
        connection = Connection(self.host.ids.next(), wanted)
        error: SIPError | None = None
        listening: tuple[ListenAddress, ...] = ()
        try:
            connection.agent = self.host.open(wanted)
            listening = connection.agent.listening
        except SIPAlreadyExists:
            raise
        except SIPError as problem:
            error = problem
        self.connections[connection.id] = connection
        self._by_access_point[wanted.id] = connection
        for record in self.requests.values():
            if record.connection == 0 and record.agent is connection.agent:
                record.connection = connection.id
        state = "Active" if error is None else "Unavailable"
        self.tell(
            ConnectionStateChanged(
                self.next_event(), connection.id, state, error, listening
            )
        )
        return connection.id

    def _close_connection(self, command: commands.CloseConnection) -> None:
        self._drop(self._connection(command.connection))

    def _connection(self, number: int) -> Connection:
        try:
            return self.connections[number]
        except KeyError:
            raise SIPResourceNotAvailable(
                "using a connection", "it is closed", advice="Connect again."
            ) from None

    def _drop(self, connection: Connection) -> None:
        """A connection goes, and what is in it; nothing is sent."""
        del self.connections[connection.id]
        del self._by_access_point[connection.access_point.id]
        for sent in [
            r for r in self.transactions.values() if r.connection == connection.id
        ]:
            del self.transactions[sent.id]
            sent.abandon()
        for received in [
            r for r in self.requests.values() if r.connection == connection.id
        ]:
            del self.requests[received.id]
            received.session = None  # it runs on inside the stack, to its limit
        if connection.agent is not None:
            self.host.close(connection.agent)

    def _send_request(self, command: commands.SendRequest) -> int:
        connection = self._connection(command.connection)
        record = ClientRecord(self, self.host.ids.next(), connection.id)
        outgoing = outgoing_request(connection, record, command)
        record.outgoing = outgoing
        self.transactions[record.id] = record
        self.host.soon(outgoing.start)
        return record.id

    def _send_response(self, command: commands.SendResponse) -> None:
        record = self.requests.get(command.transaction)
        status = command.status
        if record is None:
            raise SIPInvalidTransactionState(
                f"answering a request with {status}",
                "it has its final response, or its time is over",
                rule="RFC 3261 §17.2.2",
            )
        check_answer(command, record.method)
        record.error = None
        record.agent.respond(
            record.transaction, status, command.reason, command.headers, command.body
        )
        if record.error is not None:
            raise record.error  # the network refused it
        if status >= 200:
            del self.requests[record.id]

    def _release_transaction(self, command: commands.ReleaseTransaction) -> None:
        sent = self.transactions.pop(command.transaction, None)
        if sent is not None:
            sent.abandon()
            return
        received = self.requests.pop(command.transaction, None)
        if received is None:
            raise SIPNotFound("releasing a transaction", "it is over already")
        received.session = None


_DO: dict[type, Callable[[Session, Any], Any]] = {
    commands.OpenSession: Session._open_session,
    commands.CloseSession: Session._close_session,
    commands.OpenConnection: Session._open_connection,
    commands.CloseConnection: Session._close_connection,
    commands.SendRequest: Session._send_request,
    commands.SendResponse: Session._send_response,
    commands.ReleaseTransaction: Session._release_transaction,
}
