"""Which headers an application may put into its messages (the original's rule).

The stack owns some: they are how it finds its transactions and dialogs. The table of
:mod:`sipclient.message.headers` says which, and what to use instead.
"""

from __future__ import annotations

import re

from ..errors import SIPArgumentError
from ..message.grammar import TOKEN
from ..message.headers import HEADERS
from ..message.model import header_key

_is_token = re.compile(TOKEN).fullmatch
_control = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]").search


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
    if _control(text):
        raise SIPArgumentError(
            f"setting the header {name}",
            "its text has a line break or another control character",
            rule="RFC 3261 §7.3.1",
        )
    if spec is None:
        return name
    spec.shape.parse(text, spec.name)
    return spec.name
