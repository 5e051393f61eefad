"""What is above the transaction layer, and what it is given: RFC 3261 §5, the "TU"."""

from __future__ import annotations

from typing import Protocol, TypeAlias

from ..message.model import Request
from .invite_client import InviteClient
from .invite_server import InviteServer
from .non_invite_client import NonInviteClient
from .non_invite_server import NonInviteServer

#: What answers a request that came: its ``request`` is None once it was answered, its
#: ``user`` is for the transaction user to set, ``respond(status, data)`` answers.
ServerTransaction: TypeAlias = NonInviteServer | InviteServer

#: What became of a request of ours.
ClientTransaction: TypeAlias = NonInviteClient | InviteClient


class TransactionUser(Protocol):
    """A user agent.

    It may have a method ``incoming_ack(request, flow)``, too: it takes each ACK that
    belongs to no INVITE waiting for one, so it is for a 2xx (§13.3.1.4), or for
    nothing. Without that method such an ACK is dropped, and counted.
    """

    def incoming_request(
        self, request: Request, transaction: ServerTransaction
    ) -> None:
        """Take a new request (§17.2); its ``transaction`` sends the answer.

        That is an `InviteServer` for INVITE, and its 100 has been sent. The user sets
        ``transaction.user`` where it wants to hear of a timeout.
        """

    def idle(self) -> None:
        """Hear that the last transaction has ended."""
