"""Order: what is told when, and that nothing is told inside a call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sipclient import (
    ConnectionState,
    ResponseElements,
    SIPConnection,
    SIPConnectionObserver,
    TransactionState,
)
from sipclient.testing import RecordingObserver

from .world import POINT, UNRESOLVABLE, A, ContractCase, message


class OrderContract(ContractCase):
    """Deferreds before events, events by number, one at a time, outside of calls."""

    def test_no_observer_method_runs_inside_a_call(self) -> None:
        async def test() -> list[str]:
            inside: list[str] = []
            broken: list[str] = []

            class Observer(RecordingObserver):
                def _happened(self, name: str, *arguments: object) -> None:
                    broken.extend(f"{name} inside {call}" for call in inside)
                    super()._happened(name, *arguments)

            def call(name: str, function: Callable[..., Any], *arguments: Any) -> Any:
                inside.append(name)
                try:
                    return function(*arguments)
                finally:
                    inside.pop()

            observer = Observer()
            provider = self.world.provider()
            client = await self.client(provider=provider)
            opening = call("connect", client.connect, POINT, observer)
            connection = await opening
            peer = self.world.peer()
            for _ in range(3):
                call("send", connection.send_request, message(UNRESOLVABLE))
            peer.sends("MESSAGE", f"sip:alice@{A}")
            _, transaction, _ = await observer.next("incoming_request")
            call("answer", transaction.send_response, ResponseElements(200))
            call("close", transaction.close)
            await peer.expects(200)
            call("stop", self.world.stop, provider)
            await self.turns()
            call("leave", client.leave)
            await self.turns()
            self.assertEqual(
                sorted(observer.names),
                [
                    "connection_state_changed",
                    "connection_state_changed",
                    "error_occurred",
                    "error_occurred",
                    "error_occurred",
                    "incoming_request",
                ],
            )
            return broken

        self.assertEqual(self.run_(test()), [])

    def test_a_deferred_fires_before_any_event_about_its_handle(self) -> None:
        async def test() -> list[str]:
            said: list[str] = []

            class Observer(SIPConnectionObserver):
                def connection_state_changed(self, state: ConnectionState) -> None:
                    said.append(f"{state.value}")

                def error_occurred(self, error: Any, subject: Any, t: Any) -> None:
                    said.append(f"{type(error).__name__} of {names[t]}")

            names: dict[Any, str] = {}
            client = await self.client()
            opening = client.connect(POINT, Observer(), wait=False)

            def opened(connection: SIPConnection) -> SIPConnection:
                said.append(f"fired: {connection.state.value}")
                return connection

            opening.addCallback(opened)
            connection = await opening
            await self.turns()

            def fired(transaction: Any, name: str) -> None:
                names[transaction] = name
                said.append(f"fired: {name} {transaction.state.value}")

            for name in ("one", "two"):
                sent = connection.send_request(message(UNRESOLVABLE))
                sent.addCallback(fired, name)
            await self.turns()
            return said

        self.assertEqual(
            self.run_(test()),
            [
                "fired: Init",
                "Active",
                "fired: one Trying",
                "fired: two Trying",
                "SIPResolvingFailure of one",
                "SIPResolvingFailure of two",
            ],
        )

    def test_events_come_by_number_and_one_at_a_time(self) -> None:
        """What a callback causes at once comes after it, in a later turn."""

        async def test() -> None:
            test = self
            numbers: list[int] = []

            class Observer(SIPConnectionObserver):
                inside = False
                budget = 20

                def error_occurred(self, *told: object) -> None:
                    test.assertFalse(self.inside)
                    self.inside = True
                    assert self.connection is not None
                    numbers.append(self.connection.event_number)
                    for _ in range(2):
                        if self.budget:
                            self.budget -= 1
                            self.connection.send_request(message(UNRESOLVABLE))
                    self.inside = False

            connection = await self.connection(Observer())
            connection.send_request(message(UNRESOLVABLE))
            await self.turns(1)
            # The first event was the connection's state.
            self.assertEqual(numbers, [*range(2, 23)])

        self.run_(test())

    def test_events_of_several_connections_keep_each_connections_order(self) -> None:
        async def test() -> None:
            provider = self.world.provider()
            first, second = RecordingObserver(), RecordingObserver()
            one = await self.connection(first, uid="one", provider=provider)
            two = await self.connection(second, uid="two", provider=provider)
            expected: dict[Any, list[Any]] = {one: [], two: []}
            for connection in (one, two, two, one, two):
                sent = await connection.send_request(message(UNRESOLVABLE))
                expected[connection].append(sent)
            await self.turns()
            for connection, observer in ((one, first), (two, second)):
                heard = [event[3] for event in observer.all("error_occurred")]
                self.assertEqual(heard, expected[connection])

        self.run_(test())

    def _closes_in(self, name: str, close: Callable[[SIPConnection], object]) -> None:
        """A callback of that name closes something; nothing more is told then."""

        async def test() -> None:
            class Observer(RecordingObserver):
                def _happened(self, event: str, *arguments: object) -> None:
                    super()._happened(event, *arguments)
                    if event == name:
                        close(self.connection)  # type: ignore[arg-type]  # set by now

            observer = Observer()
            connection = await self.connection(observer)
            peer = self.world.peer()
            connection.send_request(message())
            connection.send_request(message(UNRESOLVABLE)).addErrback(lambda _: None)
            request = await peer.expects("MESSAGE")
            peer.answers(request, 180)
            peer.answers(request, 200)
            peer.sends("MESSAGE", f"sip:alice@{A}")
            await self.turns(40)
            self.assertEqual(observer.names.count(name), 1)
            self.assertEqual(observer.names[-1], name)
            peer._kept.clear()

        self.run_(test())
        self.assertEqual(self.flushLoggedErrors(), [])

    def test_a_callback_may_close_its_own_connection(self) -> None:
        for name in ("incoming_response", "error_occurred", "incoming_request"):
            self._closes_in(name, lambda connection: connection.close())
            self.anew()

    def test_a_callback_may_close_its_own_client(self) -> None:
        for name in ("incoming_response", "error_occurred", "incoming_request"):
            self._closes_in(name, lambda connection: connection.client.close())
            self.anew()

    def test_a_callback_may_leave(self) -> None:
        async def test() -> None:
            class Observer(RecordingObserver):
                def incoming_request(self, transaction: Any, dialog: Any) -> object:
                    super().incoming_request(transaction, dialog)
                    assert self.connection is not None
                    return self.connection.client.leave()

            observer = Observer()
            connection = await self.connection(observer)
            peer = self.world.peer()
            peer.sends("MESSAGE", f"sip:alice@{A}")
            await peer.expects(480)
            await self.turns()
            self.assertTrue(connection.client.closed)

        self.run_(test())

    def test_a_callback_may_stop_the_stack(self) -> None:
        async def test() -> None:
            provider = self.world.provider()
            world = self.world

            class Observer(RecordingObserver):
                def incoming_request(self, transaction: Any, dialog: Any) -> None:
                    super().incoming_request(transaction, dialog)
                    world.stop(provider)

            observer = Observer()
            connection = await self.connection(observer, provider=provider)
            self.world.peer().sends("MESSAGE", f"sip:alice@{A}")
            await self.turns(40)
            self.assertEqual(
                observer.names,
                [
                    "connection_state_changed",
                    "incoming_request",
                    "connection_state_changed",
                ],
            )
            self.assertIs(connection.state, ConnectionState.UNAVAILABLE)

        self.run_(test())
        self.assertEqual(self.flushLoggedErrors(), [])

    def test_a_state_has_changed_before_the_callback_tells_of_it(self) -> None:
        async def test() -> None:
            said: list[object] = []

            class Observer(SIPConnectionObserver):
                def connection_state_changed(self, state: ConnectionState) -> None:
                    assert self.connection is not None
                    said.append((state, self.connection.state))

                def incoming_response(self, transaction: Any, context: Any) -> None:
                    said.append(
                        (transaction.response_elements.status_code, transaction.state)
                    )

                def error_occurred(self, error: Any, subject: Any, t: Any) -> None:
                    said.append((type(error).__name__, subject.state))

            provider = self.world.provider()
            connection = await self.connection(Observer(), provider=provider)
            peer = self.world.peer()
            transaction = await connection.send_request(message())
            request = await peer.expects("MESSAGE")
            peer.answers(request, 180)
            peer.answers(request, 200)
            await transaction.final()
            await connection.send_request(message(UNRESOLVABLE))
            await self.turns()
            await self.world.stop(provider)
            await self.turns()
            self.assertEqual(
                said,
                [
                    (ConnectionState.ACTIVE, ConnectionState.ACTIVE),
                    (180, TransactionState.PROCEEDING),
                    (200, TransactionState.COMPLETED),
                    ("SIPResolvingFailure", TransactionState.TERMINATED),
                    (ConnectionState.UNAVAILABLE, ConnectionState.UNAVAILABLE),
                ],
            )

        self.run_(test())

    def test_iteration_from_the_start_sees_all_and_later_begins_with_the_latest(
        self,
    ) -> None:
        async def test() -> tuple[list[int], list[int], list[int]]:
            connection = await self.connection()
            peer = self.world.peer()
            transaction = await connection.send_request(message())
            watchers = [aiter(transaction)]
            request = await peer.expects("MESSAGE")
            for status in (180, 181, 182):
                peer.answers(request, status)
                await self.turns()
                if status == 181:
                    watchers.append(aiter(transaction))
            peer.answers(request, 200)
            await self.turns()
            seen = [[r.status_code async for r in each] for each in watchers]
            late = [r.status_code async for r in transaction]
            return seen[0], seen[1], late

        self.assertEqual(
            self.run_(test()), ([180, 181, 182, 200], [181, 182, 200], [200])
        )
