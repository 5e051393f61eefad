"""Tags, branches and Call-IDs: random words that nobody can guess or repeat.

RFC 3261 §19.3 asks for 32 bits of cryptographic randomness in a tag, §8.1.1.7 for a
branch that is unique in space and time and begins with the magic cookie.
"""

from __future__ import annotations

import os
from collections.abc import Callable

MAGIC_COOKIE = "z9hG4bK"
_DIGITS = 16  # 64 bits a word
_STORE = 512  # bytes asked for at a time: a system call costs more than its bytes


class Tokens:
    """Random words from a source of random bytes, 64 bits each.

    :param source: gives that many random bytes; the system's by default, a seeded one
        where a test wants the same words again.
    """

    __slots__ = ("_at", "_source", "_store")

    def __init__(self, source: Callable[[int], bytes] = os.urandom) -> None:
        self._source = source
        self._store = ""
        self._at = 0

    def word(self) -> str:
        """16 hexadecimal digits: a tag, or a Call-ID."""
        at = self._at
        if at >= len(self._store):
            self._store = self._source(_STORE).hex()
            at = 0
        self._at = end = at + _DIGITS
        return self._store[at:end]

    def branch(self) -> str:
        """A Via branch."""
        return MAGIC_COOKIE + self.word()

    def cseq(self) -> int:
        """A first CSeq number: small enough never to come near 2**31 (§8.1.1.5)."""
        return int(self.word()[:4], 16) + 1
