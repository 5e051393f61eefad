"""The demo's stage: two applications, each with its stack, and what is between them.

Everything happens on loopback: real sockets where the reactor is real. One tap hears
both stacks, so that a scene can be drawn, and checked by what was seen on the wire.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.protocol import DatagramProtocol

from ..bearer.access_point import AccessPoint
from ..bearer.timing import TimerValues
from ..client.client import SIPClient
from ..client.connection import SIPConnection
from ..client.elements import ResponseElements
from ..client.observers import SIPConnectionObserver
from ..client.transactions import ServerTransaction
from ..core.stack import Stack
from ..session.capabilities import Capabilities
from ..trace.ladder import Ladder
from ..trace.screen import terminal_width
from ..trace.story import Arrow
from ..trace.tap import Tap
from .lossy import LossyWay, Place
from .output import Output

#: A tenth of what RFC 3261 has, so that nobody waits 32 seconds for a silent peer.
TIMERS = TimerValues(t1=0.05, t2=0.4, t4=0.5)


class CheckFailed(Exception):
    """Something wasn't as it had to be."""


class Person(SIPConnectionObserver):
    """An application: it keeps the messages that it gets, and answers them.

    :ivar inbox: sender and text of each message.
    :ivar busy: answer 486 in place of 200.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.inbox: list[tuple[str, str]] = []
        self.busy = False
        self.place: Place = ("", 0)
        self._stack: Stack | None = None
        self._client: SIPClient | None = None

    async def arrive(self, reactor: Any, tap: Tap) -> None:
        """Open a stack on a free port of loopback, and listen."""
        self._stack = Stack(reactor)
        self._stack.tap = tap
        self._client = await SIPClient.embed(
            self._stack,
            self.name,
            capabilities=Capabilities(users=self.name, content_types="text/plain"),
        )
        point = AccessPoint(self.name, ["udp:0:interface=127.0.0.1"], timers=TIMERS)
        connection = await self._client.connect(point, self)
        (address,) = connection.listening
        self.place = address.host, address.port

    async def depart(self) -> None:
        """Leave, and end the stack."""
        if self._client is not None:
            await self._client.leave(0.5)
        if self._stack is not None:
            await self._stack.stop()

    @property
    def uri(self) -> str:
        """Where this person is reached."""
        return f"sip:{self.name}@{self.place[0]}:{self.place[1]}"

    @property
    def host(self) -> str:
        """The same without the person: the stack itself."""
        return f"sip:{self.place[0]}:{self.place[1]}"

    def incoming_request(self, transaction: ServerTransaction, dialog: Any) -> object:
        if self.busy:
            return transaction.send_response(ResponseElements(486))
        elements = transaction.request_elements
        sender = elements.from_
        self.inbox.append(
            ("" if sender is None else str(sender.uri), elements.content.decode())
        )
        return transaction.send_response(ResponseElements(200))

    def request(self, method: str, uri: str, **more: Any) -> Deferred[ResponseElements]:
        """Send a request, and wait for its final response."""
        assert isinstance(self.connection, SIPConnection)  # it has arrived
        return self.connection.request(method, uri, from_=self.uri, **more)

    def say(self, uri: str, text: str, **more: Any) -> Deferred[ResponseElements]:
        """Send a MESSAGE."""
        return self.request(
            "MESSAGE", uri, content=text, content_type="text/plain", **more
        )


class Silence(DatagramProtocol):
    """Somebody who hears and never answers."""

    noisy = False


class Stage:
    """Who plays, and what the audience sees.

    :ivar ladder: what has passed in this scene.
    :ivar checks: how many there were; each of them was passed.
    """

    def __init__(self, reactor: Any, output: Output) -> None:
        self.reactor = reactor
        self.output = output
        self.ladder = Ladder()
        self.tap = Tap(reactor, self.ladder)
        self.alice = Person("alice")
        self.bob = Person("bob")
        self.network = LossyWay(reactor, self.tap.lost)
        self.silence = Silence()
        self.checks = 0
        self._scene = ""
        self._scenes = 0
        self._width = terminal_width(88)
        reactor.listenUDP(0, self.silence, interface="127.0.0.1")

    async def open(self) -> None:
        """Let the players arrive; columns stand in this order."""
        await self.alice.arrive(self.reactor, self.tap)
        await self.bob.arrive(self.reactor, self.tap)
        self.network.target = self.bob.place
        self.ladder.call(self.alice.place, "alice")
        self.ladder.call(self.network.front, "the network")
        self.ladder.call(self.network.back, "the network")
        self.ladder.call(self.bob.place, "bob")
        self.ladder.call(self.silent_place, "carol")

    async def close(self) -> None:
        """All leave; no socket and no timer stays."""
        await self.alice.depart()
        await self.bob.depart()
        await self.network.stop()
        port: Any = self.silence.transport
        await maybeDeferred(port.stopListening)

    @property
    def silent_place(self) -> Place:
        """Where nobody answers."""
        port: Any = self.silence.transport
        address = port.getHost()
        return address.host, address.port

    # What the audience sees

    def tell(self, text: str) -> None:
        """A paragraph."""
        for line in textwrap.wrap(" ".join(text.split()), min(self._width, 80)):
            self.output.say(line)
        self.output.say()

    def scene(self, title: str, text: str, code: Sequence[str]) -> None:
        """Begin a scene: what will happen, and how a program does that."""
        self._scenes += 1
        self._scene = title
        self.ladder.clear()
        heading = f"{self._scenes}. {title}"
        self.output.say(self.output.style.painted(heading, "bold"))
        self.output.say()
        self.tell(text)
        for line in code:
            self.output.say(self.output.style.painted(f"    {line}", "dim"))
        self.output.say()

    def draw(self) -> None:
        """Show what has passed in this scene."""
        output = self.output
        for line in self.ladder.lines(output.style, self._width, whole=output.verbose):
            output.say(line)
        output.say()

    def check(self, held: bool, what: str) -> None:
        """Make sure of something, and say so; CheckFailed where it isn't so."""
        style = self.output.style
        self.output.tell(event="check", scene=self._scene, check=what, ok=held)
        if not held:
            self.output.say(style.painted(f"  {style.sign('✗', 'no:')} {what}", "red"))
            raise CheckFailed(f"{self._scene}: this did not hold: {what}")
        self.checks += 1
        sign = style.sign("✓", "ok:")
        first, *rest = textwrap.wrap(what, min(self._width, 80) - 5)
        self.output.say(style.painted(f"  {sign} ", "green") + first)
        for line in rest:
            self.output.say("    " + line)

    def end_scene(self) -> None:
        """A pause before the next one."""
        self.output.say()

    def seen(self, source: str, target: str, label: str) -> list[Arrow]:
        """The messages of this scene that went that way, by how they begin."""
        return [
            arrow
            for arrow in self.ladder.arrows
            if (arrow.source, arrow.target) == (source, target)
            and arrow.label.startswith(label)
        ]


def paced(times: Iterable[float], planned: Iterable[float]) -> bool:
    """Whether things happened with these pauses or longer ones, but for rounding."""
    times = list(times)
    pauses = [after - before for before, after in pairwise(times)]
    return all(
        pause >= least * 0.9 for pause, least in zip(pauses, planned, strict=False)
    )
