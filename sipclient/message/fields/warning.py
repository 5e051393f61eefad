"""The Warning header field (RFC 3261 §20.43)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sipclient.errors import SIPArgumentError

from ..grammar import IPV6REFERENCE, LWS, QUOTED_STRING, TOKEN, quote, unquote
from .reader import Listed, one
from .shape import fail

_CODE = re.compile(rf"([0-9]{{3}}){LWS}")
# A pseudonym is a token, and so is a host, but for its port and brackets.
_AGENT_WORD = rf"(?:{TOKEN}|{IPV6REFERENCE})(?>:[0-9]{{1,5}}|)"
_AGENT = re.compile(rf"({_AGENT_WORD}){LWS}")
_IS_AGENT = re.compile(_AGENT_WORD).fullmatch
_TEXT = re.compile(QUOTED_STRING)


@dataclass(frozen=True, slots=True)
class WarningValue:
    """What a server adds to its answer, for a person to read.

    :ivar code: 300 to 399, by RFC 3261 §20.43.
    :ivar agent: who says so: a host, with a port or not, or a pseudonym.
    :ivar text: what is said.
    :raises SIPArgumentError: for what the header can't hold.
    """

    code: int
    agent: str
    text: str

    def __post_init__(self) -> None:
        if not 0 <= self.code <= 999:
            raise SIPArgumentError("making a WarningValue", f"the code is {self.code}")
        if not _IS_AGENT(self.agent):
            raise SIPArgumentError(
                "making a WarningValue", f"{self.agent!a:.80} is no host or name"
            )
        quote(self.text)

    @classmethod
    def parse(cls, text: str) -> WarningValue:
        """Read one, such as '307 example.com "Session parameter not understood"'."""
        return one(WARNINGS, text, "Warning")

    def __str__(self) -> str:
        return f"{self.code:03d} {self.agent} {quote(self.text)}"


def _read(text: str, start: int, end: int, name: str) -> WarningValue:
    code = _CODE.match(text, start, end)
    if code is None:
        fail(name, text, start, "a code of three digits")
    agent = _AGENT.match(text, code.end(), end)
    if agent is None:
        fail(name, text, code.end(), "a host or a name")
    said = _TEXT.fullmatch(text, agent.end(), end)
    if said is None:
        fail(name, text, agent.end(), "a text in quotes, and nothing after it")
    return WarningValue(int(code[1]), agent[1], unquote(said[0]))


WARNINGS = Listed(_read)
