"""What an application may put into its messages (the original's rule).

The stack owns some headers: they are how it finds its transactions and dialogs. The
table of :mod:`sipclient.message.headers` says which, and what to use instead. Nothing
else that an application gives may break out of its place in the message either.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..errors import SIPArgumentError
from ..message.grammar import TOKEN
from ..message.headers import HEADERS
from ..message.model import header_key

_is_token = re.compile(TOKEN).fullmatch
# Control characters, and what neither is a character nor stands for an octet.
_unfit = re.compile("[\x00-\x08\x0a-\x1f\x7f\ud800-\udc7f\udd00-\udfff]").search


def check_field(name: str, text: str) -> str:
    """Make sure that an application may set this header, and that it is well formed.

    Gives the header's full name. Raises :class:`SIPArgumentError` for a header that
    the stack owns or a text that would break the message, :class:`SIPParseError` for
    one that isn't what its header asks for.
    """
    if not _is_token(name):
        raise SIPArgumentError(
            f"setting the header {name!r}", "a header's name is a token"
        )
    spec = HEADERS.get(header_key(name))
    if spec is not None and not spec.settable:
        raise SIPArgumentError(
            f"setting the header {spec.name}",
            "an application can't set it",
            advice=f"Instead: {spec.elsewhere}.",
        )
    check_text(f"the header {name}", text)
    if spec is None:
        return name
    spec.shape.parse(text, spec.name)
    return spec.name


def check_once(fields: Iterable[tuple[str, str]], name: str) -> None:
    """Make sure that one more header of that name may stand beside these."""
    key = header_key(name)
    spec = HEADERS.get(key)
    if (
        spec is not None
        and not spec.many
        and any(header_key(other) == key for other, _ in fields)
    ):
        raise SIPArgumentError(
            f"setting the header {spec.name}",
            "it is there already, and a message has one at most",
            rule="RFC 3261 §7.3.1",
            advice="Use set_header to put another value in its place.",
        )


def check_text(what: str, text: str) -> str:
    """Make sure that a text stays on its line, and can be written at all."""
    if _unfit(text):
        raise SIPArgumentError(
            f"setting {what}",
            "its text has a line break or another character that can't be sent",
            rule="RFC 3261 §7.3.1",
        )
    return text


def check_method(method: str) -> str:
    """Make sure that it can be the method of a request."""
    if not _is_token(method):
        raise SIPArgumentError(
            f"setting the method {method!a:.80}", "a method is a token, as in MESSAGE"
        )
    return method
