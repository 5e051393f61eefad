"""A request outside dialogs on its way out, from its parts to its final response.

RFC 3261 §8.1: where it goes (§8.1.2, RFC 3263 §4.3 for the next address when one
fails), by which transport (§18.1.1), what the stack fills in (§8.1.1), what becomes of
the answers (§8.1.3).
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from copy import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from twisted.logger import Logger

from ..errors import (
    SIPError,
    SIPForbidden,
    SIPParseError,
    SIPResolvingFailure,
    SIPTimedOut,
    SIPTooBig,
    SIPTransportFailure,
)
from ..message import build
from ..message.address import Address, parse_addresses
from ..message.host import HostPort
from ..message.model import Response
from ..message.uri import SIPURI, URI, parse_uri
from ..secrecy import without_passwords
from ..transport.target import Target

if TYPE_CHECKING:
    from ..interfaces import IPendingResolution
    from ..transport.flow import Flow
    from .user_agent import UserAgent

_log = Logger()

#: Answers that ask for credentials; an application never sees them as responses.
_CHALLENGES = frozenset((401, 407, 494))


class OutgoingOwner(Protocol):
    """Who sent the request, and hears what becomes of it."""

    def response(self, response: Response) -> None:
        """A response came, other than 100; with a final one it is over."""

    def failed(self, error: SIPError) -> None:
        """It is over without a final response."""


class OutgoingRequest:
    r"""One request of an application, whatever number of addresses it takes.

    :param from\_: a From without tag; the stack adds one.
    :param headers: (name, text) of what the application gave; a Route among them is
        the preloaded route set.

    Nothing is sent before :meth:`start`.
    """

    __slots__ = (
        "_attempted",
        "_body",
        "_call_id",
        "_cseq",
        "_flow",
        "_from",
        "_headers",
        "_hop",
        "_pending",
        "_started",
        "_target",
        "_targets",
        "_to",
        "_too_large",
        "_tried",
        "_without_tcp",
        "agent",
        "method",
        "owner",
        "uri",
    )

    def __init__(
        self,
        agent: UserAgent,
        owner: OutgoingOwner,
        method: str,
        uri: URI,
        from_: Address,
        to: Address,
        headers: Sequence[tuple[str, str]],
        body: bytes,
    ) -> None:
        tokens = agent.stack.tokens
        self.agent = agent
        self.owner: OutgoingOwner | None = owner
        self.method = method
        self.uri = str(uri)
        self._from = f"{from_};tag={tokens.word()}"
        self._to = str(to)
        self._call_id = tokens.word()
        self._cseq = tokens.cseq()
        self._body = body
        self._targets: list[Target] = []
        self._tried: list[Target] = []
        self._target: Target | None = None
        self._flow: Flow | None = None
        # The UDP address that it is too large for, while it goes there by TCP.
        self._too_large: Target | None = None
        # The one to which no connection could be made.
        self._without_tcp: Target | None = None
        self._pending: IPendingResolution | None = None
        self._started = False
        self._attempted = ""
        self._hop = self._route(uri, headers)
        agent.starting += 1

    def _route(self, uri: URI, headers: Sequence[tuple[str, str]]) -> URI:
        """Fix the route set, and find the next hop (RFC 3261 §8.1.2, §12.2.1.1)."""
        routes = [
            route
            for name, text in headers
            if name.lower() == "route"
            for route in parse_addresses(text, header="Route")
        ]
        proxy = self.agent.access_point.outbound_proxy
        preloaded = bool(routes)
        if not routes and proxy is not None:
            routes = [Address("", parse_uri(proxy))]
        rest = [(name, text) for name, text in headers if name.lower() != "route"]
        hop = uri
        if routes:
            hop = routes[0].uri
            if isinstance(hop, SIPURI) and not hop.lr and preloaded:
                # A strict router: it is the Request-URI, without what none may have,
                # and the target goes last.
                params = hop.params.without("method")
                self.uri = str(replace(hop, params=params, headers=()))
                routes = [*routes[1:], Address("", uri)]
            rest = [("Route", str(route)) for route in routes] + rest
        self._headers = tuple(rest)
        return hop

    def start(self) -> None:
        """Find out where it goes, and send it there."""
        stack = self.agent.stack
        stack.resolving.add(self)
        try:
            self._pending = stack.resolver.resolve(self._hop, self._resolved)
        except Exception:  # a resolver can be anybody's; others wait for their turn
            _log.failure(
                "finding the way to {uri} failed", uri=without_passwords(self.uri)
            )
            error = SIPResolvingFailure(
                f"sending {self.method} to {self.uri}",
                "the resolver failed",
                advice="The log has its error.",
            )
            self._resolved(error)
            self._end(error)

    def abandon(self) -> None:
        """Nobody wants to hear of it; what was sent can't be taken back."""
        self.owner = None

    def stop(self) -> None:
        """The stack stops; where the way isn't known yet, don't wait for it."""
        self._started = True
        self.owner = None
        self.agent.stack.resolving.discard(self)
        pending, self._pending = self._pending, None
        if pending is not None:
            try:
                pending.cancel()
            except Exception:
                _log.failure(
                    "canceling the way to {uri} failed", uri=without_passwords(self.uri)
                )

    def _resolved(self, result: tuple[Target, ...] | SIPError) -> None:
        if self._started:
            return  # it was told already
        self._started = True
        self._pending = None
        self.agent.stack.resolving.discard(self)
        try:
            if isinstance(result, SIPError):
                self._end(result)
            else:
                self._targets = list(result)
                self._send_to_next(None)
        finally:
            self.agent.started()

    def _send_to_next(self, failure: SIPError | None) -> None:
        """Try the next address; with none left, the last failure is the outcome.

        That an address can't be sent to says less than what came from another one.
        """
        while self._targets:
            target = self._targets.pop(0)
            self._tried.append(target)
            try:
                self._send(target)
            except SIPError as error:
                failure = failure or error
                self._tried.pop()
            else:
                return
        failure = failure or SIPTransportFailure(
            f"sending {self.method} to {self.uri}", "no address was found for it"
        )
        before = ", ".join([str(target) for target in self._tried[:-1]])
        if before:
            failure.came += f"; tried before: {before}"
        self._end(failure)

    def _send(self, target: Target) -> None:
        agent = self.agent
        flow, branch, data = self._written(target)
        if self._goes_by_tcp(target, len(data)):
            instead = target._replace(transport="TCP")
            # Where there can be no connection, it goes by UDP after all.
            with suppress(SIPError):
                flow, branch, data = self._written(instead)
                self._too_large, target = target, instead
                self._tried[-1] = target
        if len(data) > agent.stack.limits.datagram and not flow.reliable:
            raise SIPTooBig(
                f"sending {self.method} to {self.uri}",
                f"it has {len(data)} bytes, and a datagram carries at most"
                f" {agent.stack.limits.datagram}",
                rule="RFC 3261 §18.1.1",
                advice="Make the content smaller.",
            )
        self._target, self._flow = target, flow
        self._attempted = f"{self.method} to {self.uri} at {target}"
        agent.transactions.request(data, (branch, self.method), flow, self)

    def _goes_by_tcp(self, target: Target, size: int) -> bool:
        """Tell whether it is too large for UDP, and may take TCP (RFC 3261 §18.1.1).

        A URI that asks for UDP gets UDP.
        """
        return (
            target.transport == "UDP"
            and size > self.agent.stack.limits.udp_request
            and target is not self._without_tcp
            and isinstance(self._hop, SIPURI)
            and self._hop.transport is None
            and self.agent.transport.can_reach(target._replace(transport="TCP"))
        )

    def _written(self, target: Target) -> tuple[Flow, str, bytes]:
        """Write the request for one address: its flow, its branch and its bytes."""
        agent = self.agent
        flow = agent.transport.flow_to(target)
        branch = agent.stack.tokens.branch()
        here = HostPort(*agent.transport.sent_by(flow))
        data = build.request(
            self.method,
            self.uri,
            via=f"SIP/2.0/{target.transport} {here};branch={branch};rport",
            from_=self._from,
            to=self._to,
            call_id=self._call_id,
            cseq=self._cseq,
            headers=self._headers,
            body=self._body,
        )
        return flow, branch, data

    # From the client transaction.

    def response(self, response: Response) -> None:
        """A response reached the client transaction."""
        status = response.status
        if status == 100:
            return
        if self._targets and status in (408, 503):
            self._send_to_next(None)  # RFC 3263 §4.3: the next server may answer
            return
        if status in _CHALLENGES:
            self._end(self._challenged(response))
            return
        owner = self.owner
        if status >= 200:
            self.owner = None
        if owner is not None:
            owner.response(response)

    def failed(self, error: SIPError) -> None:
        """The client transaction ended without a final response."""
        flow, self._flow = self._flow, None
        too_large, self._too_large = self._too_large, None
        if too_large is not None and flow is not None and not flow.connected:
            # RFC 3261 §18.1.1: no connection could be made, so by UDP after all.
            self._without_tcp = too_large
            self._targets.insert(0, too_large)
        self._send_to_next(self._explained(error))

    def _explained(self, error: SIPError) -> SIPError:
        if isinstance(error, SIPTimedOut):
            limit = self.agent.transactions.values.t1 * 64
            by_udp = self._target is None or self._target.transport == "UDP"
            return SIPTimedOut(
                self._attempted,
                f"no final response within {limit:g} s",
                rule="RFC 3261 §17.1.2.2, Timer F",
                advice="Check the address, and whether something on the way drops UDP."
                if by_udp
                else "Check the address, and what that program is busy with.",
            )
        error = copy(error)  # others may have been on that connection, too
        error.attempted = self._attempted
        return error

    def _challenged(self, response: Response) -> SIPForbidden:
        name = "Proxy-Authenticate" if response.status == 407 else "WWW-Authenticate"
        try:
            challenge = response.header(name)
        except SIPParseError:
            challenge = None
        realm = getattr(challenge, "realm", None)
        came = f"{response.status} {response.reason}"
        return SIPForbidden(
            self._attempted,
            f"{came}, for the realm {realm!r}" if realm else came,
            rule="RFC 3261 §22",
            advice="The other side asks for credentials, and none were given.",
        )

    def _end(self, error: SIPError) -> None:
        owner = self.owner
        self.owner = None
        if owner is not None:
            owner.failed(error)
