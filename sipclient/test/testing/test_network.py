"""The network in memory does to datagrams what it was told, the same each time."""

from __future__ import annotations

from collections.abc import Callable

from twisted.internet.protocol import DatagramProtocol
from twisted.trial.unittest import SynchronousTestCase

from sipclient.testing import Datagram, FakeNetwork, FakePort, FakeReactor, Faults

A, B, C = "192.0.2.1", "192.0.2.2", "192.0.2.3"
Peer = tuple[str, int]


class Ear(DatagramProtocol):
    """Keeps what it hears, with the time."""

    noisy = False

    def __init__(self, seconds: Callable[[], float]) -> None:
        self.seconds = seconds
        self.answer: Callable[[bytes, Peer], object] = lambda data, peer: None
        self.heard: list[bytes] = []
        self.times: list[float] = []
        self.sources: list[Peer] = []
        self.refusals: list[tuple[float, Peer, bytes]] = []

    def datagramReceived(self, datagram: bytes, addr: Peer) -> None:
        self.answer(datagram, addr)
        self.heard.append(datagram)
        self.times.append(self.seconds())
        self.sources.append(addr)

    def unreachable(self, peer: Peer, payload: bytes, error: OSError) -> None:
        self.refusals.append((self.seconds(), peer, payload))


def listen(host: FakeReactor, port: int = 5060, interface: str = "") -> FakePort:
    return host.listenUDP(port, Ear(host.seconds), interface)


def ear(port: FakePort) -> Ear:
    protocol = port.protocol
    assert isinstance(protocol, Ear)
    return protocol


class PairTestCase(SynchronousTestCase):
    """Two hosts; ``send`` goes from a to b."""

    def build(self, network: FakeNetwork) -> None:
        self.network = network
        self.a, self.b = (listen(network.reactor(address)) for address in (A, B))

    def send(self, count: int = 1, gap: float = 0.0) -> list[bytes]:
        sent = [b"%d" % number for number in range(count)]
        for data in sent:
            self.a.write(data, (B, 5060))
            if gap:
                self.network.advance(gap)
        return sent

    def fates(self) -> list[str]:
        return [entry.fate for entry in self.network.log]


class DeliveryTests(PairTestCase):
    def test_everything_arrives_once_and_in_order_by_default(self) -> None:
        self.build(FakeNetwork())
        sent = self.send(100)
        self.assertEqual(ear(self.b).heard, [])  # not while the sender sends
        self.assertEqual(self.network.in_flight, 100)
        self.network.advance(0)
        self.assertEqual(ear(self.b).heard, sent)
        self.assertEqual(set(ear(self.b).sources), {(A, 5060)})
        self.assertEqual(self.network.in_flight, 0)

    def test_delay_is_exact(self) -> None:
        self.build(FakeNetwork(delay=0.25))
        self.send(3, gap=1)
        self.assertEqual(ear(self.b).times, [0.25, 1.25, 2.25])

    def test_delay_is_spread_but_keeps_the_order(self) -> None:
        self.build(FakeNetwork(delay=(0.01, 0.5)))
        sent = self.send(200, gap=0.01)
        self.network.advance(1)
        self.assertEqual(ear(self.b).heard, sent)
        delays = [(entry.arrived or 0) - entry.time for entry in self.network.log]
        self.assertGreaterEqual(min(delays), 0.01 - 1e-9)
        self.assertLessEqual(max(delays), 0.5 + 1e-9)
        self.assertGreater(len(set(delays)), 10)

    def test_loss(self) -> None:
        self.build(FakeNetwork(loss=0.3))
        self.send(1000)
        self.network.advance(1)
        lost = self.fates().count("lost")
        self.assertEqual(len(ear(self.b).heard), 1000 - lost)
        self.assertTrue(230 < lost < 370, lost)

    def test_loss_of_everything_and_of_nothing(self) -> None:
        self.build(FakeNetwork(loss=1.0))
        self.send(10)
        self.network.faults = Faults()
        self.send(5)
        self.network.advance(1)
        self.assertEqual(self.fates(), ["lost"] * 10 + ["delivered"] * 5)

    def test_duplicate(self) -> None:
        self.build(FakeNetwork(duplicate=1.0, delay=(0, 1)))
        self.send(2)
        self.network.advance(2)
        self.assertEqual(ear(self.b).heard, [b"0", b"0", b"1", b"1"])
        self.assertEqual(
            [entry.duplicate for entry in self.network.log], [False, True] * 2
        )

    def test_reorder(self) -> None:
        self.build(FakeNetwork(reorder=0.2))
        sent = self.send(100, gap=0.001)
        self.network.advance(1)
        self.assertNotEqual(ear(self.b).heard, sent)
        self.assertEqual(sorted(ear(self.b).heard), sorted(sent))

    def test_too_large_for_the_way(self) -> None:
        self.build(FakeNetwork(largest=1300))
        self.a.write(b"x" * 1301, (B, 5060))
        self.a.write(b"x" * 1300, (B, 5060))
        self.network.advance(1)
        self.assertEqual(self.fates(), ["lost", "delivered"])

    def test_directions_differ(self) -> None:
        self.build(FakeNetwork(delay=0.5))
        self.network.link(A, self.b.reactor, loss=1.0)
        self.send()
        self.b.write(b"back", (A, 5060))
        self.network.advance(1)
        self.assertEqual(ear(self.b).heard, [])
        self.assertEqual((ear(self.a).heard, ear(self.a).times), ([b"back"], [0.5]))
        self.network.link(A, B)
        self.send()
        self.network.advance(1)
        self.assertEqual(ear(self.b).heard, [b"0"])

    def test_nowhere_is_silence(self) -> None:
        self.build(FakeNetwork())
        self.a.write(b"x", ("198.51.100.7", 5060))
        self.network.advance(100)
        self.assertEqual(self.fates(), ["nowhere"])
        self.assertEqual(ear(self.a).refusals, [])

    def test_a_host_reaches_itself_without_faults(self) -> None:
        self.build(FakeNetwork(loss=1.0))
        self.network.partition(A)
        for own in (A, "127.0.0.1"):
            self.a.write(own.encode(), (own, 5060))
        self.network.advance(0)
        self.assertEqual(ear(self.a).heard, [A.encode(), b"127.0.0.1"])
        self.assertEqual(ear(self.a).sources, [(A, 5060), ("127.0.0.1", 5060)])

    def test_faults_are_checked(self) -> None:
        for wrong in (1.5, -0.1, float("nan")):
            for make in (
                lambda chance: Faults(loss=chance),
                lambda chance: Faults(duplicate=chance),
                lambda chance: Faults(reorder=chance),
            ):
                self.assertRaises(ValueError, make, wrong)
        for delay in (-1.0, (0.5, 0.1)):
            self.assertRaises(ValueError, Faults, delay=delay)


class DeterminismTests(SynchronousTestCase):
    def story(self, seed: int | str) -> list[Datagram]:
        """Peers that answer each other over a bad network."""
        network = FakeNetwork(
            seed, loss=0.2, duplicate=0.1, reorder=0.2, delay=(0.01, 0.2)
        )
        a, b = (listen(network.reactor(address)) for address in (A, B))
        ear(b).answer = lambda data, peer: b.write(b"re: " + data, peer)
        for number in range(200):
            network.callLater(number / 50, a.write, b"%d" % number, (B, 5060))
        network.advance(10)
        return list(network.log)

    def test_one_seed_one_log(self) -> None:
        for seed in (0, 7, "seven"):
            self.assertEqual(self.story(seed), self.story(seed))

    def test_another_seed_another_log(self) -> None:
        self.assertNotEqual(self.story(1), self.story(2))


class PartitionsTests(PairTestCase):
    def setUp(self) -> None:
        self.build(FakeNetwork(delay=1))

    def test_a_pair_is_cut_in_both_directions_and_healed(self) -> None:
        c = listen(self.network.reactor(C))
        self.network.partition(A, B)
        self.send()
        self.b.write(b"back", (A, 5060))
        self.a.write(b"to c", (C, 5060))
        self.network.advance(2)
        self.assertEqual(self.fates(), ["partitioned", "partitioned", "delivered"])
        self.assertEqual(ear(c).heard, [b"to c"])
        self.network.heal(B, A)
        self.send()
        self.network.advance(2)
        self.assertEqual(ear(self.b).heard, [b"0"])

    def test_a_host_that_is_down_is_silence(self) -> None:
        self.network.partition(B)
        self.a.write(b"x", (B, 9))
        self.network.advance(100)
        self.assertEqual(self.fates(), ["partitioned"])
        self.assertEqual(ear(self.a).refusals, [])
        self.network.heal(B)
        self.send()
        self.network.advance(1)
        self.assertEqual(ear(self.b).heard, [b"0"])

    def test_what_is_on_its_way_is_lost(self) -> None:
        self.send()
        self.network.advance(0.5)
        self.network.partition(A, B)
        self.network.advance(1)
        self.assertEqual(self.fates(), ["partitioned"])
        self.assertEqual(self.network.in_flight, 0)

    def test_healing_everything(self) -> None:
        self.network.partition(A, B)
        self.network.partition(B)
        self.network.heal()
        self.send()
        self.network.advance(1)
        self.assertEqual(self.fates(), ["delivered"])

    def test_hosts_that_are_not_there(self) -> None:
        self.assertRaises(LookupError, self.network.partition, C)
        self.assertRaises(LookupError, self.network.link, A, C)


class UnreachableTests(PairTestCase):
    def setUp(self) -> None:
        self.build(FakeNetwork(delay=0.5))

    def test_a_live_host_says_that_nobody_listens(self) -> None:
        self.a.write(b"hello", (B, 9))
        self.network.advance(2)
        self.assertEqual(self.fates(), ["refused"])
        self.assertEqual(ear(self.a).refusals, [(1.0, (B, 9), b"hello")])

    def test_the_quotation_is_as_short_as_a_router_makes_it(self) -> None:
        self.a.write(b"x" * 2000, (B, 9))
        self.network.advance(2)
        self.assertEqual(len(ear(self.a).refusals[0][2]), 520)

    def test_switched_off(self) -> None:
        self.network.icmp = False
        self.a.write(b"hello", (B, 9))
        self.network.advance(2)
        self.assertEqual((self.fates(), ear(self.a).refusals), (["refused"], []))

    def test_it_takes_the_way_back_with_its_faults(self) -> None:
        self.network.link(B, A, loss=1.0)
        self.a.write(b"hello", (B, 9))
        self.network.advance(2)
        self.assertEqual(ear(self.a).refusals, [])
        self.network.link(B, A)
        self.a.write(b"hello", (B, 9))
        self.network.advance(0.75)
        self.network.partition(A, B)
        self.network.advance(2)
        self.assertEqual(ear(self.a).refusals, [])

    def test_a_port_that_is_gone_hears_nothing(self) -> None:
        self.a.write(b"hello", (B, 9))
        self.network.result_of(self.a.stopListening())
        self.network.advance(2)
        self.assertEqual(ear(self.a).refusals, [])

    def test_a_connected_port_of_plain_twisted_hears_it_twisteds_way(self) -> None:
        refused: list[float] = []

        class Plain(DatagramProtocol):
            noisy = False

            def connectionRefused(self) -> None:
                refused.append(1)

        port = self.a.reactor.listenUDP(0, Plain())
        port.write(b"not connected: nobody is told", (B, 9))
        self.network.advance(2)
        self.assertEqual(refused, [])
        port.connect(B, 9)
        port.write(b"connected")
        self.network.advance(2)
        self.assertEqual(refused, [1])


class LogTests(PairTestCase):
    def test_is_in_the_order_of_sending_and_readable(self) -> None:
        self.build(FakeNetwork(delay=0.5, start=10))
        self.a.write(b"OPTIONS sip:b SIP/2.0\r\nVia: x\r\n", (B, 5060))
        (entry,) = self.network.log
        self.assertEqual((entry.fate, entry.arrived), ("in flight", None))
        self.network.advance(1)
        self.assertEqual(
            str(entry),
            "10.000 192.0.2.1:5060 > 192.0.2.2:5060 OPTIONS sip:b SIP/2.0 (delivered)",
        )
        self.assertEqual(entry.arrived, 10.5)

    def test_shows_no_control_characters(self) -> None:
        entry = Datagram(0, (A, 1), ("2001:db8::2", 1), b"\x1b[2J\xff\n\r\nrest")
        self.assertEqual(
            str(entry),
            r"0.000 192.0.2.1:1 > [2001:db8::2]:1 \x1b[2J\xff\n (in flight)",
        )

    def test_is_bounded(self) -> None:
        self.build(FakeNetwork(log_limit=3))
        self.send(5)
        self.assertEqual([entry.data for entry in self.network.log], [b"2", b"3", b"4"])
        self.build(FakeNetwork(log_limit=0))
        self.send(5)
        self.assertEqual(len(self.network.log), 0)

    def test_is_shown_when_something_did_not_happen(self) -> None:
        self.build(FakeNetwork(loss=1.0))
        self.send()
        error = self.assertRaises(
            AssertionError, self.network.run, lambda: ear(self.b).heard, 5
        )
        self.assertIn("192.0.2.1:5060 > 192.0.2.2:5060 0 (lost)", str(error))


class HostsTests(SynchronousTestCase):
    def test_addresses_belong_to_one_host(self) -> None:
        network = FakeNetwork()
        network.reactor(A, "2001:db8::1")
        for wrong in ((), (A,), ("2001:DB8:0::1",), ("127.0.0.1",), ("a.example",)):
            self.assertRaises(ValueError, network.reactor, *wrong)

    def test_what_a_protocol_raises_is_raised_by_advance(self) -> None:
        network = FakeNetwork()
        port = listen(network.reactor(A))
        ear(port).answer = lambda data, peer: {b"": 0}[data]
        port.write(b"x", (A, 5060))
        self.assertRaises(KeyError, network.advance, 1)

    def test_only_what_a_host_asked_for_is_its_delayed_call(self) -> None:
        network = FakeNetwork(delay=1)
        a, b = network.reactor(A), network.reactor(B)
        call = a.callLater(5, int)
        listen(a).write(b"x", (B, 5060))
        self.assertEqual(network.delayed_calls(), [call])
        self.assertEqual((a.getDelayedCalls(), b.getDelayedCalls()), ([call], []))
