"""The limits of a stack: each holds where it is said to, and one more is too many."""

from __future__ import annotations

from typing import Any, cast

from twisted.trial.unittest import SynchronousTestCase

from sipclient import (
    AccessPoint,
    Capabilities,
    MessageLimits,
    ResponseElements,
    SIPClient,
    SIPConnection,
    Stack,
    StackLimits,
)
from sipclient.core.user_agent import UserAgent
from sipclient.errors import SIPArgumentError, SIPTooBig
from sipclient.message.model import Response
from sipclient.testing import FakeNetwork, RecordingObserver, ScriptedPeer

US = ("192.0.2.1", 5060)


class StackLimitTests(SynchronousTestCase):
    """An application sets a limit for its stack, and that is the one that counts."""

    def setUp(self) -> None:
        self.network = FakeNetwork()
        self.peer = ScriptedPeer(self.network.reactor("192.0.2.2"), "192.0.2.2")
        self.observer = RecordingObserver()

    def open(self, **limits: Any) -> tuple[UserAgent, SIPConnection]:
        stack = Stack(
            self.network.reactor("192.0.2.1"),
            access_points=[AccessPoint("default")],
            limits=StackLimits(**limits),
        )

        async def connect() -> SIPConnection:
            client = await SIPClient.embed(
                stack,
                "limited",
                capabilities=Capabilities(users="*", methods=("INVITE", "MESSAGE")),
            )
            return await client.connect("default", self.observer)

        connection = self.network.result_of(connect())
        self.addCleanup(lambda: self.network.result_of(stack.stop()))
        return stack.agents["default"], connection

    def ask(self, status: int, **sent: Any) -> Response:
        self.peer.sends("MESSAGE", "sip:bob@192.0.2.1", US, **sent)
        return self.network.result_of(self.peer.expects(status))

    def test_pending_requests_and_retry_after(self) -> None:
        agent, _ = self.open(pending_requests=1, retry_after=17)
        self.peer.sends("MESSAGE", "sip:bob@192.0.2.1", US)
        self.network.result_of(self.observer.next("incoming_request"))
        self.assertEqual(self.ask(503).text("Retry-After"), "17")
        self.assertEqual(agent.transactions.refused, 1)

    def test_answered_requests(self) -> None:
        agent, _ = self.open(answered_requests=2)
        self.observer.answers["MESSAGE"] = 200
        for _ in range(3):
            self.ask(200)
        self.assertEqual(agent.transactions.forgotten, 1)
        self.assertEqual(agent.transactions.live, 2)

    def test_a_datagram_that_is_sent(self) -> None:
        _, connection = self.open(datagram=1000)
        asked = connection.request(
            "MESSAGE",
            self.peer.uri,
            from_="sip:me@192.0.2.1",
            content=b"x" * 1000,
            content_type="text/plain",
        )
        with self.assertRaises(SIPTooBig):
            self.network.result_of(asked)

        self.peer.sends("MESSAGE", "sip:bob@192.0.2.1", US)
        happened = self.network.result_of(self.observer.next("incoming_request"))
        transaction = happened[1]
        large = ResponseElements(200, content=b"x" * 1000, content_type="text/plain")
        self.failureResultOf(transaction.send_response(large), SIPTooBig)
        # It is still to be answered, and can be.
        self.successResultOf(transaction.send_response(ResponseElements(200)))
        self.network.result_of(self.peer.expects(200))

    def test_a_message_that_comes(self) -> None:
        agent, _ = self.open(message=MessageLimits(message=1000, lines=9))
        self.ask(413, body=b"x" * 1000)
        self.ask(400, headers=[("Subject", "x")] * 9)
        self.assertEqual(agent.unreadable, 2)

    def test_request_uris(self) -> None:
        self.open(request_uris=1)
        self.observer.answers["MESSAGE"] = 200
        for user in ("a", "b", "a"):
            self.peer.sends("MESSAGE", f"sip:{user}@192.0.2.1", US)
            self.network.result_of(self.peer.expects(200))

    def test_invite_answer(self) -> None:
        """An INVITE that nobody answers gets 408 when its time is over."""
        self.open(invite_answer=20.0)
        self.peer.sends("INVITE", "sip:bob@192.0.2.1", US)
        self.network.result_of(self.peer.expects(100))
        begin = self.network.seconds()
        self.network.result_of(self.peer.expects(408))
        self.assertAlmostEqual(self.network.seconds() - begin, 20.0, delta=0.01)
        self.network.advance(70)


class ValueTests(SynchronousTestCase):
    def test_what_can_not_be_is_refused_when_it_is_set(self) -> None:
        for name, wrong in (
            ("pending_requests", 0),
            ("answered_requests", -1),
            ("retry_after", -1),
            ("datagram", "much"),
            ("request_uris", float("nan")),
        ):
            error = self.assertRaises(
                SIPArgumentError, StackLimits, **{name: cast("int", wrong)}
            )
            self.assertIn(f"{name}={wrong!a}", str(error))
        StackLimits(answered_requests=0, retry_after=0, pending_requests=1)
        with self.assertRaises(TypeError):
            StackLimits(message=cast("MessageLimits", 65_535))

    def test_likewise_for_messages(self) -> None:
        for name in ("message", "line", "lines", "body"):
            error = self.assertRaises(SIPArgumentError, MessageLimits, **{name: 0})
            self.assertIn(f"{name}=0", str(error))
