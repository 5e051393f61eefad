"""What holds for every machine that is a table."""

from __future__ import annotations

from typing import Any, ClassVar

from twisted.trial.unittest import SynchronousTestCase

from sipclient.errors import SIPTransportFailure
from sipclient.test.transaction.world import Watcher
from sipclient.transaction.machine import (
    ANY,
    TERMINATED,
    TRANSPORT_ERROR,
    Machine,
    SendFailed,
    TransactionTap,
    Transition,
    compiled,
)


class Layer:
    tap: TransactionTap | None = None


class Door(Machine):
    """Opens and closes, and writes down what it does."""

    __slots__ = ("said",)

    KIND = "door"
    FIGURE = "none"
    TABLE: ClassVar[tuple[Transition, ...]] = (
        Transition("", "build", ("say_built",), "Closed"),
        Transition("Closed", "open", ("say_open", "greet"), "Open"),
        Transition("Open", "close", ("say_closed",), "Closed"),
        Transition("Closed", "kick", ("say_open", "stick", "greet"), "Open"),
        Transition("Closed", "crash", ("crash", "greet"), "Open"),
        Transition("Closed", TRANSPORT_ERROR, ("say_error",), "Closed"),
        Transition(ANY, "burn", (), TERMINATED),
    )

    def __init__(self) -> None:
        super().__init__(Layer(), "key")
        self.said: list[str] = []

    def say_built(self, _: Any) -> None:
        self.said.append("built")

    def say_open(self, what: Any) -> None:
        self.said.append(f"open {what} {self.state}")

    def say_closed(self, _: Any) -> None:
        self.said.append("closed")

    def greet(self, _: Any) -> None:
        self.input("close")
        self.input("open again, which no row knows")
        self.said.append("hello")

    def stick(self, _: Any) -> None:
        raise SendFailed(SIPTransportFailure("it sticks"))

    def crash(self, _: Any) -> None:
        raise ZeroDivisionError

    def say_error(self, error: Any) -> None:
        self.said.append(f"{error} {self.state}")


class MachineTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.door = Door()
        self.door.input("build")
        self.door.said.clear()

    def test_the_new_state_holds_before_the_first_action(self) -> None:
        self.door.input("open", "wide")
        self.assertEqual(self.door.said[0], "open wide Open")

    def test_an_input_made_meanwhile_waits(self) -> None:
        self.door.input("open", "wide")
        self.assertEqual(self.door.said, ["open wide Open", "hello", "closed"])
        self.assertEqual(self.door.state, "Closed")

    def test_an_unlisted_input_is_ignored(self) -> None:
        for name in ("close", "build", "Timer Z"):
            self.door.input(name)
        self.assertEqual((self.door.said, self.door.state), ([], "Closed"))

    def test_a_timer_is_an_input_of_its_name(self) -> None:
        self.door.timer("open")
        self.assertIn("hello", self.door.said)

    def test_a_refused_send_undoes_its_transition(self) -> None:
        self.door.input("kick")
        self.assertEqual(self.door.said, ["open None Open", "it sticks Closed"])
        self.assertEqual(self.door.state, "Closed")

    def test_any_other_failure_is_logged_and_the_rest_is_done(self) -> None:
        self.door.input("crash")
        self.assertEqual(self.door.said, ["hello", "closed"])
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)

    def test_any_state_is_each_but_the_first_and_the_last(self) -> None:
        fresh = Door()
        fresh.input("burn")
        self.assertEqual(fresh.state, "")
        self.door.input("burn")
        self.assertEqual(self.door.state, TERMINATED)
        self.door.input("open")
        self.assertEqual(self.door.state, TERMINATED)

    def test_a_watcher_hears_of_each_change_and_of_each_change_back(self) -> None:
        watcher = Watcher()
        self.door.layer.tap = watcher
        self.door.input("kick")
        self.assertEqual(
            watcher.words, [("door", "Closed", "Open"), ("door", "Open", "Closed")]
        )

    def test_contradictory_rows_are_refused(self) -> None:
        class Twice(Door):
            __slots__ = ()
            TABLE = Door.TABLE

        Twice.TABLE = (*Door.TABLE, Transition("Open", "burn", (), "Closed"))
        self.assertRaises(ValueError, compiled, Twice)

    def test_an_action_that_is_no_method_is_refused(self) -> None:
        class Odd(Door):
            __slots__ = ()
            TABLE = Door.TABLE

        Odd.TABLE = (Transition("Open", "fly", ("fly",), "Closed"),)
        self.assertRaises(AttributeError, compiled, Odd)
