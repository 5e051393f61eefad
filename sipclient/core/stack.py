"""The stack: what all access points share, and the access points that are open.

Time, randomness, sockets and the resolver come in through the constructor; nothing
here reaches for a global.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred, gatherResults

from ..bearer.access_point import AccessPoint
from ..errors import SIPBadName
from ..interfaces import IResolver
from ..resolver.numeric import NumericResolver
from ..resolver.resolver import Resolver, default_resolver
from ..transaction.timers import Timers
from .limits import StackLimits
from .tokens import Tokens
from .user_agent import UserAgent

if TYPE_CHECKING:
    from .outgoing import OutgoingRequest

#: The access point that ``"default"`` names where none was configured.
DEFAULT_ACCESS_POINT = AccessPoint("default", listen=("udp:5060",))


class Stack:
    """One SIP stack on a reactor. Nothing listens before a connection asks for it.

    :param reactor: an IReactorTime and IReactorUDP; ``FakeNetwork`` gives some, too.
    :param access_points: those that applications may ask for by name.
    :param limits: what peers and applications may make it hold.
    :param resolver: from URIs to addresses. Unless given it is the reactor's own, where
        it has one, else a `Resolver` of this machine's hosts file and
        DNS servers.
    :param random: a source of random bytes, ``os.urandom`` unless given.
    """

    def __init__(
        self,
        reactor: Any,
        *,
        access_points: Iterable[AccessPoint] = (DEFAULT_ACCESS_POINT,),
        limits: StackLimits | None = None,
        resolver: IResolver | None = None,
        random: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self.reactor = reactor
        self.access_points = {point.id: point for point in access_points}
        self.limits = limits or StackLimits()
        self._own_resolver: Resolver | NumericResolver | None = None
        self.resolver: IResolver = resolver or self._usual_resolver()
        #: Requests whose way is being looked for.
        self.resolving: set[OutgoingRequest] = set()
        self.timers = Timers(reactor)
        self.tokens = Tokens(random)
        #: The transaction user of all user agents: the host, once there is one.
        self.user: Any = None
        self.agents: dict[str, UserAgent] = {}
        # Closed, with something to finish, and another one has the id by now.
        self._draining: set[UserAgent] = set()
        self._tap: Any = None

    def _usual_resolver(self) -> IResolver:
        brought: IResolver | None = IResolver(self.reactor, None)
        if brought is not None:
            return brought
        self._own_resolver = default_resolver(self.reactor)
        return self._own_resolver

    @property
    def tap(self) -> Any:
        """Who is told what passes, None where nobody listens."""
        return self._tap

    @tap.setter
    def tap(self, tap: Any) -> None:
        self._tap = tap
        for agent in (*self.agents.values(), *self._draining):
            agent.tap = tap

    def configured(self, name: str) -> AccessPoint:
        """The access point of that name; :class:`SIPBadName` where there is none."""
        try:
            return self.access_points[name]
        except KeyError:
            raise SIPBadName(
                f"using the access point {name!r}",
                "no access point of that name is configured",
                advice="Configured are: "
                + (", ".join(sorted(self.access_points)) or "none")
                + ". An AccessPoint value can be given in place of a name.",
            ) from None

    def open(self, access_point: AccessPoint) -> UserAgent:
        """The user agent of an access point, listening on all its addresses.

        Raises :class:`SIPInUse` or :class:`SIPCouldNotConnect` where an address can't
        be listened on; then none of them is.
        """
        old = self.agents.get(access_point.id)
        if old is not None and old.access_point == access_point:
            old.reopen()
            return old
        agent = UserAgent(self, access_point)
        if old is not None:
            self._draining.add(old)
        self.agents[access_point.id] = agent
        return agent

    def forget(self, agent: UserAgent) -> None:
        """An access point has ended (its user agent says so)."""
        if self.agents.get(agent.access_point.id) is agent:
            del self.agents[agent.access_point.id]
        self._draining.discard(agent)

    def stop(self) -> Deferred[None]:
        """End everything now: sockets closed, transactions forgotten, no timer left.

        Fires when the last socket is closed. A response that was sent just before
        isn't sent again: who wants that closes clients and lets the stack be.
        """
        user = self.user
        if user is not None:
            user.stack_stopped()
        for outgoing in list(self.resolving):
            outgoing.stop()
        if self._own_resolver is not None:
            self._own_resolver.stop()
        ended = [agent.stop() for agent in (*self.agents.values(), *self._draining)]
        self.timers.stop()
        done: Deferred[Any] = gatherResults(ended)
        return done.addCallback(lambda _: None)
