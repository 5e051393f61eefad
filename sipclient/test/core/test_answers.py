"""What is answered without asking an application."""

from __future__ import annotations

from sipclient.core.limits import StackLimits
from sipclient.errors import SIPInvalidTransactionState, SIPTooBig

from .world import A, CoreCase


class AnswerTests(CoreCase):
    def test_what_lives_in_dialogs_gets_481(self) -> None:
        """To tag or not: there is no dialog (RFC 3261 §12.2.2)."""
        _, user = self.open()
        peer = self.peer()
        for method in ("BYE", "PRACK", "UPDATE", "INFO", "NOTIFY"):
            peer.sends(method, f"sip:alice@{A}")
            self.network.result_of(peer.expects(481))
        for method in ("MESSAGE", "OPTIONS", "INVITE", "NEWMETHOD"):
            peer.sends(method, f"sip:alice@{A}", to=f"<sip:alice@{A}>;tag=x")
            response = self.network.result_of(peer.expects(481))
            self.assertEqual(response.to_tag, "x")
        self.assertEqual(user.requests, [])

    def test_what_stands_alone_is_for_the_user(self) -> None:
        _, user = self.open()
        peer = self.peer()
        for method in ("MESSAGE", "OPTIONS", "REGISTER", "NEWMETHOD"):
            peer.sends(method, f"sip:alice@{A}")
            self.network.advance(0)
        methods = [request.method for request, _ in user.requests]
        self.assertEqual(methods, ["MESSAGE", "OPTIONS", "REGISTER", "NEWMETHOD"])
        peer.finish()

    def test_a_cancel_that_matches_nothing_gets_481(self) -> None:
        self.open()
        peer = self.peer()
        peer.sends("CANCEL", f"sip:alice@{A}")
        self.network.result_of(peer.expects(481))

    def test_a_cancel_that_matches_gets_200_and_changes_nothing(self) -> None:
        """RFC 3261 §9.2: for anything but an INVITE it has no effect."""
        agent, user = self.open()
        peer = self.peer()
        request = peer.sends("MESSAGE", f"sip:alice@{A}")
        self.network.advance(0)
        peer.sends(
            "CANCEL",
            f"sip:alice@{A}",
            via=request.text("Via"),
            call_id=request.call_id,
            cseq=request.cseq,
            from_=request.text("From"),
        )
        self.network.result_of(peer.expects(200))
        self.assertEqual(len(user.requests), 1)
        agent.respond(user.requests[0][1], 486)
        response = self.network.result_of(peer.expects(486))
        self.assertEqual(response.cseq_method, "MESSAGE")

    def test_an_ack_gets_no_answer(self) -> None:
        self.open()
        peer = self.peer()
        peer.sends("ACK", f"sip:alice@{A}")
        self.network.advance(40)
        peer.finish()


class RespondTests(CoreCase):
    def test_a_request_has_one_final_response(self) -> None:
        agent, user = self.open()
        peer = self.peer()
        peer.sends("MESSAGE", f"sip:alice@{A}")
        self.network.advance(0)
        _, transaction = user.requests[0]
        agent.respond(transaction, 200, "Fine", (("Subject", "x"),), b"hello")
        self.assertRaises(SIPInvalidTransactionState, agent.respond, transaction, 486)
        response = self.network.result_of(peer.expects(200))
        self.assertEqual(
            (response.reason, response.text("Subject"), response.body),
            ("Fine", "x", b"hello"),
        )
        self.assertEqual(len(response.to_tag), 16)

    def test_one_that_no_datagram_carries_can_be_made_smaller(self) -> None:
        agent, user = self.open(limits=StackLimits(datagram=1_000))
        peer = self.peer()
        peer.sends("MESSAGE", f"sip:alice@{A}")
        self.network.advance(0)
        _, transaction = user.requests[0]
        self.assertRaises(
            SIPTooBig, agent.respond, transaction, 200, "OK", (), b"x" * 1_000
        )
        agent.respond(transaction, 200, "OK", (), b"x" * 500)
        self.network.result_of(peer.expects(200))
