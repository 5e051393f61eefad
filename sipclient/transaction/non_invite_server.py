"""The non-INVITE server transaction: RFC 3261 §17.2.2, figure 8, mended by RFC 4320.

A copy of a request that was answered gets the same answer again, for 64·T1 (Timer J).

RFC 4320 changes three things, as a non-INVITE client can't wait longer than 64·T1:

* The only provisional response is 100. It is sent by itself when nothing else was by
  the time at which the client's Timer E is first set to T2 (§4.1). From then on the
  client repeats its request every T2 anyway; an earlier 100 would slow it down, and a
  lost final response would be noticed later. Over a reliable flow §4.1 allows a 100 at
  any time and asks for it at the same one, so that one it is, whatever the flow. The
  timer is the client's Timer E as reckoned from here, and goes by its name.
* 408 is never sent (§4.2): it would arrive too late.
* A request that nobody answers ends silently (§4.2), when the client's Timer F has
  expired: the user is told, the network is not.

The contract: the user is told at most once, of a timeout or of a response that could
not be sent; never after the final one was sent. From then on the transaction holds its
key, that response and the flow, nothing of the request or the user.

Departures from the figure: what is answered before the user has returned from
``incoming_request`` never starts a timer in Trying. And a final response that the
network refuses when it is *repeated* doesn't end the transaction. Its user is gone; and
if it ended, the next copy of the request would be served a second time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol

from ..errors import SIPArgumentError, SIPError, SIPInvalidTransactionState
from ..message.build import response as write_response
from .machine import ANY, INITIAL, TERMINATED, TRANSPORT_ERROR, Machine, Transition
from .timers import TimerEntry

if TYPE_CHECKING:
    from ..message.model import Request
    from ..transport.flow import Flow
    from .layer import TransactionLayer

_TIMED_OUT: Final = ("cancel_timer", "time_out", "forget")
_FAILED: Final = ("cancel_timer", "fail", "forget")
_FINAL: Final = ("send_final", "cancel_timer", "start_timer_j", "let_go")

# State, input, actions, next state.
TABLE: Final = tuple(
    Transition(*row)
    for row in (
        (INITIAL, "Request", (), "Trying"),
        ("Trying", "No answer yet", ("start_timer_e",), "Trying"),
        # Further copies of the request: in Trying there is nothing to send.
        ("Trying", "100 from TU", ("hold_100",), "Trying"),
        ("Trying", "Timer E", ("send_100", "start_timer_f"), "Proceeding"),
        ("Trying", "200-699 from TU", _FINAL, "Completed"),
        ("Trying", "Timer F", _TIMED_OUT, TERMINATED),
        ("Trying", TRANSPORT_ERROR, _FAILED, TERMINATED),
        ("Proceeding", "Request", ("send_again",), "Proceeding"),
        ("Proceeding", "100 from TU", ("send_provisional",), "Proceeding"),
        ("Proceeding", "200-699 from TU", _FINAL, "Completed"),
        ("Proceeding", "Timer F", _TIMED_OUT, TERMINATED),
        ("Proceeding", TRANSPORT_ERROR, _FAILED, TERMINATED),
        ("Completed", "Request", ("send_again",), "Completed"),
        ("Completed", "Timer J", ("forget",), TERMINATED),
        # There are more in Completed than the layer is allowed to keep.
        ("Completed", "Linger limit", ("forget",), TERMINATED),
        # The whole layer ends; nobody is told.
        (ANY, "Stop", ("cancel_timer", "let_go"), TERMINATED),
    )
)


class ServerUser(Protocol):
    """Who answers the request."""

    def timed_out(self, transaction: NonInviteServer) -> None:
        """Hear that it is too late to answer: the client has given up."""

    def transport_failed(self, transaction: NonInviteServer, error: SIPError) -> None:
        """Hear that a response could not be sent, and the transaction has ended.

        For a response just handed to `NonInviteServer.respond` this comes before it
        returns.
        """


class NonInviteServer(Machine):
    """One request of a peer and our answer to it.

    :ivar request: what is to be answered; None once it was, or can't be any more.
    :ivar user: who is told what happens; the transaction user puts it here.
    :ivar flow: where responses go.
    """

    __slots__ = ("_response", "_timer", "flow", "merged", "request", "user")

    KIND = "non-INVITE server"
    FIGURE = "RFC 3261 figure 8"
    TABLE = TABLE

    layer: TransactionLayer

    def __init__(
        self, layer: TransactionLayer, key: str, request: Request, flow: Flow
    ) -> None:
        super().__init__(layer, key)
        self.request: Request | None = request
        self.user: ServerUser | None = None
        self.flow = flow
        # By what copies that came another way are known; "" where nobody looks.
        self.merged = ""
        self._response = b""
        self._timer: TimerEntry | None = None

    def respond(self, status: int, data: bytes) -> None:
        """Send a response.

        :param status: 100, or 200 to 699. A 100 that is handed in before RFC 4320 §4.1
            allows one is kept, and sent at that time unless a final one was.
        :param data: all of it, as it goes out.

        Raises :class:`SIPInvalidTransactionState` where the final response was sent, or
        it is too late for one; :class:`SIPArgumentError` for a status that a non-INVITE
        request is never answered with (RFC 4320 §4).
        """
        if self.request is None:
            raise SIPInvalidTransactionState(
                f"answering a request with {status}",
                f"its transaction is {self.state}",
                rule="RFC 3261 §17.2.2",
                advice="A request gets one final response, within 64·T1",
            )
        if status == 100:
            self.input("100 from TU", data)
        elif 200 <= status <= 699 and status != 408:
            self.input("200-699 from TU", data)
        else:
            raise SIPArgumentError(
                f"answering {self.request.method} with {status}",
                rule="RFC 4320 §4",
                advice="A non-INVITE request gets 100 or a final response, never 408",
            )

    # Actions.

    def start_timer_e(self, _: Any) -> None:
        """Wait until the client's Timer E is set to T2, or else for its Timer F."""
        durations = self.layer.durations
        if durations.slow is None:
            self._timer = self.layer.timers.start(durations.f, self, "Timer F")
        else:
            self._timer = self.layer.timers.start(durations.slow, self, "Timer E")

    def start_timer_f(self, _: Any) -> None:
        """Wait until the client's Timer F has expired as well."""
        durations = self.layer.durations
        rest = durations.f - (durations.slow or 0.0)
        self._timer = self.layer.timers.start(rest, self, "Timer F")

    def hold_100(self, data: bytes) -> None:
        """Keep the user's 100 until one may be sent."""
        self._response = data

    def send_100(self, _: Any) -> None:
        """Send 100: the user's where it gave one."""
        request = self.request
        assert request is not None
        self.send_provisional(self._response or write_response(request, 100))

    def send_provisional(self, data: bytes) -> None:
        """Send a provisional response, and keep it for further copies."""
        self.layer.answer(self, data)
        self._response = data

    def send_final(self, data: bytes) -> None:
        """Send the final response, and keep it for further copies."""
        self.layer.answer(self, data)
        self._response = data

    def send_again(self, _: Any) -> None:
        """Repeat what was sent last."""
        layer = self.layer
        layer.send(self.flow, self._response)
        layer.responses_repeated += 1
        if layer.tap is not None:
            layer.tap.retransmitted(self.KIND, self.key)

    def start_timer_j(self, _: Any) -> None:
        """Timer J runs 64·T1; over a reliable flow it expires at once."""
        if self.flow.reliable:
            self.input("Timer J")
        else:
            self.layer.linger(self)

    def cancel_timer(self, _: Any) -> None:
        """Nothing is waited for any more."""
        if self._timer is not None:
            self.layer.timers.cancel(self._timer)
            self._timer = None

    def let_go(self, _: Any) -> None:
        """Hold the request and the user no more."""
        if self.request is not None:
            self.request = None
            self.layer.pending -= 1
        self.user = None

    def time_out(self, _: Any) -> None:
        """Tell the user that it is too late."""
        user = self.user
        self.let_go(None)
        self.layer.unanswered += 1
        if user is not None:
            user.timed_out(self)

    def fail(self, error: SIPError) -> None:
        """Tell the user that its response could not be sent."""
        user = self.user
        self.let_go(None)
        if user is not None:
            user.transport_failed(self, error)

    def forget(self, _: Any) -> None:
        """Nothing finds it any more."""
        self.layer.forget_server(self)
