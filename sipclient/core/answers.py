"""Requests that are answered without asking an application.

RFC 3261 §9.2 (CANCEL) and §12.2.2 (what lives in a dialog only).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..message.model import Request
from ..transaction.user import ServerTransaction

if TYPE_CHECKING:
    from .user_agent import UserAgent

#: Requests that have no meaning outside a dialog.
_DIALOG_ONLY = frozenset(("BYE", "PRACK", "UPDATE", "INFO", "NOTIFY"))


def answer_without_application(
    agent: UserAgent, request: Request, transaction: ServerTransaction
) -> bool:
    """Answer a request that no application has to decide about; tell whether it was.

    A CANCEL is never given to an application. It gets 200 where it matches a
    transaction, and changes nothing for one that isn't an INVITE (§9.2).
    """
    method = request.method
    if method == "CANCEL":
        matched = agent.transactions.find_cancelled(request) is not None
        agent.respond(transaction, 200 if matched else 481)
    elif request.to_tag or method in _DIALOG_ONLY:
        # §12.2.2: it is for a dialog, and there is none of that name.
        agent.respond(transaction, 481)
    else:
        return False
    return True
