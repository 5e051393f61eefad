"""Applications that write down how each of their transactions ended, and their hosts.

The contract of the stack, which `Application.check` asks for: a request that was sent
ends once, with its final response or with an error; so does one that came.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from random import Random
from typing import Any

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from sipclient import (
    AccessPoint,
    Capabilities,
    RequestElements,
    ResponseElements,
    SIPClient,
    SIPConnectionObserver,
    Stack,
)
from sipclient.errors import SIPInvalidTransactionState
from sipclient.testing import FakeNetwork, FakeReactor

#: How an application answers: seconds after the request, and with which status.
Script = tuple[tuple[float, int], ...]


class Ends(SIPConnectionObserver):
    """Answers by a script, and counts.

    :ivar script: how it answers what comes from now on.
    :ivar asked: for each transaction that was sent, how often it ended.
    :ivar outcomes: with what they ended.
    :ivar taken: for each that came, how often it ended.
    :ivar left: with which errors those did that had no final response.
    """

    def __init__(self, reactor: FakeReactor, script: Script) -> None:
        self.script = script
        self.asked: Counter[Any] = Counter()
        self.outcomes: Counter[str] = Counter()
        self.taken: Counter[Any] = Counter()
        self.left: Counter[str] = Counter()
        self._reactor = reactor

    def incoming_response(self, transaction: Any, context: Any) -> None:
        status = transaction.response_elements.status_code
        if status >= 200:
            self.asked[transaction] += 1
            self.outcomes[str(status)] += 1

    def incoming_request(self, transaction: Any, dialog: Any) -> None:
        self.taken[transaction] += 0
        for delay, status in self.script:
            self._reactor.callLater(delay, self._answer, transaction, status)

    def _answer(self, transaction: Any, status: int) -> None:
        sent: Deferred[Any] = transaction.send_response(ResponseElements(status))
        sent.addCallbacks(self._answered, self._refused, (transaction, status))

    def _answered(self, result: object, transaction: Any, status: int) -> None:
        if status >= 200:
            self.taken[transaction] += 1

    def _refused(self, failure: Failure) -> None:
        failure.trap(SIPInvalidTransactionState)  # it has ended without it

    def error_occurred(self, error: Any, subject: Any, transaction: Any) -> None:
        name = type(error).__name__
        if transaction in self.taken:
            self.taken[transaction] += 1
            self.left[name] += 1
        else:
            self.asked[transaction] += 1
            self.outcomes[name] += 1


class Application:
    """One host, its stack, and an application that serves everybody by UDP and TCP."""

    def __init__(
        self,
        network: FakeNetwork,
        address: str,
        script: Script = ((0, 200),),
        domains: Iterable[str] = (),
    ) -> None:
        self.network = network
        self.reactor = network.reactor(address)
        self.ends = Ends(self.reactor, script)
        self.stack = Stack(self.reactor, random=Random(address).randbytes)
        self.sent: list[Any] = []
        self.client = network.result_of(
            SIPClient.embed(
                self.stack,
                "app",
                capabilities=Capabilities(users="*", methods=("INVITE", "MESSAGE")),
            )
        )
        point = AccessPoint(
            "default",
            listen=[f"{way}:5060:interface={address}" for way in ("udp", "tcp")],
            domains=domains,
        )
        self.connection = network.result_of(self.client.connect(point, self.ends))
        self.agent = self.stack.agents["default"]

    @property
    def streams(self) -> Any:
        """Its TCP transport."""
        [found] = [each for each in self.agent.transport.transports if each.reliable]
        return found

    def send(self, uri: str, size: int = 0) -> None:
        """Send a MESSAGE with so much content."""
        elements = RequestElements(
            uri,
            "MESSAGE",
            from_="sip:app@example.com",
            content="x" * size,
            content_type="text/plain" if size else None,
        )
        self.connection.send_request(elements).addCallback(self.sent.append)

    def check(self) -> None:
        """See that each transaction has ended, once, and that nothing was raised."""
        asked = {transaction: self.ends.asked[transaction] for transaction in self.sent}
        assert {*asked.values()} <= {1}, asked
        assert self.ends.asked.keys() <= asked.keys()
        assert {*self.ends.taken.values()} <= {1}, self.ends.taken
        assert self.agent.transactions.live == 0
        assert not self.stack.resolving
        assert not any(each.failures for each in self.agent.transport.transports)

    def finish(self) -> None:
        """See that all has ended, and close; a while later nothing may be left."""
        self.check()
        self.client.close()


def nothing_is_left(network: FakeNetwork, *applications: Application) -> None:
    """Close all, let time pass, and see that there is nothing any more."""
    for application in applications:
        application.finish()
    network.advance(40)
    assert network.delayed_calls() == [], network.delayed_calls()
    for application in applications:
        ports = application.reactor.ports
        assert ports == (), ports
        assert not application.stack.agents
    assert not network.streams.open, len(network.streams.open)
    assert network.names.pending == (), network.names.pending
