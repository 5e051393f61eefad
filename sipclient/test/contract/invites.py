"""INVITE outside dialogs: answered, refused, cancelled, left alone, and acknowledged.

A 2xx makes a dialog and needs an association; until there are any it is refused.
"""

from __future__ import annotations

from typing import Any

from sipclient import (
    Capabilities,
    ResponseElements,
    SIPConnection,
    SIPConnectionObserver,
    TransactionState,
)
from sipclient.errors import (
    SIPInvalidDialogState,
    SIPInvalidTransactionState,
    SIPTimedOut,
)
from sipclient.message.build import ack, cancel
from sipclient.message.model import Request, Response
from sipclient.testing import RecordingClientObserver, RecordingObserver, ScriptedPeer

from .world import POINT, A, ContractCase

PHONE = Capabilities(users="*", methods=("INVITE", "MESSAGE"))
HERE = (A, 5060)


def tag_of(response: Response) -> str:
    """The tag in its To, which all responses to an INVITE share."""
    return (response.text("To") or "").partition(";tag=")[2]


class InviteContract(ContractCase):
    """What an application and its peer see of an INVITE."""

    def setUp(self) -> None:
        super().setUp()
        self.observer = RecordingObserver()

    async def called(
        self, **options: Any
    ) -> tuple[SIPConnection, ScriptedPeer, Request, Any]:
        """An application that has been given an INVITE; the peer has its 100."""
        connection = await self.connection(self.observer, capabilities=PHONE)
        peer = self.world.peer()
        invite = peer.sends("INVITE", f"sip:bob@{A}", HERE, **options)
        await peer.expects(100)
        _, transaction, dialog = await self.observer.next("incoming_request")
        self.assertIsNone(dialog)
        return connection, peer, invite, transaction

    async def refused(
        self, peer: ScriptedPeer, invite: Request, status: int
    ) -> Response:
        """The final response at the peer, which acknowledges it."""
        response = await peer.expects(status)
        assert isinstance(response, Response)
        peer.sends_bytes(ack(invite, response), HERE)
        return response

    def test_it_has_got_100_and_is_proceeding(self) -> None:
        """The stack says 100 by itself; the transaction begins in PROCEEDING."""

        async def test() -> None:
            _, peer, invite, transaction = await self.called()
            self.assertEqual(transaction.type, "INVITE")
            self.assertIs(transaction.state, TransactionState.PROCEEDING)
            self.assertTrue(transaction.response_allowed)
            await transaction.send_response(ResponseElements(486))
            await self.refused(peer, invite, 486)

        self.run_(test())

    def test_ringing_and_then_busy(self) -> None:
        """Provisional responses and the final one carry the same To tag."""

        async def test() -> None:
            _, peer, invite, transaction = await self.called()
            await transaction.send_response(ResponseElements(180))
            ringing = await peer.expects(180)
            self.assertIs(transaction.state, TransactionState.PROCEEDING)
            await transaction.send_response(ResponseElements(183))
            await peer.expects(183)
            await transaction.send_response(ResponseElements(486))
            self.assertIs(transaction.state, TransactionState.COMPLETED)
            busy = await self.refused(peer, invite, 486)
            self.assertEqual(len({tag_of(r) for r in (ringing, busy)}), 1)
            late = transaction.send_response(ResponseElements(600))
            await self.fails(SIPInvalidTransactionState, late)

        self.run_(test())

    def test_a_final_response_is_repeated_until_acknowledged(self) -> None:
        """Over UDP: after T1, 2·T1 and so on, and never after the ACK (Timer G)."""

        async def test() -> None:
            _, peer, invite, transaction = await self.called()
            begin = self.network.seconds()
            await transaction.send_response(ResponseElements(603))
            response = await peer.expects(603)
            await self.network.sleep(2.0)
            assert isinstance(response, Response)
            peer.sends_bytes(ack(invite, response), HERE)
            await self.network.sleep(30.0)
            times = [
                round(datagram.time - begin, 3)
                for datagram in self.network.log
                if datagram.data.startswith(b"SIP/2.0 603")
            ]
            self.assertEqual(times, [0.0, 0.5, 1.5])

        self.run_(test())

    def test_a_2xx_needs_an_association(self) -> None:
        """It is refused, the elements stay, and another answer can be given."""

        async def test() -> None:
            _, peer, invite, transaction = await self.called()
            accepting = ResponseElements(200)
            error = await self.fails(
                SIPInvalidDialogState, transaction.send_response(accepting)
            )
            self.assertIn("dialog", str(error))
            self.assertIs(transaction.state, TransactionState.PROCEEDING)
            accepting.set_header("Subject", "still mine")
            await transaction.send_response(ResponseElements(488))
            await self.refused(peer, invite, 488)

        self.run_(test())

    def test_8_cancel_received(self) -> None:
        """With a match: 200 to the CANCEL, 487 to the INVITE, and `invite_canceled`.

        The CANCEL itself is never given to the application.
        """

        async def test() -> None:
            _, peer, invite, transaction = await self.called()
            await transaction.send_response(ResponseElements(180))
            ringing = await peer.expects(180)
            text = cancel(invite).replace(
                b"Content-Length",
                b'Reason: SIP;cause=200;text="elsewhere"\r\nContent-Length',
            )
            peer.sends_bytes(text, HERE)
            done = await peer.expects(200)
            self.assertIn("CANCEL", done.text("CSeq") or "")
            ended = await self.refused(peer, invite, 487)
            self.assertEqual(len({tag_of(r) for r in (ringing, done, ended)}), 1)
            _, canceled = await self.observer.next("invite_canceled")
            self.assertIs(canceled, transaction)
            self.assertIs(transaction.state, TransactionState.TERMINATED)
            self.assertIn("elsewhere", str(transaction.reason))
            await self.fails(
                SIPInvalidTransactionState,
                transaction.send_response(ResponseElements(486)),
            )
            self.assertEqual(self.observer.names.count("incoming_request"), 1)

        self.run_(test())

    def test_a_cancel_without_match(self) -> None:
        """481, and nobody hears of it."""

        async def test() -> None:
            _, peer, invite, transaction = await self.called()
            stranger = cancel(invite).replace(b"branch=z9hG4bK", b"branch=z9hG4bKno")
            peer.sends_bytes(stranger, HERE)
            await peer.expects(481)
            await self.turns()
            self.assertNotIn("invite_canceled", self.observer.names)
            await transaction.send_response(ResponseElements(404))
            await self.refused(peer, invite, 404)

        self.run_(test())

    def test_a_cancel_that_comes_too_late(self) -> None:
        """An INVITE that is answered finally stays so; the CANCEL gets its 200."""

        async def test() -> None:
            _, peer, invite, transaction = await self.called()
            await transaction.send_response(ResponseElements(486))
            response = await peer.expects(486)
            peer.sends_bytes(cancel(invite), HERE)
            await peer.expects(200)
            assert isinstance(response, Response)
            peer.sends_bytes(ack(invite, response), HERE)
            await self.turns()
            self.assertNotIn("invite_canceled", self.observer.names)

        self.run_(test())

    def test_nobody_answers_for_300_seconds(self) -> None:
        """The caller gets 408, and the application hears SIPTimedOut, once."""

        async def test() -> None:
            _, peer, invite, transaction = await self.called()
            await self.network.sleep(299.9)
            self.assertNotIn("error_occurred", self.observer.names)
            await self.network.sleep(0.2)
            await self.refused(peer, invite, 408)
            (event,) = self.observer.all("error_occurred")
            self.assertIsInstance(event[1], SIPTimedOut)
            self.assertIs(event[2], transaction)
            self.assertIs(transaction.state, TransactionState.TERMINATED)

        self.run_(test(), limit=1000.0)

    def test_left_alone_it_gets_500(self) -> None:
        """An observer that neither answers nor keeps it is named in the log."""

        async def test() -> None:
            await self.connection(SIPConnectionObserver(), capabilities=PHONE)
            peer = self.world.peer()
            invite = peer.sends("INVITE", f"sip:bob@{A}", HERE)
            await peer.expects(100)
            await self.refused(peer, invite, 500)

        logs = self.logs_of(lambda: self.run_(test()))
        self.assertEqual(len(logs), 1)
        self.flushLoggedErrors()

    def test_leaving_declines_it(self) -> None:
        """`leave()` answers 480 for the application."""

        async def test() -> None:
            connection, peer, invite, transaction = await self.called()
            left = connection.leave()
            await self.refused(peer, invite, 480)
            await left
            self.assertTrue(transaction.closed)

        self.run_(test())

    def test_whom_it_does_not_fit_it_gets_405(self) -> None:
        """An application that doesn't name INVITE never hears of one."""

        async def test() -> None:
            await self.connection(self.observer)
            peer = self.world.peer()
            invite = peer.sends("INVITE", f"sip:bob@{A}", HERE)
            await peer.expects(100)
            response = await self.refused(peer, invite, 405)
            self.assertNotIn("INVITE", response.headers("Allow"))
            self.assertNotIn("incoming_request", self.observer.names)

        self.run_(test())

    def test_canceled_before_there_is_a_connection(self) -> None:
        """Whoever connects afterwards hears of it: nobody waits for it in vain."""

        async def test() -> None:
            observer = RecordingClientObserver()
            provider = self.world.provider()
            other = await self.connection(
                None, uid="org.example.other", capabilities=None, provider=provider
            )
            client = await self.client(
                observer=observer, capabilities=PHONE, provider=provider
            )
            peer = self.world.peer()
            invite = peer.sends("INVITE", f"sip:bob@{A}", HERE)
            await peer.expects(100)
            _, _, transaction = await observer.next("incoming_request")
            peer.sends_bytes(cancel(invite), HERE)
            await peer.expects(200)
            await self.refused(peer, invite, 487)
            await self.turns()
            self.assertIs(transaction.state, TransactionState.TERMINATED)
            connection = await client.connect(POINT, self.observer)
            _, canceled = await self.observer.next("invite_canceled")
            self.assertIs(canceled, transaction)
            self.assertIs(transaction.connection, connection)
            other.close()

        self.run_(test())
