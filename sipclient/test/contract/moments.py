"""Three moments, three channels: refused, accepted, and the views."""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import Any

from twisted.internet import defer
from twisted.internet.defer import CancelledError, Deferred
from twisted.logger import formatEvent

from sipclient import (
    AccessPoint,
    ClientTransaction,
    ConnectionState,
    RequestElements,
    ResponseElements,
    SIPConnection,
    SIPError,
    TransactionState,
)
from sipclient.errors import (
    SIPAlreadyExists,
    SIPArgumentError,
    SIPBadName,
    SIPForbidden,
    SIPICMPFailure,
    SIPInUse,
    SIPInvalidTransactionState,
    SIPInvalidURIType,
    SIPResolvingFailure,
    SIPResourceNotAvailable,
    SIPServerTerminated,
    SIPTimedOut,
    SIPTransportFailure,
)
from sipclient.testing import RecordingObserver

from .world import NOWHERE, POINT, UNRESOLVABLE, A, B, ContractCase, message


def _content(elements: RequestElements) -> tuple[object, ...]:
    return (
        elements.method,
        str(elements.remote_uri),
        str(elements.from_),
        str(elements.to),
        elements.headers,
        elements.content,
        elements.content_type,
    )


class RefusedContract(ContractCase):
    """Refused: the Deferred fails, there is no handle, the observer hears nothing."""

    async def _refuses(
        self, elements: RequestElements, kind: type[SIPError] = SIPArgumentError
    ) -> None:
        observer = RecordingObserver()
        connection = await self.connection(observer)
        await self.turns()
        before, told = _content(elements), len(observer.events)
        await self.fails(kind, connection.send_request(elements))
        await self.turns(40)
        self.assertEqual(connection.transactions, ())
        self.assertEqual(len(observer.events), told)
        self.assertEqual(list(self.network.log), [])
        self.assertEqual(_content(elements), before)
        elements.add_header("Subject", "they are the application's again")

    def test_a_request_without_from(self) -> None:
        self.run_(self._refuses(RequestElements(f"sip:bob@{B}", "MESSAGE")))

    def test_a_request_without_method(self) -> None:
        self.run_(self._refuses(RequestElements(f"sip:bob@{B}", from_="sip:a@b.c")))

    def test_a_request_that_does_not_stand_alone(self) -> None:
        for method in [
            "INVITE",
            "ACK",
            "CANCEL",
            "BYE",
            "INFO",
            "NOTIFY",
            "REFER",
            "REGISTER",
        ]:
            elements = RequestElements(f"sip:bob@{B}", method, from_="sip:a@b.c")
            self.run_(self._refuses(elements))
            self.anew()

    def test_a_uri_that_leads_to_no_address(self) -> None:
        self.run_(self._refuses(message("tel:+358-555-1234567"), SIPInvalidURIType))

    def test_a_connection_that_is_not_active(self) -> None:
        async def test() -> None:
            point = AccessPoint("else", listen=["udp:5060:interface=203.0.113.1"])
            client = await self.client()
            connection = await client.connect(point, wait=False)
            await self.turns()
            elements = message()
            await self.fails(SIPTransportFailure, connection.send_request(elements))
            elements.method = "OPTIONS"

        self.run_(test())

    def test_elements_that_were_given_already(self) -> None:
        async def test() -> None:
            connection = await self.connection()
            peer = self.world.peer()
            elements = message()
            transaction = await connection.send_request(elements)
            await self.fails(SIPInUse, connection.send_request(elements))
            peer.answers(await peer.expects("MESSAGE"), 200)
            await transaction.final()
            await self.fails(SIPInUse, connection.send_request(elements))

        self.run_(test())

    def test_a_refused_request_can_be_mended_and_sent(self) -> None:
        async def test() -> int:
            connection = await self.connection()
            peer = self.world.peer()
            elements = RequestElements(f"sip:bob@{B}", "MESSAGE")
            await self.fails(SIPArgumentError, connection.send_request(elements))
            elements.from_ = "sip:alice@example.com"
            transaction = await connection.send_request(elements)
            peer.answers(await peer.expects("MESSAGE"), 200)
            return (await transaction.final()).status_code

        self.assertEqual(self.run_(test()), 200)

    def test_a_connection_to_what_nobody_configured(self) -> None:
        async def test() -> None:
            client = await self.client()
            await self.fails(SIPBadName, client.connect("nowhere"))
            self.assertEqual(client.connections, ())

        self.run_(test())

    def test_a_second_connection_to_one_access_point(self) -> None:
        async def test() -> None:
            client = await self.client()
            connection = await client.connect(POINT)
            observer = RecordingObserver()
            await self.fails(SIPAlreadyExists, client.connect(POINT, observer))
            await self.turns()
            self.assertEqual(client.connections, (connection,))
            self.assertEqual(observer.events, [])

        self.run_(test())

    def test_a_uid_that_is_taken_or_none(self) -> None:
        async def test() -> None:
            provider = self.world.provider()
            await self.client("first", provider=provider)
            for uid, kind in (
                ("first", SIPAlreadyExists),
                ("", SIPBadName),
                ("a b", SIPBadName),
                ("x" * 65, SIPBadName),
            ):
                with self.assertRaises(kind):
                    await self.client(uid, provider=provider)
            await self.client("x" * 64, provider=provider)

        self.run_(test())

    def test_a_response_that_must_not_be_sent(self) -> None:
        """RFC 4320: no 1xx but the stack's 100, and no 408. The request stays open."""

        async def test() -> None:
            observer = RecordingObserver()
            await self.connection(observer)
            peer = self.world.peer()
            peer.sends("MESSAGE", f"sip:alice@{A}")
            _, transaction, _ = await observer.next("incoming_request")
            elements = ResponseElements(200)
            for status in (180, 408):
                elements = ResponseElements(status)
                sent = transaction.send_response(elements)
                await self.fails(SIPArgumentError, sent)
                elements.status_code = 200
                self.assertIs(transaction.state, TransactionState.TRYING)
            await transaction.send_response(elements)
            await peer.expects(200)

        self.run_(test())

    def test_a_second_final_response(self) -> None:
        async def test() -> None:
            observer = RecordingObserver()
            await self.connection(observer)
            peer = self.world.peer()
            peer.sends("MESSAGE", f"sip:alice@{A}")
            _, transaction, _ = await observer.next("incoming_request")
            first = transaction.send_response(ResponseElements(486))
            elements = ResponseElements(200)
            second = transaction.send_response(elements)
            await first
            await self.fails(SIPInvalidTransactionState, second)
            elements.status_code = 202
            await peer.expects(486)

        self.run_(test())


class AcceptedContract(ContractCase):
    """Accepted: there is a handle, and what happens later the observer hears, once."""

    def _ends_in(
        self, uri: str, answer: int | None, names: list[str], kind: type[Any] | None
    ) -> None:
        async def test() -> None:
            observer = RecordingObserver()
            connection = await self.connection(observer)
            peer = self.world.peer()
            await self.turns()
            observer.events.clear()
            transaction = await connection.send_request(message(uri))
            self.assertIsInstance(transaction, ClientTransaction)
            self.assertIs(transaction.state, TransactionState.TRYING)
            if self.synchronous:  # a turn away, it may have been sent meanwhile
                self.assertEqual(list(self.network.log), [])
            if answer is not None:
                peer.answers(await peer.expects("MESSAGE"), answer)
            await self.turns(60)
            self.assertEqual(observer.names, names)
            if kind is None:
                self.assertEqual(observer.events[0][1:], (transaction, None))
                self.assertIs(transaction.state, TransactionState.COMPLETED)
            else:
                error, subject, about = observer.events[0][1:]
                self.assertIsInstance(error, kind)
                self.assertEqual((subject, about), (transaction, transaction))
                self.assertIs(transaction.state, TransactionState.TERMINATED)
                self.assertIs(await self.fails(kind, transaction.final()), error)
            self.assertEqual(connection.transactions, ())

        self.run_(test())

    def test_a_response(self) -> None:
        self._ends_in(f"sip:bob@{B}", 486, ["incoming_response"], None)

    def test_a_name_that_is_not_resolved(self) -> None:
        self._ends_in(UNRESOLVABLE, None, ["error_occurred"], SIPResolvingFailure)

    def test_a_port_where_nobody_listens(self) -> None:
        uri = f"sip:bob@{B}:5070"
        self._ends_in(uri, None, ["error_occurred"], SIPICMPFailure)

    def test_silence(self) -> None:
        self._ends_in(NOWHERE, None, ["error_occurred"], SIPTimedOut)

    def test_an_address_of_a_family_that_is_not_listened_on(self) -> None:
        uri = "sip:bob@[2001:db8::9]"
        self._ends_in(uri, None, ["error_occurred"], SIPTransportFailure)

    def test_a_challenge_is_never_a_response(self) -> None:
        for status in (401, 407, 494):
            uri = f"sip:bob@{B}"
            self._ends_in(uri, status, ["error_occurred"], SIPForbidden)
            self.anew()

    def test_100_is_the_stacks_own_affair(self) -> None:
        async def test() -> None:
            observer = RecordingObserver()
            connection = await self.connection(observer)
            peer = self.world.peer()
            transaction = await connection.send_request(message())
            request = await peer.expects("MESSAGE")
            peer.answers(request, 100)
            await self.turns(1)
            self.assertIsNone(transaction.response_elements)
            peer.answers(request, 200)
            await transaction.final()
            self.assertEqual(len(observer.all("incoming_response")), 1)

        self.run_(test())

    def test_a_response_that_the_network_refuses(self) -> None:
        """The command fails, and the observer hears that the transaction has ended."""

        async def test() -> None:
            observer = RecordingObserver()
            await self.connection(observer)
            peer = self.world.peer()
            peer.sends("MESSAGE", f"sip:alice@{A}")
            _, transaction, _ = await observer.next("incoming_request")
            port = self.world.reactor(A).ports[0]
            port.getHandle().closed = True
            sent = transaction.send_response(ResponseElements(200))
            error = await self.fails(SIPTransportFailure, sent)
            port.getHandle().closed = False
            heard = await observer.next("error_occurred")
            self.assertIsInstance(heard[1], type(error))
            self.assertEqual(heard[2:], (transaction, transaction))
            self.assertIs(transaction.state, TransactionState.TERMINATED)

        self.run_(test())


class ViewsContract(ContractCase):
    """Views show what the observer sees, after it, and take nothing from it."""

    def test_any_final_status_is_an_answer(self) -> None:
        async def test() -> None:
            connection = await self.connection()
            peer = self.world.peer()
            for status in (200, 302, 486, 503, 603):
                waiting = connection.request(
                    "MESSAGE", f"sip:bob@{B}", from_="sip:alice@example.com"
                )
                peer.answers(await peer.expects("MESSAGE"), status)
                self.assertEqual((await waiting).status_code, status)

        self.run_(test())

    def test_views_come_after_the_observer_and_everybody_sees_all(self) -> None:
        async def test() -> list[str]:
            said: list[str] = []
            observer = RecordingObserver()

            class Observer(RecordingObserver):
                def incoming_response(self, transaction: Any, context: Any) -> None:
                    status = transaction.response_elements.status_code
                    said.append(f"observer {status}")

            observer = Observer()
            connection = await self.connection(observer)
            peer = self.world.peer()
            transaction = await connection.send_request(message())

            def answered(response: ResponseElements, name: str) -> None:
                said.append(f"{name} {response.status_code}")

            for name in ("first", "second"):
                transaction.final().addCallback(answered, name)

            async def watch() -> None:
                async for response in transaction:
                    status = response.status_code
                    said.append(f"iteration {status}")
                said.append("iteration ends")

            watching = Deferred.fromCoroutine(watch())
            request = await peer.expects("MESSAGE")
            peer.answers(request, 180)
            await self.turns()
            peer.answers(request, 486)
            await watching
            await self.turns()
            return said

        self.assertEqual(
            self.run_(test()),
            [
                "observer 180",
                "iteration 180",
                "observer 486",
                "iteration 486",
                "iteration ends",
                "first 486",
                "second 486",
            ],
        )

    def test_called_late_final_fires_at_once(self) -> None:
        async def test() -> None:
            connection = await self.connection()
            peer = self.world.peer()
            answered = await connection.send_request(message())
            peer.answers(await peer.expects("MESSAGE"), 404)
            await answered.final()
            failed = await connection.send_request(message(UNRESOLVABLE))
            await self.fails(SIPResolvingFailure, failed.final())
            self.assertEqual(self.successResultOf(answered.final()).status_code, 404)
            self.failureResultOf(failed.final(), SIPResolvingFailure)

        self.run_(test())

    def test_iteration_fails_with_what_ended_the_transaction(self) -> None:
        async def test() -> list[int]:
            connection = await self.connection()
            peer = self.world.peer()
            transaction = await connection.send_request(message())
            peer.answers(await peer.expects("MESSAGE"), 183)
            seen: list[int] = []
            for _ in range(2):
                with self.assertRaises(SIPTimedOut):
                    async for response in transaction:
                        status = response.status_code
                        seen.append(status)
            return seen

        # The peer repeats its 183 for each retransmission; the later iteration begins
        # with the latest response.
        self.assertEqual(self.run_(test()), [183] * 10)

    def _silent_end(
        self, end: Callable[[SIPConnection, ClientTransaction], object], kind: type[Any]
    ) -> list[str]:
        """End things under four waiters; give what the observer heard of it."""

        async def test() -> list[str]:
            observer = RecordingObserver()
            connection = await self.connection(observer)
            transaction = await connection.send_request(message(NOWHERE))
            await self.turns(1)
            observer.events.clear()
            waiting: list[Deferred[Any]] = [transaction.final(), transaction.final()]

            async def watch() -> None:
                async for _ in transaction:
                    pass

            waiting += [Deferred.fromCoroutine(watch()) for _ in range(2)]
            end(connection, transaction)
            for each in waiting:
                await self.fails(kind, each)
            self.assertIs(transaction.state, TransactionState.TERMINATED)
            await self.fails(kind, transaction.final())
            await self.turns(60)
            return [str(getattr(e[1], "name", e[0])) for e in observer.events]

        return self.run_(test())

    def test_closing_fails_every_waiter_and_tells_nobody(self) -> None:
        ends: list[Callable[[SIPConnection, ClientTransaction], object]] = [
            lambda connection, transaction: transaction.close(),
            lambda connection, transaction: connection.close(),
            lambda connection, transaction: connection.client.close(),
        ]
        for end in ends:
            self.assertEqual(self._silent_end(end, SIPResourceNotAvailable), [])
            self.anew()

    def test_the_stacks_end_fails_every_waiter_and_is_one_state_change(self) -> None:
        provider = self.world.provider()
        self.patch(self.world, "provider", lambda: provider)
        heard = self._silent_end(
            lambda connection, transaction: self.world.stop(provider),
            SIPServerTerminated,
        )
        self.assertEqual(heard, [ConnectionState.UNAVAILABLE.name])


class FailureContract(ContractCase):
    """Every failure is a SIPError, and none is lost without a word."""

    def _unheeded(
        self, command: Callable[[SIPConnection], Deferred[Any]], *words: str
    ) -> None:
        """Its failure, that nobody looks at, is logged once with a summary."""

        async def test() -> None:
            connection = await self.connection()

            def action() -> None:
                command(connection)
                self.network.advance(40)
                gc.collect()

            self.action = action

        self.run_(test())
        logged = [formatEvent(event) for event in self.logs_of(self.action)]
        self.assertEqual(len(logged), 1, logged)
        for word in words:
            self.assertIn(word, logged[0])
        self.assertEqual(self.flushLoggedErrors(), [])

    def test_a_refused_request_that_nobody_looks_at_is_logged(self) -> None:
        elements = RequestElements(f"sip:bob@{B}", "MESSAGE")
        self._unheeded(
            lambda connection: connection.send_request(elements), "MESSAGE", B, "From"
        )

    def test_a_refused_connection_that_nobody_looks_at_is_logged(self) -> None:
        self._unheeded(lambda c: c.client.connect("nowhere"), "nowhere")
        self.anew()
        point = AccessPoint("else", listen=["udp:5060:interface=203.0.113.1"])
        self._unheeded(lambda c: c.client.connect(point), "else", "203.0.113.1")

    def test_a_request_without_answer_that_nobody_looks_at_is_logged(self) -> None:
        self._unheeded(
            lambda c: c.request("MESSAGE", NOWHERE, from_="sip:a@example.com"),
            "MESSAGE",
            NOWHERE,
        )
        self.anew()
        self._unheeded(
            lambda c: c.request("MESSAGE", "no URI", from_="sip:a@example.com"),
            "MESSAGE",
            "no URI",
        )

    def test_a_password_is_never_shown(self) -> None:
        uri = f"sip:bob:s3cret@{B}"
        elements = RequestElements(uri, "MESSAGE", from_="sip:alice@example.com")
        self.assertNotIn("s3cret", repr(elements))
        self._unheeded(lambda c: c.request("MESSAGE", uri), "sip:bob:***@", "From")
        events = self.logs_of(self.action)
        self.assertNotIn("s3cret", "".join(map(repr, events)))
        self.anew()
        self._unheeded(
            lambda c: c.request("MESSAGE", uri, from_="sip:alice@example.com"),
            "sip:bob:***@",
            "RFC 3261",
        )
        self.anew()
        self._unheeded(
            lambda c: c.request("MESSAGE", "sip:bob:s3cret@h;;", from_="sip:a@h"),
            ":******@h;;",
        )

    def test_a_refused_response_that_nobody_looks_at_is_logged(self) -> None:
        async def test() -> None:
            observer = RecordingObserver()
            await self.connection(observer)
            peer = self.world.peer()
            peer.sends("MESSAGE", f"sip:alice@{A}")
            _, self.transaction, _ = await observer.next("incoming_request")
            self.transaction.send_response(ResponseElements(200))
            await peer.expects(200)

        self.run_(test())

        def action() -> None:
            self.transaction.send_response(ResponseElements(486))
            self.network.advance(1)
            gc.collect()

        logged = [formatEvent(event) for event in self.logs_of(action)]
        self.assertEqual(len(logged), 1, logged)
        self.assertIn("answering MESSAGE with 486", logged[0])
        self.assertEqual(self.flushLoggedErrors(), [])

    def test_a_failure_that_somebody_looks_at_is_not_logged(self) -> None:
        async def test() -> None:
            connection = await self.connection()
            elements = RequestElements(f"sip:bob@{B}", "MESSAGE")
            await self.fails(SIPArgumentError, connection.send_request(elements))

        def action() -> None:
            self.run_(test())
            gc.collect()

        self.assertEqual(self.logs_of(action), [])

    def test_a_timeout_set_by_the_application_works(self) -> None:
        """CancelledError on what the application cancelled is no SIPError."""

        async def test() -> None:
            observer = RecordingObserver()
            connection = await self.connection(observer)
            transaction = await connection.send_request(message(NOWHERE))
            final = transaction.final()
            final.addTimeout(5, self.clock())
            await self.fails(defer.TimeoutError, final)
            stopped = transaction.final()
            stopped.cancel()
            await self.fails(CancelledError, stopped)
            request = connection.request("MESSAGE", NOWHERE, from_="sip:a@example.com")
            await self.fails(defer.TimeoutError, request.addTimeout(5, self.clock()))
            self.assertEqual(observer.all("error_occurred"), [])
            await self.turns(40)
            # To stop waiting changes nothing: each is told how it ended.
            heard = observer.all("error_occurred")
            self.assertEqual([type(e[1]) for e in heard], [SIPTimedOut] * 2)

        self.run_(test())

    def test_only_programming_errors_raise_synchronously(self) -> None:
        async def test() -> None:
            observer = RecordingObserver()
            connection = await self.connection(observer)
            with self.assertRaises(TypeError):
                connection.send_request("sip:bob@example.com")  # type: ignore[arg-type]  # that is the point
            with self.assertRaises(TypeError):
                connection.send_request(ResponseElements(200))  # type: ignore[arg-type]  # likewise
            with self.assertRaises(TypeError):
                connection.client.connect(POINT, object())
            with self.assertRaises(TypeError):
                connection.client.connect(5060)  # type: ignore[arg-type]  # likewise
            peer = self.world.peer()
            peer.sends("MESSAGE", f"sip:alice@{A}")
            _, transaction, _ = await observer.next("incoming_request")
            with self.assertRaises(TypeError):
                transaction.send_response(200)
            transaction.send_response(ResponseElements(200))
            await peer.expects(200)

        self.run_(test())

    def test_values_raise_on_the_spot(self) -> None:
        with self.assertRaises(SIPArgumentError):
            message(headers={"Call-ID": "mine"})
        with self.assertRaises(SIPArgumentError):
            ResponseElements(99)
        with self.assertRaises(SIPArgumentError):
            ResponseElements(200).status_code = 700
        with self.assertRaises(SIPArgumentError):
            AccessPoint("no name", listen=["udp:5060"])

    def test_in_process_a_commands_deferred_has_fired(self) -> None:
        """A provider a turn away takes its time; one in process takes none."""

        async def test() -> None:
            connection = await self.connection()
            commands: list[Deferred[Any]] = [
                connection.send_request(message(UNRESOLVABLE)),
                connection.client.connect(
                    AccessPoint("other", listen=["udp:0"]), wait=False
                ),
            ]
            self.assertEqual({d.called for d in commands}, {self.synchronous})
            for each in commands:
                await each

        self.run_(test())
