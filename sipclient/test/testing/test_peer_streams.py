"""A scripted peer follows its script over streams as it does over datagrams."""

from __future__ import annotations

from typing import Any

from twisted.internet.error import ConnectionLost
from twisted.trial.unittest import SynchronousTestCase, TestCase

from sipclient.testing import FakeNetwork, ScriptedPeer

A, B = "192.0.2.1", "192.0.2.2"


class StreamPeerTestCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.build(FakeNetwork(delay=0.25))

    def build(self, network: FakeNetwork) -> None:
        self.network = network
        self.alice = self.peer(A, 5060, user="alice")
        self.bob = self.peer(B, 5070, user="bob")

    def peer(self, host: str, port: int, **given: Any) -> ScriptedPeer:
        return ScriptedPeer(
            self.network.reactor(host), host, port, transport="tcp", **given
        )


class ScriptTests(StreamPeerTestCase):
    def test_request_and_response_on_one_connection(self) -> None:
        for _ in range(2):
            sent = self.alice.sends("MESSAGE", self.bob.uri, body=b"hello")
            request = self.network.result_of(self.bob.expects("MESSAGE"))
            self.assertEqual(request.raw, sent.raw)
            self.bob.answers(request, 200)
            self.network.result_of(self.alice.expects(200))
        self.alice.finish()
        self.bob.finish()
        self.assertEqual((len(self.alice.streams), len(self.bob.streams)), (1, 1))
        self.assertEqual(self.network.delayed_calls(), [])

    def test_what_is_sent_names_the_transport_where_it_belongs(self) -> None:
        self.assertEqual(self.bob.uri, "sip:bob@192.0.2.2:5070;transport=tcp")
        sent = self.alice.sends("OPTIONS", self.bob.uri)
        self.assertEqual(sent.uri, self.bob.uri)
        self.assertIn("SIP/2.0/TCP 192.0.2.1:5060;", sent.text("Via") or "")
        for name in ("From", "To"):
            self.assertNotIn("transport", sent.text(name) or "")

    def test_it_answers_on_the_connection_that_the_request_came_by(self) -> None:
        self.alice.sends("OPTIONS", self.bob.uri)
        request = self.network.result_of(self.bob.expects("OPTIONS"))
        self.assertEqual(request.source, self.bob.streams[0].peer)
        self.assertNotEqual(request.source, self.alice.address)

    def test_messages_are_cut_and_glued(self) -> None:
        self.build(FakeNetwork(segment=(1, 9)))
        datas = [
            self.alice.sends("MESSAGE", self.bob.uri, body=b"x" * size).raw
            for size in range(20)
        ]
        self.network.advance(1)
        self.assertEqual([each.data for each in self.bob.heard], datas)

    def test_a_lost_connection_is_replaced(self) -> None:
        self.alice.sends("OPTIONS", self.bob.uri)
        self.network.result_of(self.bob.expects("OPTIONS"))
        self.bob.streams[0].transport.abortConnection()
        self.network.advance(1)
        (stream,) = self.alice.streams
        assert stream.lost is not None
        self.assertIs(stream.lost.type, ConnectionLost)
        self.alice.sends("OPTIONS", self.bob.uri)
        self.network.result_of(self.bob.expects("OPTIONS"))
        self.assertEqual(len(self.alice.streams), 2)

    def test_nobody_listens(self) -> None:
        self.alice.sends_bytes(b"x", (B, 9))
        self.network.advance(1)
        self.assertEqual(self.alice.refused, [((B, 9), b"x")])
        self.assertIsNotNone(self.alice.streams[0].lost)

    def test_a_peer_that_reads_no_more(self) -> None:
        self.alice.sends("OPTIONS", self.bob.uri)
        self.network.result_of(self.bob.expects("OPTIONS"))
        self.bob.streams[0].transport.pauseProducing()
        self.alice.sends("INFO", self.bob.uri)
        self.network.advance(10)
        self.bob.finish()
        self.bob.streams[0].transport.resumeProducing()
        self.network.result_of(self.bob.expects("INFO"))

    def test_it_stops_with_its_connections(self) -> None:
        self.alice.sends("OPTIONS", self.bob.uri)
        self.network.result_of(self.bob.expects("OPTIONS"))
        self.alice.sends("OPTIONS", "sip:198.51.100.7")
        for peer in (self.alice, self.bob):
            self.network.result_of(peer.stop())
        self.network.advance(1)
        self.assertEqual(self.network.streams.open, ())
        self.assertEqual(self.network.delayed_calls(), [])


class ComplaintTests(StreamPeerTestCase):
    def test_a_stream_that_is_no_sip(self) -> None:
        self.alice.sends("OPTIONS", self.bob.uri)
        self.alice.sends_bytes(b"nonsense\r\n\r\nand more", self.bob.address)
        self.network.result_of(self.bob.expects("OPTIONS"))
        self.alice.sends("INFO", self.bob.uri)
        self.network.advance(1)
        text = str(self.assertRaises(AssertionError, self.bob.finish))
        self.assertIn("12 bytes that can't be read", text)
        self.assertEqual(len(self.bob.heard), 2)
        self.assertIn(b"and moreINFO", bytes(self.bob.streams[0].received))

    def test_half_a_message(self) -> None:
        data = self.alice.sends("OPTIONS", self.bob.uri).raw
        self.alice.sends_bytes(data[:30], self.bob.address)
        self.network.result_of(self.bob.expects("OPTIONS"))
        self.network.advance(10)
        self.bob.finish()
        self.alice.streams[0].transport.loseConnection()
        self.network.advance(1)
        self.assertEqual(self.bob.heard[-1].data, data[:30])
        self.assertRaisesRegex(AssertionError, "30 bytes", self.bob.finish)

    def test_keep_alives_are_no_messages(self) -> None:
        self.alice.sends_bytes(b"\r\n\r\n", self.bob.address)
        self.network.advance(1)
        self.bob.finish()


class RealReactorTests(TestCase):
    async def test_the_same_script_runs_over_sockets(self) -> None:
        from twisted.internet import reactor

        given: Any = reactor  # a module, to mypy
        alice = ScriptedPeer(given, "127.0.0.1", 0, transport="TCP", timeout=5)
        bob = ScriptedPeer(given, "127.0.0.1", 0, transport="TCP", timeout=5)
        alice.sends("MESSAGE", bob.uri)
        bob.answers(await bob.expects("MESSAGE"), 200)
        self.assertEqual((await alice.expects(200)).status, 200)
        alice.finish()
        bob.finish()
        await alice.stop()
        await bob.stop()
        while any(stream.lost is None for stream in alice.streams + bob.streams):
            await _moment(given)


async def _moment(reactor: Any) -> None:
    from twisted.internet.task import deferLater

    await deferLater(reactor, 0.01, int)
