"""Secrets don't reach a trace: passwords, digests and keys are blotted out.

The contract: what is redacted still tells who spoke to whom about what; only what
would let a reader speak in somebody's place is gone.
"""

from __future__ import annotations

import re

from ..message.model import header_key
from ..secrecy import BLOT, without_passwords

# What proves that somebody knows a password.
_PROOFS = frozenset(
    [
        "authorization",
        "proxy-authorization",
        "authentication-info",
        "proxy-authentication-info",
    ]
)
_PROOF = re.compile(
    r"(?i)\b(response|rspauth|password|auts)([ \t]*+=[ \t]*+)"
    r"(?:\"(?>(?:[^\"\\]|\\.)*)(?:\"|$)|[^\s,\"]*+)"
)
_HAS_PARAMETERS = re.compile(r"[ \t]*+(?>[^\s,=\"]++[ \t]++|)[^\s,=\"]++[ \t]*+=[^=]")
_FOLDED = re.compile(r"\r\n(?=[ \t])")

# Keys in a session description (RFC 4568 §9.1, RFC 4566 §5.12).
_SDP_KEY = re.compile(rb"(?im)^(a=crypto:[^\r\n]*?inline:|k=[a-z]+:)[^\r\n]*")


def redacted_field(name: str, text: str) -> str:
    """The text of a header field without what is secret in it."""
    if header_key(name) not in _PROOFS:
        return without_passwords(text)
    if not _HAS_PARAMETERS.match(text):
        # One opaque word, as in Basic: all of it is secret but the scheme.
        scheme, space, _ = text.partition(" ")
        return f"{scheme} {BLOT}" if space else BLOT
    return without_passwords(_PROOF.sub(rf"\1\2{BLOT}", text))


def redacted(data: bytes) -> str:
    """A whole message as text with its lines, without what is secret in it."""
    head, blank, body = data.partition(b"\r\n\r\n")
    text = head.decode("utf-8", "surrogateescape")
    lines = []
    for number, line in enumerate(_logical_lines(text)):
        name, colon, value = line.partition(":")
        if number and colon:
            lines.append(f"{name}:{redacted_field(name.rstrip(), value)}")
        else:
            lines.append(without_passwords(line))
    rest = _SDP_KEY.sub(rb"\1***", body).decode("utf-8", "surrogateescape")
    return "\r\n".join(lines) + blank.decode() + rest


def _logical_lines(head: str) -> list[str]:
    """The lines of a head, folded ones still in one piece."""
    return _FOLDED.sub("", head).split("\r\n")
