"""Ending: closing, leaving, cancelling, and what nobody ever answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.defer import CancelledError, Deferred

from sipclient import (
    AccessPoint,
    ClientTransaction,
    ResponseElements,
    SIPClient,
    TransactionState,
)
from sipclient.errors import (
    SIPError,
    SIPInvalidTransactionState,
    SIPResourceNotAvailable,
    SIPServerTerminated,
    SIPTimedOut,
)
from sipclient.testing import RecordingObserver

from .world import NOWHERE, POINT, UNRESOLVABLE, A, B, ContractCase, message


class CloseContract(ContractCase):
    """``close()``: at once, any number of times, in any order, and silently."""

    async def _everything(self) -> tuple[Any, Any, Any, Any, Any]:
        """A client and its connection, a request sent, one received, one answered."""
        observer = RecordingObserver()
        connection = await self.connection(observer)
        sent = await connection.send_request(message(NOWHERE))
        self.caller = self.world.peer(absorbs=False)
        received = []
        for _ in range(2):
            self.caller.sends("MESSAGE", f"sip:alice@{A}")
            received.append((await observer.next("incoming_request"))[1])
        await received[1].send_response(ResponseElements(200))
        await self.caller.expects(200)
        return connection.client, connection, sent, received[0], received[1]

    def test_it_returns_none_and_can_be_repeated(self) -> None:
        async def test() -> None:
            for handle in reversed(await self._everything()):
                for _ in range(3):
                    self.assertIsNone(handle.close())
                    self.assertTrue(handle.closed)
            await self.turns(40)
            await self.caller.expects(100)

        self.run_(test())

    def test_it_sends_nothing(self) -> None:
        async def test() -> None:
            handles = await self._everything()
            sent = len(self.network.log)
            for handle in handles:
                handle.close()
            await self.turns()
            self.assertEqual(len(self.network.log), sent)
            await self.turns(40)
            await self.caller.expects(100)

        self.run_(test())

    def test_children_are_closed_with_their_parent(self) -> None:
        """And using what is closed fails with SIPResourceNotAvailable."""
        for index in range(5):

            async def test(index: int = index) -> None:
                handles = await self._everything()
                client, connection, sent, received, answered = handles
                handles[index].close()
                below = {0: handles, 1: handles[1:]}.get(index, (handles[index],))
                for handle in below:
                    self.assertTrue(handle.closed, handle)
                uses: dict[object, Callable[[], Deferred[Any]]] = {
                    client: lambda: client.connect(POINT),
                    connection: lambda: connection.send_request(message()),
                    sent: sent.final,
                    received: lambda: received.send_response(ResponseElements(200)),
                    answered: lambda: answered.send_response(ResponseElements(200)),
                }
                for handle in below:
                    await self.fails(SIPResourceNotAvailable, uses[handle]())
                if client in below:
                    self.assertEqual(client.connections, ())
                if connection in below:
                    self.assertEqual(connection.transactions, ())
                await self.turns(40)
                await self.caller.expects(100)

            self.run_(test())
            self.anew()

    def test_what_arrives_after_its_parent_was_closed_is_closed(self) -> None:
        """A command on its way when its parent closes leaves nobody waiting."""

        async def test() -> None:
            client = await self.client()
            connecting = client.connect(POINT)
            client.close()
            await self.fails(SIPResourceNotAvailable, connecting)
            self.assertEqual(client.connections, ())
            for port, parent in ((5062, "connection"), (5064, "client")):
                point = AccessPoint("default", listen=[f"udp:{port}"])
                connection = await self.connection(access_point=point)
                sending = connection.send_request(message(NOWHERE))
                waiting = sending.addCallback(ClientTransaction.final)
                requesting = connection.request(
                    "MESSAGE", NOWHERE, from_="sip:a@example.com"
                )
                (connection if parent == "connection" else connection.client).close()
                await self.fails(SIPResourceNotAvailable, waiting)
                await self.fails(SIPResourceNotAvailable, requesting)
                self.assertEqual(connection.transactions, ())

        self.run_(test())

    def test_others_live_on(self) -> None:
        async def test() -> int:
            provider = self.world.provider()
            one = await self.connection(uid="one", provider=provider)
            two = await self.connection(uid="two", provider=provider)
            first = await two.send_request(message(NOWHERE))
            second = await two.send_request(message())
            one.client.close()
            first.close()
            peer = self.world.peer()
            peer.answers(await peer.expects("MESSAGE"), 202)
            return (await second.final()).status_code

        self.assertEqual(self.run_(test()), 202)

    def test_nothing_is_told_any_more(self) -> None:
        async def test() -> None:
            observer = RecordingObserver()
            connection = await self.connection(observer)
            peer = self.world.peer()
            transaction = await connection.send_request(message())
            request = await peer.expects("MESSAGE")
            transaction.close()
            peer.answers(request, 200)
            await self.turns(1)
            self.assertEqual(observer.names, ["connection_state_changed"])
            peer.sends("MESSAGE", f"sip:alice@{A}")
            connection.close()
            await self.turns(40)
            self.assertEqual(observer.names, ["connection_state_changed"])
            peer._kept.clear()

        self.run_(test())

    def test_a_response_handed_over_just_before_is_still_retransmitted(self) -> None:
        for index in range(5):

            async def test(index: int = index) -> None:
                observer = RecordingObserver()
                connection = await self.connection(observer)
                peer = self.world.peer(absorbs=False)
                request = peer.sends("MESSAGE", f"sip:alice@{A}")
                _, transaction, _ = await observer.next("incoming_request")
                handles = [transaction, connection, connection.client]
                transaction.send_response(ResponseElements(200)).addErrback(_drop)
                if index < 3:
                    handles[index].close()
                elif index == 3:
                    for handle in handles:
                        handle.close()
                else:
                    for handle in reversed(handles):
                        handle.close()
                answer = await peer.expects(200)
                for _ in range(5):
                    await self.network.sleep(6)
                    peer.sends_bytes(request.raw, (A, 5060))
                    self.assertEqual((await peer.expects(200)).raw, answer.raw)

            self.run_(test())
            self.anew()

    def test_a_request_handed_over_just_before_is_still_sent(self) -> None:
        """There is no way to take back what the stack has taken."""
        for index in range(3):

            async def test(index: int = index) -> None:
                connection = await self.connection()
                peer = self.world.peer()
                sending = connection.send_request(message())
                sending.addErrback(_drop)
                if index == 0:
                    connection.close()
                elif index == 1:
                    connection.client.close()
                else:
                    sending.addCallback(ClientTransaction.close)
                peer.answers(await peer.expects("MESSAGE"), 200)

            self.run_(test())
            self.anew()


class LeaveContract(ContractCase):
    """``leave()`` is polite, limited in time, and never fails."""

    def test_it_waits_for_what_was_sent(self) -> None:
        async def test() -> None:
            observer = RecordingObserver()
            connection = await self.connection(observer)
            peer = self.world.peer()
            transaction = await connection.send_request(message())
            leaving = connection.client.leave()
            request = await peer.expects("MESSAGE")
            await self.turns(2)
            self.assertNoResult(leaving)
            peer.answers(request, 486)
            await leaving
            self.assertEqual((await transaction.final()).status_code, 486)
            self.assertEqual(len(observer.all("incoming_response")), 1)
            self.assertTrue(connection.closed)
            self.assertTrue(connection.client.closed)

        self.run_(test())

    def test_it_waits_no_longer_than_it_may(self) -> None:
        async def test() -> list[float]:
            times = []
            for limit in (5.0, 2.0, 0.0):
                point = AccessPoint("default", listen=[f"udp:{5070 + int(limit)}"])
                connection = await self.connection(access_point=point)
                await connection.send_request(message(NOWHERE))
                begun = self.network.seconds()
                if limit == 5.0:
                    await connection.client.leave()
                else:
                    await connection.client.leave(timeout=limit)
                times.append(self.network.seconds() - begun)
                self.assertTrue(connection.closed)
            return times

        for seen, limit in zip(self.run_(test(), 300), (5.0, 2.0, 0.0), strict=True):
            self.assertAlmostEqual(seen, limit)

    def test_what_is_unanswered_gets_480(self) -> None:
        for leaver in ("connection", "client"):

            async def test(leaver: str = leaver) -> None:
                observer = RecordingObserver()
                connection = await self.connection(observer)
                peer = self.world.peer()
                peer.sends("MESSAGE", f"sip:alice@{A}")
                _, transaction, _ = await observer.next("incoming_request")
                left = connection if leaver == "connection" else connection.client
                await left.leave()
                await peer.expects(480)
                sent = transaction.send_response(ResponseElements(200))
                await self.fails(SIPResourceNotAvailable, sent)

            self.run_(test())
            self.anew()

    def test_it_never_fails(self) -> None:
        async def test() -> None:
            provider = self.world.provider()
            connection = await self.connection(provider=provider)
            await connection.send_request(message(NOWHERE))
            leaving = [connection.leave(), connection.leave()]
            leaving.append(connection.client.leave())
            await self.world.stop(provider)
            for each in leaving:
                await each
            connection.close()
            for closed in (connection, connection.client):
                await closed.leave()

        self.run_(test())

    def test_async_with_means_leave(self) -> None:
        async def test() -> None:
            observer = RecordingObserver()
            peer = self.world.peer()
            provider = self.world.provider()
            async with await self.client(provider=provider) as client:
                async with await client.connect(POINT, observer) as connection:
                    peer.sends("MESSAGE", f"sip:alice@{A}")
                    await observer.next("incoming_request")
                    self.assertFalse(connection.closed)
                await peer.expects(480)
                self.assertTrue(connection.closed)
                self.assertFalse(client.closed)
            self.assertTrue(client.closed)
            try:
                async with await self.client(provider=provider) as client:
                    self.fail("as an application might")
            except self.failureException:
                self.assertTrue(client.closed)

        self.run_(test())


class CancelContract(ContractCase):
    """Cancelling a command's Deferred never unsends.

    In process it has fired already and there is nothing to cancel; a turn away it fails
    with CancelledError, the command goes on, and what it makes is closed on arrival.
    """

    async def _cancelled(self, deferred: Deferred[Any]) -> Any:
        deferred.cancel()
        if self.synchronous:
            return await deferred
        await self.fails(CancelledError, deferred)
        return None

    def test_a_request_is_sent_all_the_same(self) -> None:
        async def test() -> None:
            observer = RecordingObserver()
            connection = await self.connection(observer)
            peer = self.world.peer()
            elements = message()
            made = await self._cancelled(connection.send_request(elements))
            peer.answers(await peer.expects("MESSAGE"), 200)
            await self.turns(1)
            heard = ["connection_state_changed"]
            if made is not None:
                heard.append("incoming_response")
            self.assertEqual(observer.names, heard)
            self.assertEqual(connection.transactions, ())
            with self.assertRaises(SIPError):
                elements.method = "OPTIONS"

        self.run_(test())

    def test_a_refused_requests_elements_are_given_back_all_the_same(self) -> None:
        async def test() -> None:
            connection = await self.connection()
            elements = message("tel:+358-555-1234567")
            sending = connection.send_request(elements)
            sending.cancel()
            await self.fails(SIPError if self.synchronous else CancelledError, sending)
            await self.turns()
            elements.remote_uri = f"sip:bob@{B}"

        self.run_(test())

    def test_a_connection_is_closed_on_arrival(self) -> None:
        """Waiting for ACTIVE is part of the command, in process too."""

        async def test() -> None:
            client = await self.client()
            observer = RecordingObserver()
            connecting = client.connect(POINT, observer)
            connecting.cancel()
            await self.fails(CancelledError, connecting)
            await self.turns(1)
            self.assertEqual(client.connections, ())
            self.assertEqual(self.world.reactor(A).ports, ())
            self.assertEqual(observer.events, [])
            await client.connect(POINT)

        self.run_(test())

    def test_a_connection_not_waited_for_likewise(self) -> None:
        async def test() -> None:
            client = await self.client()
            made = await self._cancelled(client.connect(POINT, wait=False))
            await self.turns(1)
            self.assertEqual(client.connections, () if made is None else (made,))

        self.run_(test())

    def test_a_client_is_closed_on_arrival(self) -> None:
        async def test() -> None:
            provider = self.world.provider()
            opening = SIPClient.attach(provider, "app")
            made = await self._cancelled(opening)
            await self.turns()
            if made is not None:
                made.close()
            await self.client("app", provider=provider)

        self.run_(test())

    def test_a_response_is_sent_all_the_same(self) -> None:
        async def test() -> None:
            observer = RecordingObserver()
            await self.connection(observer)
            peer = self.world.peer()
            peer.sends("MESSAGE", f"sip:alice@{A}")
            _, transaction, _ = await observer.next("incoming_request")
            await self._cancelled(transaction.send_response(ResponseElements(200)))
            await peer.expects(200)
            await self.turns()
            self.assertIs(transaction.state, TransactionState.COMPLETED)

        self.run_(test())

    def test_to_cancel_final_is_to_stop_waiting(self) -> None:
        async def test() -> None:
            observer = RecordingObserver()
            connection = await self.connection(observer)
            peer = self.world.peer()
            transaction = await connection.send_request(message())
            first, second = transaction.final(), transaction.final()
            first.cancel()
            await self.fails(CancelledError, first)
            peer.answers(await peer.expects("MESSAGE"), 200)
            self.assertEqual((await second).status_code, 200)
            self.assertEqual(len(observer.all("incoming_response")), 1)

        self.run_(test())

    def test_a_watcher_can_be_cancelled(self) -> None:
        async def test() -> None:
            connection = await self.connection()
            peer = self.world.peer()
            transaction = await connection.send_request(message())

            async def watch() -> None:
                async for _ in transaction:
                    pass

            watching = Deferred.fromCoroutine(watch())
            watching.cancel()
            await self.fails(CancelledError, watching)
            active = connection.active()
            active.cancel()
            peer.answers(await peer.expects("MESSAGE"), 200)
            await transaction.final()

        self.run_(test())

    def test_waiting_for_a_connection_can_be_given_up(self) -> None:
        async def test() -> None:
            client = await self.client()
            connection = await client.connect(POINT, wait=False)
            waiting = connection.active()
            waiting.cancel()
            await self.fails(CancelledError, waiting)
            await connection.active()

        self.run_(test())


class UnansweredContract(ContractCase):
    """A request that the application never answers ends by a limit of its own."""

    def test_after_64_t1_in_silence_and_the_observer_hears_it(self) -> None:
        """RFC 4320: no 408 on the wire; 100 when the client repeats every T2."""

        async def test() -> float:
            observer = RecordingObserver()
            await self.connection(observer)
            peer = self.world.peer()
            peer.sends("MESSAGE", f"sip:alice@{A}")
            _, transaction, _ = await observer.next("incoming_request")
            _, error, subject, about = await observer.next("error_occurred")
            at = self.network.seconds()
            self.assertIsInstance(error, SIPTimedOut)
            self.assertIn("answering MESSAGE", str(error))
            self.assertEqual((subject, about), (transaction, transaction))
            self.assertIs(transaction.state, TransactionState.TERMINATED)
            sent = transaction.send_response(ResponseElements(200))
            await self.fails(SIPInvalidTransactionState, sent)
            await self.turns(20)
            await peer.expects(100)
            self.assertAlmostEqual(peer.heard[0].time, 3.5)
            return at

        self.assertAlmostEqual(self.run_(test()), 32.0)

    def test_closing_its_connection_changes_nothing_on_the_wire(self) -> None:
        async def test() -> None:
            observer = RecordingObserver()
            connection = await self.connection(observer)
            peer = self.world.peer()
            peer.sends("MESSAGE", f"sip:alice@{A}")
            await observer.next("incoming_request")
            connection.close()
            await self.turns(31)
            self.assertEqual(len(self.world.reactor(A).ports), 1)
            await peer.expects(100)
            await self.turns(2)
            self.assertEqual(self.world.reactor(A).ports, ())
            self.assertEqual(observer.all("error_occurred"), [])

        self.run_(test())

    def test_a_request_is_answered_in_the_last_moment(self) -> None:
        async def test() -> None:
            observer = RecordingObserver()
            await self.connection(observer)
            peer = self.world.peer()
            peer.sends("MESSAGE", f"sip:alice@{A}")
            _, transaction, _ = await observer.next("incoming_request")
            await self.network.sleep(31.9)
            await transaction.send_response(ResponseElements(200))
            await peer.expects(100)
            await peer.expects(200)

        self.run_(test())


class StoppedContract(ContractCase):
    """The stack ends under its applications: each hears it once, nothing works on."""

    def test_everything_fails_from_then_on(self) -> None:
        async def test() -> None:
            provider = self.world.provider()
            observer = RecordingObserver()
            connection = await self.connection(observer, provider=provider)
            client = connection.client
            sent = await connection.send_request(message(NOWHERE))
            self.world.peer().sends("MESSAGE", f"sip:alice@{A}")
            _, received, _ = await observer.next("incoming_request")
            observer.events.clear()
            await self.world.stop(provider)
            await self.turns()
            self.assertEqual(observer.names, ["connection_state_changed"])
            await self.fails(SIPServerTerminated, sent.final())
            for command in (
                lambda: client.connect(AccessPoint("other", listen=["udp:5070"])),
                lambda: connection.send_request(message()),
                connection.active,
            ):
                await self.fails(SIPServerTerminated, command())
            answer = received.send_response(ResponseElements(200))
            await self.fails(SIPResourceNotAvailable, answer)
            self.assertIsInstance(connection.connection_error(), SIPServerTerminated)
            client.close()
            await self.turns(40)
            self.assertEqual(observer.names, ["connection_state_changed"])

        self.run_(test())

    def test_a_command_on_its_way_fails_once_with_its_fate_unknown(self) -> None:
        async def test() -> None:
            provider = self.world.provider()
            connection = await self.connection(provider=provider)
            stopping = self.world.stop(provider)
            sending = connection.send_request(message(UNRESOLVABLE))
            error = await self.fails(SIPServerTerminated, sending)
            if not self.synchronous:
                self.assertEqual(error.outcome, "unknown")
                self.assertIn("MESSAGE", str(error))
            await stopping

        self.run_(test())


def _drop(_: object) -> None:
    """It was closed; whether the reply still came is not the point."""
