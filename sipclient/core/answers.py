"""Requests that are answered without asking an application.

RFC 3261 §9.2 (CANCEL) and §12.2.2 (what lives in a dialog only).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..message.model import Request
from ..transaction.invite_server import InviteServer
from ..transaction.user import ServerTransaction

if TYPE_CHECKING:
    from .user_agent import UserAgent

#: Requests that have no meaning outside a dialog.
_DIALOG_ONLY = frozenset(("BYE", "PRACK", "UPDATE", "INFO", "NOTIFY"))


def answer_without_application(
    agent: UserAgent, request: Request, transaction: ServerTransaction
) -> bool:
    """Answer a request that no application has to decide about; tell whether it was.

    A CANCEL is never given to an application; who answers the INVITE that it cancels
    is told.
    """
    method = request.method
    if method == "CANCEL":
        _cancel(agent, request, transaction)
    elif request.to_tag or method in _DIALOG_ONLY:
        # §12.2.2: it is for a dialog, and there is none of that name.
        agent.respond(transaction, 481)
    else:
        return False
    return True


def _cancel(agent: UserAgent, request: Request, transaction: ServerTransaction) -> None:
    """Answer a CANCEL: 481 without a match, else 200, and an INVITE's end (§9.2).

    It changes nothing for what isn't an INVITE, or is answered finally.
    """
    cancelled = agent.transactions.find_cancelled(request)
    if cancelled is None:
        agent.respond(transaction, 481)
        return
    if not isinstance(cancelled, InviteServer):
        agent.respond(transaction, 200)
        return
    user = cancelled.user
    agent.respond(transaction, 200, to_tag=cancelled.to_tag)
    if cancelled.request is not None:
        agent.respond(cancelled, 487)
        if user is not None:
            user.canceled(request)
