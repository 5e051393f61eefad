"""A provider of IStack that puts one turn of the reactor between application and stack.

Each command, reply, event and acknowledgement arrives a turn after it was sent, in
the order of sending, as it would through a socket. What an application's side takes
for granted because the stack lies in its own process fails here.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from zope.interface import implementer

from sipclient.errors import SIPError
from sipclient.interfaces import ISession, ISessionSink, IStack
from sipclient.session.commands import Command, Reply
from sipclient.session.events import Event


class Line:
    """One direction: calls come out a turn later, in their order.

    A reactor may run calls that are due at one time in any order, so what is called
    is what has waited longest.
    """

    def __init__(self, reactor: Any) -> None:
        self._reactor = reactor
        self._calls: deque[tuple[Callable[..., Any], object]] = deque()

    def put(self, call: Callable[..., Any], argument: object) -> None:
        self._calls.append((call, argument))
        self._reactor.callLater(0, self._next)

    def _next(self) -> None:
        call, argument = self._calls.popleft()
        call(argument)


@implementer(IStack)
class DelayedStack:
    """Another provider, a turn away."""

    def __init__(self, stack: IStack) -> None:
        self.reactor = stack.reactor
        self._stack = stack

    def attach(self, sink: ISessionSink) -> ISession:
        session: ISession = _Session(self._stack, sink)
        return session


@implementer(ISession, ISessionSink)
class _Session:
    """Both ends of one session."""

    def __init__(self, stack: IStack, sink: ISessionSink) -> None:
        self._down = Line(stack.reactor)
        self._up = Line(stack.reactor)
        self._sink = sink
        self._session = stack.attach(self)

    # ISession

    def submit(self, command: Command) -> None:
        self._down.put(self._session.submit, command)

    def acknowledge(self, number: int) -> None:
        self._down.put(self._session.acknowledge, number)

    # ISessionSink

    def replied(self, reply: Reply) -> None:
        self._up.put(self._sink.replied, reply)

    def happened(self, event: Event) -> None:
        self._up.put(self._sink.happened, event)

    def lost(self, error: SIPError) -> None:
        self._up.put(self._sink.lost, error)
