"""Seeded mutants of the corpora at a running stack.

None of them raises past the transport, leaves a transaction behind or takes long, and
the stack goes on serving. The whole proof is 100,000; plain trial takes a share of it.
"""

from __future__ import annotations

from collections import Counter
from random import Random

from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from sipclient.message.build import response
from sipclient.test.core.mutation import mutants, mutated
from sipclient.test.core.raw_peer import LONGEST, RawPeer
from sipclient.test.proofs import FULL

_SEED = 4475
_COUNT = 100_000 if FULL else 3_000
_BATCH = 500


class MutantTests(SynchronousTestCase):
    """What no peer may do to a stack."""

    def test_mutants(self) -> None:
        """Each batch at a stack of its own: nothing raised, left over, or slow."""
        statuses: Counter[int] = Counter()
        suspects: list[bytes] = []
        every = mutants(_SEED, _COUNT)
        for number in range(_COUNT // _BATCH):
            peer = RawPeer(number)
            for _, data in zip(range(_BATCH), every, strict=False):
                outcome = peer.send(data)
                statuses.update(outcome.statuses)
                if outcome.seconds > LONGEST:
                    suspects.append(data)
                self.assertEqual(peer.failures, 0, data)
                self.assertLess(len(outcome.answers), 2, data)
            peer.check_alive()
            peer.finish()
            self.assertEqual(self.flushLoggedErrors(), [])
        # What a busy machine made slow is quick the next time.
        slow = [data for data in suspects if _seconds(data) > LONGEST]
        self.assertEqual(slow, [])
        # They reach further than the parser: each kind of answer is among them.
        self.assertLessEqual(
            {200, 400, 404, 405, 416, 420, 481, 482, 501, 505}, {*statuses}
        )

    def test_mutated_responses(self) -> None:
        """Whatever answers a request, its transaction has one outcome, and ends."""
        random = Random(_SEED)
        outcomes: Counter[str] = Counter()
        peer = RawPeer()
        for number in range(_COUNT // 10):
            request, outcome = peer.be_asked()
            ends: list[object] = []
            outcome.addBoth(ends.append)
            for status in random.choice(((100, 200), (401,), (200, 486), (999, 302))):
                data = response(
                    request,
                    status,
                    to_tag="1",
                    headers=(("WWW-Authenticate", 'Digest realm="r", nonce="n"'),),
                    body=b"hello",
                )
                peer.send(mutated(data, random))
            if number % 10 == 0:
                peer.network.advance(40)  # then Timer F has expired
            else:
                peer.send(response(request, 200, to_tag="2"))
            self.assertEqual((len(ends), peer.failures), (1, 0), outcomes)
            end = ends[0]
            value = end.value if isinstance(end, Failure) else end
            outcomes[type(value).__name__] += 1
        peer.check_alive()
        peer.finish()
        self.assertEqual(self.flushLoggedErrors(), [])
        self.assertEqual(
            {*outcomes}, {"ResponseElements", "SIPForbidden", "SIPTimedOut"}, outcomes
        )


def _seconds(data: bytes) -> float:
    """The shortest time that it takes, each time at a stack of its own."""
    times = []
    for seed in range(3):
        peer = RawPeer(seed)
        times.append(peer.send(data).seconds)
        peer.finish()
    return min(times)
