"""The Privacy header field (RFC 3323 §4.2)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sipclient.errors import SIPArgumentError

from ..grammar import SWS, TOKEN, is_token
from .reader import Single, one
from .shape import fail

_KIND = re.compile(f"{SWS}({TOKEN}){SWS}").match


@dataclass(frozen=True, slots=True)
class Privacy:
    """Which kinds of privacy are asked for. ``"id" in privacy`` takes any case.

    :ivar kinds: "header", "session", "user", "none", "critical"; "id" (RFC 3325 §9.3),
        "history" (RFC 7044 §8.3) or another, as written.
    :raises SIPArgumentError: for none at all, or what is no token.
    """

    kinds: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.kinds or not all(is_token(kind) for kind in self.kinds):
            raise SIPArgumentError(
                "making a Privacy",
                f"{'; '.join(self.kinds)!a:.80} came",
                rule="RFC 3323 §4.2",
                advice='Give one kind or several, as in Privacy(("id", "critical"))',
            )

    @classmethod
    def parse(cls, text: str) -> Privacy:
        """Read it, such as "id; critical"."""
        return one(PRIVACY, text, "Privacy")

    def __contains__(self, kind: str) -> bool:
        wanted = kind.lower()
        return any(each.lower() == wanted for each in self.kinds)

    def __str__(self) -> str:
        return ";".join(self.kinds)


def _read(text: str, start: int, end: int, name: str) -> Privacy:
    kinds = []
    while True:
        match = _KIND(text, start, end)
        if match is None:
            fail(name, text, start, "a kind of privacy, such as id")
        kinds.append(match[1])
        start = match.end()
        if start == end:
            return Privacy(tuple(kinds))
        if text[start] != ";":
            fail(name, text, start, "a semicolon or the end")
        start += 1


PRIVACY = Single(_read)
