"""Observers that keep what they were told, for tests of applications and of the stack.

`RecordingObserver` stands for the observer of a connection, `RecordingClientObserver`
for that of a client. Both keep a list of what happened, can be waited on, and can
answer by themselves::

    observer = RecordingObserver(answers={"MESSAGE": 200})
    ...
    _, transaction, dialog = await observer.next("incoming_request")

The one contract: each event is given out by `Recorder.next` once, in order of coming.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from twisted.internet.defer import Deferred

from ..client.elements import ResponseElements
from ..client.observers import SIPConnectionObserver, SIPObserver

#: What happened: the method's name, then its arguments.
Event: TypeAlias = tuple[Any, ...]

#: How to answer a request: with a status, or with what a function makes of its
#: transaction; None leaves it unanswered.
Answer: TypeAlias = int | Callable[[Any], ResponseElements | None]


class Recorder:
    """What both recording observers have in common.

    :param answers: for each method ("MESSAGE", or "*" for all others) the `Answer` that
        is sent as soon as its request comes. Others count as kept, and are left to the
        test. ACK is never answered.
    """

    def __init__(self, answers: Mapping[str, Answer] | None = None) -> None:
        #: may be changed at any time.
        self.answers: dict[str, Answer] = dict(answers or {})
        #: all that happened, in order: (name, \*arguments).
        self.events: list[Event] = []
        self._not_taken: list[Event] = []
        self._waiting: list[tuple[str, Deferred[Event]]] = []

    @property
    def names(self) -> list[str]:
        """The names of all events, in order: easy to compare."""
        return [event[0] for event in self.events]

    def all(self, name: str) -> list[Event]:
        """All events of that name, taken or not."""
        return [event for event in self.events if event[0] == name]

    def next(self, name: str) -> Deferred[Event]:
        """The next event of that name that was not given out yet; may be awaited.

        What happened before is given at once. It waits without a limit: the limit of
        `FakeNetwork.result_of` or of the test holds.
        """
        for event in self._not_taken:
            if event[0] == name:
                self._not_taken.remove(event)
                deferred: Deferred[Event] = Deferred()
                deferred.callback(event)
                return deferred
        deferred = Deferred(self._forget)
        self._waiting.append((name, deferred))
        return deferred

    def _forget(self, gone: Deferred[Event]) -> None:
        self._waiting = [entry for entry in self._waiting if entry[1] is not gone]

    def _happened(self, name: str, *arguments: object) -> None:
        event = (name, *arguments)
        self.events.append(event)
        for entry in self._waiting:
            if entry[0] == name:
                self._waiting.remove(entry)
                entry[1].callback(event)
                return
        self._not_taken.append(event)

    def _answer(self, transaction: Any) -> object:
        method = transaction.request_elements.method
        answer = self.answers.get(method, self.answers.get("*"))
        if answer is None or method == "ACK":
            return None
        elements = ResponseElements(answer) if isinstance(answer, int) else None
        if callable(answer):
            elements = answer(transaction)
        return None if elements is None else transaction.send_response(elements)


class RecordingObserver(Recorder, SIPConnectionObserver):
    """A connection's observer that keeps what it hears; see `Recorder`."""

    def incoming_request(self, transaction: Any, dialog: Any) -> object:
        self._happened("incoming_request", transaction, dialog)
        return self._answer(transaction)

    def incoming_response(self, transaction: Any, context: Any) -> None:
        self._happened("incoming_response", transaction, context)

    def forked_response(self, transaction: Any, assoc: Any) -> None:
        self._happened("forked_response", transaction, assoc)

    def forked_notify(self, transaction: Any, assoc: Any) -> None:
        self._happened("forked_notify", transaction, assoc)

    def error_occurred(self, error: Any, subject: Any, transaction: Any) -> None:
        self._happened("error_occurred", error, subject, transaction)

    def invite_completed(self, transaction: Any) -> None:
        self._happened("invite_completed", transaction)

    def invite_canceled(self, transaction: Any) -> None:
        self._happened("invite_canceled", transaction)

    def connection_state_changed(self, state: Any) -> None:
        self._happened("connection_state_changed", state)


class RecordingClientObserver(Recorder, SIPObserver):
    """A client's observer that keeps what it hears; see `Recorder`."""

    def incoming_request(self, access_point: Any, transaction: Any) -> object:
        self._happened("incoming_request", access_point, transaction)
        return self._answer(transaction)

    def timed_out(self, transaction: Any) -> None:
        self._happened("timed_out", transaction)
