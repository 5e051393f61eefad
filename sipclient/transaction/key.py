"""By what a message finds its transaction (RFC 3261 §17.1.3, §17.2.3, §8.2.2.2).

A key is one string: it is hashed once, and thirty-two seconds of lingering transactions
keep one object each instead of four. Its parts are separated by spaces, which none of
them can hold. Branches are tokens, so case makes no difference in them (§7.3.1).

The contract: messages are *checked* (``sipclient.message.check``) before they come
here.
"""

from __future__ import annotations

import re

from ..message.grammar import split_list
from ..message.model import Request

#: How each branch begins that RFC 3261 §8.1.1.7 made unique, in lower case.
MAGIC_COOKIE = "z9hg4bk"

# The top Via of what we sent, as an ICMP error quotes it: often cut off.
_quoted_branch = re.compile(
    rb"^(?:via|v)[ \t]*+:[^\r\n,]*?;[ \t]*+branch=([^;,\s]++)[;,\s]",
    re.IGNORECASE | re.MULTILINE,
).search


def client_key(branch: str, method: str) -> str:
    """Give the key of a client transaction.

    :param method: of the request, which is the CSeq method of its responses.
    """
    return f"{branch.lower()} {method}"


def server_key(request: Request, method: str = "") -> str:
    """Give the key of the server transaction that a request belongs to.

    :param method: look for a transaction of that method instead of the request's own.

    An ACK has the key of its INVITE. A request whose branch doesn't begin with the
    magic cookie, or holds nothing more, is matched by the rules for RFC 2543.
    """
    method = method or request.method
    if method == "ACK":
        method = "INVITE"
    branch = request.branch.lower()
    if branch[:7] == MAGIC_COOKIE and len(branch) > 7:
        return f"{branch} {request.sent_by} {method}"
    return _key_of_rfc2543(request, method)


def is_unique(branch: str) -> bool:
    """Tell whether no two transactions of one sender share this branch (§8.1.1.7)."""
    return branch[:7].lower() == MAGIC_COOKIE and len(branch) > 7


def _key_of_rfc2543(request: Request, method: str) -> str:
    """Give a key of everything that RFC 3261 §17.2.3 compares without a unique branch.

    The texts are compared as they are written: it is one sender that repeats itself.
    """
    top = request.index["via"]
    if "," in top:
        top = top[: split_list(top)[0][1]]
    # The ACK's To tag is the one of our response, which no key can know beforehand.
    to_tag = "" if method == "INVITE" else request.to_tag
    return (
        f"{request.uri} {request.from_tag} {to_tag} {request.call_id} {request.cseq}"
        f" {method} {top.strip()}"
    )


def quoted_key(payload: bytes) -> str:
    """Give the key of the client transaction that sent something, "" for none.

    :param payload: what an ICMP error quotes of it.
    """
    method, _, rest = payload.partition(b" ")
    branch = _quoted_branch(rest)
    if branch is None:
        return ""
    return client_key(branch[1].decode("latin-1"), method.decode("latin-1"))


def merged_key(request: Request) -> str:
    """Give what is the same in all copies of one request (RFC 3261 §8.2.2.2)."""
    return f"{request.from_tag} {request.call_id} {request.cseq} {request.method}"
