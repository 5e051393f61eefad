"""A provider of IStack that writes down all that passes between its two sides."""

from __future__ import annotations

from typing import Any

from zope.interface import implementer

from sipclient.errors import SIPError
from sipclient.interfaces import ISession, ISessionSink, IStack
from sipclient.session.commands import Command, Reply
from sipclient.session.events import Event


@implementer(IStack)
class RecordingStack:
    """Another provider, overheard. It serves one session.

    :ivar log: ("command", it), ("reply", it), ("event", it), ("acknowledged", number)
        and ("lost", error), as the application's side sent and got them.
    """

    def __init__(self, stack: IStack) -> None:
        self.reactor = stack.reactor
        self.log: list[tuple[str, Any]] = []
        self._stack = stack

    def attach(self, sink: ISessionSink) -> ISession:
        session: ISession = _Session(self._stack, sink, self.log)
        return session

    def all(self, kind: str) -> list[Any]:
        """What of that kind passed, in order."""
        return [value for name, value in self.log if name == kind]


@implementer(ISession, ISessionSink)
class _Session:
    def __init__(
        self, stack: IStack, sink: ISessionSink, log: list[tuple[str, Any]]
    ) -> None:
        self._log = log
        self._sink = sink
        self._session = stack.attach(self)

    def submit(self, command: Command) -> None:
        self._log.append(("command", command))
        self._session.submit(command)

    def acknowledge(self, number: int) -> None:
        self._log.append(("acknowledged", number))
        self._session.acknowledge(number)

    def replied(self, reply: Reply) -> None:
        self._log.append(("reply", reply))
        self._sink.replied(reply)

    def happened(self, event: Event) -> None:
        self._log.append(("event", event))
        self._sink.happened(event)

    def lost(self, error: SIPError) -> None:
        self._log.append(("lost", error))
        self._sink.lost(error)


@implementer(ISessionSink)
class Sink:
    """An application's side that only listens: for commands made by hand."""

    def __init__(self) -> None:
        self.replies: list[Reply] = []
        self.events: list[Event] = []
        self.losses: list[SIPError] = []

    def replied(self, reply: Reply) -> None:
        self.replies.append(reply)

    def happened(self, event: Event) -> None:
        self.events.append(event)

    def lost(self, error: SIPError) -> None:
        self.losses.append(error)
