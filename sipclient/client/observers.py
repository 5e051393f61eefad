"""Who is told: the observers' base classes, and the guard between them and the stack.

An observer is looked at once, when it is handed in: a method that is missing or takes
other arguments is a TypeError that names it. After that its bound methods are called;
what they raise is logged with the observer's name, and harms nothing.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred
from twisted.logger import Logger
from zope.interface import implementer
from zope.interface.interface import InterfaceClass, Method

from ..errors import SIPError
from ..interfaces import ISIPConnectionObserver, ISIPObserver

if TYPE_CHECKING:
    from .client import SIPClient
    from .connection import ConnectionState, SIPConnection
    from .transactions import ClientTransaction, ServerTransaction, Transaction

_log = Logger()


@implementer(ISIPObserver)
class SIPObserver:
    """Does nothing about anything; a base for observers of a client.

    Original: MSIPObserver. ``client`` is set when it is handed in.
    """

    client: SIPClient | None = None

    def incoming_request(
        self, access_point: str, transaction: ServerTransaction
    ) -> object:
        """A request came where this application has no connection."""

    def timed_out(self, transaction: ServerTransaction) -> object:
        """That request's time is over; nobody answered it."""


@implementer(ISIPConnectionObserver)
class SIPConnectionObserver:
    """Does nothing about anything; a base for observers of a connection.

    Original: MSIPConnectionObserver. ``connection`` is set when it is handed in.
    """

    connection: SIPConnection | None = None

    def incoming_request(self, transaction: ServerTransaction, dialog: Any) -> object:
        """A request came; it must be answered, or kept to be answered later."""

    def incoming_response(self, transaction: ClientTransaction, context: Any) -> object:
        """A response came to a request of ours."""

    def forked_response(self, transaction: ClientTransaction, assoc: Any) -> object:
        """Another branch of a forked INVITE answered."""

    def forked_notify(self, transaction: ClientTransaction, assoc: Any) -> object:
        """Another branch of a forked SUBSCRIBE notified."""

    def error_occurred(
        self, error: SIPError, subject: Any, transaction: Transaction | None
    ) -> object:
        """Something ended in failure; ``subject`` is the most specific object."""

    def invite_completed(self, transaction: ClientTransaction) -> object:
        """No more 2xx can come to that INVITE."""

    def invite_canceled(self, transaction: ServerTransaction) -> object:
        """That INVITE was canceled by its sender."""

    def connection_state_changed(self, state: ConnectionState) -> object:
        """The connection has another state now."""


class Audience:
    """An observer behind its guard.

    :param interface: what the observer has to offer.
    :param standing: the no-op observer that stands in for None.
    """

    __slots__ = ("_methods", "name", "observer")

    def __init__(
        self, observer: Any, interface: InterfaceClass, standing: type[Any]
    ) -> None:
        self.observer = standing() if observer is None else observer
        self.name = type(self.observer).__qualname__
        self._methods: dict[str, Callable[..., object]] = {
            name: self._verified(name, described)
            for name, described in interface.namesAndDescriptions(all=True)
            if isinstance(described, Method)
        }

    def _verified(self, name: str, described: Method) -> Callable[..., object]:
        method: Callable[..., object] | None = getattr(self.observer, name, None)
        if not callable(method):
            raise TypeError(f"the observer {self.name} has no method {name}")
        wanted = described.getSignatureString()
        arguments = [None] * len(described.positional)
        try:
            inspect.signature(method).bind(*arguments)
        except (TypeError, ValueError) as error:
            raise TypeError(
                f"the observer {self.name}: its method {name} must take {wanted}:"
                f" {error}"
            ) from None
        return method

    def tell(self, name: str, *arguments: object) -> Deferred[Any] | bool:
        """Call a method of the observer. Nothing comes out of it but the time it takes.

        :returns: True when it is done, False when it failed, and a Deferred that fires
            with one of these where the method returned a coroutine or a Deferred.
        """
        try:
            result = self._methods[name](*arguments)
        except Exception:  # an observer can raise what it likes
            self._failed(name)
            return False
        if result is None:
            return True
        if inspect.iscoroutine(result):
            result = Deferred.fromCoroutine(result)
        if not isinstance(result, Deferred):
            return True
        return result.addCallbacks(
            lambda _: True, lambda failure: self._failed(name, failure)
        )

    def _failed(self, name: str, failure: Any = None) -> bool:
        _log.failure(
            "the observer {observer} failed in {method}",
            failure=failure,
            observer=self.name,
            method=name,
        )
        return False
