"""The interfaces of sipclient: where its parts can be exchanged.

An interface is described by the values of the floors that it connects; they are
imported for type checkers only, so that this module stays at the bottom.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from zope.interface import Attribute, Interface

if TYPE_CHECKING:
    from .client.connection import ConnectionState
    from .client.transactions import ClientTransaction, ServerTransaction, Transaction
    from .errors import SIPError
    from .message.uri import URI
    from .session.commands import Command, Reply
    from .session.events import Event
    from .transport.target import Target


class ILocalAddresses(Interface):
    """What a machine knows of its own addresses.

    A reactor that can be adapted to it (one of a network in memory, say) answers for
    itself; for any other the kernel is asked. Only numeric addresses come and go.
    """

    def towards(host: str) -> str:
        """Give the address that packets to the address ``host`` would come from.

        Raises OSError where no route leads there.
        """

    def is_local(host: str) -> bool:
        """Tell whether ``host`` is an address of this machine; False for a name."""


class IPendingResolution(Interface):
    """A resolution that may still be going on."""

    def cancel() -> None:
        """Forget it: ``done`` is not called from now on. May come late or twice."""


class IResolver(Interface):
    """From a URI to the addresses to try, in their order (RFC 3263)."""

    def resolve(
        uri: URI, done: Callable[[tuple[Target, ...] | SIPError], None]
    ) -> IPendingResolution:
        """Find where a request for ``uri`` is sent to.

        Calls ``done`` once, possibly before this returns: with at least one target,
        or with what prevented it: :class:`SIPResolvingFailure`,
        :class:`SIPInvalidURIType` or :class:`SIPNotSupported`. It raises none of them.
        """


class IStack(Interface):
    """A stack, as an application's side sees it: in this process, or far away."""

    reactor = Attribute("The IReactorTime by which the application's side lives.")

    def attach(sink: ISessionSink) -> ISession:
        """Begin a session; its first command is ``OpenSession``."""


class ISession(Interface):
    """The stack's end of a session: commands go in here."""

    def submit(command: Command) -> None:
        """Take a command. Its reply goes to the sink, at once or later."""

    def acknowledge(number: int) -> None:
        """Say that all events up to that number were taken in."""


class ISessionSink(Interface):
    """The application's end of a session: replies and events come out here."""

    def replied(reply: Reply) -> None:
        """Take the reply to a command, before any event that the command causes."""

    def happened(event: Event) -> None:
        """Take an event. They come in the order of their numbers."""

    def lost(error: SIPError) -> None:
        """The stack is gone, and all that was in it; nothing follows."""


class ISIPObserver(Interface):
    """What is told about a client. Original: MSIPObserver.

    Methods may be coroutines or return Deferreds. What they raise is logged with the
    observer's name.
    """

    def incoming_request(access_point: str, transaction: ServerTransaction) -> object:
        """A request came on an access point where the application has no connection.

        It may connect there, and answer.
        """

    def timed_out(transaction: ServerTransaction) -> object:
        """The time of such a request is over; it can't be answered any more."""


class ISIPConnectionObserver(Interface):
    """What is told about a connection. Original: MSIPConnectionObserver.

    Methods may be coroutines or return Deferreds. What they raise is logged with the
    observer's name. They may call and close anything, the connection included.
    """

    def incoming_request(transaction: ServerTransaction, dialog: object) -> object:
        """A request came. It is answered here, or kept to be answered later.

        One that is neither gets 500 from the stack. ``dialog`` is None outside dialogs.
        """

    def incoming_response(transaction: ClientTransaction, context: object) -> object:
        """A response came; ``context`` is its association or binding, or None."""

    def forked_response(transaction: ClientTransaction, assoc: object) -> object:
        """Another branch of a forked INVITE answered; ``assoc`` is new."""

    def forked_notify(transaction: ClientTransaction, assoc: object) -> object:
        """Another branch of a forked SUBSCRIBE notified; ``assoc`` is new."""

    def error_occurred(
        error: SIPError, subject: object, transaction: Transaction | None
    ) -> object:
        """Something ended in failure; ``subject`` is the most specific object."""

    def invite_completed(transaction: ClientTransaction) -> object:
        """No further 2xx can come to that INVITE."""

    def invite_canceled(transaction: ServerTransaction) -> object:
        """That INVITE was canceled by who sent it."""

    def connection_state_changed(state: ConnectionState) -> object:
        """The connection has another state; ``connection_error()`` tells why."""
