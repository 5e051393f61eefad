"""The INVITE server transaction: RFC 3261 §17.2.1, figure 7, as RFC 6026 redraws it.

It says 100 at once, by itself: nobody can tell how long an answer will take, and until
something comes back the INVITE is repeated. A copy of the INVITE gets the latest
provisional response again. A final response other than 2xx is repeated until its ACK
comes (Timer G, over an unreliable flow), for 64·T1 at most (Timer H); the ACK's copies
are absorbed (Timer I). After a 2xx the transaction stays in Accepted for 64·T1
(Timer L) and absorbs copies of the INVITE; to repeat the 2xx until the ACK comes is the
user's (§13.3.1.4), and so is that ACK, which has a branch of its own.

Who doesn't answer in time (``invite_answer`` of the layer) leaves it to the
transaction: 408.

The contract: the user is told of at most one timeout, and of each response that it
handed in and that could not be sent. From the final response on the transaction holds
nothing of the request; from one other than 2xx on, nothing of the user. In Completed it
keeps its key, that response and the flow, in Confirmed its key and the flow.

Departures from the figure. The input "Transport Err." is not there: nothing but a send
brings it about, and it changes no state (RFC 6026 §8.8); `tell_refusal` is what is left
of it. What the network refuses counts as lost: Timer G sends it again, or the copy of
the request does. Timers G and H are one running timer: whichever is due first.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any, Final, Protocol

from ..errors import SIPArgumentError, SIPError, SIPInvalidTransactionState
from ..message.build import response as write_response
from ..message.model import Request
from ..message.parser import parse
from .key import is_unique
from .machine import ANY, INITIAL, TERMINATED, Machine, SendFailed, Transition
from .timers import TimerEntry

if TYPE_CHECKING:
    from ..transport.flow import Flow
    from .layer import TransactionLayer

_COMPLETE: Final = ("cancel_timer", "start_timer_g", "linger")
_FINAL: Final = ("send_final", *_COMPLETE, "let_go", "tell_refusal", "let_user_go")
_TOO_LATE: Final = ("send_408", *_COMPLETE, "let_go", "time_out")
_ACCEPT: Final = ("send_2xx", "cancel_timer", "start_timer_l", "linger", "let_go")
_REPEAT: Final = ("send_again", "double", "start_timer_g")

# State, input, actions, next state.
TABLE: Final = tuple(
    Transition(*row)
    for row in (
        (INITIAL, "INVITE", ("send_100",), "Proceeding"),
        ("Proceeding", "No answer yet", ("start_answer_limit",), "Proceeding"),
        ("Proceeding", "INVITE", ("send_again",), "Proceeding"),
        (
            "Proceeding",
            "101-199 from TU",
            ("send_provisional", "tell_refusal"),
            "Proceeding",
        ),
        ("Proceeding", "2xx from TU", (*_ACCEPT, "tell_refusal"), "Accepted"),
        ("Proceeding", "300-699 from TU", _FINAL, "Completed"),
        # No timer of the RFC: how long the user may take.
        ("Proceeding", "Answer limit", _TOO_LATE, "Completed"),
        ("Completed", "INVITE", ("send_again",), "Completed"),
        ("Completed", "Timer G", _REPEAT, "Completed"),
        ("Completed", "ACK", ("cancel_timer", "start_timer_i"), "Confirmed"),
        ("Completed", "Timer H", ("count_unacknowledged", "forget"), TERMINATED),
        ("Confirmed", "Timer I", ("forget",), TERMINATED),
        # RFC 6026 §8.7: a copy of the INVITE has no row here; it is absorbed.
        ("Accepted", "2xx from TU", ("send_2xx", "tell_refusal"), "Accepted"),
        ("Accepted", "ACK", ("pass_ack",), "Accepted"),
        ("Accepted", "Timer L", ("forget",), TERMINATED),
        # There are more that are answered than the layer is allowed to keep.
        ("Completed", "Linger limit", ("cancel_timer", "forget"), TERMINATED),
        ("Confirmed", "Linger limit", ("cancel_timer", "forget"), TERMINATED),
        ("Accepted", "Linger limit", ("cancel_timer", "forget"), TERMINATED),
        # The whole layer ends; nobody is told.
        (ANY, "Stop", ("cancel_timer", "let_go", "let_user_go"), TERMINATED),
    )
)


class InviteServerUser(Protocol):
    """Who answers the INVITE."""

    def timed_out(self, transaction: InviteServer) -> None:
        """Hear that it took too long: the INVITE was answered 408."""

    def transport_failed(self, transaction: InviteServer, error: SIPError) -> None:
        """Hear that a response just handed in could not be sent.

        This comes before `InviteServer.respond` returns. The transaction lives: after a
        provisional response (``transaction.request`` is still there) another one may be
        handed in, a 2xx may be handed in again; a final response from 300 on is over
        for the user, and the transaction goes on to repeat it.
        """

    def canceled(self, cancel: Request) -> None:
        """Hear that the INVITE was canceled, and answered 487.

        Who answers the CANCEL says so, not the machine (§9.2).
        """


class InviteServer(Machine):
    """One INVITE of a peer and our answer to it.

    :ivar request: what is to be answered; None once it was.
    :ivar user: who is told what happens; the transaction user puts it here. In Accepted
        it may take itself away when it has its ACK.
    :ivar flow: where responses go.
    :ivar merged: by what copies that came another way are known, "" where nobody looks.
    """

    __slots__ = (
        *("_interval", "_refused", "_response", "_timer", "_waited"),
        *("flow", "merged", "request", "user"),
    )

    KIND = "INVITE server"
    FIGURE = "RFC 3261 figure 7, as of RFC 6026"
    TABLE = TABLE

    layer: TransactionLayer

    def __init__(
        self, layer: TransactionLayer, key: str, request: Request, flow: Flow
    ) -> None:
        super().__init__(layer, key)
        self.request: Request | None = request
        self.user: InviteServerUser | None = None
        self.flow = flow
        self.merged = ""
        self._response = b""
        self._interval = 0.0
        self._waited = 0.0
        self._timer: TimerEntry | None = None
        self._refused: SIPError | None = None

    @property
    def to_tag(self) -> str:
        """Our tag in all responses to this INVITE but 100 (RFC 3261 §8.2.6.2).

        The layer's own answers (408, 482, 500) carry it; those of the user have to.
        """
        return self.layer.to_tag(self.key)

    def respond(self, status: int, data: bytes) -> None:
        """Send a response.

        :param status: 101 to 699. A 2xx may be handed in again, to be repeated
            (§13.3.1.4), until Timer L expired, 64·T1 after the first.
        :param data: all of it, as it goes out.

        Raises :class:`SIPInvalidTransactionState` where the final response was sent,
        and :class:`SIPArgumentError` for 100, which goes out by itself, and for what is
        no status.
        """
        if 200 <= status <= 299:
            kind = "2xx from TU"
        elif 300 <= status <= 699:
            kind = "300-699 from TU"
        elif 101 <= status <= 199:
            kind = "101-199 from TU"
        else:
            raise SIPArgumentError(
                f"answering INVITE with {status}",
                rule="RFC 3261 §17.2.1",
                advice="Answer 101 to 699; 100 has been sent already",
            )
        if self.request is None and (self.state != "Accepted" or kind != "2xx from TU"):
            raise SIPInvalidTransactionState(
                f"answering an INVITE with {status}",
                f"its transaction is {self.state}",
                rule="RFC 3261 §17.2.1",
                advice="An INVITE gets one final response, and no provisional after it",
            )
        self.input(kind, data)

    def matches(self, ack: Request) -> bool:
        """Tell whether an ACK with the key of this INVITE is for it (§17.2.3).

        Without a unique branch it is only where its To tag is that of our response.
        """
        if self.state != "Completed" or is_unique(ack.branch):
            return True
        to: Any = parse(self._response).header("To")
        return (to.params.get("tag") or "") == ack.to_tag

    # Actions.

    def send_100(self, _: Any) -> None:
        """Send 100: the INVITE has come, and is not to be repeated."""
        request = self.request
        assert request is not None
        self._response = write_response(request, 100)
        self._send(self._response)
        self._refused = None  # its copy gets another one

    def start_answer_limit(self, _: Any) -> None:
        """Wait for the user's final response, for a named limit."""
        layer = self.layer
        self._timer = layer.timers.start(layer.invite_answer, self, "Answer limit")

    def send_provisional(self, data: bytes) -> None:
        """Send a provisional response, and keep it for copies of the INVITE."""
        self._response = data
        self._send(data)

    def send_2xx(self, data: bytes) -> None:
        """Send a 2xx; it is the user who keeps it."""
        self._response = b""
        self._send(data)

    def send_final(self, data: bytes) -> None:
        """Send the final response, and keep it until the ACK comes."""
        self._response = data
        self._send(data)

    def send_408(self, _: Any) -> None:
        """Send 408 in place of the user, and keep it until the ACK comes."""
        request = self.request
        assert request is not None
        self.send_final(write_response(request, 408, to_tag=self.to_tag))
        self._refused = None

    def send_again(self, _: Any) -> None:
        """Repeat what was sent last."""
        layer = self.layer
        self._send(self._response)
        self._refused = None
        layer.responses_repeated += 1
        if layer.tap is not None:
            layer.tap.retransmitted(self.KIND, self.key)

    def double(self, _: Any) -> None:
        """Timer G will run MIN(2·last, T2)."""
        self._interval = min(2 * self._interval, self.layer.durations.g_most)

    def start_timer_g(self, _: Any) -> None:
        """Start Timer G, or what is left of Timer H where that expires no later.

        Over a reliable flow there is no Timer G.
        """
        layer = self.layer
        durations = layer.durations
        if not self._interval:
            self._interval = inf if self.flow.reliable else durations.g
        left = durations.h - self._waited
        if self._interval < left:
            self._waited += self._interval
            self._timer = layer.timers.start(self._interval, self, "Timer G")
        else:
            self._timer = layer.timers.start(left, self, "Timer H")

    def start_timer_i(self, _: Any) -> None:
        """Timer I runs T4; over a reliable flow it expires at once."""
        self._response = b""
        if self.flow.reliable:
            self.input("Timer I")
        else:
            durations = self.layer.durations
            self._timer = self.layer.timers.linger(durations.i, self, "Timer I")

    def start_timer_l(self, _: Any) -> None:
        """Timer L runs 64·T1, whatever the flow."""
        durations = self.layer.durations
        self._timer = self.layer.timers.linger(durations.l, self, "Timer L")

    def cancel_timer(self, _: Any) -> None:
        """Nothing is waited for any more."""
        if self._timer is not None:
            self.layer.timers.cancel(self._timer)
            self._timer = None

    def linger(self, _: Any) -> None:
        """Be one of those that are answered; there is a limit to them."""
        self.layer.keep(self)

    def let_go(self, _: Any) -> None:
        """Hold the request no more: it is answered."""
        if self.request is not None:
            self.request = None
            self.layer.pending -= 1

    def let_user_go(self, _: Any) -> None:
        """Hold the user no more: it has nothing to hear."""
        self.user = None

    def tell_refusal(self, _: Any) -> None:
        """Tell the user where its response could not be sent."""
        error, self._refused = self._refused, None
        if error is not None and self.user is not None:
            self.user.transport_failed(self, error)

    def time_out(self, _: Any) -> None:
        """Tell the user that it is too late."""
        user, self.user = self.user, None
        self.layer.unanswered += 1
        if user is not None:
            user.timed_out(self)

    def pass_ack(self, what: tuple[Request, Flow]) -> None:
        """Pass an ACK to the user of the layer: it is for the 2xx (RFC 6026 §8.7)."""
        self.layer.pass_ack(*what)

    def count_unacknowledged(self, _: Any) -> None:
        """No ACK came: there is nothing more to do."""
        self.layer.unacknowledged += 1

    def forget(self, _: Any) -> None:
        """Nothing finds it any more."""
        self.user = None
        self.layer.forget_server(self)

    def _send(self, data: bytes) -> None:
        try:
            self.layer.answer(self, data)
        except SendFailed as failed:
            self._refused = failed.error
