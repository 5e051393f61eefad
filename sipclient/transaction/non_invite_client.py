"""The non-INVITE client transaction: RFC 3261 §17.1.2, figure 6.

It repeats its request until something comes back (Timer E), gives up after 64·T1
(Timer F), and after the final response stays a while to absorb further copies of it
(Timer K). In Proceeding the request is still repeated, every T2: what a provisional
response promises, the network can lose. Over a reliable flow nothing is repeated and
nothing is absorbed.

The contract: exactly one of these ends it for its user: a final response, or one call
of ``failed``. Neither comes before `TransactionLayer.request` has returned. From then
on it holds nothing of its user, its request and its flow.

Departures from the figure: none. A 408 that came is a final response like any other.
Timers E and F are one running timer: whichever of the two is due first.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any, Final, Protocol

from ..errors import SIPError, SIPTimedOut
from .machine import (
    ANY,
    INITIAL,
    TERMINATED,
    TRANSPORT_ERROR,
    Machine,
    Refused,
    Transition,
)
from .timers import TimerEntry

if TYPE_CHECKING:
    from ..message.model import Response
    from ..transport.flow import Flow
    from .layer import TransactionLayer

_TWICE_AS_LONG: Final = ("send_again", "double", "start_timer")
_EVERY_T2: Final = ("send_again", "slow_down", "start_timer")
_TIMED_OUT: Final = ("cancel_timer", "time_out", "forget")
_FAILED: Final = ("cancel_timer", "fail", "forget")
_FINAL: Final = ("cancel_timer", "start_timer_k", "deliver_final")

# State, input, actions, next state.
TABLE: Final = tuple(
    Transition(*row)
    for row in (
        (INITIAL, "Request from TU", ("send_first", "start_timer"), "Trying"),
        ("Trying", "Timer E", _TWICE_AS_LONG, "Trying"),
        ("Trying", "1xx", ("deliver",), "Proceeding"),
        ("Trying", "200-699", _FINAL, "Completed"),
        ("Trying", "Timer F", _TIMED_OUT, TERMINATED),
        ("Trying", TRANSPORT_ERROR, _FAILED, TERMINATED),
        ("Proceeding", "Timer E", _EVERY_T2, "Proceeding"),
        ("Proceeding", "1xx", ("deliver",), "Proceeding"),
        ("Proceeding", "200-699", _FINAL, "Completed"),
        ("Proceeding", "Timer F", _TIMED_OUT, TERMINATED),
        ("Proceeding", TRANSPORT_ERROR, _FAILED, TERMINATED),
        ("Completed", "Timer K", ("forget",), TERMINATED),
        # The whole layer ends; nobody is told.
        (ANY, "Stop", ("cancel_timer", "let_go"), TERMINATED),
    )
)


class ClientUser(Protocol):
    """Who sent the request."""

    def response(self, response: Response) -> None:
        """Take a response (§17.1.2.2): any number of provisional, one final."""

    def failed(self, error: SIPError) -> None:
        """Hear that no final response will come.

        :class:`SIPTimedOut` where Timer F expired; :class:`SIPTransportFailure` where
        the request could not be sent, or (:class:`SIPICMPFailure`) did not arrive.
        """


class NonInviteClient(Machine):
    """One request of ours and what came back; made by `TransactionLayer.request`.

    :ivar flow: where the request goes; None once nothing is sent any more.
    """

    __slots__ = ("_data", "_interval", "_timer", "_user", "_waited", "flow")

    KIND = "non-INVITE client"
    FIGURE = "RFC 3261 figure 6"
    TABLE = TABLE

    layer: TransactionLayer

    def __init__(
        self,
        layer: TransactionLayer,
        key: str,
        data: bytes,
        flow: Flow,
        user: ClientUser,
    ) -> None:
        super().__init__(layer, key)
        self._data = data
        self._user: ClientUser | None = user
        # Timer E; over a reliable flow it never comes.
        self._interval = inf if flow.reliable else layer.durations.e
        self._waited = 0.0
        self._timer: TimerEntry | None = None
        self.flow: Flow | None = flow

    def receive(self, response: Response) -> None:
        """Take a response that belongs to this transaction."""
        self.input("1xx" if response.status < 200 else "200-699", response)

    def waits_on(self, address: tuple[str, int]) -> bool:
        """Tell whether a response from that address is still to come."""
        return self.flow is not None and self.flow.source == address

    # Actions.

    def send_first(self, _: Any) -> None:
        """Send the request."""
        flow = self.flow
        assert flow is not None
        try:
            flow.send(self._data)
        except SIPError as error:
            # Its user doesn't hold it yet: the failure is told a moment later.
            refused = Refused(self, error)
            self._timer = self.layer.timers.start(0.0, refused, TRANSPORT_ERROR)

    def send_again(self, _: Any) -> None:
        """Retransmit the request."""
        flow = self.flow
        assert flow is not None
        layer = self.layer
        layer.send(flow, self._data)
        layer.retransmissions_sent += 1
        if layer.tap is not None:
            layer.tap.retransmitted(self.KIND, self.key)

    def double(self, _: Any) -> None:
        """Timer E will run MIN(2·last, T2)."""
        self._interval = min(2 * self._interval, self.layer.durations.e_most)

    def slow_down(self, _: Any) -> None:
        """Timer E will run T2."""
        self._interval = self.layer.durations.e_most

    def start_timer(self, _: Any) -> None:
        """Start Timer E, or what is left of Timer F where that expires no later."""
        if self._timer is not None and self._timer.machine is not None:
            return  # the first send was refused, and that is waited for
        layer = self.layer
        left = layer.durations.f - self._waited
        if self._interval < left:
            self._waited += self._interval
            self._timer = layer.timers.start(self._interval, self, "Timer E")
        else:
            self._timer = layer.timers.start(left, self, "Timer F")

    def start_timer_k(self, _: Any) -> None:
        """Timer K runs T4; over a reliable flow it expires at once."""
        assert self.flow is not None
        if self.flow.reliable:
            self.input("Timer K")
        else:
            self.layer.absorb(self)

    def cancel_timer(self, _: Any) -> None:
        """Neither Timer E nor Timer F is waited for any more."""
        if self._timer is not None:
            self.layer.timers.cancel(self._timer)
            self._timer = None

    def deliver(self, response: Response) -> None:
        """Pass a provisional response to the user."""
        if self._user is not None:
            self._user.response(response)

    def deliver_final(self, response: Response) -> None:
        """Pass the final response to the user, and let go of all but the key."""
        user = self._user
        self.let_go(None)
        if user is not None:
            user.response(response)

    def time_out(self, _: Any) -> None:
        """Tell the user that Timer F expired."""
        method = self._data.partition(b" ")[0].decode("ascii", "replace")
        assert self.flow is not None
        host, port = self.flow.source
        self.fail(
            SIPTimedOut(
                f"sending {method} to {host} port {port}",
                f"no final response within {self.layer.durations.f:g} s",
                rule="RFC 3261 §17.1.2.2, Timer F",
                advice="See whether a SIP program listens there and answers",
            )
        )

    def fail(self, error: SIPError) -> None:
        """Tell the user why there will be no final response."""
        user = self._user
        self.let_go(None)
        if user is not None:
            user.failed(error)

    def let_go(self, _: Any) -> None:
        """Hold the user, the request and the flow no more."""
        self._user = None
        self._data = b""
        self.flow = None

    def forget(self, _: Any) -> None:
        """Nothing finds it any more."""
        self.layer.forget_client(self)
