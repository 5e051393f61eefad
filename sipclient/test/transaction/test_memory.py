"""What a transaction that only lingers costs."""

from __future__ import annotations

import gc
import tracemalloc

from twisted.trial.unittest import SynchronousTestCase

from sipclient.message import build
from sipclient.message.check import check
from sipclient.message.model import Request
from sipclient.message.parser import parse
from sipclient.test.transaction.world import World
from sipclient.transaction.user import ServerTransaction

COUNT = 10_000
LIMIT = 2_000


class Answering:
    """Answers at once, and remembers nothing."""

    def incoming_request(
        self, request: Request, transaction: ServerTransaction
    ) -> None:
        data = build.response(request, 200, to_tag=f"{id(transaction):016x}")
        transaction.respond(200, data)

    def idle(self) -> None:
        """Nothing to do."""


def message(number: int) -> Request:
    """A request whose texts are its own, as long as those of real phones."""
    parsed = parse(
        build.request(
            "MESSAGE",
            "sip:alice@192.0.2.7:5060",
            via=f"SIP/2.0/UDP 192.0.2.33:5062;branch=z9hG4bK{number:016x};rport",
            from_=f'"Bob" <sip:bob@example.org>;tag={number:016x}',
            to="<sip:alice@example.com>",
            call_id=f"{number:016x}@192.0.2.33",
            cseq=number + 1,
            headers=(("Content-Type", "text/plain"), ("User-Agent", "phone/1.0")),
            body=b"Are you there?" * 20,
        )
    )
    assert isinstance(parsed, Request)
    check(parsed)
    return parsed


class MemoryTests(SynchronousTestCase):
    def test_a_lingering_transaction_takes_less_than_2_kilobytes(self) -> None:
        world = World()
        world.layer.user = Answering()
        world.flow.send = lambda data: None
        for number in range(200):
            world.layer.receive(message(number), world.flow)
        gc.collect()
        tracemalloc.start()
        try:
            before = tracemalloc.get_traced_memory()[0]
            for number in range(200, 200 + COUNT):
                world.layer.receive(message(number), world.flow)
            gc.collect()
            after = tracemalloc.get_traced_memory()[0]
        finally:
            tracemalloc.stop()
        self.assertEqual(world.layer.live, COUNT + 200)
        each = (after - before) / COUNT
        self.assertLess(each, LIMIT)
        world.clock.advance(32)
        self.assertTrue(world.is_clean())
