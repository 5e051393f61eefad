"""The application's end of a session: commands out, replies and events in.

What the contract says of order is kept here, whatever provides the stack: a command's
Deferred fires before any event about its handle; events come in the order of their
numbers, one at a time; none of them is delivered inside a call of the application,
nor inside the delivery of another.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar

from twisted.internet.defer import Deferred, succeed
from twisted.logger import Logger
from zope.interface import implementer

from ..errors import SIPError, SIPServerTerminated
from ..interfaces import ISession, ISessionSink, IStack
from ..session.commands import Accepted, Command, Reply
from ..session.events import Event
from .elements import MessageElements

T = TypeVar("T")

_log = Logger()


class Receiver(Protocol):
    """Whoever takes the events of a session."""

    def happened(self, event: Event) -> None:
        """Take one event."""

    def lost(self, error: SIPError) -> None:
        """The stack is gone."""


class CommandDeferred(Deferred[T]):
    """A command's Deferred. Failed and never looked at, it is logged as what it is.

    :ivar about: what the command did, as a log may say it.
    """

    about = ""

    def __del__(self) -> None:
        # Twisted keeps here what it would log as "Unhandled error in Deferred".
        info = self._debugInfo
        if info is not None and info.failResult is not None:
            _log.error(
                "nobody looked at the failure of {about}: {error}",
                about=self.about,
                error=str(info.failResult.value),
            )
            info.failResult = None


class _Waiting(Generic[T]):
    """A command whose reply hasn't been passed on."""

    __slots__ = ("about", "accepted", "deferred", "elements", "reply", "unwanted")

    def __init__(
        self,
        accepted: Callable[[Any], T],
        about: str,
        elements: MessageElements | None,
    ) -> None:
        self.accepted = accepted
        self.about = about
        self.elements = elements
        self.reply: Reply | None = None
        self.deferred: CommandDeferred[T] | None = None
        self.unwanted = False

    def give_back(self) -> None:
        """The command was refused: its elements are the application's again."""
        if self.elements is not None:
            self.elements._given = False


@implementer(ISessionSink)
class Link:
    """A session of ``stack``, whose events go to ``receiver``."""

    def __init__(self, stack: IStack, receiver: Receiver) -> None:
        self.reactor = stack.reactor
        self._receiver = receiver
        self._number = 0
        self._busy = 0
        self._waiting: dict[int, _Waiting[Any]] = {}
        self._queue: deque[Event] = deque()
        self._scheduled = False
        self._lost: SIPError | None = None
        self._session: ISession = stack.attach(self)

    def number(self) -> int:
        """The number of the next command."""
        self._number += 1
        return self._number

    def ask(
        self,
        command: Command,
        accepted: Callable[[Any], T],
        about: str,
        elements: MessageElements | None = None,
    ) -> Deferred[T]:
        """Give a command to the stack.

        :param accepted: makes what the Deferred fires with from the reply's value.
        :param about: the command in words, for a log.
        :param elements: what the command is a snapshot of; they are the stack's from
            now on, and again the application's where it refuses them.

        The Deferred fails with the :class:`SIPError` that refused the command. To
        cancel it doesn't take the command back: what it makes is closed on arrival.
        """
        if self._lost is not None:
            return fail_with(self._lost, about)
        waiting: _Waiting[T] = _Waiting(accepted, about, elements)
        if elements is not None:
            elements._given = True
        self._waiting[command.number] = waiting
        self._busy += 1
        try:
            self._session.submit(command)
        finally:
            self._busy -= 1
        reply = waiting.reply
        if reply is None:
            waiting.deferred = CommandDeferred(lambda _: self._cancel(waiting))
            waiting.deferred.about = about
            return waiting.deferred
        if isinstance(reply, Accepted):
            return succeed(accepted(reply.value))
        waiting.give_back()
        return fail_with(reply.error, about)

    def send(self, command: Command) -> None:
        """Give a command whose reply nobody waits for."""
        if self._lost is None:
            self.ask(command, lambda value: value, "").addErrback(lambda _: None)

    def _cancel(self, waiting: _Waiting[T]) -> None:
        waiting.unwanted = True

    # ISessionSink

    def replied(self, reply: Reply) -> None:
        """Pass a reply on: at once to who waits, or to the call that still asks."""
        waiting = self._waiting.pop(reply.number, None)
        if waiting is None:
            return
        deferred = waiting.deferred
        if deferred is None:
            waiting.reply = reply
        elif isinstance(reply, Accepted):
            made = waiting.accepted(reply.value)
            if not waiting.unwanted:
                deferred.callback(made)
            elif hasattr(made, "close"):
                made.close()
        else:
            waiting.give_back()
            if not waiting.unwanted:
                deferred.errback(reply.error)

    def happened(self, event: Event) -> None:
        """Deliver an event, or keep it for a later turn."""
        if self._busy or self._queue:
            self._queue.append(event)
            self._schedule()
        else:
            self._deliver(event)
            self._session.acknowledge(event.number)

    def lost(self, error: SIPError) -> None:
        """The stack is gone: who waits for a reply hears so, and then the receiver."""
        self._lost = error
        self._queue.clear()
        waiting, self._waiting = self._waiting, {}
        for each in waiting.values():
            if each.deferred is not None and not each.unwanted:
                each.deferred.errback(
                    SIPServerTerminated(
                        each.about,
                        "the stack ended before it replied",
                        outcome="unknown",
                    )
                )
        self.reactor.callLater(0, self._receiver.lost, error)

    def _deliver(self, event: Event) -> None:
        self._busy += 1
        try:
            self._receiver.happened(event)
        finally:
            self._busy -= 1

    def _schedule(self) -> None:
        if not self._scheduled:
            self._scheduled = True
            self.reactor.callLater(0, self._flush)

    def _flush(self) -> None:
        """Deliver what waited; what comes meanwhile waits for the next turn."""
        self._scheduled = False
        number = 0
        for _ in range(len(self._queue)):
            if not self._queue:
                break  # the stack was lost meanwhile
            event = self._queue.popleft()
            self._deliver(event)
            number = event.number
        if number and self._lost is None:
            self._session.acknowledge(number)
        if self._queue:
            self._schedule()


def fail_with(error: SIPError, about: str) -> Deferred[Any]:
    """A failed Deferred for a command that never reached the stack."""
    failed: CommandDeferred[Any] = CommandDeferred()
    failed.about = about
    failed.errback(error)
    return failed
