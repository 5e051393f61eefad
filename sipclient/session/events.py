"""What the stack tells ``client/``. Each event is acknowledged.

Events are numbered per session, from 1, and kept by the stack until acknowledged;
what is told again carries the same number. ``connection`` is the id of the connection
that it belongs to, 0 where there is none.
"""

from __future__ import annotations

from typing import NamedTuple

from ..bearer.access_point import ListenAddress
from ..errors import SIPError
from ..message.model import Request, Response


class ConnectionStateChanged(NamedTuple):
    """The connection's state, in the spelling of ``ConnectionState``, and why.

    ``listening`` are its addresses with their real ports, while it is active.
    """

    number: int
    connection: int
    state: str
    error: SIPError | None = None
    listening: tuple[ListenAddress, ...] = ()


class RequestReceived(NamedTuple):
    """A request outside dialogs was routed to this application.

    ``connection`` is 0 where the application has none on that access point; then it
    may make one, and answer.
    """

    number: int
    connection: int
    transaction: int
    request: Request
    access_point: str


class ResponseReceived(NamedTuple):
    """A response to a request of this application, other than 100."""

    number: int
    connection: int
    transaction: int
    response: Response


class TransactionFailed(NamedTuple):
    """A transaction ended without a final response; it is gone."""

    number: int
    connection: int
    transaction: int
    error: SIPError


class InviteCanceled(NamedTuple):
    """An INVITE that this application had not answered finally was canceled.

    The stack has answered both; the transaction is gone.
    """

    number: int
    connection: int
    transaction: int
    cancel: Request


Event = (
    ConnectionStateChanged
    | RequestReceived
    | ResponseReceived
    | TransactionFailed
    | InviteCanceled
)
