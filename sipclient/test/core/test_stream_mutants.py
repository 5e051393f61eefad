"""Seeded mutants of the corpora at a running stack, each by a connection of its own.

None of them raises past the transport. A connection is closed where it can't be
followed, and lives on where it can; in the end none is left, nor a transaction. The
whole proof is 100,000; plain trial takes a share of it.
"""

from __future__ import annotations

from collections import Counter
from itertools import islice
from random import Random

from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from sipclient.errors import SIPParseError
from sipclient.message.build import response
from sipclient.message.framing import Framer
from sipclient.test.core.mutation import mutants, mutated
from sipclient.test.core.raw_streams import RawStreams
from sipclient.test.proofs import FULL

_SEED = 3261
_COUNT = 100_000 if FULL else 2_000
_BATCH = 500


class StreamMutantTests(SynchronousTestCase):
    """What no peer may do to a stack by a stream."""

    def test_mutants(self) -> None:
        """Each batch at a stack of its own; some connections are left to the stack."""
        random = Random(_SEED)
        statuses: Counter[int] = Counter()
        ends: Counter[bool] = Counter()
        every = mutants(_SEED, _COUNT)
        for number in range(_COUNT // _BATCH):
            peer = RawStreams(number)
            for data in islice(every, _BATCH):
                at = random.randrange(len(data) + 1)
                framed, broken = _followed(data)
                before = peer.streams.messages_received
                stream = peer.converse(
                    data[:at], data[at:], leaves=random.random() < 0.8
                )
                received = peer.streams.messages_received - before
                self.assertEqual(peer.failures, 0, data)
                self.assertEqual(stream.closed, broken, data)
                self.assertEqual(
                    received - len(stream.acknowledgements()), framed, data
                )
                self.assertLessEqual(len(stream.answers), framed + broken, data)
                statuses.update(stream.outcome.statuses)
                ends[broken] += 1
            peer.check_alive()
            peer.finish()
            self.assertEqual(self.flushLoggedErrors(), [])
        # They reach further than the framing: each kind of answer is among them.
        self.assertLessEqual(
            {200, 400, 404, 405, 416, 420, 481, 486, 501, 505}, {*statuses}
        )
        self.assertGreater(min(ends[True], ends[False]), _COUNT // 20)

    def test_mutated_responses(self) -> None:
        """Whatever comes back, a request has one outcome; its connection may go."""
        random = Random(_SEED)
        outcomes: Counter[str] = Counter()
        peer = RawStreams()
        for number in range(_COUNT // 20):
            stream, request, outcome = peer.be_asked_by_stream()
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
                stream.send(mutated(data, random))
                peer.network.advance(0)
            if number % 4 == 0:
                peer.network.advance(40)  # then Timer F has expired
            elif not stream.closed:
                stream.send(response(request, 200, to_tag="2"))
                peer.network.advance(0)
            if not ends:
                # What came before says that more belongs to it.
                stream.transport.abortConnection()
                peer.network.advance(0)
            self.assertEqual((len(ends), peer.failures), (1, 0), outcomes)
            end = ends[0]
            value = end.value if isinstance(end, Failure) else end
            outcomes[type(value).__name__] += 1
        peer.check_alive()
        peer.finish()
        self.assertEqual(self.flushLoggedErrors(), [])
        self.assertEqual(
            {*outcomes},
            {"ResponseElements", "SIPForbidden", "SIPTimedOut", "SIPTransportFailure"},
        )


def _followed(data: bytes) -> tuple[int, bool]:
    """How many whole messages a stream begins with, and whether it is broken then."""
    framer = Framer()
    try:
        framed = len(framer.feed(data))
    except SIPParseError:
        framed = 0
    return framed, framer.error is not None
