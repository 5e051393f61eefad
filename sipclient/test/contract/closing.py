"""Closing everything in every order: a model that knows who depends on whom.

Six handles: a client, its two connections, and on the first of them a request in
flight, a request received and unanswered, and one that was just answered. Each order of
closing them, at three moments: in the turn in which all was set going, when it has
settled, and one handle a second while messages come and go.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice, permutations
from typing import Any

from twisted.internet.defer import Deferred

from sipclient import AccessPoint, ResponseElements
from sipclient.errors import SIPResourceNotAvailable
from sipclient.test.proofs import FULL
from sipclient.testing import RecordingObserver, ScriptedPeer

from .world import NOWHERE, POINT, A, ContractCase, message

OTHER = AccessPoint("other", listen=["udp:5062"])

NAMES = ("client", "first", "second", "sent", "received", "answered")

#: What is closed with what.
CHILDREN = {
    "client": set(NAMES),
    "first": {"first", "sent", "received", "answered"},
}

#: Unless proofs run in full, each order is tried once: by one of the two providers, at
#: one of the three moments.
SHARE = 1 if FULL else 6


class Scene:
    """The handles of one run, what the peer said, and what the observers heard."""

    handles: dict[str, Any]
    observers: list[RecordingObserver]
    peer: ScriptedPeer
    request: Any
    answering: Deferred[None]


class ClosingContract(ContractCase):
    """Closing is safe in any order, silent, and complete."""

    async def _scene(self) -> Scene:
        scene = Scene()
        scene.observers = [RecordingObserver(), RecordingObserver()]
        client = await self.client()
        first = await client.connect(POINT, scene.observers[0])
        second = await client.connect(OTHER, scene.observers[1])
        scene.peer = self.world.peer(absorbs=False)
        received = []
        for _ in range(2):
            scene.request = scene.peer.sends("MESSAGE", f"sip:alice@{A}")
            received.append((await scene.observers[0].next("incoming_request"))[1])
        sent = await first.send_request(message(NOWHERE))
        # From here to the first close there is no turn of the reactor.
        scene.answering = received[1].send_response(ResponseElements(200))
        scene.answering.addErrback(lambda _: None)
        scene.handles = dict(
            zip(NAMES, (client, first, second, sent, *received), strict=True)
        )
        return scene

    async def _closed_in(self, order: tuple[str, ...], pause: float) -> None:
        scene = await self._scene()
        if pause < 0:
            await self.turns(1)
        closed: set[str] = set()
        for name in order:
            handle = scene.handles[name]
            self.assertIsNone(handle.close())
            closed |= CHILDREN.get(name, set()) | {name}
            for each in NAMES:
                self.assertEqual(scene.handles[each].closed, each in closed, each)
            if pause > 0:
                await self.network.sleep(pause)
                scene.peer.sends_bytes(scene.request.raw, (A, 5060))
        heard = [len(observer.events) for observer in scene.observers]
        await self._uses_fail(scene)
        answer = await scene.peer.expects(200)
        await self.network.sleep(1)
        scene.peer.sends_bytes(scene.request.raw, (A, 5060))
        self.assertEqual((await scene.peer.expects(200)).raw, answer.raw)
        await self.network.sleep(33)
        self.assertEqual([len(o.events) for o in scene.observers], heard)
        scene.peer._kept.clear()  # one 200 for each copy, and a 100

    async def _uses_fail(self, scene: Scene) -> None:
        handles = scene.handles
        uses: list[Callable[[], Deferred[Any]]] = [
            lambda: handles["client"].connect(POINT),
            lambda: handles["first"].send_request(message()),
            lambda: handles["second"].send_request(message()),
            handles["sent"].final,
            lambda: handles["received"].send_response(ResponseElements(200)),
            lambda: handles["answered"].send_response(ResponseElements(200)),
        ]
        for use in uses:
            await self.fails(SIPResourceNotAvailable, use())

    def _all_orders(self, pause: float, begin: int) -> None:
        begin += 3 * self.synchronous
        orders: Iterable[tuple[str, ...]] = permutations(NAMES)
        for order in islice(orders, begin % SHARE, None, SHARE):
            try:
                self.run_(self._closed_in(order, pause))
                self.anew()
            except BaseException as error:
                error.add_note(f"closed in the order {', '.join(order)}")
                raise
        self.assertEqual(self.flushLoggedErrors(), [])

    def test_in_the_turn_in_which_all_was_set_going(self) -> None:
        self._all_orders(0, 0)

    def test_when_all_has_settled(self) -> None:
        self._all_orders(-1, 1)

    def test_one_a_second_while_messages_come_and_go(self) -> None:
        self._all_orders(1, 2)
