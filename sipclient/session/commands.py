"""What ``client/`` asks of the stack. Each command is answered by one reply.

Commands are named tuples: nothing that was handed over can change, and a frozen
dataclass, which sets each field by a call, takes five times as long to make.

They are numbered by the client, per session, from 1. The stack answers each with
:class:`Accepted`, once it has validated, numbered and queued the operation, or with
:class:`Refused`, and then nothing has changed.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from ..bearer.access_point import AccessPoint
from ..errors import SIPError
from .capabilities import Capabilities

#: (name, text) of each header field, in order.
Fields = tuple[tuple[str, str], ...]


class OpenSession(NamedTuple):
    """Become known as ``uid``. The first command of a session. Accepts with None."""

    number: int
    uid: str
    capabilities: Capabilities


class CloseSession(NamedTuple):
    """Drop the session and all that is in it; nothing goes to the network."""

    number: int


class OpenConnection(NamedTuple):
    """Use an access point, by value or by its name. Accepts with the connection's id.

    Its state follows as an event, always.
    """

    number: int
    access_point: AccessPoint | str


class CloseConnection(NamedTuple):
    """Drop a connection and all that is in it; nothing goes to the network."""

    number: int
    connection: int


class SendRequest(NamedTuple):
    """Send a request outside dialogs. Accepts with the transaction's id."""

    number: int
    connection: int
    method: str
    uri: str
    from_: str
    to: str
    headers: Fields
    body: bytes


class SendResponse(NamedTuple):
    """Answer a request. Accepts with None."""

    number: int
    transaction: int
    method: str
    status: int
    reason: str
    headers: Fields
    body: bytes


class ReleaseTransaction(NamedTuple):
    """Hear no more of a transaction, which runs on. Accepts with None."""

    number: int
    transaction: int


Command = (
    OpenSession
    | CloseSession
    | OpenConnection
    | CloseConnection
    | SendRequest
    | SendResponse
    | ReleaseTransaction
)


class Accepted(NamedTuple):
    """The command of that number was taken; ``value`` is what it promises."""

    number: int
    value: Any = None


class Refused(NamedTuple):
    """The command of that number was not taken, and nothing has changed."""

    number: int
    error: SIPError


Reply = Accepted | Refused


def describe(command: Command) -> str:
    """What a command does, as an error or a log says it."""
    match command:
        case OpenSession():
            return f"opening a client as {command.uid!r}"
        case OpenConnection():
            point = command.access_point
            name = point if isinstance(point, str) else point.id
            return f"connecting to the access point {name!r}"
        case SendRequest():
            return f"sending {command.method or 'a request'} to {command.uri}"
        case SendResponse():
            return f"answering {command.method} with {command.status}"
        case _:
            return "closing"
