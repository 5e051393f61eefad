"""State machines as tables.

A machine is a class whose ``TABLE`` says everything about its states: in this state,
upon this input, these actions, then that state. The rows read like a figure of the RFC,
and figures are printed from them. Actions are methods; they do one thing each.

What holds for every machine:

* An input for which a state has no row is ignored.
* An input made while another is handled (by an action, or by a user who was told)
  waits until that one is done.
* The new state holds before the first action runs, so that whoever is told sees it.
* A send that the network refuses undoes its transition: the old state stands again, the
  actions after it don't run, and the input "Transport Err." is next.
* Any other failure of an action is logged; the actions after it run nevertheless.
* Nothing outside a machine changes its state.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Final, NamedTuple, Protocol, TypeAlias

from twisted.logger import Logger

from ..errors import SIPError

#: The state before the first input, and the state after the last.
INITIAL: Final = ""
TERMINATED: Final = "Terminated"
#: In a row: all states but these two.
ANY: Final = "*"
#: The input that a refused send makes; it comes with the error.
TRANSPORT_ERROR: Final = "Transport Err."


class Transition(NamedTuple):
    """One row of a table: an arrow of the figure."""

    state: str
    input: str
    actions: tuple[str, ...]
    next: str


class TransactionTap(Protocol):
    """Somebody who watches transactions; it must not raise."""

    def transaction_state(self, kind: str, key: str, old: str, new: str) -> None:
        """Hear of a change of state; the first one is from ``""``."""

    def retransmitted(self, kind: str, key: str) -> None:
        """Hear that a transaction sent once more what it had sent."""


class Surroundings(Protocol):
    """What a machine lives in.

    :ivar tap: who watches, None where nobody does.
    """

    tap: TransactionTap | None


class SendFailed(Exception):
    """An action could not send; ``error`` tells why."""

    def __init__(self, error: SIPError) -> None:
        super().__init__(error)
        self.error = error


_Action: TypeAlias = Callable[[Any, Any], None]
_Row: TypeAlias = tuple[tuple[_Action, ...], str]
_Waiting: TypeAlias = tuple[tuple[str, Any], ...]

_NONE: _Waiting = ()


class Machine:
    """What runs a table.

    :cvar KIND: what it is, for people: "non-INVITE client".
    :cvar FIGURE: where the RFC draws it.
    :cvar TABLE: its rows, in the order of the figure.

    :ivar state: in the RFC's spelling.
    :ivar key: by which messages find it.
    """

    __slots__ = ("_waiting", "key", "layer", "state")

    KIND: ClassVar[str]
    FIGURE: ClassVar[str]
    TABLE: ClassVar[tuple[Transition, ...]] = ()
    _rows: ClassVar[dict[str, dict[str, _Row]]]
    _log: ClassVar[Logger] = Logger()

    layer: Surroundings

    def __init_subclass__(cls) -> None:
        cls._rows = compiled(cls)

    def __init__(self, layer: Surroundings, key: str) -> None:
        self.layer = layer
        self.key = key
        self.state = INITIAL
        # None while idle; else the inputs that came while one is handled.
        self._waiting: _Waiting | None = None

    def input(self, name: str, what: Any = None) -> None:
        """Do what the table says.

        :param what: comes with the input; handed to each action.
        """
        waiting = self._waiting
        if waiting is not None:
            self._waiting = (*waiting, (name, what))
            return
        row = self._rows[self.state].get(name)
        if row is None:
            return
        self._waiting = _NONE
        try:
            while True:
                if row is not None:
                    before = self.state
                    actions, state = row
                    if state != before:
                        self.state = state
                        if self.layer.tap is not None:
                            self._tell(before)
                    for action in actions:
                        try:
                            action(self, what)
                        except SendFailed as failed:
                            self._undo(before, failed.error)
                            break
                        except Exception:
                            self._complain(action)
                if not self._waiting:
                    return
                (name, what), *rest = self._waiting
                self._waiting = tuple(rest)
                row = self._rows[self.state].get(name)
        finally:
            self._waiting = None

    def timer(self, letter: str) -> None:
        """A timer is an input of its name."""
        self.input(letter)

    def _undo(self, before: str, error: SIPError) -> None:
        """Stand where it stood before a send that was refused."""
        after, self.state = self.state, before
        if after != before and self.layer.tap is not None:
            self._tell(after)
        self._waiting = ((TRANSPORT_ERROR, error), *(self._waiting or _NONE))

    def _tell(self, before: str) -> None:
        tap = self.layer.tap
        if tap is not None:
            tap.transaction_state(self.KIND, self.key, before, self.state)

    def _complain(self, action: _Action) -> None:
        self._log.failure(
            "{kind} transaction {key}: {action} failed",
            kind=self.KIND,
            key=self.key,
            action=action.__name__,
        )

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.key!r} {self.state or 'not started'}>"


class Refused:
    """A first send that was refused, until its machine is told; a timer calls it."""

    __slots__ = ("_error", "_machine")

    def __init__(self, machine: Machine, error: SIPError) -> None:
        self._machine = machine
        self._error = error

    def timer(self, letter: str) -> None:
        """Tell it, by the input "Transport Err."."""
        self._machine.input(letter, self._error)


def compiled(machine: type[Machine]) -> dict[str, dict[str, _Row]]:
    """Make of a table what `Machine.input` looks up: state, input, then row.

    Raises ValueError where two rows contradict each other, and AttributeError for an
    action that is no method of the class.
    """
    table = machine.TABLE
    states = dict.fromkeys(
        name for row in table for name in (row.state, row.next) if name != ANY
    )
    rows: dict[str, dict[str, _Row]] = {
        name: {} for name in (INITIAL, *states, TERMINATED)
    }
    for transition in table:
        row = (
            tuple([getattr(machine, name) for name in transition.actions]),
            transition.next,
        )
        here = (
            [name for name in rows if name not in (INITIAL, TERMINATED)]
            if transition.state == ANY
            else [transition.state]
        )
        for state in here:
            if transition.input in rows[state]:
                raise ValueError(f"{state}: two rows for {transition.input!r}")
            rows[state][transition.input] = row
    return rows
