"""Connections in memory suffer what they are told to, the same each time."""

from __future__ import annotations

from collections.abc import Callable

from twisted.trial.unittest import SynchronousTestCase

from sipclient.testing import FakeNetwork, Faults
from sipclient.testing.segments import Death, Severing

from .streaming import A, B, Ear, StreamTestCase

ALPHABET = b"abcdefghijklmnopqrstuvwxyz"


class WaysTests(StreamTestCase):
    """What the ways between hosts do to streams."""

    def test_delay_is_exact_in_each_direction(self) -> None:
        self.network.link(A, B, delay=0.25)
        self.network.link(B, A, delay=0.5)
        here, there = self.connected()
        there.answer = there.transport.write
        start = self.network.seconds()
        here.transport.write(b"x")
        self.settle()
        self.assertEqual(there.times, [start + 0.25])
        self.assertEqual(here.times, [start + 0.75])

    def test_segments_are_cut_as_they_are_told(self) -> None:
        for segment, lengths in ((7, [7, 7, 7, 5]), ((1, 3), None)):
            self.build(FakeNetwork(segment=segment))
            here, there = self.connected()
            here.transport.write(ALPHABET)
            self.settle()
            came = list(map(len, there.heard))
            self.assertEqual(there.text, ALPHABET)
            self.assertEqual(came if lengths else set(came), lengths or {1, 2, 3})

    def test_a_link_cuts_its_own_way(self) -> None:
        self.network.link(A, B, segment=1)
        here, there = self.connected()
        there.answer = lambda data: there.transport.write(ALPHABET)
        here.transport.write(b"ab")
        self.settle()
        self.assertEqual(there.heard, [b"a", b"b"])
        self.assertEqual(set(here.heard), {ALPHABET, ALPHABET})

    def test_no_segment_is_larger_than_the_way(self) -> None:
        self.build(FakeNetwork(largest=500))
        here, there = self.connected()
        here.transport.write(b"x" * 1200)
        self.settle()
        self.assertEqual(list(map(len, there.heard)), [500, 500, 200])

    def test_segments_are_checked(self) -> None:
        for wrong in (0, (0, 5), (5, 4)):
            self.assertRaises(ValueError, Faults, segment=wrong)

    def test_what_is_lost_is_sent_again(self) -> None:
        here, there = self.connected()
        self.network.link(A, B, loss=1.0)
        here.transport.write(b"first")
        self.settle(1)
        here.transport.write(b" second")
        self.settle(0.3)
        self.network.link(A, B)
        self.settle()
        self.assertEqual(there.text, b"first second")
        times = [
            each.time for each in self.network.streams.log if b"first" in each.data
        ]
        self.assertEqual([round(time, 3) for time in times], [0, 0.2, 0.6, 1.4])
        self.assertEqual([each.repeat for each in self.network.streams.log][-1], True)

    def test_loss_and_reordering_cost_time_and_nothing_else(self) -> None:
        self.build(
            FakeNetwork(loss=0.2, reorder=0.3, delay=(0.01, 0.1), segment=(1, 99))
        )
        here, there = self.connected()
        there.answer = there.transport.write
        for number in range(100):
            here.transport.write(ALPHABET * (number % 7))
            self.settle(0.01)
        self.settle(900)
        sent = b"".join(ALPHABET * (number % 7) for number in range(100))
        self.assertEqual((there.text, here.text), (sent, sent))
        self.assertGreater(self.fates().count("lost"), 10)

    def test_opening_is_tried_again(self) -> None:
        self.network.partition(A, B)
        self.call()
        self.settle(2)
        self.network.heal()
        self.settle(0.9)
        self.assertEqual(self.server.ears, [])
        self.settle(0.1)
        self.assertEqual(len(self.server.ears), 1)
        self.assertEqual(self.fates()[:3], ["partitioned", "partitioned", "delivered"])

    def test_each_segment_of_opening_can_be_lost(self) -> None:
        for lost in range(3):
            self.build(FakeNetwork(delay=0.1))
            self.network.callLater(0.1 * lost, self.cut, B if lost == 1 else A)
            self.network.callLater(0.01, self.call)
            self.settle(20)
            self.assertEqual(len(self.server.ears), 1, lost)
            self.assertIn("lost", self.fates())

    def cut(self, host: str) -> None:
        """Nothing goes out from ``host`` for half a second."""
        other = B if host == A else A
        self.network.link(host, other, loss=1.0)
        self.network.callLater(0.5, self.network.link, host, other)

    def test_a_short_partition_is_survived_and_a_long_one_is_not(self) -> None:
        here, there = self.connected()
        self.network.partition(A, B)
        here.transport.write(b"hello")
        self.settle(500)
        self.network.heal()
        self.settle(200)
        self.assertEqual(there.text, b"hello")
        self.network.partition(A, B)
        here.transport.write(b"hello?")
        self.settle(924)
        self.assertEqual(here.lost, [])
        self.settle(1)
        self.assertEqual((here.lost, there.lost), (["ConnectionLost"], []))
        self.assertEqual(self.states(), ["timed out"])
        self.network.heal()
        there.transport.write(b"who is there?")
        self.settle()
        self.assertEqual(there.lost, ["ConnectionLost"])

    def test_who_missed_the_reset_hears_it_when_it_writes(self) -> None:
        here, there = self.connected()
        self.network.partition(B)
        here.transport.abortConnection()
        self.settle()
        self.network.heal(B)
        self.assertEqual(there.lost, [])
        self.assertEqual(len(self.network.streams.open), 1)
        there.transport.write(b"still there?")
        self.settle()
        self.assertEqual(there.lost, ["ConnectionLost"])
        self.assertEqual(self.network.streams.open, ())

    def test_a_refusal_that_is_lost_comes_again(self) -> None:
        self.network.link(B, A, loss=1.0)
        caller, _ = self.call(port=9)
        self.settle(2)
        self.assertEqual(caller.failures, [])
        self.network.link(B, A)
        self.settle(1)
        self.assertEqual(caller.failures, ["ConnectionRefusedError"])
        self.assertEqual(self.kinds(), ["SYN", "RST"] * 3)

    def test_who_listens_by_then_is_found(self) -> None:
        self.network.link(B, A, loss=1.0)
        caller, _ = self.call(port=5061)
        self.settle(0.5)
        self.network.link(B, A)
        self.b.listenTCP(5061, self.server)
        self.settle()
        self.assertIsNotNone(caller.ear)


class StallTests(StreamTestCase):
    def test_a_stalled_host_reads_and_writes_nothing(self) -> None:
        here, there = self.connected()
        self.network.streams.stall(B)
        here.transport.write(b"x" * 1_000_000)
        there.transport.write(b"not yet")
        self.settle()
        self.assertEqual((here.heard, there.heard), ([], []))
        carried = sum(len(segment.data) for segment in self.network.streams.log)
        self.assertEqual(carried, self.network.streams.window)
        self.network.streams.resume(B)
        self.settle(60)
        self.assertEqual((here.text, len(there.text)), (b"not yet", 1_000_000))

    def test_a_smaller_window_fills_sooner(self) -> None:
        self.network.streams.window = 100
        here, _ = self.connected()
        self.network.streams.stall(B)
        here.transport.write(b"x" * 101)
        self.settle()
        carried = sum(len(segment.data) for segment in self.network.streams.log)
        self.assertEqual(carried, 100)

    def test_who_connects_waits_in_the_queue(self) -> None:
        self.network.streams.stall(B)
        caller, _ = self.call()
        self.settle()
        assert caller.ear is not None
        self.assertEqual((caller.ear.lost, self.server.ears), ([], []))
        caller.ear.transport.write(b"hello")
        caller.ear.transport.loseConnection()
        self.settle()
        self.network.streams.resume(B)
        self.settle()
        (ear,) = self.server.ears
        self.assertEqual((ear.text, ear.lost), (b"hello", ["ConnectionDone"]))

    def test_who_waited_in_the_queue_of_a_port_that_closes_is_reset(self) -> None:
        self.network.streams.stall(B)
        caller, _ = self.call()
        self.settle()
        self.finished(self.port)
        self.settle()
        assert caller.ear is not None
        self.assertEqual(caller.ear.lost, ["ConnectionLost"])
        self.assertEqual(self.network.streams.open, ())

    def test_who_has_not_got_there_yet_is_reset_too(self) -> None:
        self.build(FakeNetwork(delay=0.1))
        caller, _ = self.call()
        self.settle(0.15)
        self.finished(self.port)
        self.settle()
        assert caller.ear is not None
        self.assertEqual(caller.ear.lost, ["ConnectionLost"])


class SeveringTests(StreamTestCase):
    def sever(self, how: Death) -> tuple[Ear, Ear]:
        here, there = self.connected()
        here.transport.write(b"on its way")
        self.assertEqual(self.network.streams.sever(A, B, how=how), 1)
        self.assertEqual((here.lost, there.lost), ([], []))  # not inside the call
        self.settle()
        self.assertEqual(there.heard, [])
        self.assertEqual(self.states(), ["severed"])
        return here, there

    def test_by_reset(self) -> None:
        here, there = self.sever("reset")
        self.assertEqual((here.lost, there.lost), (["ConnectionLost"],) * 2)

    def test_by_close(self) -> None:
        here, there = self.sever("close")
        self.assertEqual((here.lost, there.lost), (["ConnectionDone"],) * 2)
        self.assertEqual(self.network.streams.open, ())

    def test_by_silence(self) -> None:
        here, there = self.sever("silence")
        self.settle(900)
        self.assertEqual((here.lost, there.lost), ([], []))
        self.settle(100)
        self.assertEqual((here.lost, there.lost), (["ConnectionLost"], []))

    def test_at_a_chosen_time(self) -> None:
        here, _ = self.connected()
        self.network.callLater(2.5, self.network.streams.sever, A, B)
        self.settle(2.4)
        self.assertEqual(here.lost, [])
        self.settle(0.1)
        self.assertEqual(here.lost, ["ConnectionLost"])
        self.assertEqual(self.network.streams.sever(), 0)

    def test_of_some_hosts_only(self) -> None:
        self.connected()
        self.connected()
        c = self.network.reactor("192.0.2.3")
        streams = self.network.streams
        self.assertEqual(streams.sever(c), 0)
        self.assertEqual(streams.sever("192.0.2.3", A), 0)
        self.assertEqual(streams.sever(self.a), 2)
        self.assertRaises(LookupError, streams.sever, "192.0.2.99")

    def test_while_it_is_opened(self) -> None:
        ways: tuple[Death, ...] = ("reset", "close")
        for how in ways:
            self.build(FakeNetwork(delay=0.1))
            caller, _ = self.call()
            self.settle(0.15)
            self.network.streams.sever(how=how)
            self.settle()
            self.assertEqual(caller.failures, ["ConnectionRefusedError"])

    def test_who_writes_into_a_closed_one_hears_of_it(self) -> None:
        here, there = self.connected()
        there.transport.pauseProducing()
        self.network.streams.sever(how="close")
        self.settle()
        self.assertEqual((here.lost, there.lost), (["ConnectionDone"], []))
        there.transport.write(b"anybody?")
        self.settle()
        there.transport.resumeProducing()
        self.settle()
        self.assertEqual(there.lost, ["ConnectionLost"])


class SteppingTests(StreamTestCase):
    """A connection dies at each step of a request, from first to last."""

    def exchange(self, number: int, how: Death) -> tuple[Severing, str]:
        """What the client of one request and one answer gets, at worst."""
        self.build(FakeNetwork(delay=0.1, segment=4))
        severing = self.network.streams.sever_at(number, how=how)
        caller, _ = self.call()
        self.settle(1)
        if caller.ear is None:
            self.settle(50)
            return severing, caller.failures[0]
        for server in self.server.ears:
            server.answer = self.answer_to(server)
        caller.ear.transport.write(b"request")
        self.settle(1)
        if caller.ear.lost:
            return severing, caller.ear.lost[0]
        if caller.ear.text != b"answer":
            return severing, "silence"
        caller.ear.transport.loseConnection()
        self.settle(1)
        return severing, "answer"

    def answer_to(self, server: Ear) -> Callable[[bytes], object]:
        def answer(data: bytes) -> None:
            if server.text == b"request":
                server.transport.write(b"answer")

        return answer

    def outcomes(self, how: Death) -> list[str]:
        found: list[str] = []
        for number in range(100):
            severing, outcome = self.exchange(number, how)
            if severing.segment is None:
                self.assertEqual(outcome, "answer")
                return found
            self.assertEqual(severing.segment.fate, "severed")
            found.append(outcome)
        raise AssertionError("it never ends")

    def test_by_reset(self) -> None:
        self.assertEqual(
            self.outcomes("reset"),
            ["ConnectionRefusedError"] * 2  # SYN, SYN ACK
            + ["ConnectionLost"] * 5  # ACK, 2 segments of each
            + ["answer"] * 2,  # both FINs
        )

    def test_by_close(self) -> None:
        self.assertEqual(
            self.outcomes("close"),
            ["ConnectionRefusedError"] * 2 + ["ConnectionDone"] * 5 + ["answer"] * 2,
        )

    def test_by_silence(self) -> None:
        self.assertEqual(
            self.outcomes("silence"),
            ["TimeoutError"] * 2 + ["silence"] * 5 + ["answer"] * 2,
        )

    def test_only_the_named_hosts_are_counted(self) -> None:
        c = self.network.reactor("192.0.2.3")
        severing = self.network.streams.sever_at(0, c, B)
        here, _ = self.connected()
        here.transport.write(b"x")
        self.settle()
        self.assertEqual((severing.segment, here.lost), (None, []))

    def test_several_deaths_take_one_connection_each(self) -> None:
        deaths = [self.network.streams.sever_at(4) for _ in range(2)]
        self.connected()
        for _ in range(3):
            self.call()
        self.settle()
        self.assertEqual(self.states(), ["open", "open", "severed", "severed"])
        self.assertTrue(all(death.segment for death in deaths))


class LogTests(StreamTestCase):
    def test_is_readable(self) -> None:
        self.build(FakeNetwork(delay=0.5, start=10))
        here, _ = self.connected()
        here.transport.write(b"OPTIONS sip:b SIP/2.0\r\nVia: \x1b\r\n")
        self.network.advance(0)
        *_, entry = self.network.streams.log
        self.assertEqual((entry.fate, entry.arrived), ("in flight", None))
        self.settle()
        self.assertEqual(entry.arrived, 12.0)
        here.transport.loseConnection()
        self.settle()
        lines = list(map(str, self.network.streams.log))
        self.assertEqual(
            [line.partition("SYN")[0] for line in lines[:1]],
            ["10.000 192.0.2.1:32768 > 192.0.2.2:5060 "],
        )
        self.assertEqual(
            lines[3],
            "11.500 192.0.2.1:32768 > 192.0.2.2:5060 DATA 31: OPTIONS sip:b SIP/2.0"
            " (delivered)",
        )
        self.assertEqual(self.kinds(), ["SYN", "SYN ACK", "ACK", "DATA", "FIN", "FIN"])
        (connection,) = self.network.streams.connections
        self.assertEqual(
            str(connection),
            "10.000 192.0.2.1:32768 > 192.0.2.2:5060 31 bytes, 0 back (closed)",
        )

    def test_shows_no_control_characters_and_says_what_was_sent_again(self) -> None:
        here, _ = self.connected()
        self.network.link(A, B, loss=1.0)
        here.transport.write(b"\x1b[2J\xff")
        self.settle(0.2)
        *_, entry = map(str, self.network.streams.log)
        self.assertIn(r"DATA 5: \x1b[2J\xff (lost, repeat)", entry)

    def test_is_bounded(self) -> None:
        self.build(FakeNetwork(log_limit=2))
        for _ in range(3):
            self.connected()
        self.assertEqual(len(self.network.streams.log), 2)
        self.assertEqual(len(self.network.streams.connections), 2)
        self.assertEqual(len(self.network.streams.open), 3)

    def test_is_shown_when_something_did_not_happen(self) -> None:
        self.network.partition(B)
        self.call()
        text = str(
            self.assertRaises(
                AssertionError, self.network.run, lambda: self.server.ears, 5
            )
        )
        self.assertIn("SYN (partitioned, repeat)", text)


class DeterminismTests(SynchronousTestCase):
    def story(self, seed: int) -> tuple[list[str], list[str]]:
        """Some programs that echo over a bad network."""
        network = FakeNetwork(
            seed, loss=0.1, reorder=0.1, delay=(0.01, 0.2), segment=(1, 9)
        )
        case = StreamTestCase()
        case.build(network)
        case.server.make = lambda: self.ear(network, lambda data: data)
        for number in range(20):
            caller, _ = case.call()
            caller.make = lambda: self.ear(network, lambda data: b"", ALPHABET)
            network.advance(0.1 * (number % 3))
        network.callLater(1.5, network.streams.sever, A)
        network.advance(60)
        lines = [str(each) for each in network.streams.connections]
        return lines, list(map(str, network.streams.log))

    def ear(
        self,
        network: FakeNetwork,
        answer: Callable[[bytes], bytes],
        first: bytes = b"",
    ) -> Ear:
        class Talker(Ear):
            def connectionMade(self) -> None:
                self.transport.write(first)

        ear = Talker(network.seconds)
        ear.answer = lambda data: ear.transport.write(answer(data))
        return ear

    def test_one_seed_one_log(self) -> None:
        for seed in (0, 7):
            self.assertEqual(self.story(seed), self.story(seed))

    def test_another_seed_another_log(self) -> None:
        self.assertNotEqual(self.story(1), self.story(2))
