"""Names that lie, stall, fail and recover: each request has one outcome."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from sipclient.errors import SIPServerTerminated
from sipclient.test.client.ends import Application, nothing_is_left
from sipclient.testing import FakeNetwork
from sipclient.transport.target import Target

A, B, C, NOWHERE = "192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.99"
NAME = "sip.example.com"
URI = f"sip:bob@{NAME}"
TCP = f"{URI};transport=tcp"


class FaultyNamesTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.network = FakeNetwork(seed=5, delay=0.01)
        self.network.names[NAME] = B
        self.a, self.b = self.application(A), self.application(B)
        self.others: list[Application] = []
        self.addCleanup(self.finish)

    def application(self, address: str, *answers: tuple[float, int]) -> Application:
        """One that serves what goes to the name; it answers 200 unless told."""
        return Application(self.network, address, answers or ((0, 200),), [NAME])

    def finish(self) -> None:
        self.network.advance(100)
        nothing_is_left(self.network, self.a, self.b, *self.others)
        self.assertEqual(self.flushLoggedErrors(), [])

    def outcomes(self, *wanted: str, seconds: float = 40) -> None:
        """How what A sent has ended by then, in order of ending."""
        self.network.advance(seconds)
        self.assertEqual([*self.a.ends.outcomes.elements()], [*wanted])
        self.a.ends.outcomes.clear()

    def test_a_lie_that_leads_where_nobody_listens(self) -> None:
        self.network.reactor(C)
        self.network.names.lies(NAME, C)
        self.a.send(URI)
        self.a.send(TCP)
        self.outcomes("SIPICMPFailure", "SIPTransportFailure", seconds=1)
        self.network.names.recovers(NAME)
        self.a.send(URI)
        self.a.send(TCP)
        self.outcomes("200", "200", seconds=1)

    def test_a_lie_that_leads_nowhere(self) -> None:
        self.network.names.lies(NAME, NOWHERE, times=2)
        for uri in (URI, TCP, URI, TCP):
            self.a.send(uri)
        self.outcomes("200", "200", seconds=9)
        self.outcomes("SIPTransportFailure", seconds=2)
        self.outcomes("SIPTimedOut", seconds=22)

    def test_a_lie_that_leads_to_another(self) -> None:
        """It answers for everybody; nothing but a certificate could tell."""
        other = self.application(C, (0, 486))
        self.others.append(other)
        self.network.names.lies(NAME, C, times=1)
        self.a.send(TCP)
        self.a.send(TCP)
        self.outcomes("486", "200", seconds=1)
        self.assertEqual(len(other.ends.taken), 1)

    def test_a_lie_that_leads_back(self) -> None:
        """One that one's own stack serves, by either transport."""
        self.network.names.lies(NAME, A)
        self.a.send(URI)
        self.a.send(TCP)
        self.outcomes("200", "200", seconds=1)
        self.assertEqual(len(self.a.ends.taken), 2)

    def test_a_lie_in_part(self) -> None:
        """RFC 3263 §4.3: the next address, and in the end what came last."""
        self.network.reactor(C)
        wrong: list[str | Target] = [
            Target("TCP", C, 5060),
            Target("UDP", C, 5060),
            "2001:db8::1",
        ]
        self.network.names.lies(NAME, [*wrong, B], times=1)
        self.network.names.lies(NAME, wrong, times=1)
        self.a.send(URI)
        self.outcomes("200", seconds=1)
        self.a.send(URI)
        self.outcomes("SIPICMPFailure", seconds=1)

    def test_an_answer_without_addresses(self) -> None:
        self.network.names.lies(NAME, [])
        self.a.send(URI)
        self.outcomes("SIPResolvingFailure", seconds=1)

    def test_stalling_and_recovering(self) -> None:
        self.network.names.stalls(NAME)
        for uri in (URI, TCP, URI):
            self.a.send(uri)
        self.outcomes(seconds=30)
        self.network.names.recovers()
        self.outcomes("200", "200", "200", seconds=1)

    def test_stalling_it_is_let_go(self) -> None:
        """Who waits is told when nobody waits any more, and nothing is sent."""
        self.network.names.stalls(NAME)
        self.a.send(URI)
        self.network.advance(1)
        waiting = self.a.sent[0].final()
        self.network.result_of(self.a.stack.stop())
        self.network.advance(1)
        self.failureResultOf(waiting, SIPServerTerminated)
        self.assertEqual(self.network.names.pending, ())
        self.network.names.recovers()
        self.network.advance(1)
        self.assertEqual(len(self.b.ends.taken), 0)
        self.a.sent.clear()  # its end was silent: the stack's was told instead

    def test_failing_and_recovering(self) -> None:
        self.network.names.fails(NAME, times=2)
        for _ in range(3):
            self.a.send(URI)
        self.outcomes("SIPResolvingFailure", "SIPResolvingFailure", "200", seconds=1)

    def test_slow_answers_in_any_order(self) -> None:
        for seconds in (90, 20, 60):
            self.network.names.delays(NAME, seconds, times=1)
        for _ in range(3):
            self.a.send(TCP)
        for seconds in (21, 40, 30):
            self.outcomes("200", seconds=seconds)

    def test_recovered_while_nobody_can_be_reached(self) -> None:
        self.network.names.stalls(NAME)
        self.a.send(URI)
        self.a.send(TCP)
        self.network.advance(1)
        self.network.partition(A, B)
        self.network.names.recovers()
        self.outcomes("SIPTransportFailure", "SIPTimedOut")
        self.network.heal()
