"""Hundreds of requests while names, connections and ways go wrong, all at random.

Whatever happens in whatever order, each request ends in exactly one outcome at both
ends. When all is well again the next ones are served, and in the end nothing is left.
"""

from __future__ import annotations

from collections import Counter
from random import Random

from twisted.trial.unittest import SynchronousTestCase

from sipclient.test.client.ends import Application, nothing_is_left
from sipclient.testing import FakeNetwork
from sipclient.testing.segments import Death

from . import FULL

A, B, NOBODY, NOWHERE = "192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.99"
NAMES = [f"host{number}.example.com" for number in range(5)]
SCRIPTS = ((0, 200),), ((0, 486),), ((2, 200),), ((8, 603),), ()
HOW: tuple[Death, ...] = "reset", "close", "silence"
OFTEN = {
    *("200", "486", "603"),
    *("SIPResolvingFailure", "SIPTimedOut", "SIPTransportFailure"),
}
RUNS, REQUESTS = (50, 1_000) if FULL else (2, 200)


class Storm:
    """One network, two applications, and what happens to them."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.network = FakeNetwork(
            seed, loss=0.05, delay=(0.0, 0.05), segment=(50, 1460), log_limit=100
        )
        self.elsewhere = self.network.reactor(NOBODY)
        for name in NAMES:
            self.network.names[name] = B
        self.a, self.b = (
            Application(self.network, address, domains=NAMES) for address in (A, B)
        )

    def harm(self) -> None:
        """Let something go wrong, or right again."""
        network, random = self.network, self.random
        names, name = network.names, random.choice(NAMES)
        random.choice(
            (
                lambda: network.streams.sever(how=random.choice(HOW)),
                lambda: self.elsewhere.callLater(
                    random.uniform(0, 0.1), network.streams.sever
                ),
                lambda: names.stalls(name),
                lambda: names.fails(name, times=random.randint(1, 5)),
                lambda: names.delays(name, random.uniform(0, 10), times=3),
                lambda: names.lies(name, random.choice((NOBODY, NOWHERE, A)), times=3),
                lambda: names.lies(name, [NOBODY, B], times=5),
                names.recovers,
                names.recovers,
                lambda: network.streams.stall(random.choice((A, B))),
                lambda: network.partition(A, B),
                self.calm,
                self.calm,
                self.calm,
            )
        )()

    def calm(self) -> None:
        """Let everything be right again; what died stays dead."""
        self.network.heal()
        for address in (A, B):
            self.network.streams.resume(address)
        self.network.names.recovers()

    def request(self) -> None:
        """Let one application send something to the other, by any way."""
        random = self.random
        sender, other = random.choice(((self.a, B), (self.a, B), (self.b, A)))
        self.b.ends.script = random.choice(SCRIPTS)
        host = random.choice((*NAMES, other, other))
        way = random.choice(("", "", ";transport=tcp", ";transport=udp"))
        sender.send(f"sip:bob@{host}{way}", random.choice((0, 0, 1_500, 20_000)))


class StormTests(SynchronousTestCase):
    def test_each_request_has_one_outcome(self) -> None:
        outcomes: Counter[str] = Counter()
        for seed in range(RUNS):
            storm = Storm(seed)
            network, a, b = storm.network, storm.a, storm.b
            for _ in range(REQUESTS):
                storm.request()
                if storm.random.random() < 0.1:
                    storm.harm()
                network.advance(storm.random.uniform(0, 0.5))
            storm.calm()
            # A look-up that was slow, a request that nobody answers; and connections
            # that died without a word, until they have been idle for too long.
            network.advance(100)
            for each in (a, b):
                each.check()
                outcomes += each.ends.outcomes
            network.advance(700)
            self.assertEqual((a.streams.connections, b.streams.connections), (0, 0))
            before = len(b.ends.taken)
            b.ends.script = ((0, 200),)
            for number in range(10):
                a.send(f"sip:bob@{NAMES[0]};transport=tcp", number * 300)
            network.advance(60)
            self.assertEqual(len(b.ends.taken), before + 10)
            nothing_is_left(network, a, b)
            self.assertEqual(self.flushLoggedErrors(), [])
        self.assertLessEqual(OFTEN, {*outcomes})
        self.assertLessEqual({*outcomes}, OFTEN | {"SIPICMPFailure"})
