"""What must not be shown: passwords in URIs, and headers that prove to know one.

Errors, reprs, logs and traces are read by more people than a message is meant for. The
contract: any text is taken, and in a time that grows with its length only.
"""

from __future__ import annotations

import re
from typing import Final

#: Stands where a secret stood.
BLOT: Final = "***"

# The password of a URI's userinfo (RFC 3261 §19.1.1). A quote or a bracket ends the
# search, and so does "@"; it looks no further than a window of 600 characters.
_PASSWORD = re.compile(r"(?i)(\bsips?:[^:@\s<>\"]{1,256}+:)([^@\s<>\"]{1,256}+)(?=@)")
_WINDOW: Final = 600
_AROUND: Final = 20

# Header fields that prove to know a password: no part of them is shown.
_PROOF = re.compile(r"(?i)(?:Proxy-)?Auth(?:orization|entication-Info)(?![\w-])")


def without_passwords(text: str) -> str:
    """Any text in which URIs may stand, without the passwords in them."""
    return _PASSWORD.sub(rf"\1{BLOT}", text) if "@" in text else text


def excerpt(text: str, offset: int, header: str = "") -> str | None:
    """Some characters around a place in a text, or None where all there is secret.

    :param header: the header field whose text it is, "" where it is in none.
    """
    line = text.rfind("\n", 0, offset) + 1
    if _PROOF.match(header) or _PROOF.match(text, line):
        return None
    start = max(0, offset - _WINDOW)
    around = _PASSWORD.sub(
        lambda found: found[1] + "*" * len(found[2]), text[start : offset + _WINDOW]
    )
    at = offset - start
    return around[max(0, at - _AROUND) : at + _AROUND]
