"""A scripted peer does what its script says and passes nothing over."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import CancelledError, Deferred
from twisted.trial.unittest import SynchronousTestCase, TestCase

from sipclient.testing import FakeNetwork, ScriptedPeer

A, B = "192.0.2.1", "192.0.2.2"


class PeerTestCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.network = FakeNetwork(delay=0.25)
        self.alice = ScriptedPeer(self.network.reactor(A), A, user="alice")
        self.bob = ScriptedPeer(self.network.reactor(B), B, 5070, user="bob")

    def text_of(self, deferred: Deferred[Any]) -> str:
        error = self.assertRaises(AssertionError, self.network.result_of, deferred)
        return str(error)


class ScriptTests(PeerTestCase):
    def test_request_and_response(self) -> None:
        async def alice() -> int:
            self.alice.sends(
                "MESSAGE",
                self.bob.uri,
                headers=[("Content-Type", "text/plain")],
                body=b"hello",
            )
            return (await self.alice.expects(200)).status

        async def bob() -> bytes:
            request = await self.bob.expects("MESSAGE")
            self.bob.answers(request, 200)
            return request.body

        heard = Deferred.fromCoroutine(bob())
        self.assertEqual(self.network.result_of(alice()), 200)
        self.assertEqual(self.network.seconds(), 0.5)
        self.assertEqual(self.successResultOf(heard), b"hello")
        self.alice.finish()
        self.bob.finish()
        self.assertEqual(self.network.delayed_calls(), [])

    def test_what_is_sent_is_valid_and_comes_back(self) -> None:
        sent = self.alice.sends("OPTIONS", self.bob.uri)
        request = self.network.result_of(self.bob.expects("OPTIONS"))
        self.assertEqual(request.raw, sent.raw)
        self.assertEqual(request.source, (A, 5060))
        answer = self.bob.answers(request, 302, headers=[("Contact", "<sip:c@c>")])
        response = self.network.result_of(self.alice.expects(range(300, 400)))
        self.assertEqual(response.raw, answer.raw)
        self.assertEqual(
            (response.branch, response.call_id, response.cseq, response.from_tag),
            (sent.branch, sent.call_id, sent.cseq, sent.from_tag),
        )
        self.assertNotEqual(response.to_tag, "")
        self.assertEqual(response.text("Contact"), "<sip:c@c>")

    def test_requests_differ_and_can_be_said_in_full(self) -> None:
        first, second = (self.alice.sends("OPTIONS", self.bob.uri) for _ in range(2))
        self.assertNotEqual(first.branch, second.branch)
        self.assertNotEqual(first.call_id, second.call_id)
        full = self.alice.sends(
            "BYE",
            "sip:somebody@example.com",
            self.bob.address,
            via="SIP/2.0/UDP host.example;branch=z9hG4bKx",
            from_="<sip:a@example.com>;tag=1",
            to="<sip:b@example.com>;tag=2",
            call_id="x@y",
            cseq=7,
            max_forwards=1,
        )
        self.network.result_of(self.bob.expects("BYE"))
        self.assertEqual(
            (full.branch, full.from_tag, full.to_tag, full.call_id, full.cseq),
            ("z9hG4bKx", "1", "2", "x@y", 7),
        )
        self.assertEqual(full.text("Max-Forwards"), "1")

    def test_an_answer_can_be_said_in_full(self) -> None:
        sent = self.alice.sends("OPTIONS", self.bob.uri)
        self.network.result_of(self.bob.expects("OPTIONS"))
        self.assertRaises(ValueError, self.bob.answers, sent, 200)
        self.bob.answers(
            sent, 200, "Fine", to_tag="x", body=b"!", destination=self.alice.address
        )
        response = self.network.result_of(self.alice.expects(200))
        self.assertEqual(
            (response.reason, response.to_tag, response.body), ("Fine", "x", b"!")
        )

    def test_peers_of_one_name_make_different_requests(self) -> None:
        twins = [
            ScriptedPeer(self.network.reactor(host), host)
            for host in ("192.0.2.8", "192.0.2.9")
        ]
        first, second = (twin.sends("OPTIONS", self.bob.uri) for twin in twins)
        self.assertNotEqual(first.branch, second.branch)
        self.assertNotEqual(first.from_tag, second.from_tag)

    def test_a_broken_request_goes_out_all_the_same(self) -> None:
        self.alice.sends("OPTIONS", self.bob.uri, from_="<<")
        self.network.advance(1)
        self.assertRaisesRegex(AssertionError, "can't be read", self.bob.finish)

    def test_a_request_needs_an_address(self) -> None:
        self.assertRaises(ValueError, self.alice.sends, "OPTIONS", "tel:+123")

    def test_order_is_the_scripts(self) -> None:
        """What comes early waits for its turn; what came first is taken first."""
        for method, call in (("MESSAGE", "1"), ("INFO", "2"), ("MESSAGE", "3")):
            self.alice.sends(method, self.bob.uri, call_id=call)
        self.network.advance(1)
        took = [
            self.successResultOf(self.bob.expects(method)).call_id
            for method in ("INFO", "MESSAGE", "MESSAGE")
        ]
        self.assertEqual(took, ["2", "1", "3"])

    def test_two_wait_for_different_things(self) -> None:
        info, message = self.bob.expects("INFO"), self.bob.expects("MESSAGE")
        self.alice.sends("MESSAGE", self.bob.uri)
        self.network.advance(1)
        self.assertNoResult(info)
        self.assertEqual(self.successResultOf(message).method, "MESSAGE")
        self.alice.sends("INFO", self.bob.uri)
        self.network.advance(1)
        self.assertEqual(self.successResultOf(info).method, "INFO")

    def test_over_ipv6(self) -> None:
        six = ScriptedPeer(self.network.reactor("2001:db8::1"), "2001:db8::1", 0)
        far = ScriptedPeer(self.network.reactor("2001:db8::2"), "2001:db8::2")
        six.sends("OPTIONS", far.uri, far.address)
        request = self.network.result_of(far.expects("OPTIONS"))
        far.answers(request, 200)
        self.network.result_of(six.expects(200))

    def test_the_network_tells_what_it_could_not_deliver(self) -> None:
        self.alice.sends_bytes(b"x", (B, 9))
        self.network.advance(1)
        self.assertEqual(self.alice.refused, [((B, 9), b"x")])


class RepeatTests(PeerTestCase):
    def test_a_retransmission_is_absorbed_and_answered_again(self) -> None:
        data = self.alice.sends("MESSAGE", self.bob.uri).raw
        request = self.network.result_of(self.bob.expects("MESSAGE"))
        self.alice.sends_bytes(data, self.bob.address)
        self.network.advance(1)
        self.bob.answers(request, 200)
        self.alice.sends_bytes(data, self.bob.address)
        self.network.advance(1)
        self.assertEqual([each.repeat for each in self.bob.heard], [False, True, True])
        self.assertEqual([each.repeat for each in self.alice.heard], [False, True])
        self.assertEqual([each.time for each in self.bob.heard], [0.25, 0.5, 1.5])
        self.bob.finish()

    def test_or_a_message_like_any_other(self) -> None:
        eager = ScriptedPeer(self.bob._reactor, B, 5080, absorbs=False)
        data = self.alice.sends("MESSAGE", eager.uri).raw
        self.alice.sends_bytes(data, eager.address)
        for _ in range(2):
            self.network.result_of(eager.expects("MESSAGE"))
        eager.finish()


class ComplaintTests(PeerTestCase):
    def test_a_timeout_says_what_came_instead(self) -> None:
        self.alice.sends("INFO", self.bob.uri)
        text = self.text_of(self.bob.expects("MESSAGE", timeout=3))
        self.assertEqual(self.network.seconds(), 3)
        self.assertIn("sip:bob@192.0.2.2:5070> expected MESSAGE within 3 s", text)
        self.assertIn("0.250 from 192.0.2.1:5060: INFO sip:bob@192.0.2.2:5070", text)

    def test_a_timeout_says_when_nothing_came(self) -> None:
        text = self.text_of(self.bob.expects(range(200, 300), timeout=1))
        self.assertIn("200 to 299 within 1 s; nothing else came", text)
        self.assertEqual(self.network.delayed_calls(), [])

    def test_the_peers_own_timeout(self) -> None:
        late = ScriptedPeer(self.alice._reactor, A, 0, timeout=2)
        self.text_of(late.expects(200))
        self.assertEqual(self.network.seconds(), 2)

    def test_finish_lists_what_nobody_asked_for(self) -> None:
        self.alice.sends("INFO", self.bob.uri)
        self.alice.sends_bytes(b"\x1b[garbage\r\n\r\n", self.bob.address)
        self.network.advance(1)
        text = str(self.assertRaises(AssertionError, self.bob.finish))
        self.assertIn("not expected: 0.250 from 192.0.2.1:5060: INFO sip:bob@", text)
        self.assertIn("13 bytes that can't be read", text)
        self.assertNotIn("\x1b", text)
        self.bob.finish()

    def test_finish_names_what_did_not_come(self) -> None:
        waiting = self.bob.expects("BYE")
        text = str(self.assertRaises(AssertionError, self.bob.finish))
        self.assertIn("still expected: BYE within 40 s", text)
        self.failureResultOf(waiting, CancelledError)
        self.assertEqual(self.network.delayed_calls(), [])

    def test_cancelling_ends_the_waiting(self) -> None:
        waiting = self.bob.expects("BYE")
        waiting.cancel()
        self.failureResultOf(waiting, CancelledError)
        self.assertEqual(self.network.delayed_calls(), [])
        self.bob.finish()

    def test_keep_alives_are_no_messages(self) -> None:
        self.alice.sends_bytes(b"\r\n\r\n", self.bob.address)
        self.network.advance(1)
        self.bob.finish()

    def test_a_stopped_peer_is_gone(self) -> None:
        self.network.result_of(self.bob.stop())
        self.alice.sends("INFO", self.bob.uri)
        self.network.advance(1)
        self.assertEqual(self.bob.heard, [])


class RealReactorTests(TestCase):
    async def test_the_same_script_runs_over_sockets(self) -> None:
        from twisted.internet import reactor

        alice = ScriptedPeer(reactor, "127.0.0.1", 0, timeout=5)  # type: ignore[arg-type]  # a module, to mypy
        bob = ScriptedPeer(reactor, "127.0.0.1", 0, timeout=5)  # type: ignore[arg-type]  # a module, to mypy
        self.addCleanup(alice.stop)
        self.addCleanup(bob.stop)
        alice.sends("MESSAGE", bob.uri)
        bob.answers(await bob.expects("MESSAGE"), 200)
        self.assertEqual((await alice.expects(200)).status, 200)
        alice.finish()
        bob.finish()
