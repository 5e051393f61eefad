"""The tap hears all floors of real stacks, and harms none."""

from __future__ import annotations

from twisted.internet.defer import Deferred
from twisted.internet.protocol import DatagramProtocol
from twisted.trial.unittest import SynchronousTestCase

from sipclient import AccessPoint, Capabilities, SIPClient, SIPError, Stack
from sipclient.client.connection import SIPConnection
from sipclient.testing.network import FakeNetwork
from sipclient.testing.observers import RecordingObserver
from sipclient.trace.ladder import Ladder
from sipclient.trace.records import (
    MessageReceived,
    MessageSent,
    MessageUnread,
    Record,
    RequestRouted,
    TransactionChanged,
    TransactionRepeated,
)
from sipclient.trace.tap import Tap

ALICE, BOB = ("192.0.2.1", 5060), ("192.0.2.2", 5060)


class TapTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.network = FakeNetwork(delay=0.001)
        self.records: list[Record] = []
        self.tap = Tap(self.network.reactor("192.0.2.9"), self.records.append)
        self.stacks: list[Stack] = []
        self.alice = self.connected("alice", ALICE[0])
        self.bob = self.connected("bob", BOB[0])

    def tearDown(self) -> None:
        for stack in self.stacks:
            self.network.result_of(stack.stop())
        self.assertEqual(self.network.delayed_calls(), [])

    def connected(self, uid: str, host: str) -> SIPConnection:
        stack = Stack(self.network.reactor(host))
        stack.tap = self.tap
        self.stacks.append(stack)

        async def connect() -> SIPConnection:
            client = await SIPClient.embed(
                stack, uid, capabilities=Capabilities(users=uid)
            )
            return await client.connect(
                AccessPoint("default", f"udp:5060:interface={host}"),
                RecordingObserver({"*": 200}),
            )

        return self.network.result_of(Deferred.fromCoroutine(connect()))

    def say(self, uri: str = "sip:bob@192.0.2.2") -> None:
        said = self.alice.request("MESSAGE", uri, from_="sip:alice@192.0.2.1")
        self.network.result_of(said)

    def kinds(self) -> list[str]:
        return [type(record).__name__ for record in self.records]

    def test_an_exchange_is_told_in_its_order(self) -> None:
        self.say()
        self.assertEqual(
            self.kinds(),
            [
                "TransactionChanged",
                "MessageSent",
                "MessageReceived",
                "TransactionChanged",
                "RequestRouted",
                "TransactionChanged",
                "MessageSent",
                "MessageReceived",
                "TransactionChanged",
            ],
        )
        sent, received = self.records[1:3]
        assert isinstance(sent, MessageSent) and isinstance(received, MessageReceived)
        self.assertEqual((sent.source, sent.destination), (ALICE, BOB))
        self.assertEqual((received.source, received.destination), (ALICE, BOB))
        self.assertEqual(sent.data, received.data)
        self.assertAlmostEqual(received.time - sent.time, 0.001)
        changed, routed = self.records[3:5]
        assert isinstance(changed, TransactionChanged)
        assert isinstance(routed, RequestRouted)
        self.assertEqual((changed.old, changed.new), ("", "Trying"))
        self.assertEqual(routed.application, "bob")
        self.assertEqual(routed.reasons, (("bob", "chosen"),))

    def test_a_refusal_says_why(self) -> None:
        self.say("sip:dave@192.0.2.2")
        [routed] = [one for one in self.records if isinstance(one, RequestRouted)]
        self.assertEqual((routed.application, routed.status), (None, 404))
        self.assertIn("'dave'", dict(routed.reasons)["bob"])

    def test_retransmissions_and_their_ladder(self) -> None:
        ladder = Ladder({ALICE: "alice", BOB: "bob"})
        self.tap.add(ladder)
        self.network.link(ALICE[0], BOB[0], loss=1.0)
        said = self.alice.request(
            "MESSAGE", "sip:bob@192.0.2.2", from_="sip:alice@192.0.2.1"
        )
        self.network.advance(1.6)
        self.network.link(ALICE[0], BOB[0])
        self.network.result_of(said)
        repeated = [one for one in self.records if isinstance(one, TransactionRepeated)]
        self.assertEqual([one.time for one in repeated], [0.5, 1.5, 3.5])
        self.assertEqual(
            "\n".join(ladder.lines(width=60)),
            """\
              alice                                bob
         192.0.2.1:5060                      192.0.2.2:5060
                │                                   │
   0.000        │── MESSAGE sip:bob@192.0.2.2 ─────▶│
   0.500        │── MESSAGE sip:bob@192… (copy 2) ─▶│
   1.500        │── MESSAGE sip:bob@192… (copy 3) ─▶│
   3.500        │── MESSAGE sip:bob@192… (copy 4) ─▶│
   3.501        │ · MESSAGE goes to the application │
                │   bob                             │
   3.501        │◀──────────────────────── 200 OK ──│""",
        )

    def test_a_message_that_cannot_be_read(self) -> None:
        port = self.network.reactor("192.0.2.3")
        port.listenUDP(5060, DatagramProtocol()).write(b"MESSAGE x SIP/2.0", BOB)
        self.network.advance(0.01)
        [unread] = [one for one in self.records if isinstance(one, MessageUnread)]
        self.assertEqual(unread.source, ("192.0.2.3", 5060))
        self.assertIsInstance(unread.error, SIPError)

    def test_a_listener_that_raises_is_logged_once_and_harms_nothing(self) -> None:
        calls: list[Record] = []

        def fails(record: Record) -> None:
            calls.append(record)
            raise ZeroDivisionError

        self.tap.add(fails)
        self.say()
        self.assertEqual(len(calls), 1)
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)
        self.assertEqual(len(self.records), 9)

    def test_who_was_removed_hears_no_more(self) -> None:
        self.tap.remove(self.records.append)
        self.tap.remove(self.records.append)
        self.say()
        self.assertEqual(self.records, [])

    def test_no_repr_shows_what_a_message_holds(self) -> None:
        self.say()
        self.assertNotIn("sip:alice", repr(self.records))
