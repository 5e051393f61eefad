"""The names of a network in memory lead where they are told to, or nowhere."""

from __future__ import annotations

from typing import Any

from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from sipclient.errors import SIPError, SIPInvalidURIType, SIPResolvingFailure
from sipclient.interfaces import IPendingResolution, IResolver
from sipclient.message.uri import parse_uri
from sipclient.testing import FakeNetwork
from sipclient.transport.target import Target

A = "192.0.2.1"
NAME = "example.com"
RIGHT, WRONG = Target("UDP", "192.0.2.7", 5060), Target("UDP", "192.0.2.66", 5060)


class NamesTestCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.network = FakeNetwork()
        self.host = self.network.reactor(A)
        self.names = self.network.names
        self.names[NAME] = "192.0.2.7"
        self.outcomes: list[Any] = []

    def ask(self, uri: str = f"sip:{NAME}") -> IPendingResolution:
        resolver = IResolver(self.host)
        return resolver.resolve(parse_uri(uri), self.outcomes.append)

    def answers(self, uri: str = f"sip:{NAME}", seconds: float = 0) -> list[Any]:
        """Ask, let time pass, and give the targets or the error's name."""
        self.outcomes.clear()
        self.ask(uri)
        self.network.advance(seconds)
        return [
            type(outcome).__name__ if isinstance(outcome, SIPError) else outcome
            for outcome in self.outcomes
        ]


class AnswerTests(NamesTestCase):
    def test_interfaces(self) -> None:
        self.assertTrue(verifyObject(IResolver, IResolver(self.host, None)))
        for uri in ("sip:192.0.2.7", f"sip:{NAME}"):
            self.assertTrue(verifyObject(IPendingResolution, self.ask(uri)))

    def test_an_address_takes_the_transport_and_port_of_the_uri(self) -> None:
        self.names["two.example"] = ["2001:DB8::7", "192.0.2.7"]
        for rest, transport, port in (
            ("", "UDP", 5060),
            (":5070", "UDP", 5070),
            (";transport=tcp", "TCP", 5060),
        ):
            self.assertEqual(
                self.answers(f"sip:bob@two.example{rest}"),
                [
                    (
                        Target(transport, "2001:db8::7", port),
                        Target(transport, "192.0.2.7", port),
                    )
                ],
            )

    def test_a_target_stands_for_itself(self) -> None:
        targets = Target("TCP", "192.0.2.8", 5080), Target("UDP", "192.0.2.8", 5060)
        self.names["srv.example"] = targets
        self.assertEqual(self.answers("sip:srv.example:99"), [targets])
        self.assertEqual(self.names["srv.example"], targets)

    def test_no_answer_comes_while_it_is_asked(self) -> None:
        self.ask()
        self.assertEqual(self.outcomes, [])
        self.network.advance(0)
        self.assertEqual(self.outcomes, [(RIGHT,)])

    def test_what_needs_no_answer_is_there_at_once_and_not_in_the_log(self) -> None:
        for uri in ("sip:192.0.2.9", "sip:localhost", "tel:+358"):
            self.ask(uri)
        self.assertEqual(self.outcomes[0], (Target("UDP", "192.0.2.9", 5060),))
        self.assertIsInstance(self.outcomes[2], SIPInvalidURIType)
        self.assertEqual(list(self.names.log), [])

    def test_names_are_those_of_dns(self) -> None:
        self.assertEqual(self.answers("sip:EXAMPLE.com."), [(RIGHT,)])
        self.names["Other.Example."] = []
        self.assertEqual(list(self.names), [NAME, "other.example"])
        self.assertEqual(self.names["OTHER.example"], ())
        del self.names["other.example"]
        self.assertEqual(len(self.names), 1)

    def test_addresses_are_checked(self) -> None:
        self.assertRaises(ValueError, self.names.update, {"x.example": ["not one"]})

    def test_a_name_that_does_not_exist(self) -> None:
        self.names["empty.example"] = []
        for name in ("nobody.example", "empty.example"):
            self.ask(f"sip:{name}")
            self.network.advance(0)
            error = self.outcomes.pop()
            self.assertIsInstance(error, SIPResolvingFailure)
            self.assertIn(name, str(error))

    def test_an_answer_takes_its_time(self) -> None:
        self.names.delay = 0.5
        self.assertEqual(self.answers(seconds=0.4), [])
        self.network.advance(0.1)
        self.assertEqual(self.outcomes, [(RIGHT,)])
        self.names.delay = (0.1, 2.0)
        for _ in range(20):
            self.ask()
        self.network.advance(2)
        times = {round(each.answered or 0, 6) for each in self.names.log}
        self.assertEqual(len(times), 21)


class FaultTests(NamesTestCase):
    def test_failing_some_times(self) -> None:
        self.names.fails(NAME, "the server is on fire", times=2)
        self.assertEqual(self.answers(), ["SIPResolvingFailure"])
        self.assertIn("the server is on fire", str(self.outcomes[0]))
        self.assertEqual(self.answers(), ["SIPResolvingFailure"])
        self.assertEqual(self.answers(), [(RIGHT,)])

    def test_failing_with_any_error(self) -> None:
        error = SIPInvalidURIType("x")
        self.names.fails(NAME, error)
        self.ask()
        self.network.advance(0)
        self.assertIs(self.outcomes[0], error)

    def test_lying(self) -> None:
        self.names.lies(NAME, "192.0.2.66", times=1)
        self.assertEqual(self.answers(), [(WRONG,)])
        self.assertEqual(self.answers(), [(RIGHT,)])

    def test_being_slow(self) -> None:
        self.names.delays(NAME, 3)
        self.assertEqual(self.answers(seconds=2.9), [])
        self.network.advance(0.1)
        self.assertEqual(self.outcomes, [(RIGHT,)])

    def test_stalling_and_recovering(self) -> None:
        self.names.stalls(NAME)
        self.assertEqual(self.answers(seconds=1000), [])
        self.assertEqual(len(self.names.pending), 1)
        self.names.recovers("another.example")
        self.network.advance(0)
        self.assertEqual(self.outcomes, [])
        self.names.recovers(NAME)
        self.assertEqual(self.outcomes, [])  # not inside the call
        self.network.advance(0)
        self.assertEqual(self.outcomes, [(RIGHT,)])
        self.assertEqual(self.names.pending, ())
        self.assertEqual(self.answers(), [(RIGHT,)])

    def test_all_recover(self) -> None:
        self.names.fails(NAME)
        self.names.stalls("b.example")
        self.names["b.example"] = "192.0.2.7"
        self.ask("sip:b.example")
        self.names.recovers()
        self.ask()
        self.network.advance(0)
        self.assertEqual(self.outcomes, [(RIGHT,), (RIGHT,)])

    def test_faults_come_one_after_another(self) -> None:
        self.names.stalls(NAME, times=1)
        self.names.lies(NAME, ["192.0.2.66"], times=1)
        self.names.fails(NAME, times=1)
        came = [self.answers(seconds=1) for _ in range(4)]
        self.assertEqual(came, [[], [(WRONG,)], ["SIPResolvingFailure"], [(RIGHT,)]])

    def test_other_names_are_not_concerned(self) -> None:
        self.names["b.example"] = "192.0.2.7"
        self.names.fails(NAME)
        self.assertEqual(self.answers("sip:b.example"), [(RIGHT,)])

    def test_they_are_checked(self) -> None:
        self.assertRaises(ValueError, self.names.fails, NAME, times=0)
        self.assertRaises(ValueError, self.names.delays, NAME, -1)
        self.assertRaises(ValueError, self.names.lies, NAME, "nonsense")


class CancellingTests(NamesTestCase):
    def test_nothing_comes_then_and_nothing_is_left(self) -> None:
        self.names.delay = 1
        self.names.stalls("b.example")
        for uri in (f"sip:{NAME}", "sip:b.example", "sip:192.0.2.9"):
            asked = self.ask(uri)
            asked.cancel()
            asked.cancel()
        self.assertEqual(self.network.delayed_calls(), [])
        self.assertEqual(self.names.pending, ())
        self.names.recovers()
        self.network.advance(10)
        self.assertEqual(self.outcomes, [(Target("UDP", "192.0.2.9", 5060),)])

    def test_it_harms_no_other(self) -> None:
        first = self.ask()
        self.ask()
        first.cancel()
        self.network.advance(0)
        self.assertEqual(self.outcomes, [(RIGHT,)])

    def test_after_the_answer_it_does_nothing(self) -> None:
        asked = self.ask()
        self.network.advance(0)
        asked.cancel()
        self.assertIn("192.0.2.7", str(self.names.log[0]))

    def test_a_question_that_waits_is_a_delayed_call(self) -> None:
        self.names.delay = 1
        self.ask()
        self.assertEqual(len(self.host.getDelayedCalls()), 1)


class LogTests(NamesTestCase):
    def test_is_readable(self) -> None:
        self.names.fails("b.example")
        self.names.stalls("c.example")
        for name in (NAME, "b.example", "c.example"):
            self.ask(f"sip:{name}")
        self.names.delay = 0.5
        self.ask()
        self.network.advance(1)
        self.ask().cancel()
        self.assertEqual(
            list(map(str, self.names.log)),
            [
                "0.000 192.0.2.1 asks for example.com (UDP 192.0.2.7:5060)",
                "0.000 192.0.2.1 asks for b.example (SIPResolvingFailure)",
                "0.000 192.0.2.1 asks for c.example (no answer)",
                "0.000 192.0.2.1 asks for example.com (UDP 192.0.2.7:5060 at 0.500)",
                "1.000 192.0.2.1 asks for example.com (cancelled)",
            ],
        )

    def test_is_bounded(self) -> None:
        self.network = FakeNetwork(log_limit=2)
        self.host, self.names = self.network.reactor(A), self.network.names
        for _ in range(3):
            self.ask()
        self.assertEqual(len(self.names.log), 2)
