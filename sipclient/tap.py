"""A stack as a service: ``twist sipclient``, ``twistd sipclient``, and ``.tac`` files.

The contract: addresses are opened before privileges are shed, and one that can't be
opened keeps the service from starting; while it runs, OPTIONS for the stack's own
addresses is answered by the stack, also when no application is there (RFC 3261 §11.2);
at the end, applications leave first and all sockets are closed.
"""

from __future__ import annotations

import signal
from collections.abc import Iterable
from typing import Any

from twisted.application.service import MultiService
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.logger import Logger
from twisted.python import usage

from .bearer.access_point import AccessPoint, ListenAddress
from .client.client import SIPClient
from .config.reading import Config, read_config
from .core.stack import Stack
from .errors import SIPError
from .session.capabilities import Capabilities

_log = Logger()

#: What the service is called among the applications of its stack.
UID = "sipclient"


class StackService(MultiService):
    """Keeps access points open, and the applications on them together.

    Services that become its children, each a :class:`sipclient.SIPClientService` on
    ``stack``, start after the addresses are open and leave before they are closed.

    :param stack: what it runs, and stops when it ends.
    :param access_points: those that are open while it runs: values, or ids of
        configured ones. None: all that the stack is configured with.

    :ivar stack: the stack.
    :ivar client: the application that holds the access points, which is given no
        requests; None while the service doesn't run.
    """

    def __init__(
        self, stack: Stack, access_points: Iterable[AccessPoint | str] | None = None
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # Twisted's
        self.stack = stack
        self.client: SIPClient | None = None
        if access_points is None:
            access_points = stack.access_points.values()
        self._wanted = tuple(access_points)
        self._points: list[AccessPoint] = []  # those that were opened for it

    @property
    def listening(self) -> tuple[ListenAddress, ...]:
        """The addresses that its access points listen on, with their real ports."""
        agents = [self.stack.agents.get(point.id) for point in self._points]
        return tuple([a for agent in agents if agent for a in agent.listening])

    def privilegedStartService(self) -> None:
        """Open the addresses. Raises :class:`SIPError` where one can't be opened."""
        super().privilegedStartService()  # type: ignore[no-untyped-call]  # Twisted's
        self._open()

    def startService(self) -> None:
        """Open the addresses, unless they are, and start the children.

        Raises :class:`SIPError` where an address can't be opened: nothing is open then.
        """
        self._open()
        super().startService()  # type: ignore[no-untyped-call]  # Twisted's
        Deferred.fromCoroutine(self._hold()).addErrback(self._not_held)

    def stopService(self) -> Deferred[None]:
        """Let the children leave, then stop the stack; fires when no socket is open.

        Requests that the children have not answered get 480.
        """
        left = maybeDeferred(super().stopService)
        return Deferred.fromCoroutine(self._end(left))

    def _open(self) -> None:
        if self._points:
            return
        stack = self.stack
        points = [
            stack.configured(p) if isinstance(p, str) else p for p in self._wanted
        ]
        before = set(stack.agents.values())
        try:
            for point in points:
                stack.open(point)
        except SIPError as error:
            for agent in set(stack.agents.values()) - before:
                agent.stop()
            raise error from None  # it says all that its causes do
        self._points = points
        for point in points:
            for address in stack.agents[point.id].listening:
                text = "access point {id} is listening on {address}"
                _log.info(text, id=point.id, address=str(address))

    async def _hold(self) -> None:
        """Connect to the open access points, so that no application's end ends them."""
        nothing = Capabilities(methods=())
        client = await SIPClient.embed(self.stack, UID, capabilities=nothing)
        if not self.running:
            client.close()
            return
        self.client = client
        for point in self._points:
            await client.connect(point)

    def _not_held(self, failure: Any) -> None:
        if self.running:
            _log.failure("the service {uid} could not start", failure, uid=UID)

    async def _end(self, left: Deferred[Any]) -> None:
        await left
        client, self.client = self.client, None
        if client is not None:
            await client.leave()
        self._points.clear()
        await self.stack.stop()


class Options(usage.Options):
    """What ``twist sipclient`` and ``twistd sipclient`` can be told.

    :ivar listen: the addresses to listen on, where they are given one by one.
    :ivar settings: what there is to run.
    """

    synopsis = "[options]"
    longdesc = (
        "Runs a SIP stack (RFC 3261): what its configuration says, or else an access"
        " point named default. OPTIONS is answered; SIGTERM ends it."
    )
    optParameters = [  # noqa: RUF012  # Twisted's convention
        ["config", "c", None, "The configuration, a TOML file."],
    ]

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # Twisted's
        # A docstring that takes two lines is one sentence to who reads the help.
        self.docs = {name: " ".join(text.split()) for name, text in self.docs.items()}
        self.listen: list[ListenAddress] = []
        self.settings = Config()

    def opt_listen(self, address: str) -> None:
        """Listen there: udp:5060:interface=127.0.0.1, or sip:127.0.0.1:5060. Port 0 is
        any free one. May be given more than once; udp:5060 if nothing is.
        """  # noqa: D205  # it is shown as help
        try:
            self.listen.append(ListenAddress.parse(address))
        except SIPError as error:
            raise usage.UsageError(str(error).rstrip(".")) from None

    opt_l = opt_listen

    def postOptions(self) -> None:
        """Read the configuration."""
        try:
            if self["config"] is not None:
                if self.listen:
                    raise usage.UsageError(
                        "--listen and --config exclude each other:"
                        " a configuration says where to listen"
                    )
                self.settings = read_config(self["config"])
            elif self.listen:
                point = AccessPoint("default", listen=self.listen)
                self.settings = Config(access_points=(point,))
        except SIPError as error:
            raise usage.UsageError(str(error).rstrip(".")) from None


def makeService(options: Options) -> StackService:
    """Make the service that Twisted's programs run, on the reactor that they run."""
    from twisted.internet import reactor

    running: Any = reactor
    config = options.settings
    stack = Stack(running, access_points=config.access_points, limits=config.limits)
    running.callWhenRunning(_end_well, running)
    return _Program(stack, config.open)


class _Program(StackService):
    def startService(self) -> None:
        try:
            super().startService()
        except SIPError as error:
            # twist would print a traceback. (twistd has opened them before, and wants
            # to see any other exception, so that it can tidy up.)
            raise SystemExit(f"sipclient: {error}") from None


def _end_well(reactor: Any) -> None:
    """Let SIGTERM be the usual end, with status 0; a second one ends at once.

    Twisted's own handler has the process killed by the signal once all has ended, which
    a supervisor may take for a failure.
    """

    def terminate(number: int, frame: object) -> None:
        signal.signal(number, signal.SIG_DFL)
        reactor.callFromThread(reactor.stop)

    signal.signal(signal.SIGTERM, terminate)
