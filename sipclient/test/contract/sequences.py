"""The guide's first four sequences: start, close, send a request, receive a request."""

from __future__ import annotations

from sipclient import (
    ConnectionState,
    ResponseElements,
    SIPClient,
    SIPObserver,
    TransactionState,
)
from sipclient.errors import SIPResolvingFailure, SIPResourceNotAvailable
from sipclient.testing import RecordingClientObserver, RecordingObserver

from .world import EVERYBODY, POINT, UNRESOLVABLE, A, B, ContractCase, message


class SequenceContract(ContractCase):
    """What the guide draws."""

    def test_1_start(self) -> None:
        """A client and a connection are asked for; the connection is INIT at first.

        The stack opens the listening addresses, and the observer hears ACTIVE.
        """

        async def test() -> None:
            observer = RecordingObserver()
            client = await SIPClient.attach(
                self.world.provider(), "org.example.start", SIPObserver()
            )
            self.world.clients.append(client)
            connection = await client.connect(POINT, observer, wait=False)
            self.assertIs(connection.state, ConnectionState.INIT)
            await observer.next("connection_state_changed")
            self.assertEqual(
                observer.events, [("connection_state_changed", ConnectionState.ACTIVE)]
            )
            self.assertIs(connection.state, ConnectionState.ACTIVE)
            self.assertEqual(len(self.world.reactor(A).ports), 1)

        self.run_(test())

    def test_2_close(self) -> None:
        """From the leaves to the root; nothing goes to the network.

        What the application still holds fails with SIPResourceNotAvailable. The
        connection may as well be closed first.
        """

        async def test(first: bool) -> None:
            observer = RecordingObserver()
            connection = await self.connection(observer)
            peer = self.world.peer()
            transaction = await connection.send_request(message())
            peer.answers(await peer.expects("MESSAGE"), 180)
            await observer.next("incoming_response")
            sent = len(self.network.log)
            if first:
                connection.close()
            transaction.close()
            connection.close()
            connection.client.close()
            await self.turns()
            self.assertEqual(len(self.network.log), sent)
            for use in (
                transaction.final,
                lambda: connection.send_request(message()),
                lambda: connection.client.connect(POINT),
            ):
                await self.fails(SIPResourceNotAvailable, use())
            peer.answers(peer.heard[0].message, 200)  # type: ignore[arg-type]  # it is the request

        for first in (False, True):
            self.run_(test(first))
            self.anew()

    def test_3_send_a_request(self) -> None:
        """The transaction is TRYING when it comes, and PROCEEDING with a 1xx.

        The application keeps it until the final response, which COMPLETES it.
        """

        async def test() -> None:
            observer = RecordingObserver()
            connection = await self.connection(observer)
            peer = self.world.peer()
            transaction = await connection.send_request(message())
            self.assertIs(transaction.state, TransactionState.TRYING)
            self.assertEqual(transaction.type, "MESSAGE")
            if self.synchronous:
                self.assertEqual(list(self.network.log), [])
            request = await peer.expects("MESSAGE")
            peer.answers(request, 182)
            event = await observer.next("incoming_response")
            self.assertEqual(event, ("incoming_response", transaction, None))
            self.assertIs(transaction.state, TransactionState.PROCEEDING)
            assert transaction.response_elements is not None
            self.assertEqual(transaction.response_elements.status_code, 182)
            peer.answers(request, 200)
            event = await observer.next("incoming_response")
            self.assertEqual(event, ("incoming_response", transaction, None))
            self.assertIs(transaction.state, TransactionState.COMPLETED)
            self.assertEqual(transaction.response_elements.status_code, 200)
            transaction.close()

        self.run_(test())

    def test_3_resolution_fails(self) -> None:
        """The transaction is TERMINATED, and the observer hears why, once."""

        async def test() -> None:
            observer = RecordingObserver()
            connection = await self.connection(observer)
            transaction = await connection.send_request(message(UNRESOLVABLE))
            self.assertIs(transaction.state, TransactionState.TRYING)
            _, error, subject, about = await observer.next("error_occurred")
            self.assertIsInstance(error, SIPResolvingFailure)
            self.assertEqual((subject, about), (transaction, transaction))
            self.assertIs(transaction.state, TransactionState.TERMINATED)
            await self.turns(40)
            self.assertEqual(len(observer.all("error_occurred")), 1)

        self.run_(test())

    def test_4_receive_a_request(self) -> None:
        """The stack routes it, the application answers and closes.

        The stack sends the answer, and again for each retransmission.
        """

        async def test() -> None:
            observer = RecordingObserver()
            await self.connection(observer)
            peer = self.world.peer(absorbs=False)
            request = peer.sends(
                "MESSAGE",
                f"sip:alice@{A}",
                headers=[("Content-Type", "text/plain")],
                body=b"hello",
            )
            _, transaction, dialog = await observer.next("incoming_request")
            self.assertIsNone(dialog)
            self.assertTrue(transaction.response_allowed)
            self.assertEqual(transaction.type, "MESSAGE")
            self.assertEqual(transaction.request_elements.content, b"hello")
            self.assertIsNone(await transaction.send_response(ResponseElements(200)))
            self.assertIs(transaction.state, TransactionState.COMPLETED)
            transaction.close()
            first = await peer.expects(200)
            self.assertNotEqual(first.to_tag, "")
            for _ in range(3):
                await self.network.sleep(4)
                peer.sends_bytes(request.raw, (A, 5060))
                self.assertEqual((await peer.expects(200)).raw, first.raw)
            self.assertEqual(len(observer.all("incoming_request")), 1)

        self.run_(test())

    def test_4_no_connection_on_that_access_point(self) -> None:
        """The client's observer hears of it, connects, and answers."""

        async def test() -> None:
            provider = self.world.provider()
            await self.connection(uid="other", capabilities=None, provider=provider)
            observer = RecordingClientObserver()
            client = await self.client(
                observer=observer, provider=provider, capabilities=EVERYBODY
            )
            peer = self.world.peer()
            peer.sends("MESSAGE", f"sip:alice@{A}")
            _, access_point, transaction = await observer.next("incoming_request")
            await client.connect(access_point)
            await transaction.send_response(ResponseElements(200))
            await peer.expects(200)

        self.run_(test())

    def test_4_no_connection_and_no_answer(self) -> None:
        """In time the client's observer hears that it timed out."""

        async def test() -> None:
            provider = self.world.provider()
            await self.connection(uid="other", capabilities=None, provider=provider)
            observer = RecordingClientObserver()
            await self.client(observer=observer, provider=provider)
            peer = self.world.peer()
            peer.sends("MESSAGE", f"sip:alice@{A}")
            _, _, transaction = await observer.next("incoming_request")
            event = await observer.next("timed_out")
            self.assertEqual(event, ("timed_out", transaction))
            self.assertEqual(observer.names, ["incoming_request", "timed_out"])
            await peer.expects(100)

        self.run_(test())

    def test_how_it_should_feel(self) -> None:
        """Sending and receiving in a few lines, with nothing but the public names."""
        a, b = self.world.provider(A), self.world.provider(B)
        test = self

        class Inbox(RecordingObserver):
            def incoming_request(self, transaction: object, dialog: object) -> None:
                super().incoming_request(transaction, dialog)
                transaction.send_response(ResponseElements(200))  # type: ignore[attr-defined]  # it is one

        async def main() -> tuple[int, bytes]:
            inbox = Inbox()
            receiver = await test.client("inbox", provider=b)
            await receiver.connect("default", inbox)
            async with await test.client("org.example.hello", provider=a) as client:
                connection = await client.connect("default")
                response = await connection.request(
                    "MESSAGE",
                    f"sip:bob@{B}",
                    from_="sip:alice@example.com",
                    content=b"hello",
                    content_type="text/plain",
                )
            received = inbox.events[-1][1].request_elements
            return response.status_code, received.content

        self.assertEqual(self.run_(main()), (200, b"hello"))
