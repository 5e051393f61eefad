"""A SIP peer that does what a test's script says, and nothing else.

`ScriptedPeer` listens on one address of a fake or a real reactor, by UDP or by TCP. It
has no state machines: a message goes out when the script sends it, and one that comes
in waits until the script asks for it with `ScriptedPeer.expects`. So a stack can be
shown every behaviour of a peer, the wrong ones too::

    async def script() -> None:
        request = await peer.expects("MESSAGE")
        peer.answers(request, 486)

    network.result_of(script())
    peer.finish()

The one contract: nothing that comes is passed over. `ScriptedPeer.finish` complains of
every message that the script did not ask for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar, overload
from zlib import crc32

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall

from ..errors import SIPParseError
from ..message import build
from ..message.check import check
from ..message.model import Request, Response
from ..message.parser import parse
from ..message.uri import SIPURI, parse_uri
from .address import Peer, spell
from .wires import WIRES, PeerReactor, PeerStream

#: What `ScriptedPeer.expects` can be told: a method, a status, or a range of statuses.
Wanted: TypeAlias = str | int | range

Headers: TypeAlias = Iterable[tuple[str, str]]

Kind = TypeVar("Kind", Request, Response)

_transport = re.compile(r";transport=[^;?]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message that a `ScriptedPeer` got, or what should have been one.

    :ivar time: when, in seconds of its reactor.
    :ivar source: (host, port) that it came from.
    :ivar data: its bytes.
    :ivar message: what they say; None when they can't be read, and ``error`` says why.
    :ivar repeat: whether the same bytes had come from there before.
    """

    time: float
    source: Peer
    data: bytes
    message: Request | Response | None
    error: SIPParseError | None = None
    repeat: bool = False

    def __str__(self) -> str:
        text = f"{self.time:.3f} from {spell(self.source)}: "
        if self.message is None:
            return text + f"{len(self.data)} bytes that can't be read: {self.error}"
        return text + ascii(self.message.start_line)[1:-1]


class ScriptedPeer:
    """A peer on one address; see the module's text for how it behaves.

    :param reactor: a `FakeReactor`, or a real one.
    :param host: the numeric address to listen on; one of the reactor's own.
    :param port: 0 for any free one.
    :param transport: "UDP" or "TCP". By TCP messages go to where they should by the
        latest connection to there that lives, or by a new one.
    :param user: the user part of its URI.
    :param timeout: how many seconds `expects` waits. More than 64·T1 by default.
    :param absorbs: whether a message that comes again, byte by byte, is taken for a
        retransmission: it need not be expected, and the last answer given to it goes
        out again (RFC 3261 §17.2.2). False makes it a message like any other.
    """

    def __init__(
        self,
        reactor: PeerReactor,
        host: str,
        port: int = 5060,
        *,
        transport: str = "UDP",
        user: str = "peer",
        timeout: float = 40.0,
        absorbs: bool = True,
    ) -> None:
        self.transport = transport.upper()
        self.user = user
        self.timeout = timeout
        self.absorbs = absorbs
        #: everything that came, in order; repeats and what can't be read, too.
        self.heard: list[Arrival] = []
        #: (host, port) and quoted bytes of what the network could not deliver.
        self.refused: list[tuple[Peer, bytes]] = []
        self._reactor = reactor
        self._kept: list[Arrival] = []
        self._waiting: list[_Expectation] = []
        self._answers: dict[tuple[Peer, bytes], tuple[bytes, Peer] | None] = {}
        self._serial = 0
        make = WIRES[self.transport]
        self._wire = make(reactor, (host, port), self._hear, self._deny)
        bound: Any = self._wire.port.getHost()
        #: (host, port) that it listens on.
        self.address: Peer = (host, bound.port)

    @property
    def uri(self) -> str:
        """Its SIP URI, ``sip:user@host:port``: for a request to it, and its Contact."""
        way = "" if self.transport == "UDP" else f";transport={self.transport.lower()}"
        return f"sip:{self.user}@{spell(self.address)}{way}"

    @property
    def streams(self) -> list[PeerStream]:
        """Its TCP connections, in order; those that are over, too."""
        return self._wire.streams

    @overload
    def expects(
        self, wanted: str, *, timeout: float | None = None
    ) -> Deferred[Request]: ...

    @overload
    def expects(
        self, wanted: int | range, *, timeout: float | None = None
    ) -> Deferred[Response]: ...

    def expects(self, wanted: Wanted, *, timeout: float | None = None) -> Deferred[Any]:
        """The first message that fits and that nobody asked for yet, waiting for it.

        :param wanted: ``"MESSAGE"``, ``200``, or ``range(200, 300)``.
        :param timeout: seconds; None for the peer's own.

        Others that come meanwhile are kept for their own turn. The Deferred fails with
        AssertionError, which says what came instead, when the time is over.
        """
        seconds = self.timeout if timeout is None else timeout
        expectation = _Expectation(self, wanted, seconds)
        for arrival in self._kept:
            if expectation.fits(arrival.message):
                self._kept.remove(arrival)
                expectation.deferred.callback(arrival.message)
                return expectation.deferred
        expectation.call = self._reactor.callLater(seconds, expectation.time_over)
        self._waiting.append(expectation)
        return expectation.deferred

    def answers(
        self,
        request: Request,
        status: int,
        reason: str | None = None,
        *,
        to_tag: str | None = None,
        headers: Headers = (),
        body: bytes = b"",
        destination: Peer | None = None,
    ) -> Response:
        """Answer a request that `expects` gave; what was sent comes back.

        :param to_tag: put on a To without one; None for a tag of the peer's own, which
            is the same for all answers to one call.
        :param headers: (name, text) pairs besides those that each response has.
        :param destination: None for where the request came from.
        """
        if to_tag is None:
            to_tag = f"{crc32(request.call_id.encode(errors='replace')):08x}"
        data = build.response(
            request, status, reason, to_tag=to_tag, headers=headers, body=body
        )
        source = request.source
        destination = destination or source
        if destination is None:
            raise ValueError(f"{request!r} did not come from anywhere: say destination")
        if source is not None:
            self._answers[source, request.raw] = data, destination
        self.sends_bytes(data, destination)
        return _own(data, Response)

    def sends(
        self,
        method: str,
        uri: str,
        destination: Peer | None = None,
        *,
        via: str | None = None,
        from_: str | None = None,
        to: str | None = None,
        call_id: str | None = None,
        cseq: int | None = None,
        max_forwards: int = 70,
        headers: Headers = (),
        body: bytes = b"",
    ) -> Request:
        """Send a request; what was sent comes back. Its response: ``expects(200)``.

        :param uri: the Request-URI.
        :param destination: None for the URI's host, which is numeric then, and port.
        :param via: and all up to ``cseq``: the headers' texts, None for a new one. In a
            dialog give ``from_``, ``to``, ``call_id`` and ``cseq``.
        :param headers: (name, text) pairs besides those.
        """
        self._serial += 1
        own = spell(self.address)
        number = f"{self._serial}.{crc32(self.uri.encode()):08x}"
        data = build.request(
            method,
            uri,
            via=via or f"SIP/2.0/{self.transport} {own};branch=z9hG4bK{number};rport",
            from_=from_ or f"<{_for_anybody(self.uri)}>;tag={number}",
            to=to or f"<{_for_anybody(uri)}>",
            call_id=call_id or f"{number}@{self.address[0]}",
            cseq=self._serial if cseq is None else cseq,
            max_forwards=max_forwards,
            headers=headers,
            body=body,
        )
        self.sends_bytes(data, destination or _numeric_place(uri))
        return _own(data, Request)

    def sends_bytes(self, data: bytes, destination: Peer) -> None:
        """Send any bytes: a retransmission, a broken message, no message at all."""
        self._wire.send(data, destination)

    def finish(self) -> None:
        """End the script: raise AssertionError unless it is complete.

        It names each message that came and was not asked for, each that could not be
        read, and what the script still waits for (which is cancelled).
        """
        complaints = [f"came and was not expected: {each}" for each in self._kept]
        waiting, self._waiting = self._waiting, []
        for expectation in waiting:
            complaints.append(f"still expected: {expectation}")
            expectation.deferred.cancel()
        self._kept = []
        if complaints:
            raise AssertionError(f"{self!r}:\n    " + "\n    ".join(complaints))

    def stop(self) -> Deferred[None]:
        """Close the port and the connections; the Deferred fires when it is closed."""
        return self._wire.stop()

    def _deny(self, destination: Peer, data: bytes) -> None:
        self.refused.append((destination, data))

    def _hear(self, data: bytes, source: Peer, error: SIPParseError | None) -> None:
        if error is None and not data.strip(b"\r\n"):
            return  # a keep-alive (RFC 5626 §3.5.1) is no message
        place = source, data
        repeat = self.absorbs and place in self._answers
        message: Request | Response | None = None
        if error is None:
            message, error = _read(data)
        if isinstance(message, Request):
            message.source = source
        arrival = Arrival(self._reactor.seconds(), source, data, message, error, repeat)
        self.heard.append(arrival)
        if repeat:
            answer = self._answers[place]
            if answer is not None:
                self.sends_bytes(*answer)
            return
        self._answers.setdefault(place, None)
        for expectation in self._waiting:
            if expectation.fits(message):
                expectation.met_by(message)
                return
        self._kept.append(arrival)

    def _complain(self, expectation: _Expectation) -> AssertionError:
        text = f"{self!r} expected {expectation}; "
        text += "came instead:" if self._kept else "nothing else came instead"
        text += "".join(f"\n    {arrival}" for arrival in self._kept)
        repeats = sum(arrival.repeat for arrival in self.heard)
        return AssertionError(text + (f"\n    repeats: {repeats}" if repeats else ""))

    def __repr__(self) -> str:
        return f"<ScriptedPeer {self.uri}>"


class _Expectation:
    """Something that the script waits for."""

    def __init__(self, peer: ScriptedPeer, wanted: Wanted, seconds: float) -> None:
        self.deferred: Deferred[Any] = Deferred(lambda _: self.forget())
        self.call: IDelayedCall | None = None
        self._peer = peer
        self._wanted = wanted
        self._seconds = seconds

    def fits(self, message: Request | Response | None) -> bool:
        if isinstance(message, Request):
            return message.method == self._wanted
        if message is None or isinstance(self._wanted, str):
            return False
        if isinstance(self._wanted, int):
            return message.status == self._wanted
        return message.status in self._wanted

    def met_by(self, message: Request | Response | None) -> None:
        self.forget()
        self.deferred.callback(message)

    def time_over(self) -> None:
        self.forget()
        self.deferred.errback(self._peer._complain(self))

    def forget(self) -> None:
        """It waits no longer; its delayed call is gone with it."""
        if self in self._peer._waiting:
            self._peer._waiting.remove(self)
        call, self.call = self.call, None
        if call is not None and call.active():
            call.cancel()

    def __str__(self) -> str:
        wanted = self._wanted
        if isinstance(wanted, range):
            wanted = f"{wanted.start} to {wanted.stop - 1}"
        return f"{wanted} within {self._seconds:.9g} s"


def _read(data: bytes) -> tuple[Request | Response | None, SIPParseError | None]:
    """A message, or why it can't be read."""
    try:
        message = parse(data)
        check(message)
    except SIPParseError as error:
        return None, error
    return message, None


def _own(data: bytes, kind: type[Kind]) -> Kind:
    """What was sent, as a message; checked where the script did not break it."""
    message = parse(data)
    with suppress(SIPParseError):
        check(message)
    assert isinstance(message, kind)
    return message


def _for_anybody(uri: str) -> str:
    """A URI without the transport, which From and To don't have (RFC 3261 §19.1.1)."""
    return _transport.sub("", uri)


def _numeric_place(uri: str) -> Peer:
    parsed = parse_uri(uri)
    if not isinstance(parsed, SIPURI):
        raise ValueError(f"no address follows from {uri}: say destination")
    return parsed.host, parsed.port or 5060
