"""The resolver: from the host of a URI to the targets that are tried, in their order.

RFC 3263 §4.2 for hosts with A and AAAA records. What is an address needs no look-up;
the hosts file is asked before DNS; both types of records are asked for at a time, and
IPv4 addresses come first. DNS, and twisted.names with it, is imported when the first
name comes that needs it.

The contract is that of :class:`IResolver`: one outcome each.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Any, Final

from twisted.internet.interfaces import IReactorPluggableNameResolver
from zope.interface import implementer

from ..errors import SIPError, SIPResolvingFailure
from ..interfaces import IPendingResolution, IResolver
from ..message.uri import URI
from .answer import Answer
from .cache import Cache, Cancellable
from .hosts import HOSTS, NOWHERE, HostsFile
from .limits import ResolverLimits
from .next_hop import NextHop, next_hop
from .numeric import RESOLVED, NumericResolver, Outcome
from .servers import RESOLV_CONF, SystemServers, checked_servers

#: What is asked for, and the order of the targets.
KINDS: Final = ("A", "AAAA")

_LONGEST_NAME: Final = 253
_LONGEST_LABEL: Final = 63


def default_resolver(reactor: Any) -> Resolver | NumericResolver:
    """Make a resolver for a reactor that doesn't bring its own.

    One that is no more than time and sockets, and knows of no names, has no DNS either.
    """
    if IReactorPluggableNameResolver.providedBy(reactor):
        return Resolver(reactor)
    return NumericResolver()


@implementer(IResolver)
class Resolver:
    """Resolves names by the hosts file and by DNS, and remembers what it learned.

    Several stacks can share one.

    :param reactor: an IReactorTime, IReactorUDP and IReactorTCP.
    :param servers: the DNS servers to ask, as addresses or (address, port); those of
        ``resolv_conf`` unless given.
    :param hosts: where the hosts file is.
    :param resolv_conf: where the file is that names the system's DNS servers.
    :param limits: what is asked, waited for and remembered at most.
    :param random: a source of random bytes.
    """

    def __init__(
        self,
        reactor: Any,
        *,
        servers: Iterable[str | tuple[str, int]] | None = None,
        hosts: str | os.PathLike[str] = HOSTS,
        resolv_conf: str | os.PathLike[str] = RESOLV_CONF,
        limits: ResolverLimits | None = None,
        random: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self.reactor = reactor
        self.limits = limits or ResolverLimits()
        self.hosts = HostsFile(hosts)
        self.cache = Cache(reactor, self._ask, self.limits.remembered)
        self._random = random
        self._client: Any = None
        given = None if servers is None else checked_servers(servers)
        system = SystemServers(resolv_conf, self.limits.servers)
        self._servers = system if given is None else lambda: given

    def resolve(self, uri: URI, done: Callable[[Outcome], None]) -> IPendingResolution:
        hop = next_hop(uri)
        outcome = hop if isinstance(hop, SIPError) else self._without_dns(hop)
        if outcome is None:
            assert isinstance(hop, NextHop)
            return Resolution(self, hop, done)
        done(outcome)
        return RESOLVED

    def stop(self) -> None:
        """Forget all that is under way; nobody is told. It can be used again."""
        self.cache.stop()

    def _without_dns(self, hop: NextHop) -> Outcome | None:
        """What is known at once; None where DNS has to be asked."""
        addresses = hop.known_addresses()
        if addresses:
            return hop.targets(addresses)
        if hop.host.endswith(".invalid"):
            return SIPResolvingFailure(
                hop.attempted,
                "no name in .invalid exists, and DNS isn't asked for any",
                rule="RFC 6761 §6.4",
                advice="Check the name",
            )
        labels = hop.host.split(".")
        if len(hop.host) > _LONGEST_NAME or max(map(len, labels)) > _LONGEST_LABEL:
            return SIPResolvingFailure(
                hop.attempted,
                f"a name has at most {_LONGEST_NAME} characters, and {_LONGEST_LABEL}"
                " between two dots",
                rule="RFC 1035 §2.3.4",
                advice="Check the name",
            )
        addresses = self.hosts.addresses(hop.host)
        if not addresses:
            return None
        usable = [address for address in addresses if address not in NOWHERE]
        if usable:
            # IPv4 first; else as they stand in the file.
            return hop.targets(sorted(usable, key=lambda address: ":" in address))
        return SIPResolvingFailure(
            hop.attempted,
            f"the hosts file says that it is at {addresses[0]}, which is nowhere",
            advice="Take it out of the hosts file",
        )

    def _ask(self, name: str, kind: str, done: Callable[[Answer], None]) -> Cancellable:
        if self._client is None:
            # Most programs need no DNS, or not at once.
            from .dns import DNSClient

            self._client = DNSClient(
                self.reactor, self._servers, self.limits, self._random
            )
        asked: Cancellable = self._client.ask(name, kind, done)
        return asked


@implementer(IPendingResolution)
class Resolution:
    """One name that DNS is asked for."""

    def __init__(
        self, resolver: Resolver, hop: NextHop, done: Callable[[Outcome], None]
    ) -> None:
        self._resolver = resolver
        self._hop = hop
        self._done: Callable[[Outcome], None] | None = done
        self._began = resolver.reactor.seconds()
        self._answers: dict[str, Answer] = {}
        self._grace: Any = None
        self._waiting: list[Cancellable] = []
        for kind in KINDS:
            self._waiting.append(
                resolver.cache.look_up(hop.host, kind, self._hears_of(kind))
            )

    def cancel(self) -> None:
        """Forget it; others who wait for the same name go on."""
        self._done = None
        self._stop_grace()
        for waiting in self._waiting:
            waiting.cancel()

    def _hears_of(self, kind: str) -> Callable[[Answer], None]:
        def hear(answer: Answer) -> None:
            self._answers[kind] = answer
            self._look()

        return hear

    def _look(self) -> None:
        """See whether that is enough."""
        if self._done is None:
            return
        if len(self._answers) == len(KINDS):
            self._end()
        elif self._grace is None and any(a.records for a in self._answers.values()):
            # RFC 8305 §3: some servers never answer for one of the types. What comes
            # later is remembered for the next time.
            self._grace = self._resolver.reactor.callLater(
                self._resolver.limits.grace, self._end
            )

    def _end(self) -> None:
        self._stop_grace()
        done, self._done = self._done, None
        if done is None:
            return
        addresses = [
            address
            for kind in KINDS
            if kind in self._answers
            for address in self._answers[kind].records
        ]
        done(self._hop.targets(addresses) if addresses else self._failure())

    def _stop_grace(self) -> None:
        grace, self._grace = self._grace, None
        if grace is not None and grace.active():
            grace.cancel()

    def _failure(self) -> SIPResolvingFailure:
        """Say who was asked for what, what they said, and how long that took."""
        by_text: dict[str, list[str]] = {}
        for kind in KINDS:
            by_text.setdefault(self._answers[kind].came, []).append(kind)
        asked = [
            f"asked for {' and '.join(kinds)} records, {came}"
            for came, kinds in by_text.items()
        ]
        now = self._resolver.reactor.seconds()
        learned = max(answer.learned for answer in self._answers.values())
        when = f"after {round(now - self._began, 3):g} s"
        if learned < self._began:
            when = f"{round(now - learned, 3):g} s ago"
        advice = (
            "See whether the DNS servers can be reached. An address in place of the"
            " name, or an outbound proxy with one, needs none"
        )
        if all(answer.missing for answer in self._answers.values()):
            advice = "Check the name"
        return SIPResolvingFailure(
            self._hop.attempted,
            f"{self._resolver.hosts.without}; {'; '.join(asked)}, {when}",
            rule="RFC 3263 §4.2",
            advice=advice,
        )
