"""Questions to DNS servers: the servers in turn, until one of them knows.

RFC 1035 §5 and §7 from the side of who asks; twisted.names reads and writes the
messages. A server that is silent, or is no help, is followed by the next one; when all
were asked they are asked again, with more patience. What a server says of a name that
doesn't exist is final.

The contract: ``done`` is called once, never within ``ask`` and never after ``cancel``;
a look-up that has ended, or was cancelled, leaves neither socket nor timer.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from typing import Any

from .answer import Answer
from .exchange import Exchange, Outcome, TCPExchange, UDPExchange
from .limits import ResolverLimits
from .messages import Reading, question, reading, understood
from .servers import Server


class DNSClient:
    """Asks DNS servers, for as many names at a time as its limits allow.

    :param reactor: an IReactorTime, IReactorUDP and IReactorTCP.
    :param servers: gives the servers to ask at the moment.
    :param random: a source of random bytes.

    :ivar asked: questions that were put to servers, each time that one was.
    :ivar refused: look-ups that failed because too many waited for their turn.
    """

    def __init__(
        self,
        reactor: Any,
        servers: Callable[[], Sequence[Server]],
        limits: ResolverLimits,
        random: Callable[[int], bytes],
    ) -> None:
        self.reactor = reactor
        self.limits = limits
        self.random = random
        self.servers = servers
        self.asked = 0
        self.refused = 0
        self._running: set[LookUp] = set()
        self._waiting: OrderedDict[LookUp, None] = OrderedDict()

    def ask(self, name: str, kind: str, done: Callable[[Answer], None]) -> LookUp:
        """Look a name up, in lower case and without a dot at its end.

        :param kind: of the records that are asked for: "A" or "AAAA".
        """
        look_up = LookUp(self, name, kind, done)
        if len(self._running) < self.limits.at_once:
            self._start(look_up)
        elif len(self._waiting) < self.limits.waiting:
            self._waiting[look_up] = None
        else:
            self.refused += 1
            look_up.refuse(f"{len(self._waiting)} others wait to be looked up")
        return look_up

    def _start(self, look_up: LookUp) -> None:
        self._running.add(look_up)
        look_up.start()

    def ended(self, look_up: LookUp) -> None:
        """A look-up is over, whether it ran or waited."""
        self._waiting.pop(look_up, None)
        self._running.discard(look_up)
        if self._waiting and len(self._running) < self.limits.at_once:
            self._start(self._waiting.popitem(last=False)[0])


class LookUp:
    """One question on its way from server to server."""

    def __init__(
        self,
        client: DNSClient,
        name: str,
        kind: str,
        done: Callable[[Answer], None],
    ) -> None:
        self._client = client
        self._asked_for = name
        self._kind = kind
        self._done: Callable[[Answer], None] | None = done
        self._turns: deque[tuple[Server, float]] = deque()
        # What each server did last, in the order in which they were asked.
        self._notes: dict[Server, str] = {}
        self._exchange: Exchange | None = None
        # Where the aliases have led with the server that is asked now.
        self._name = name
        self._aliases = 0
        self._ttl = float("inf")
        self._patience = client.reactor.callLater(client.limits.patience, self._give_up)

    def start(self) -> None:
        """Ask the first server."""
        limits = self._client.limits
        servers = self._client.servers()
        for number in range(limits.rounds):
            for server in servers:
                self._turns.append((server, limits.wait * 2**number))
        self._next()

    def refuse(self, came: str) -> None:
        """Don't begin; ``done`` hears why in a later turn."""
        self._patience.cancel()
        later = self._client.reactor.callLater
        self._patience = later(0, self._end, Answer(came=came))

    def cancel(self) -> None:
        """Forget it."""
        if self._done is not None:
            self._stop()

    def _next(self) -> None:
        if not self._turns:
            self._give_up()
            return
        self._name, self._aliases, self._ttl = self._asked_for, 0, float("inf")
        self._ask(*self._turns.popleft())

    def _ask(self, server: Server, wait: float) -> None:
        client = self._client
        client.asked += 1
        ident = int.from_bytes(client.random(2), "big")
        asked = question(ident, self._name, self._kind)

        def understand(data: bytes) -> Any:
            return understood(data, asked)

        def answered(outcome: Outcome) -> None:
            if not isinstance(outcome, str) and outcome.trunc:
                # RFC 2181 §9: what was cut is no answer.
                self._exchange = TCPExchange(
                    client.reactor,
                    server,
                    asked,
                    understand,
                    wait,
                    lambda outcome: self._heard(server, wait, outcome),
                    client.limits.message,
                )
            else:
                self._heard(server, wait, outcome)

        self._exchange = UDPExchange(
            client.reactor, server, asked, understand, wait, answered
        )

    def _heard(self, server: Server, wait: float, outcome: Outcome) -> None:
        """Go on from what one server said, or from its silence."""
        self._exchange = None
        if isinstance(outcome, str):
            self._notes[server] = outcome
            self._next()
            return
        limits = self._client.limits
        read = reading(outcome, self._name, self._kind, limits)
        self._ttl = min(self._ttl, read.ttl)
        self._aliases += read.aliases
        if self._aliases > limits.aliases:
            read = Reading(failed=f"answered with more than {limits.aliases} aliases")
        if read.records:
            ttl = min(self._ttl, limits.longest_ttl)
            self._end(Answer(read.records, ttl=ttl))
        elif read.missing:
            self._end(
                Answer(
                    came=f"the DNS server {server} {read.missing}",
                    missing=True,
                    ttl=min(self._ttl, limits.negative_ttl) or limits.failure_ttl,
                )
            )
        elif read.alias:
            self._name = read.alias
            self._ask(server, wait)
        else:
            self._notes[server] = read.failed
            self._next()

    def _give_up(self) -> None:
        """Nobody knew, or it takes too long."""
        exchange = self._exchange
        if exchange is not None:
            self._notes.setdefault(exchange.server, "didn't answer yet")
        came = ", ".join(
            [f"the DNS server {server} {note}" for server, note in self._notes.items()]
        )
        ttl = self._client.limits.failure_ttl
        self._end(Answer(came=came or "its turn never came", ttl=ttl))

    def _end(self, answer: Answer) -> None:
        done = self._done
        self._stop()
        if done is not None:
            done(answer)

    def _stop(self) -> None:
        self._done = None
        if self._patience.active():
            self._patience.cancel()
        exchange, self._exchange = self._exchange, None
        if exchange is not None:
            exchange.cancel()
        self._client.ended(self)
