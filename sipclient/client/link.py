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
from ..secrecy import without_passwords
from ..session.commands import Accepted, Command, Reply, describe
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
                about=without_passwords(self.about),
                error=str(info.failResult.value),
            )
            info.failResult = None


class _Waiting(Generic[T]):
    """A command whose reply comes in a later turn.

    Cancelled, its Deferred has failed; what the command makes is closed on arrival.
    """

    __slots__ = ("_accepted", "_elements", "_unwanted", "deferred")

    def __init__(
        self,
        accepted: Callable[[Any], T],
        about: str,
        elements: MessageElements | None,
    ) -> None:
        self._accepted = accepted
        self._elements = elements
        self._unwanted = False
        self.deferred: CommandDeferred[T] = CommandDeferred(self._cancel)
        self.deferred.about = about

    def _cancel(self, _: object) -> None:
        self._unwanted = True

    def accept(self, value: Any) -> None:
        made = self._accepted(value)
        if not self._unwanted:
            self.deferred.callback(made)
        elif hasattr(made, "close"):
            made.close()

    def refuse(self, error: SIPError) -> None:
        if self._elements is not None:
            self._elements._given = False
        if not self._unwanted:
            self.deferred.errback(error)


@implementer(ISessionSink)
class Link:
    """A session of ``stack``, whose events go to ``receiver``."""

    def __init__(self, stack: IStack, receiver: Receiver) -> None:
        self.reactor = stack.reactor
        self._receiver = receiver
        self._number = 0
        self._busy = 0
        self._asking = 0  # the command that is being submitted, and its reply
        self._reply: Reply | None = None
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
        elements: MessageElements | None = None,
        *,
        goes_on: bool = False,
    ) -> Deferred[T]:
        """Give a command to the stack.

        :param accepted: makes what the Deferred fires with from the reply's value.
        :param elements: what the command is a snapshot of; they are the stack's from
            now on, and again the application's where it refuses them.
        :param goes_on: whether what comes after the reply can fail, too.

        The Deferred fails with the :class:`SIPError` that refused the command. To
        cancel it doesn't take the command back: what it makes is closed on arrival.
        """
        if self._lost is not None:
            return fail_with(self._lost, describe(command))
        if elements is not None:
            elements._given = True
        number = command.number
        self._asking = number
        self._busy += 1
        try:
            self._session.submit(command)
        except BaseException:  # a programming error: the stack took nothing
            if elements is not None:
                elements._given = False
            raise
        finally:
            self._busy -= 1
            self._asking = 0
        reply = self._reply
        if reply is None:
            waiting = _Waiting(accepted, describe(command), elements)
            self._waiting[number] = waiting
            return waiting.deferred
        self._reply = None
        if isinstance(reply, Accepted):
            if not goes_on:
                return succeed(accepted(reply.value))
            deferred: CommandDeferred[T] = CommandDeferred()
            deferred.about = describe(command)
            deferred.callback(accepted(reply.value))
            return deferred
        if elements is not None:
            elements._given = False
        return fail_with(reply.error, describe(command))

    def send(self, command: Command) -> None:
        """Give a command whose reply nobody waits for."""
        if self._lost is None:
            self.ask(command, lambda value: value).addErrback(lambda _: None)

    # ISessionSink

    def replied(self, reply: Reply) -> None:
        """Pass a reply on: at once to who waits, or to the call that still asks."""
        if reply.number == self._asking:
            self._reply = reply
            return
        waiting = self._waiting.pop(reply.number, None)
        if waiting is None:
            return
        if isinstance(reply, Accepted):
            waiting.accept(reply.value)
        else:
            waiting.refuse(reply.error)

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
            each.refuse(
                SIPServerTerminated(
                    each.deferred.about,
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
