"""The INVITE client transaction: RFC 3261 §17.1.1, figure 5, as RFC 6026 redraws it.

It repeats its INVITE until something comes back (Timer A, doubled each time), and gives
up after 64·T1 of silence (Timer B). A final response other than 2xx it acknowledges
itself, the copies of that response too (Timer D); over a reliable flow there are none.
After a 2xx it stays in Accepted for 64·T1 (Timer M), because other branches of a forked
INVITE may answer as well: each 2xx, repeated ones included, is passed on, and the user
acknowledges it, in a request of its own (§13.2.2.4).

A CANCEL (`InviteClient.cancel`) is a transaction of its own, with the INVITE's branch.
It is held until the first provisional response came (§9.1), and comes to nothing when a
final one is first. An INVITE that was cancelled ends after another 64·T1 at the latest.

The contract: its user hears any number of responses, then exactly one of ``completed``
and ``failed``, and nothing after that; and none of it before `TransactionLayer.invite`
has returned. In Completed it holds its key, the ACK and the flow; in Accepted its key
and the user.

Departures from the figure. A flow that is lost ends it in Proceeding too: the answer
has no way left, and no timer runs there. An ACK that the network refuses doesn't end it
in Completed: its user has the response already, and the next copy gets another ACK.
Timers A and B are one running timer: whichever of the two is due first.
"""

from __future__ import annotations

from contextlib import suppress
from math import inf
from sys import maxsize
from typing import TYPE_CHECKING, Any, Final, Protocol

from ..errors import (
    SIPCanceled,
    SIPError,
    SIPInvalidTransactionState,
    SIPTimedOut,
)
from ..message.build import Headers, ack, cancel
from ..message.check import check
from ..message.limits import MessageLimits
from ..message.model import Request
from ..message.parser import parse
from .machine import (
    ANY,
    INITIAL,
    TERMINATED,
    TRANSPORT_ERROR,
    Machine,
    Refused,
    Transition,
)
from .non_invite_client import ClientUser
from .timers import TimerEntry

if TYPE_CHECKING:
    from ..message.model import Response
    from ..transport.flow import Flow
    from .layer import TransactionLayer

_FAILED: Final = ("cancel_timer", "fail", "drop_cancel", "forget")
_TIMED_OUT: Final = ("cancel_timer", "time_out", "drop_cancel", "forget")
_PROVISIONAL: Final = ("cancel_timer", "let_cancel_go", "deliver")
_TO_USER: Final = ("deliver", "drop_cancel")
_ACCEPTED: Final = ("cancel_timer", "start_timer_m", "send_no_more", *_TO_USER)
_ACKNOWLEDGED: Final = ("cancel_timer", "send_ack", "start_timer_d")
_FINAL: Final = (*_ACKNOWLEDGED, "deliver", "complete", "drop_cancel")

# State, input, actions, next state.
TABLE: Final = tuple(
    Transition(*row)
    for row in (
        (INITIAL, "INVITE from TU", ("send_first", "start_timer_a"), "Calling"),
        ("Calling", "Timer A", ("send_again", "double", "start_timer_a"), "Calling"),
        ("Calling", "CANCEL from TU", ("hold_cancel",), "Calling"),
        ("Calling", "1xx", _PROVISIONAL, "Proceeding"),
        ("Calling", "2xx", _ACCEPTED, "Accepted"),
        ("Calling", "300-699", _FINAL, "Completed"),
        ("Calling", "Timer B", _TIMED_OUT, TERMINATED),
        ("Calling", TRANSPORT_ERROR, _FAILED, TERMINATED),
        ("Proceeding", "1xx", ("deliver",), "Proceeding"),
        ("Proceeding", "CANCEL from TU", ("send_cancel", "start_wait"), "Proceeding"),
        ("Proceeding", "2xx", _ACCEPTED, "Accepted"),
        ("Proceeding", "300-699", _FINAL, "Completed"),
        # RFC 3261 §9.1: 64·T1 after the CANCEL. It has no letter.
        ("Proceeding", "Cancel wait", _TIMED_OUT, TERMINATED),
        ("Proceeding", TRANSPORT_ERROR, _FAILED, TERMINATED),
        ("Completed", "300-699", ("send_ack_again",), "Completed"),
        ("Completed", "Timer D", ("forget",), TERMINATED),
        ("Accepted", "2xx", ("deliver",), "Accepted"),
        ("Accepted", "Timer M", ("complete", "forget"), TERMINATED),
        # The whole layer ends; nobody is told.
        (ANY, "Stop", ("cancel_timer", "let_go"), TERMINATED),
    )
)

# To read what we wrote ourselves: no peer made it large.
_OUR_OWN: Final = MessageLimits(maxsize, maxsize, maxsize, maxsize)


class InviteUser(Protocol):
    """Who sent the INVITE."""

    def response(self, response: Response) -> None:
        """Take a response (§17.1.1.2).

        Any number of provisional ones, then one from 300 to 699, which is acknowledged
        already; or one or more 2xx, copies included, each of which wants an ACK of the
        user (RFC 6026 §8.4).
        """

    def completed(self) -> None:
        """Hear that no further response will come.

        It comes right after a response from 300 to 699, and 64·T1 after the first 2xx.
        """

    def failed(self, error: SIPError) -> None:
        """Hear that no final response will come.

        :class:`SIPTimedOut` where Timer B expired; :class:`SIPCanceled` where it was
        cancelled and nothing came for 64·T1; :class:`SIPTransportFailure` where the
        INVITE could not be sent, its flow was lost, or (:class:`SIPICMPFailure`) it did
        not arrive.
        """


class InviteClient(Machine):
    """One INVITE of ours and what came back; made by `TransactionLayer.invite`.

    :ivar flow: where INVITE and ACK go; None once nothing is sent any more.
    """

    __slots__ = (
        *("_cancelled", "_data", "_held", "_interval", "_timer", "_user", "_waited"),
        "flow",
    )

    KIND = "INVITE client"
    FIGURE = "RFC 3261 figure 5, as of RFC 6026"
    TABLE = TABLE

    layer: TransactionLayer

    def __init__(
        self,
        layer: TransactionLayer,
        key: str,
        data: bytes,
        flow: Flow,
        user: InviteUser,
    ) -> None:
        super().__init__(layer, key)
        # The INVITE; in Completed the ACK.
        self._data = data
        self._user: InviteUser | None = user
        # Timer A; over a reliable flow it never comes.
        self._interval = inf if flow.reliable else layer.durations.a
        self._waited = 0.0
        self._timer: TimerEntry | None = None
        self._cancelled = False
        self._held: tuple[ClientUser, Headers] | None = None
        self.flow: Flow | None = flow

    def receive(self, response: Response) -> None:
        """Take a response that belongs to this transaction."""
        status = response.status
        if status < 200:
            self.input("1xx", response)
        else:
            self.input("2xx" if status < 300 else "300-699", response)

    def waits_on(self, address: tuple[str, int]) -> bool:
        """Tell whether it still waits for a first sign of life from that address."""
        flow = self.flow
        return self.state == "Calling" and flow is not None and flow.source == address

    def cancel(self, user: ClientUser | None = None, headers: Headers = ()) -> None:
        """Cancel the INVITE (RFC 3261 §9.1): now, or with its first 1xx.

        :param user: hears of the response to the CANCEL, or that it failed; of a CANCEL
            that was never sent, as a final response came first, by
            :class:`SIPInvalidTransactionState`. Never before this returns.
        :param headers: what the CANCEL shall have besides, as Reason (RFC 3326).

        The INVITE ends by its own final response, 487 as a rule; a 2xx that was on its
        way already counts. Raises :class:`SIPInvalidTransactionState` where there is
        nothing to cancel: it has a final response, has ended, or is cancelled already.
        """
        if self._cancelled or self.state not in ("Calling", "Proceeding"):
            raise SIPInvalidTransactionState(
                "cancelling an INVITE",
                "it is cancelled already"
                if self._cancelled
                else f"its transaction is {self.state}",
                rule="RFC 3261 §9.1",
                advice="An INVITE is cancelled once, before its final response",
            )
        self._cancelled = True
        self.input("CANCEL from TU", (user or _NOBODY, tuple(headers)))

    # Actions.

    def send_first(self, _: Any) -> None:
        """Send the INVITE."""
        assert self.flow is not None
        try:
            self.flow.send(self._data)
        except SIPError as error:
            # Its user doesn't hold it yet: the failure is told a moment later.
            refused = Refused(self, error)
            self._timer = self.layer.timers.start(0.0, refused, TRANSPORT_ERROR)

    def send_again(self, _: Any) -> None:
        """Retransmit the INVITE."""
        assert self.flow is not None
        self.layer.send(self.flow, self._data)
        self._count()

    def double(self, _: Any) -> None:
        """Timer A will run twice as long; it has no bound but Timer B."""
        self._interval *= 2

    def start_timer_a(self, _: Any) -> None:
        """Start Timer A, or what is left of Timer B where that expires no later."""
        if self._timer is not None and self._timer.machine is not None:
            return  # the first send was refused, and that is waited for
        layer = self.layer
        left = layer.durations.b - self._waited
        if self._interval < left:
            self._waited += self._interval
            self._timer = layer.timers.start(self._interval, self, "Timer A")
        else:
            self._timer = layer.timers.start(left, self, "Timer B")

    def cancel_timer(self, _: Any) -> None:
        """Nothing is waited for any more."""
        if self._timer is not None:
            self.layer.timers.cancel(self._timer)
            self._timer = None

    def hold_cancel(self, held: tuple[ClientUser, Headers]) -> None:
        """Keep the CANCEL until something came: before, it could overtake."""
        self._held = held

    def let_cancel_go(self, _: Any) -> None:
        """Send the CANCEL that was held, if there is one."""
        held, self._held = self._held, None
        if held is not None:
            self.input("CANCEL from TU", held)

    def send_cancel(self, what: tuple[ClientUser, Headers]) -> None:
        """Send CANCEL the way that the INVITE went."""
        assert self.flow is not None
        user, headers = what
        data = cancel(_read(self._data), headers)
        branch = self.key.partition(" ")[0]
        self.layer.request(data, (branch, "CANCEL"), self.flow, user)

    def start_wait(self, _: Any) -> None:
        """Wait 64·T1 for the final response to what was cancelled."""
        wait = self.layer.durations.b
        self._timer = self.layer.timers.start(wait, self, "Cancel wait")

    def send_ack(self, response: Response) -> None:
        """Acknowledge the final response (§17.1.1.3); keep the ACK for its copies."""
        data, self._data = self._data, b""
        self._data = ack(_read(data), response)
        self._send_ack()

    def send_ack_again(self, _: Any) -> None:
        """Acknowledge a copy of the final response."""
        if self._data:
            self._send_ack()
            self._count()

    def start_timer_d(self, _: Any) -> None:
        """Timer D runs 32 s or longer; over a reliable flow it expires at once."""
        assert self.flow is not None
        if self.flow.reliable:
            self.input("Timer D")
        else:
            durations = self.layer.durations
            self._timer = self.layer.timers.linger(durations.d, self, "Timer D")

    def start_timer_m(self, _: Any) -> None:
        """Timer M runs 64·T1, whatever the flow: a forked INVITE has many answers."""
        durations = self.layer.durations
        self._timer = self.layer.timers.linger(durations.m, self, "Timer M")

    def deliver(self, response: Response) -> None:
        """Pass a response to the user."""
        if self._user is not None:
            self._user.response(response)

    def send_no_more(self, _: Any) -> None:
        """Let go of INVITE and flow: the ACK is the user's."""
        self._data = b""
        self.flow = None

    def complete(self, _: Any) -> None:
        """Tell the user that no further response will come, and let go of it."""
        user, self._user = self._user, None
        if user is not None:
            user.completed()

    def time_out(self, _: Any) -> None:
        """Tell the user that nothing came in time."""
        assert self.flow is not None
        host, port = self.flow.source
        attempted = f"sending INVITE to {host} port {port}"
        wait = self.layer.durations.b
        if self._cancelled:
            self.fail(
                SIPCanceled(
                    attempted,
                    f"it was cancelled, and no final response came within {wait:g} s",
                    rule="RFC 3261 §9.1",
                )
            )
            return
        self.fail(
            SIPTimedOut(
                attempted,
                f"no response within {wait:g} s",
                rule="RFC 3261 §17.1.1.2, Timer B",
                advice="See whether a SIP program listens there and answers",
            )
        )

    def fail(self, error: SIPError) -> None:
        """Tell the user why there will be no final response."""
        user, self._user = self._user, None
        if user is not None:
            user.failed(error)

    def drop_cancel(self, _: Any) -> None:
        """Tell who cancelled that there is nothing to cancel any more."""
        held, self._held = self._held, None
        if held is not None:
            held[0].failed(
                SIPInvalidTransactionState(
                    "cancelling an INVITE",
                    "it ended before any provisional response to it came",
                    rule="RFC 3261 §9.1",
                )
            )

    def let_go(self, _: Any) -> None:
        """Hold the user, the INVITE and the flow no more."""
        self._user = None
        self._held = None
        self._data = b""
        self.flow = None

    def forget(self, _: Any) -> None:
        """Nothing finds it any more."""
        self.let_go(None)
        self.layer.forget_client(self)

    def _send_ack(self) -> None:
        assert self.flow is not None
        with suppress(SIPError):  # lost like any other; another copy will come
            self.flow.send(self._data)

    def _count(self) -> None:
        layer = self.layer
        layer.retransmissions_sent += 1
        if layer.tap is not None:
            layer.tap.retransmitted(self.KIND, self.key)


class _Nobody:
    """Who doesn't care what becomes of a CANCEL."""

    def response(self, response: Response) -> None:
        """Nothing to be done."""

    def failed(self, error: SIPError) -> None:
        """Nothing to be done: the INVITE has its own end."""


_NOBODY: Final = _Nobody()


def _read(data: bytes) -> Request:
    """Understand an INVITE that we wrote."""
    request = parse(data, _OUR_OWN)
    assert isinstance(request, Request)
    check(request)
    return request
