"""The corpora at a running stack over TCP: whole, cut anywhere, and glued together.

How a stream is cut changes nothing; what can't be followed ends it (RFC 3261 §18.3).
The whole proof cuts each message at every byte; plain trial does so at some.
"""

from __future__ import annotations

from itertools import accumulate, pairwise
from random import Random

from twisted.trial.unittest import SynchronousTestCase

from sipclient.test.checkout import CORPORA, NO_CORPORA
from sipclient.test.core.corpus_answers import ANSWERS, ON_STREAMS
from sipclient.test.core.raw_peer import options
from sipclient.test.core.raw_streams import RawStreams
from sipclient.test.corpora import ALL, specimen
from sipclient.test.proofs import FULL

_SEED = 3261
# Of each message, unless all are wanted.
_CUTS = 3
_BYTEWISE = 12
_GLUED = 100 if FULL else 8

# Line ends between messages, most often none; two of them are a keep-alive.
_BETWEEN = (b"", b"", b"\r\n", b"\r\n\r\n")

_FOLLOWED = [
    each
    for each in ALL
    if not (ON_STREAMS[each.name].closed or ON_STREAMS[each.name].waits)
]


class StreamCorporaTests(SynchronousTestCase):
    """Each message does by a stream what our table says, however it comes."""

    if CORPORA is None:
        skip = NO_CORPORA

    def setUp(self) -> None:
        self.random = Random(_SEED)
        self.peer = RawStreams(_SEED)

    def tearDown(self) -> None:
        self.peer.finish()
        self.assertEqual(self.flushLoggedErrors(), [])

    def check(self, name: str, *pieces: bytes) -> None:
        """Send it by a connection of its own; see that it comes to what is pinned."""
        expected = ON_STREAMS[name]
        waiting = self.peer.streams.slow
        stream = self.peer.converse(*pieces, leaves=False)
        cut = f"{name} as {[len(piece) for piece in pieces]}"
        statuses, closed = stream.outcome
        self.assertEqual((*statuses,), expected.statuses, cut)
        self.assertEqual(closed, expected.closed, cut)
        self.assertEqual(len(waiting), expected.waits, cut)
        stream.transport.abortConnection()
        self.peer.network.advance(0)
        self.assertEqual(len(waiting), 0, cut)

    def test_answers(self) -> None:
        """As pinned, and each time an OPTIONS by a new connection gets its 200."""
        for each in ALL:
            self.check(each.name, each.data)
            self.peer.check_alive()

    def test_cut_at_every_byte(self) -> None:
        for each in ALL:
            places = range(1, len(each.data))
            for at in places if FULL else self.random.sample(places, _CUTS):
                self.check(each.name, each.data[:at], each.data[at:])
            self.peer.check_alive()

    def test_byte_by_byte(self) -> None:
        for each in ALL if FULL else self.random.sample(ALL, _BYTEWISE):
            self.check(each.name, *[bytes([octet]) for octet in each.data])
            self.peer.check_alive()

    def test_glued_together(self) -> None:
        """All that can be followed, in any order by one connection, cut anywhere."""
        for _ in range(_GLUED):
            every = self.random.sample(_FOLLOWED, len(_FOLLOWED))
            data = b"".join(each.data + self.random.choice(_BETWEEN) for each in every)
            data += options("last", "TCP")
            cut = self.pieces(data, self.random.choice((1, 20, 700, 5_000)) * 10)
            stream = self.peer.converse(*cut)
            expected = [s for each in every for s in ON_STREAMS[each.name].statuses]
            self.assertEqual(stream.outcome, ([*expected, 200], False))
            self.peer.check_alive()

    def test_nothing_is_read_behind_what_can_not_be_followed(self) -> None:
        for name, answer in ON_STREAMS.items():
            if answer.closed:
                data = specimen("semiuri").data + specimen(name).data
                data += specimen("zeromf").data
                for pieces in ([data], self.pieces(data, 100)):
                    stream = self.peer.converse(*pieces)
                    self.assertEqual(stream.outcome, ([200, *answer.statuses], True))
            self.peer.check_alive()

    def test_what_waits_is_waited_for_in_bounds(self) -> None:
        streams = {
            name: self.peer.converse(specimen(name).data, leaves=False)
            for name, answer in ON_STREAMS.items()
            if answer.waits
        }
        self.peer.network.advance(31)
        self.assertEqual({stream.closed for stream in streams.values()}, {False})
        self.peer.check_alive()
        self.peer.network.advance(2)
        for name, stream in streams.items():
            self.assertEqual(stream.outcome, ([], True), name)
        self.assertEqual(self.peer.streams.slowed, len(streams))

    def pieces(self, data: bytes, most: int) -> list[bytes]:
        """Cut it, each piece as long as chance will have it."""
        sizes = [self.random.randint(1, most) for _ in data]
        cuts = [at for at in accumulate(sizes) if at < len(data)]
        return [data[one:other] for one, other in pairwise([0, *cuts, len(data)])]


class StreamTableTests(SynchronousTestCase):
    """What comes of streams is in the table, with its reason where it is different."""

    if CORPORA is None:
        skip = NO_CORPORA

    def test_differences_have_their_reasons(self) -> None:
        self.assertEqual({*ON_STREAMS}, {*ANSWERS})
        for name, answer in ON_STREAMS.items():
            status = ANSWERS[name].status
            same = answer.statuses == (() if status is None else (status,))
            if not same or answer.closed or answer.waits:
                self.assertTrue(answer.why, name)

    def test_corpora_agree(self) -> None:
        """Where their table speaks of TCP, it is done so."""
        for each in ALL:
            if "wait for more on TCP" in each.result:
                self.assertTrue(ON_STREAMS[each.name].waits, each.name)
            elif "close on TCP" in each.result:
                self.assertTrue(ON_STREAMS[each.name].closed, each.name)
