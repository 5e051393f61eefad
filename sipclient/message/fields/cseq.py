"""The CSeq and RAck header fields (RFC 3261 §20.16, RFC 3262 §7.2).

The contract: a CSeq number is below 2**31 (RFC 3261 §8.1.1.5) and an RSeq number below
2**32; a method keeps its case, in which it is compared.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sipclient.errors import SIPArgumentError

from ..grammar import LWS, TOKEN, is_token
from .reader import Single
from .shape import fail

# Without its leading zeros, so that its length tells whether int() is cheap.
_NUMBER = r"0*+([0-9]++|(?<=0))"
_CSEQ = re.compile(rf"{_NUMBER}{LWS}({TOKEN})")
_RACK = re.compile(rf"{_NUMBER}{LWS}{_NUMBER}{LWS}({TOKEN})")


@dataclass(frozen=True, slots=True)
class CSeq:
    """Which request of its dialog this is. Original: CSIPCSeqHeader.

    :ivar number: from 0 to 2**31 - 1.
    :ivar method: the request's method.
    :raises SIPArgumentError: for what the header can't hold.
    """

    number: int
    method: str

    def __post_init__(self) -> None:
        if not 0 <= self.number < 2**31 or not is_token(self.method):
            raise SIPArgumentError(
                "making a CSeq",
                f"{str(self)!a:.80} came",
                rule="RFC 3261 §8.1.1.5",
                advice="Give a number below 2**31 and a method",
            )

    @classmethod
    def parse(cls, text: str) -> CSeq:
        """Read "4711 INVITE"."""
        return _read_cseq(text, 0, len(text), "CSeq")

    def __str__(self) -> str:
        return f"{self.number} {self.method}"


@dataclass(frozen=True, slots=True)
class RAck:
    """Which reliable provisional response a PRACK is for. Original: CSIPRAckHeader.

    :ivar rseq: the response's RSeq, from 1 to 2**32 - 1.
    :ivar number: the number in the response's CSeq.
    :ivar method: the method in the response's CSeq.
    :raises SIPArgumentError: for what the header can't hold.
    """

    rseq: int
    number: int
    method: str

    def __post_init__(self) -> None:
        if (
            not 1 <= self.rseq < 2**32
            or not 0 <= self.number < 2**31
            or not is_token(self.method)
        ):
            raise SIPArgumentError(
                "making a RAck",
                f"{str(self)!a:.80} came",
                rule="RFC 3262 §7.2",
                advice="Give an RSeq number, a CSeq number and a method",
            )

    @classmethod
    def parse(cls, text: str) -> RAck:
        """Read "776656 1 INVITE"."""
        return _read_rack(text, 0, len(text), "RAck")

    def __str__(self) -> str:
        return f"{self.rseq} {self.number} {self.method}"


class _Unfrozen:
    # The layout of CSeq, to be filled with plain assignments and then made one by its
    # __class__: a third of what a frozen value costs, and every message brings one.
    __slots__ = ("method", "number")
    number: int
    method: str


def _read_cseq(text: str, start: int, end: int, name: str) -> CSeq:
    match = _CSEQ.fullmatch(text, start, end)
    if match is None:
        fail(name, text, start, "a number and a method, such as 4711 INVITE")
    digits, method = match.groups()
    if len(digits) > 10 or (number := int(digits or 0)) >= 2**31:
        fail(name, text, match.start(1), "a number below 2**31")
    value = _Unfrozen()
    value.number = number
    value.method = method
    value.__class__ = CSeq  # type: ignore[assignment]  # same layout
    return value  # type: ignore[return-value]  # is one now


def _read_rack(text: str, start: int, end: int, name: str) -> RAck:
    match = _RACK.fullmatch(text, start, end)
    if match is None:
        fail(name, text, start, "two numbers and a method, such as 776656 1 INVITE")
    first, second, method = match.groups()
    if len(first) > 10 or not 1 <= (rseq := int(first or 0)) < 2**32:
        fail(name, text, match.start(1), "a number from 1 to 2**32 - 1")
    if len(second) > 10 or (number := int(second or 0)) >= 2**31:
        fail(name, text, match.start(2), "a number below 2**31")
    return RAck(rseq, number, method)


CSEQ = Single(_read_cseq)
RACK = Single(_read_rack)
