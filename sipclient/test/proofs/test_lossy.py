"""A thousand exchanges where three of ten datagrams are lost, doubled or reordered.

Whatever the network does, each request ends in exactly one outcome at both ends, no
application is given one twice, and nothing is left behind.
"""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from sipclient import (
    AccessPoint,
    Capabilities,
    RequestElements,
    ResponseElements,
    SIPClient,
    SIPConnectionObserver,
    Stack,
)
from sipclient.errors import SIPTimedOut
from sipclient.testing import FakeNetwork

from . import FULL

EXCHANGES = 1_000 if FULL else 200
POINT = AccessPoint("default")
A, B = "192.0.2.1", "192.0.2.2"


class Sender(SIPConnectionObserver):
    """Counts how each of its requests ended."""

    def __init__(self) -> None:
        self.ends: Counter[Any] = Counter()
        self.outcomes: Counter[str] = Counter()

    def incoming_response(self, transaction: Any, context: Any) -> None:
        response = transaction.response_elements
        if response.status_code >= 200:
            self.ends[transaction] += 1
            self.outcomes[str(response.status_code)] += 1

    def error_occurred(self, error: Any, subject: Any, transaction: Any) -> None:
        self.ends[transaction] += 1
        self.outcomes[type(error).__name__] += 1


class Receiver(SIPConnectionObserver):
    """Answers at once, late, with an error, or not at all; counts each request."""

    def __init__(self, reactor: Any, seed: int) -> None:
        self.seen: Counter[str] = Counter()
        self.ends: Counter[Any] = Counter()
        self.kept: list[Any] = []
        self._reactor = reactor
        self._random = Random(seed)

    def incoming_request(self, transaction: Any, dialog: Any) -> None:
        self.seen[transaction.request_elements.header("Call-ID")] += 1
        chance = self._random.random()
        if chance < 0.1:
            self.kept.append(transaction)  # never answered: it times out
        elif chance < 0.4:
            delay = self._random.uniform(0.0, 20.0)
            self._reactor.callLater(delay, self._answer, transaction, 200)
        else:
            self._answer(transaction, 486 if chance < 0.6 else 200)

    def _answer(self, transaction: Any, status: int) -> None:
        sent = transaction.send_response(ResponseElements(status))
        sent.addCallback(lambda _: self.ends.update([transaction]))

    def error_occurred(self, error: Any, subject: Any, transaction: Any) -> None:
        assert isinstance(error, SIPTimedOut)
        self.ends[transaction] += 1


class LossyTests(SynchronousTestCase):
    def test_each_exchange_has_one_outcome_at_each_end(self) -> None:
        network = FakeNetwork(
            seed=2026,
            loss=0.3,
            duplicate=0.3,
            reorder=0.3,
            delay=(0.01, 0.2),
            log_limit=0,
        )
        reactors = [network.reactor(A), network.reactor(B)]
        sender, receiver = Sender(), Receiver(reactors[1], 7)

        async def start() -> Any:
            everybody = Capabilities(users="*")
            alice, bob = [
                await SIPClient.embed(
                    Stack(reactor, random=Random(index).randbytes),
                    f"app{index}",
                    capabilities=everybody,
                )
                for index, reactor in enumerate(reactors)
            ]
            await bob.connect(POINT, receiver)
            return alice, bob, await alice.connect(POINT, sender)

        alice, bob, connection = network.result_of(start())
        made: list[Any] = []
        pace = Random(3)
        for number in range(EXCHANGES):
            elements = RequestElements(
                f"sip:bob@{B}",
                "MESSAGE",
                from_="sip:alice@example.com",
                content=f"message {number}",
                content_type="text/plain",
            )
            connection.send_request(elements).addCallback(made.append)
            network.advance(pace.uniform(0.0, 0.05))
        network.advance(40)

        # At the sender: one outcome each, and it is a known one.
        self.assertEqual(len(made), EXCHANGES)
        self.assertEqual(sender.ends, Counter(made))
        self.assertLessEqual({*sender.outcomes}, {"200", "486", "SIPTimedOut"})
        self.assertEqual(sum(sender.outcomes.values()), EXCHANGES)
        self.assertGreater(sender.outcomes["200"], EXCHANGES // 2)
        # At the receiver: each request once, nearly all of them; each ended once.
        self.assertEqual({*receiver.seen.values()}, {1})
        self.assertGreater(len(receiver.seen), EXCHANGES * 0.99)
        self.assertEqual(sum(receiver.ends.values()), len(receiver.seen))
        self.assertEqual({*receiver.ends.values()}, {1})

        alice.close()
        bob.close()
        network.advance(40)
        self.assertEqual(network.delayed_calls(), [])
        self.assertEqual([r.ports for r in reactors], [(), ()])
