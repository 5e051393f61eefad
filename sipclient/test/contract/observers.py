"""Observers: what they must have, when they are told, and that they harm nothing."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred
from twisted.logger import formatEvent

from sipclient import (
    ISIPConnectionObserver,
    ISIPObserver,
    ResponseElements,
    SIPClient,
    SIPConnectionObserver,
    SIPObserver,
    TransactionState,
)
from sipclient.testing import RecordingClientObserver, RecordingObserver

from .world import POINT, UNRESOLVABLE, A, ContractCase, message


class ObserverContract(ContractCase):
    """Observers are looked at when handed in, and can do no harm later."""

    def test_a_missing_method_is_a_type_error_that_names_it(self) -> None:
        async def test() -> None:
            client = await self.client()
            for name in ISIPConnectionObserver:
                methods = {n: _anything for n in ISIPConnectionObserver if n != name}
                with self.assertRaisesRegex(TypeError, rf"Partial .*\b{name}\b"):
                    client.connect(POINT, type("Partial", (), methods)())
            self.assertEqual(client.connections, ())
            connection = await client.connect(POINT)
            with self.assertRaisesRegex(TypeError, "object has no method"):
                connection.set_observer(object())

        self.run_(test())
        for name in ISIPObserver:
            methods = {n: _anything for n in ISIPObserver if n != name}
            partial = type("Partial", (), methods)()
            with self.assertRaisesRegex(TypeError, rf"Partial .*\b{name}\b"):
                SIPClient.attach(self.world.provider(), "app", partial)
            self.anew()

    def test_a_wrong_signature_is_a_type_error_that_names_it(self) -> None:
        async def test() -> None:
            client = await self.client()
            for name in ISIPConnectionObserver:
                wrong = type("Wrong", (SIPConnectionObserver,), {name: _nothing})()
                with self.assertRaisesRegex(TypeError, rf"Wrong.*\b{name} must take"):
                    client.connect(POINT, wrong)
            self.assertEqual(client.connections, ())

        self.run_(test())

    def test_no_observer_is_one_that_does_nothing(self) -> None:
        """A request that nobody hears of is answered 500, for nobody keeps it."""

        async def test() -> None:
            connection = await self.connection(None)
            await connection.send_request(message(UNRESOLVABLE))
            peer = self.world.peer()
            peer.sends("MESSAGE", f"sip:alice@{A}")
            await peer.expects(500)

        self.run_(test())

    def test_the_base_classes_know_whose_they_are(self) -> None:
        async def test() -> None:
            client_observer, observer = SIPObserver(), SIPConnectionObserver()
            client = await self.client(observer=client_observer)
            self.assertIs(client_observer.client, client)
            connection = await client.connect(POINT, observer)
            self.assertIs(observer.connection, connection)
            other = SIPConnectionObserver()
            connection.set_observer(other)
            self.assertIs(other.connection, connection)

        self.run_(test())

    def test_another_observer_is_told_from_then_on(self) -> None:
        async def test() -> None:
            first, second = RecordingObserver(), RecordingObserver()
            connection = await self.connection(first)
            await self.turns()
            connection.set_observer(second)
            await connection.send_request(message(UNRESOLVABLE))
            await self.turns()
            self.assertEqual(first.names, ["connection_state_changed"])
            self.assertEqual(second.names, ["error_occurred"])

        self.run_(test())

    def test_any_object_with_the_methods_will_do(self) -> None:
        async def test() -> None:
            said: list[str] = []

            class Observer:
                def __getattr__(self, name: str) -> Any:
                    if name not in ISIPConnectionObserver:
                        raise AttributeError(name)
                    return lambda *arguments: said.append(name)

            connection = await self.connection(Observer())
            await connection.send_request(message(UNRESOLVABLE))
            await self.turns()
            self.assertEqual(said, ["connection_state_changed", "error_occurred"])

        self.run_(test())

    def test_what_they_raise_is_logged_with_their_name_and_harms_nothing(self) -> None:
        async def raises(*_: object) -> None:
            raise ZeroDivisionError

        def raises_at_once(*_: object) -> None:
            raise ZeroDivisionError

        def fails_later(*_: object) -> Deferred[None]:
            failing: Deferred[None] = Deferred()
            self.clock().callLater(1, failing.errback, ZeroDivisionError())
            return failing

        for method in (raises, raises_at_once, fails_later):
            names = dict.fromkeys(ISIPConnectionObserver, method)
            bad = type("Bad", (SIPConnectionObserver,), names)

            async def test(observer: Any) -> None:
                connection = await self.connection(observer)
                final = (await connection.send_request(message())).final()
                peer = self.world.peer()
                peer.answers(await peer.expects("MESSAGE"), 200)
                self.assertEqual((await final).status_code, 200)
                peer.sends("MESSAGE", f"sip:alice@{A}")
                await peer.expects(500)

            running = test(bad())
            logged = self.logs_of(lambda running=running: self.run_(running))  # type: ignore[misc]  # bound now
            self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 3)
            said = [formatEvent(event) for event in logged]
            for name in (
                "connection_state_changed",
                "incoming_response",
                "incoming_request",
            ):
                about = [text for text in said if name in text]
                self.assertEqual(len(about), 1, said)
                self.assertIn("Bad", about[0])
            self.anew()

    def test_error_occurred_names_the_most_specific_subject(self) -> None:
        """Outside dialogs that is the transaction; a response has no context."""

        async def test() -> None:
            observer = RecordingObserver()
            connection = await self.connection(observer)
            failing = await connection.send_request(message(UNRESOLVABLE))
            _, _, subject, transaction = await observer.next("error_occurred")
            self.assertIs(subject, failing)
            self.assertIs(transaction, failing)
            peer = self.world.peer()
            sent = await connection.send_request(message())
            peer.answers(await peer.expects("MESSAGE"), 200)
            _, transaction, context = await observer.next("incoming_response")
            self.assertIs(transaction, sent)
            self.assertIsNone(context)

        self.run_(test())


class LeftAloneContract(ContractCase):
    """A request that is neither answered nor kept gets 500; a kept one waits."""

    def _left(self, observer: Any) -> int:
        async def test() -> int:
            await self.connection(observer)
            peer = self.world.peer()
            peer.sends("MESSAGE", f"sip:alice@{A}")
            return (await peer.expects(range(200, 700))).status

        return self.run_(test())

    def test_left_alone_it_gets_500_and_a_log_line_names_the_observer(self) -> None:
        class Careless(SIPConnectionObserver):
            def incoming_request(self, transaction: Any, dialog: Any) -> None:
                transaction.request_elements.header("Subject")

        status: list[int] = []
        logged = self.logs_of(lambda: status.append(self._left(Careless())))
        self.assertEqual(status, [500])
        said = [formatEvent(event) for event in logged]
        self.assertEqual(len(said), 1, said)
        self.assertIn("Careless", said[0])
        self.assertIn("MESSAGE", said[0])

    def test_left_alone_by_a_coroutine_it_gets_500_when_that_has_ended(self) -> None:
        sleep = self.network.sleep

        class Careless(SIPConnectionObserver):
            async def incoming_request(self, transaction: Any, dialog: Any) -> None:
                await sleep(2)

        self.assertEqual(self._left(Careless()), 500)
        self.assertAlmostEqual(self.network.seconds(), 2.0)

    def test_answered_by_a_coroutine_it_is_answered(self) -> None:
        sleep = self.network.sleep

        class Slow(SIPConnectionObserver):
            async def incoming_request(self, transaction: Any, dialog: Any) -> None:
                await sleep(2)
                await transaction.send_response(ResponseElements(202))

        self.assertEqual(self._left(Slow()), 202)

    def test_answered_without_waiting_for_the_answers_reply(self) -> None:
        class Quick(SIPConnectionObserver):
            def incoming_request(self, transaction: Any, dialog: Any) -> None:
                transaction.send_response(ResponseElements(204))

        self.assertEqual(self._left(Quick()), 204)

    def test_kept_it_can_be_answered_later(self) -> None:
        sleep, clock = self.network.sleep, self.clock()

        class Keeps(SIPConnectionObserver):
            def incoming_request(self, transaction: Any, dialog: Any) -> None:
                self.kept = transaction

        class KeepsInACall(SIPConnectionObserver):
            def incoming_request(self, transaction: Any, dialog: Any) -> None:
                answer = ResponseElements(200)
                clock.callLater(2, transaction.send_response, answer)

        class KeepsInACoroutine(SIPConnectionObserver):
            def incoming_request(self, transaction: Any, dialog: Any) -> None:
                async def later() -> None:
                    await sleep(2)
                    await transaction.send_response(ResponseElements(200))

                self.later = Deferred.fromCoroutine(later())

        for observer in (KeepsInACall(), KeepsInACoroutine()):
            self.assertEqual(self._left(observer), 200)
            self.anew()
            sleep, clock = self.network.sleep, self.clock()

        async def test() -> None:
            observer = Keeps()
            await self.connection(observer)
            peer = self.world.peer()
            peer.sends("MESSAGE", f"sip:alice@{A}")
            await self.turns(20)
            await observer.kept.send_response(ResponseElements(200))
            await peer.expects(100)
            await peer.expects(200)

        self.run_(test())

    def test_what_the_observer_closes_is_not_answered(self) -> None:
        """Closing is letting go: the request runs to its limit in silence."""

        async def test() -> None:
            class Closes(SIPConnectionObserver):
                def incoming_request(self, transaction: Any, dialog: Any) -> None:
                    transaction.close()

            await self.connection(Closes())
            peer = self.world.peer()
            peer.sends("MESSAGE", f"sip:alice@{A}")
            await self.turns(40)
            await peer.expects(100)

        self.run_(test())

    def test_a_pending_request_is_exempt(self) -> None:
        """Where the application isn't connected, a handle that is dropped stays."""

        async def test() -> None:
            provider = self.world.provider()
            await self.connection(uid="first", provider=provider, capabilities=None)
            observer = SIPObserver()
            await self.client("second", observer, provider=provider)
            peer = self.world.peer()
            peer.sends("MESSAGE", f"sip:alice@{A}")
            await self.turns(40)
            await peer.expects(100)

        self.run_(test())


class PendingContract(ContractCase):
    """Requests where the application has no connection go to the client's observer."""

    async def _pending(self) -> tuple[Any, RecordingClientObserver, Any]:
        """A request that came to a client without connection: client, observer, it."""
        provider = self.world.provider()
        await self.connection(None, uid="first", provider=provider, capabilities=None)
        observer = RecordingClientObserver()
        client = await self.client("second", observer, provider=provider)
        self.peer = self.world.peer()
        self.peer.sends("MESSAGE", f"sip:alice@{A}")
        _, access_point, transaction = await observer.next("incoming_request")
        self.assertEqual(access_point, "default")
        self.assertIsNone(transaction.connection)
        self.assertEqual(transaction.request_elements.method, "MESSAGE")
        return client, observer, transaction

    def test_connecting_takes_it_over_and_it_can_be_answered(self) -> None:
        async def test() -> None:
            client, observer, transaction = await self._pending()
            connection = await client.connect(POINT, RecordingObserver())
            self.assertIs(transaction.connection, connection)
            self.assertEqual(connection.transactions, (transaction,))
            await transaction.send_response(ResponseElements(200))
            await self.peer.expects(200)
            self.assertEqual(observer.names, ["incoming_request"])

        self.run_(test())

    def test_it_can_be_answered_without_connecting(self) -> None:
        async def test() -> None:
            _, _, transaction = await self._pending()
            await transaction.send_response(ResponseElements(486))
            await self.peer.expects(486)

        self.run_(test())

    def test_taken_over_it_closes_with_its_connection(self) -> None:
        async def test() -> None:
            client, _, transaction = await self._pending()
            connection = await client.connect(POINT)
            connection.close()
            self.assertTrue(transaction.closed)
            await self.turns(40)
            await self.peer.expects(100)

        self.run_(test())

    def test_taken_over_its_time_out_is_told_to_the_connection(self) -> None:
        async def test() -> None:
            client, observer, transaction = await self._pending()
            heard = RecordingObserver()
            await client.connect(POINT, heard)
            await self.turns(40)
            await self.peer.expects(100)
            self.assertEqual(
                heard.names, ["connection_state_changed", "error_occurred"]
            )
            self.assertEqual(observer.names, ["incoming_request"])
            self.assertIs(transaction.state, TransactionState.TERMINATED)

        self.run_(test())

    def test_in_time_the_client_hears_that_it_timed_out(self) -> None:
        async def test() -> float:
            _, observer, transaction = await self._pending()
            _, told = await observer.next("timed_out")
            self.assertIs(told, transaction)
            self.assertIs(transaction.state, TransactionState.TERMINATED)
            await self.peer.expects(100)
            return self.network.seconds()

        self.assertAlmostEqual(self.run_(test()), 32.0)

    def test_leaving_answers_it_480(self) -> None:
        async def test() -> None:
            client, _, _ = await self._pending()
            await client.leave()
            await self.peer.expects(480)

        self.run_(test())

    def test_an_event_on_its_way_while_connecting_is_taken_over_too(self) -> None:
        """The request comes in the turn in which the application connects."""

        async def test() -> None:
            provider = self.world.provider()
            await self.connection(uid="first", provider=provider, capabilities=None)
            seen: list[Any] = []

            class Observer(RecordingClientObserver):
                def incoming_request(self, point: Any, transaction: Any) -> object:
                    seen.append((transaction, transaction.connection))
                    if len(seen) == 1:
                        assert self.client is not None
                        self.opening = self.client.connect(POINT)
                    return None

            observer = Observer()
            client = await self.client("second", observer, provider=provider)
            peer = self.world.peer()
            for _ in range(3):
                peer.sends("MESSAGE", f"sip:alice@{A}")
            await self.turns()
            connection = client.connection("default")
            self.assertIsNotNone(connection)
            for transaction, _ in seen:
                self.assertIs(transaction.connection, connection)
            await client.leave()
            for _ in range(len(seen)):
                await peer.expects(480)
            for _ in range(3 - len(seen)):
                await peer.expects(500)

        self.run_(test())


def _anything(*_: object) -> None:
    """A method that takes what comes."""


def _nothing() -> None:
    """A method that takes nothing, not even itself."""
