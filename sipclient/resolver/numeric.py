"""The resolver that asks nobody: numeric addresses and localhost.

RFC 3263 §4 for a host that is an address: no DNS, the transport that is named or UDP,
the port that is named or 5060. Every answer is there at once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

from zope.interface import implementer

from ..errors import SIPError, SIPResolvingFailure
from ..interfaces import IPendingResolution, IResolver
from ..message.uri import URI
from ..transport.target import Target
from .next_hop import next_hop

#: What a resolution ends with.
Outcome: TypeAlias = tuple[Target, ...] | SIPError


@implementer(IPendingResolution)
class Resolved:
    """A resolution that is over; there is nothing left to cancel."""

    __slots__ = ()

    def cancel(self) -> None:
        """Do nothing: ``done`` has been called already."""


#: The one that there needs to be.
RESOLVED: Final = Resolved()


@implementer(IResolver)
class NumericResolver:
    """Resolves URIs whose host is an IP address or localhost."""

    def resolve(self, uri: URI, done: Callable[[Outcome], None]) -> Resolved:
        done(target_of(uri))
        return RESOLVED

    def stop(self) -> None:
        """Do nothing: nothing is ever under way."""


def target_of(uri: URI) -> Outcome:
    """Give the one target of a URI in a tuple, or the failure that it comes to."""
    hop = next_hop(uri)
    if isinstance(hop, SIPError):
        return hop
    addresses = hop.known_addresses()
    if addresses:
        return hop.targets(addresses)
    return SIPResolvingFailure(
        hop.attempted,
        "this resolver knows only numeric addresses and localhost",
        rule="RFC 3263 §4.2",
        advice="Give an address in place of the name, or set an outbound proxy with a"
        " numeric address",
    )
