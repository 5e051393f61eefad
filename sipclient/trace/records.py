"""What a tap tells: small values, one for each thing that happened.

Times are in seconds by the clock of the stack; hosts are numeric.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from ..errors import SIPError

#: A numeric host, and a port.
Place: TypeAlias = tuple[str, int]


@dataclass(frozen=True, slots=True)
class MessageSent:
    """A message that the network took. Its bytes are whole: redact before showing."""

    time: float
    transport: str
    source: Place
    destination: Place
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class MessageReceived:
    """A message that came, before anybody understood it."""

    time: float
    transport: str
    source: Place
    destination: Place
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class MessageLost:
    """A message that got lost, as somebody on its way knows."""

    time: float
    source: Place
    destination: Place
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class MessageUnread:
    """A message that could not be understood, and why."""

    time: float
    source: Place
    destination: Place
    error: SIPError


@dataclass(frozen=True, slots=True)
class RequestRouted:
    """Who got a request, or how it was answered without an application.

    :ivar branch: of the request's top Via, in lower case.
    :ivar application: the uid of the one chosen, None where there is none.
    :ivar status: of the stack's answer, where nobody was chosen.
    :ivar reasons: for each application, by uid, why it was chosen or not.
    """

    time: float
    method: str
    branch: str
    application: str | None
    status: int
    reasons: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class TransactionChanged:
    """A transaction has another state, in the RFC's spelling; "" before the first.

    :ivar kind: "non-INVITE client", and so on.
    :ivar key: begins with the branch, in lower case, and ends with the method.
    """

    time: float
    kind: str
    key: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class TransactionRepeated:
    """A transaction sent once more what it had sent."""

    time: float
    kind: str
    key: str


Record: TypeAlias = (
    MessageSent
    | MessageReceived
    | MessageLost
    | MessageUnread
    | RequestRouted
    | TransactionChanged
    | TransactionRepeated
)
