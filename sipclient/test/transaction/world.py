"""A transaction layer on a fake clock, with flows and users that take notes."""

from __future__ import annotations

from typing import Any

from twisted.internet.task import Clock

from sipclient.bearer.timing import TimerValues
from sipclient.errors import SIPError, SIPTransportFailure
from sipclient.message import build
from sipclient.message.check import check
from sipclient.message.model import Request, Response
from sipclient.message.parser import parse
from sipclient.transaction.invite_client import InviteClient
from sipclient.transaction.invite_server import InviteServer
from sipclient.transaction.layer import TransactionLayer
from sipclient.transaction.non_invite_client import NonInviteClient
from sipclient.transaction.non_invite_server import NonInviteServer
from sipclient.transaction.timers import Timers
from sipclient.transaction.user import ServerTransaction

PEER = ("192.0.2.1", 5060)


class FakeFlow:
    """A flow that remembers what was sent and when."""

    def __init__(
        self, clock: Clock, *, reliable: bool = False, source: tuple[str, int] = PEER
    ) -> None:
        self.clock = clock
        self.reliable = reliable
        self.source = source
        self.sent: list[tuple[float, bytes]] = []
        self.refuses = False

    def send(self, data: bytes) -> None:
        if self.refuses:
            raise SIPTransportFailure("sending", "the network is down")
        self.sent.append((self.clock.seconds(), data))

    @property
    def times(self) -> list[float]:
        return [when for when, _ in self.sent]

    @property
    def start_lines(self) -> list[str]:
        return [data.partition(b"\r\n")[0].decode() for _, data in self.sent]


class Said:
    """The user of everything: of the layer, of clients and of servers."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.errors: list[SIPError] = []
        self.served: list[tuple[Request, ServerTransaction]] = []
        self.answer: int | None = None

    def incoming_request(
        self, request: Request, transaction: ServerTransaction
    ) -> None:
        transaction.user = self
        self.words.append(request.method)
        self.served.append((request, transaction))
        if self.answer is not None:
            data = build.response(request, self.answer, to_tag="ours")
            transaction.respond(self.answer, data)

    def incoming_ack(self, request: Request, flow: object) -> None:
        self.words.append("ACK")

    def idle(self) -> None:
        self.words.append("idle")

    def response(self, response: Response) -> None:
        self.words.append(str(response.status))

    def completed(self) -> None:
        self.words.append("completed")

    def failed(self, error: SIPError) -> None:
        self.words.append(type(error).__name__)
        self.errors.append(error)

    def timed_out(self, transaction: ServerTransaction) -> None:
        self.words.append("timed out")

    def transport_failed(self, transaction: ServerTransaction, error: SIPError) -> None:
        self.words.append("transport failed")
        self.errors.append(error)


class Watcher:
    """A tap."""

    def __init__(self) -> None:
        self.words: list[tuple[str, ...]] = []

    def transaction_state(self, kind: str, key: str, old: str, new: str) -> None:
        self.words.append((kind, old, new))

    def retransmitted(self, kind: str, key: str) -> None:
        self.words.append((kind, "again"))


class World:
    """One layer and what is around it."""

    def __init__(
        self,
        values: TimerValues | None = None,
        *,
        reliable: bool = False,
        **settings: Any,
    ) -> None:
        self.clock = Clock()
        self.timers = Timers(self.clock)
        self.user = Said()
        self.flow: Any = FakeFlow(self.clock, reliable=reliable)
        settings.setdefault("response_flow", lambda request, flow: flow)
        self.layer = TransactionLayer(
            self.timers, values or TimerValues(), self.user, **settings
        )

    def invite(
        self, branch: str = "z9hG4bKa", headers: build.Headers = ()
    ) -> InviteClient:
        """Send an INVITE."""
        data = write_request(branch=branch, method="INVITE", headers=headers)
        return self.layer.invite(data, (branch, "INVITE"), self.flow, self.user)

    def ask(self, branch: str = "z9hG4bKa", method: str = "OPTIONS") -> NonInviteClient:
        """Send a request."""
        data = write_request(branch=branch, method=method)
        return self.layer.request(data, (branch, method), self.flow, self.user)

    def answer(
        self, status: int, branch: str = "z9hG4bKa", method: str = "OPTIONS"
    ) -> None:
        """Receive a response to it."""
        answered = response(status, branch=branch, method=method)
        self.layer.receive(answered, self.flow)

    def serve(self, **parts: Any) -> NonInviteServer:
        """Receive a new request; its transaction."""
        server = self._serve(**parts)
        assert isinstance(server, NonInviteServer)
        return server

    def be_invited(self, **parts: Any) -> InviteServer:
        """Receive a new INVITE; its transaction."""
        server = self._serve(method="INVITE", **parts)
        assert isinstance(server, InviteServer)
        return server

    def acknowledge(self, **parts: Any) -> None:
        """Receive an ACK."""
        parts.setdefault("to_tag", "ours")
        self.layer.receive(request(method="ACK", **parts), self.flow)

    def _serve(self, **parts: Any) -> ServerTransaction:
        before = len(self.user.served)
        self.layer.receive(request(**parts), self.flow)
        assert len(self.user.served) == before + 1, "it was not new"
        return self.user.served[-1][1]

    def pass_time(self, seconds: float, step: float = 0.5) -> None:
        """Let time pass; deadlines that are multiples of ``step`` are met exactly."""
        self.clock.pump([step] * round(seconds / step))

    def is_clean(self) -> bool:
        """Whether nothing runs, nothing waits and nothing is remembered."""
        return (
            self.timers.live == 0
            and not self.clock.getDelayedCalls()
            and self.layer.live == 0
            and self.layer.pending == 0
        )


def write_request(
    *,
    branch: str = "z9hG4bKa",
    method: str = "OPTIONS",
    sent_by: str = "192.0.2.1:5060",
    uri: str = "sip:alice@example.com",
    from_tag: str = "theirs",
    to_tag: str = "",
    call_id: str = "call",
    cseq: int = 1,
    headers: build.Headers = (),
) -> bytes:
    """The octets of a request."""
    return build.request(
        method,
        uri,
        via=f"SIP/2.0/UDP {sent_by}" + (f";branch={branch}" if branch else ""),
        from_=f"<sip:bob@example.org>;tag={from_tag}",
        to="<sip:alice@example.com>" + (f";tag={to_tag}" if to_tag else ""),
        call_id=call_id,
        cseq=cseq,
        headers=headers,
    )


def request(**parts: Any) -> Request:
    """A checked request."""
    message = parse(write_request(**parts))
    assert isinstance(message, Request)
    check(message)
    return message


def response(status: int, **parts: Any) -> Response:
    """A checked response to such a request."""
    message = parse(build.response(request(**parts), status, to_tag="theirs"))
    assert isinstance(message, Response)
    check(message)
    return message
