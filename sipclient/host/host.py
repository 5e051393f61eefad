"""The host: many applications on one stack, and who of them gets what.

It provides :class:`sipclient.interfaces.IStack`, the one interface through which
``client/`` sees a stack, and is the transaction user of every access point.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from zope.interface import implementer

from ..bearer.access_point import AccessPoint
from ..core.stack import Stack
from ..core.user_agent import UserAgent
from ..errors import SIPAlreadyExists, SIPParseError, SIPServerTerminated
from ..interfaces import ISession, ISessionSink, IStack
from ..message.model import Request
from ..session.ids import Ids
from ..transaction.user import ServerTransaction
from .routing import Answer, decide, destination, request_uri
from .sessions import Session


@implementer(IStack)
class Host:
    """The applications of one stack.

    :ivar ids: where the numbers of connections and transactions come from.
    :ivar sessions: the open sessions by uid, longest connected first.
    """

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.reactor = stack.reactor
        self.ids = Ids()
        self.sessions: dict[str, Session] = {}
        self._applications: tuple[Session, ...] = ()
        self._users: dict[str, int] = {}
        # A UAS sees the same few Request-URIs all the time.
        self._request_uri = lru_cache(stack.limits.request_uris)(request_uri)
        self._soon: deque[Callable[[], None]] = deque()
        stack.user = self

    @classmethod
    def of(cls, stack: Stack) -> Host:
        """The host of a stack: there is one, made when first asked for."""
        return stack.user if isinstance(stack.user, cls) else cls(stack)

    # IStack

    def attach(self, sink: ISessionSink) -> ISession:
        """Give a session to an application's side."""
        session: ISession = Session(self, sink)
        return session

    # Sessions

    def admit(self, session: Session) -> None:
        """A session has a uid now; :class:`SIPAlreadyExists` where it is taken."""
        if session.uid in self.sessions:
            raise SIPAlreadyExists(
                f"opening a session for {session.uid!r}",
                "an application of that uid has one",
                advice="Give each application a uid of its own, or close the other.",
            )
        self.sessions[session.uid] = session
        self._applications = tuple(self.sessions.values())

    def dismiss(self, session: Session) -> None:
        """A session has ended."""
        if self.sessions.get(session.uid) is session:
            del self.sessions[session.uid]
            self._applications = tuple(self.sessions.values())

    def soon(self, call: Callable[[], None]) -> None:
        """Do something in a later turn of the reactor, after what waits already."""
        if not self._soon:
            self.reactor.callLater(0, self._run_soon)
        self._soon.append(call)

    def _run_soon(self) -> None:
        calls, self._soon = self._soon, deque()
        for call in calls:
            call()

    # Access points, shared by the connections that use them

    def open(self, wanted: AccessPoint) -> UserAgent:
        """The user agent for one more connection on an access point.

        Raises :class:`SIPAlreadyExists` where one of that id is open with other
        settings, :class:`SIPInUse` and :class:`SIPCouldNotConnect` as listening does.
        """
        used = self._users.get(wanted.id, 0)
        agent = self.stack.agents.get(wanted.id)
        if used and agent is not None and agent.access_point != wanted:
            raise SIPAlreadyExists(
                f"opening the access point {wanted.id!r}",
                "one of that id is open with other settings",
                advice="Use another id, or the settings that it is open with.",
            )
        agent = self.stack.open(wanted)
        self._users[wanted.id] = used + 1
        return agent

    def close(self, agent: UserAgent) -> None:
        """A connection on that access point is gone; with the last one, it ends."""
        name = agent.access_point.id
        left = self._users.get(name, 0) - 1
        if left > 0:
            self._users[name] = left
        else:
            self._users.pop(name, None)
            agent.close()

    # The transaction user of the access points

    def incoming_request(
        self, agent: UserAgent, request: Request, transaction: ServerTransaction
    ) -> None:
        """Give a request to the application that it fits, or answer it."""
        try:
            target = destination(agent, self._request_uri(request.uri))
        except SIPParseError:
            agent.respond(transaction, 400)
            return
        tap = agent.tap
        reasons: dict[str, str] | None = None if tap is None else {}
        decision = decide(request, target, self._applications, reasons)
        if tap is not None:
            tap.routed(request, decision, reasons)
        if isinstance(decision, Session):
            decision.give(agent, request, transaction)
        elif isinstance(decision, Answer):
            agent.respond(transaction, decision.status, headers=decision.headers)

    def stack_stopped(self) -> None:
        """The stack ends under its applications; each is told once."""
        error = SIPServerTerminated(
            "using the stack", "it was stopped", advice="Open a client on another one."
        )
        sessions, self.sessions = list(self.sessions.values()), {}
        self._applications = ()
        self._soon.clear()
        self._users.clear()
        for session in sessions:
            session.lose(error)

    def __repr__(self) -> str:
        names: Any = ", ".join(self.sessions) or "no application"
        return f"<Host of {names}>"
