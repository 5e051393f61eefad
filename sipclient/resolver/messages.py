"""What a DNS server's message says about the question that it was asked.

RFC 1035 §4.1 and §7.3, RFC 2308 for what doesn't exist, RFC 5452 §4 for what is to be
believed. The contract: whatever the message, `understood` and `reading` raise nothing.
"""

from __future__ import annotations

import socket
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from twisted.names import dns

from .hosts import NOWHERE
from .limits import ResolverLimits

#: The types of records that can be asked for, by their names.
TYPES: Final = {"A": dns.A, "AAAA": dns.AAAA}

_FAMILIES: Final = {"A": (socket.AF_INET, 4), "AAAA": (socket.AF_INET6, 16)}
_HEADER: Final = 12
_COUNTS: Final = ("queries", "answers", "authority", "additional")
_RESPONSE: Final = 0x80
_LARGEST_TTL: Final = 2**31 - 1

_MEANINGS: Final = {
    dns.EFORMAT: "FORMERR (it didn't understand the question)",
    dns.ESERVER: "SERVFAIL (it failed to find out)",
    dns.ENOTIMP: "NOTIMP (it doesn't do that)",
    dns.EREFUSED: "REFUSED (it doesn't serve us)",
}


@dataclass(frozen=True, slots=True)
class Reading:
    """What one message comes to; one of the following.

    :ivar records: the addresses, as text, in the order of the message.
    :ivar missing: that there is no such name or record, in words.
    :ivar alias: the name to ask for instead.
    :ivar failed: why this server is no help, in words.
    :ivar ttl: seconds that it holds; of an alias, too.
    :ivar aliases: how many aliases were followed.
    """

    records: tuple[str, ...] = ()
    missing: str = ""
    alias: str = ""
    failed: str = ""
    ttl: float = 0.0
    aliases: int = 0


def question(ident: int, name: str, kind: str) -> bytes:
    """Write a question; it asks the server to find out (RFC 1035 §4.3.1)."""
    message = dns.Message(ident, recDes=1)
    message.addQuery(name.encode("ascii"), TYPES[kind])
    return message.toStr()


def understood(data: bytes, asked: bytes) -> Any:
    """Read what may be the answer to a question; None where it isn't one.

    RFC 5452 §9.1: the answer has the question's number, and the question. Servers
    that don't understand a question may leave it out.
    """
    if len(data) < _HEADER or data[:2] != asked[:2] or not data[2] & _RESPONSE:
        return None
    message = dns.Message()
    try:
        message.fromStr(data)
    except Exception:  # its decoder has many ways to say that this is no message
        return None
    for number, section in enumerate(_COUNTS):
        at = 4 + 2 * number
        # What is cut short is read as far as it goes.
        if len(getattr(message, section)) != int.from_bytes(data[at : at + 2], "big"):
            return None
    if message.rCode in (dns.OK, dns.ENAME) or message.queries:
        mine = dns.Message()
        mine.fromStr(asked)
        if message.queries != mine.queries:
            return None
    return message


def reading(message: Any, name: str, kind: str, limits: ResolverLimits) -> Reading:
    """Say what a message that was `understood` comes to for a name in lower case."""
    if message.rCode not in (dns.OK, dns.ENAME):
        meaning = _MEANINGS.get(message.rCode, f"the error {message.rCode}")
        return Reading(failed=f"answered {meaning}")
    names = [name]
    ttl = float(_LARGEST_TTL)
    answers = [record for record in message.answers if record.cls == dns.IN]
    while True:
        here = names[-1]
        found = _addresses(answers, here, kind)
        if found:
            ttl = min(ttl, *(time for _, time in found))
            records = tuple(dict.fromkeys(text for text, _ in found))
            usable = [text for text in records if text not in NOWHERE]
            if not usable:
                return Reading(missing=f"says that it is at {records[0]}", ttl=ttl)
            return Reading(
                records=tuple(usable[: limits.addresses]),
                ttl=ttl,
                aliases=len(names) - 1,
            )
        alias = next(
            (r for r in answers if r.type == dns.CNAME and _name(r.name) == here), None
        )
        if alias is None:
            break
        ttl = min(ttl, _seconds(alias.ttl))
        names.append(_name(alias.payload.name))
        if names[-1] in names[:-1]:
            return Reading(failed="answered with aliases that go in a circle")
        if len(names) - 1 > limits.aliases:
            return Reading(failed=f"answered with more than {limits.aliases} aliases")
    return _without_addresses(message, names, ttl)


def _without_addresses(message: Any, names: Sequence[str], ttl: float) -> Reading:
    """Tell apart why there are none (RFC 2308 §2)."""
    if message.rCode == dns.ENAME:
        which = f"the name {names[-1]}, its alias," if names[1:] else "the name"
        negative = _negative_ttl(message.authority)
        return Reading(missing=f"says that {which} doesn't exist", ttl=negative)
    authorities = {record.type for record in message.authority}
    if dns.SOA not in authorities:
        if names[1:]:
            return Reading(alias=names[-1], ttl=ttl, aliases=len(names) - 1)
        if dns.NS in authorities and not message.auth:
            return Reading(failed="doesn't know, and names others to ask")
    return Reading(
        missing="says that the name has no such record",
        ttl=_negative_ttl(message.authority),
    )


def _negative_ttl(authority: Sequence[Any]) -> float:
    """How long it holds that something isn't there (RFC 2308 §5); 0 without a SOA."""
    for record in authority:
        if record.type == dns.SOA:
            return min(_seconds(record.ttl), _seconds(record.payload.minimum))
    return 0.0


def _addresses(answers: Sequence[Any], name: str, kind: str) -> list[tuple[str, float]]:
    family, length = _FAMILIES[kind]
    return [
        (socket.inet_ntop(family, record.payload.address), _seconds(record.ttl))
        for record in answers
        if record.type == TYPES[kind]
        and record.rdlength == length
        and _name(record.name) == name
    ]


def _name(name: Any) -> str:
    text: str = name.name.decode("ascii", "replace")
    return text.lower()


def _seconds(ttl: int) -> float:
    # RFC 2181 §8: with the highest bit set it is zero.
    return float(ttl) if ttl <= _LARGEST_TTL else 0.0
