"""The tap: what a stack calls when somebody wants to see what happens in it.

``stack.tap = Tap(reactor, listener)`` begins, ``stack.tap = None`` ends; several stacks
may share one. While there is none, each floor spends one look at an attribute. The
contract: nothing that a listener does comes back to the stack; one that raises is
logged once, and hears no more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

from ..errors import SIPParseError
from ..host.routing import Answer, Decision
from ..message.model import Request
from ..transport.flow import Flow
from .records import (
    MessageLost,
    MessageReceived,
    MessageSent,
    MessageUnread,
    Place,
    Record,
    RequestRouted,
    TransactionChanged,
    TransactionRepeated,
)

#: Who is told each record, in the order of what happened.
Listener: TypeAlias = Callable[[Record], None]

_log = Logger()


class Tap:
    """Fans out what happens in one or several stacks.

    :param clock: gives the times of the records.
    :param listeners: are told; others may be added later.
    """

    def __init__(self, clock: IReactorTime, *listeners: Listener) -> None:
        self._clock = clock
        self._listeners: tuple[Listener, ...] = listeners

    def add(self, listener: Listener) -> None:
        """Tell this one, too."""
        self._listeners = (*self._listeners, listener)

    def remove(self, listener: Listener) -> None:
        """Tell this one no more; nothing happens where it isn't told."""
        self._listeners = tuple([one for one in self._listeners if one != listener])

    def tell(self, record: Record) -> None:
        """Tell all listeners."""
        for listener in self._listeners:
            try:
                listener(record)
            except Exception:  # a listener can raise what it likes
                self.remove(listener)
                _log.failure("a listener of the trace failed: {who}", who=listener)

    # From the transport.

    def sent(self, flow: Flow, data: bytes) -> None:
        """A datagram was taken by the network."""
        transport = flow.transport
        self.tell(
            MessageSent(
                self._clock.seconds(),
                transport.name,
                transport.local,
                flow.source,
                data,
            )
        )

    def received(self, flow: Flow, data: bytes) -> None:
        """A datagram came."""
        transport = flow.transport
        self.tell(
            MessageReceived(
                self._clock.seconds(),
                transport.name,
                flow.source,
                transport.local,
                data,
            )
        )

    def lost(self, source: Place, destination: Place, data: bytes) -> None:
        """A datagram got lost on its way: said by whoever lost it."""
        self.tell(MessageLost(self._clock.seconds(), source, destination, data))

    # From the transactions.

    def transaction_state(self, kind: str, key: str, old: str, new: str) -> None:
        """A transaction has another state."""
        self.tell(TransactionChanged(self._clock.seconds(), kind, key, old, new))

    def retransmitted(self, kind: str, key: str) -> None:
        """A transaction sent again what it had sent."""
        self.tell(TransactionRepeated(self._clock.seconds(), kind, key))

    # From user agent and host.

    def unread(self, flow: Flow, data: bytes, error: SIPParseError) -> None:
        """A message could not be understood."""
        local = flow.transport.local
        self.tell(MessageUnread(self._clock.seconds(), flow.source, local, error))

    def routed(
        self,
        request: Request,
        decision: Decision,
        reasons: Mapping[str, str] | None = None,
    ) -> None:
        """A request outside dialogs found its application, or none."""
        answer = decision if isinstance(decision, Answer) else None
        self.tell(
            RequestRouted(
                self._clock.seconds(),
                request.method,
                request.branch.lower(),
                None if isinstance(decision, Answer) else decision.uid,
                0 if answer is None else answer.status,
                tuple((reasons or {}).items()),
            )
        )
