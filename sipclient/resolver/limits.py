"""What a resolver allows itself and DNS servers: every limit by its name."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ResolverLimits:
    """The limits of one resolver.

    :ivar wait: seconds that a DNS server has for its first answer; twice as long each
        time that all of them are asked again.
    :ivar rounds: how often each server is asked.
    :ivar patience: seconds after which a look-up is given up, whatever is left to try.
    :ivar grace: seconds that the addresses of one family wait for those of the other.
    :ivar servers: how many of the system's DNS servers are asked.
    :ivar at_once: how many questions are put to DNS servers at a time; the others wait
        for their turn.
    :ivar waiting: how many wait for their turn; one more fails.
    :ivar message: bytes of the longest answer taken over TCP.
    :ivar addresses: how many addresses of each family are taken; the others are left
        out.
    :ivar aliases: how many aliases (CNAME) lead from a name to its addresses.
    :ivar remembered: how many answers are kept; one more, and the oldest is forgotten.
    :ivar longest_ttl: seconds that addresses are kept at most, whatever DNS says.
    :ivar negative_ttl: seconds at most that it is kept that a name doesn't exist, or
        has no such address (RFC 2308 §5).
    :ivar failure_ttl: seconds that a look-up that failed is not made again (RFC 9520
        §3.2).
    """

    wait: float = 1.0
    rounds: int = 2
    patience: float = 5.0
    grace: float = 0.25
    servers: int = 3
    at_once: int = 64
    waiting: int = 10_000
    message: int = 16_384
    addresses: int = 16
    aliases: int = 8
    remembered: int = 1_024
    longest_ttl: int = 3_600
    negative_ttl: int = 300
    failure_ttl: float = 1.0
