"""What a transaction that only lingers costs."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable

from twisted.trial.unittest import SynchronousTestCase

from sipclient.message import build
from sipclient.message.check import check
from sipclient.message.model import Request
from sipclient.message.parser import parse
from sipclient.test.transaction.world import Said, World
from sipclient.transaction.user import ServerTransaction

COUNT = 10_000
LIMIT = 2_000


class Answering:
    """Answers at once, and remembers nothing."""

    def __init__(self, status: int = 200) -> None:
        self.status = status

    def incoming_request(
        self, request: Request, transaction: ServerTransaction
    ) -> None:
        status = self.status
        data = build.response(request, status, to_tag=f"{id(transaction):016x}")
        transaction.respond(status, data)

    def idle(self) -> None:
        """Nothing to do."""


def message(number: int, method: str = "MESSAGE", to_tag: str = "") -> Request:
    """A request whose texts are its own, as long as those of real phones."""
    parsed = parse(
        build.request(
            method,
            "sip:alice@192.0.2.7:5060",
            via=f"SIP/2.0/UDP 192.0.2.33:5062;branch=z9hG4bK{number:016x};rport",
            from_=f'"Bob" <sip:bob@example.org>;tag={number:016x}',
            to="<sip:alice@example.com>" + to_tag,
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
    """What is left of a request once it is answered."""

    def measured(self, world: World, one: Callable[[int], object]) -> float:
        """How many bytes each of many takes."""
        world.flow.send = lambda data: None
        for number in range(200):
            one(number)
        gc.collect()
        tracemalloc.start()
        try:
            before = tracemalloc.get_traced_memory()[0]
            for number in range(200, 200 + COUNT):
                one(number)
            gc.collect()
            after = tracemalloc.get_traced_memory()[0]
        finally:
            tracemalloc.stop()
        self.assertEqual(world.layer.live, COUNT + 200)
        return (after - before) / COUNT

    def test_a_lingering_transaction_takes_less_than_2_kilobytes(self) -> None:
        world = World()
        world.layer.user = Answering()

        def receive(number: int) -> None:
            world.layer.receive(message(number), world.flow)

        self.assertLess(self.measured(world, receive), LIMIT)
        world.clock.advance(32)
        self.assertTrue(world.is_clean())

    def invited(self, status: int, *, acknowledged: bool = False) -> float:
        """What an INVITE takes that was answered like that."""
        world = World()
        world.layer.user = Answering(status)

        def receive(number: int) -> None:
            world.layer.receive(message(number, "INVITE"), world.flow)
            if acknowledged:
                ack = message(number, "ACK", ";tag=ours")
                world.layer.receive(ack, world.flow)

        each = self.measured(world, receive)
        world.pass_time(33, step=0.1)
        self.assertTrue(world.is_clean())
        return each

    def test_an_invite_that_waits_for_its_ack_too(self) -> None:
        self.assertLess(self.invited(486), LIMIT)

    def test_an_invite_that_has_its_ack_takes_less(self) -> None:
        self.assertLess(self.invited(486, acknowledged=True), LIMIT / 2)

    def test_an_invite_that_was_accepted_takes_less(self) -> None:
        self.assertLess(self.invited(200), LIMIT / 2)

    def test_an_invite_of_ours_that_was_refused_too(self) -> None:
        world = World()
        user = Said()

        def ask(number: int) -> None:
            invite = message(number, "INVITE")
            key = (invite.branch, "INVITE")
            world.layer.invite(invite.raw, key, world.flow, user)
            answer = parse(build.response(invite, 486, to_tag="theirs"))
            check(answer)
            world.layer.receive(answer, world.flow)
            user.words.clear()

        self.assertLess(self.measured(world, ask), LIMIT)
        world.clock.advance(32)
        self.assertTrue(world.is_clean())
