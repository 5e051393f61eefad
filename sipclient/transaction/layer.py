"""The transaction layer: which transaction a message belongs to (RFC 3261 §17).

Messages come in from the transport, checked; requests and responses of the
transaction user go out. A copy of a request never reaches the user twice: not by
retransmission (§17.2.3), and not by another way (merged requests, §8.2.2.2). A response
that belongs to nothing is dropped: what we never asked nobody answers.

What a peer can make it hold is bounded by two settings:

* ``pending_limit``: requests that wait for their answer. One more is answered 503 with
  Retry-After, statelessly (§8.2.7). A CANCEL for one of them is let in.
* ``linger_limit``: answered requests that are remembered for their copies; INVITEs are
  counted apart from others, so that neither pushes the other out. One more, and the one
  that was answered first is forgotten early. At worst a copy of that one, older than
  all others, is served again; the alternative, to refuse work, would let a burst of
  cheap requests silence us.

The contract: `TransactionLayer.receive`, `TransactionLayer.unreachable` and
`TransactionLayer.flow_lost` raise nothing because of what a peer sent; after
`TransactionLayer.stop` no timer is left.
"""

from __future__ import annotations

import os
from collections import OrderedDict, deque
from collections.abc import Callable
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final

from twisted.logger import Logger

from ..bearer.timing import TimerValues
from ..errors import (
    SIPAlreadyExists,
    SIPArgumentError,
    SIPError,
    SIPServerTerminated,
)
from ..message.build import response as write_response
from ..message.model import Request, Response
from ..message.status import METHODS
from .durations import Durations
from .invite_client import InviteClient, InviteUser
from .invite_server import InviteServer
from .key import client_key, merged_key, quoted_key, server_key
from .machine import TRANSPORT_ERROR, SendFailed, TransactionTap
from .non_invite_client import ClientUser, NonInviteClient
from .non_invite_server import NonInviteServer
from .streams import Streams
from .timers import TimerEntry, Timers
from .user import ClientTransaction, ServerTransaction, TransactionUser

if TYPE_CHECKING:
    from ..transport.flow import Flow

# What a CANCEL may be for, the usual first (§9.1).
_CANCELLED: Final = ("INVITE", *sorted(METHODS - {"INVITE", "ACK", "CANCEL"}))


class TransactionLayer:
    """The transactions of one access point.

    :param timers: of the stack.
    :param values: T1, T2 and T4.
    :param user: takes new requests.
    :param response_flow: gives the flow on which a request that came by some flow is
        answered (RFC 3261 §18.2.2, RFC 3581 §4).
    :param pending_limit: how many received requests may wait for their final response.
    :param linger_limit: how many answered ones are kept for further copies.
    :param retry_after: what a refused peer is asked to wait, in seconds.
    :param invite_answer: how long a received INVITE may wait for its final response, in
        seconds, before it is answered 408.
    :param random: a source of random bytes.

    :ivar tap: who watches, None where nobody does.
    :ivar pending: requests that wait for their final response.
    :ivar retransmissions_sent: how often a request was sent again.
    :ivar retransmissions_received: copies of requests that came.
    :ivar responses_repeated: how often a copy was answered again.
    :ivar stray_responses: responses that belonged to nothing.
    :ivar stray_acks: ACKs that belonged to nothing, or to what has no use for them.
    :ivar merged: requests answered 482, as they had come another way before.
    :ivar refused: requests answered 503 because of ``pending_limit``.
    :ivar forgotten: transactions that ended early because of ``linger_limit``.
    :ivar unanswered: requests that nobody answered in time.
    :ivar unacknowledged: final responses to INVITE, other than 2xx, that got no ACK.
    :ivar unbelieved: unreachables that named nothing that we wait for.
    """

    _log: Final = Logger()

    def __init__(
        self,
        timers: Timers,
        values: TimerValues,
        user: TransactionUser,
        *,
        response_flow: Callable[[Request, Flow], Flow],
        pending_limit: int = 10_000,
        linger_limit: int = 200_000,
        retry_after: int = 5,
        invite_answer: float = 300.0,
        random: Callable[[int], bytes] = os.urandom,
    ) -> None:
        if min(pending_limit - 1, linger_limit, retry_after, invite_answer) < 0:
            raise SIPArgumentError(
                "setting the limits of transactions",
                f"pending_limit={pending_limit}, linger_limit={linger_limit},"
                f" retry_after={retry_after}, invite_answer={invite_answer}",
                advice="pending_limit is at least 1, the others 0",
            )
        self.timers = timers
        self.values = values
        self.durations = Durations(values)
        self.user = user
        self.pending_limit = pending_limit
        self.linger_limit = linger_limit
        self.retry_after = retry_after
        self.invite_answer = invite_answer
        self.tap: TransactionTap | None = None
        self.pending = 0
        self.retransmissions_sent = 0
        self.retransmissions_received = 0
        self.responses_repeated = 0
        self.stray_responses = 0
        self.stray_acks = 0
        self.merged = 0
        self.refused = 0
        self.forgotten = 0
        self.unanswered = 0
        self.unacknowledged = 0
        self.unbelieved = 0
        self._response_flow = response_flow
        self._secret = random(16)
        self._clients: dict[str, ClientTransaction] = {}
        self._servers: dict[str, ServerTransaction] = {}
        self._streams = Streams()
        # What came with no To tag, by what is the same in all its copies.
        self._first_copies: dict[str, ServerTransaction] = {}
        # INVITEs that are answered, by key, in the order of their answers.
        self._answered: OrderedDict[str, InviteServer] = OrderedDict()
        # The running Timers J and K. All of a kind run equally long, so the first to
        # start is the first to expire. A transaction in Completed doesn't know its own:
        # the two would hold each other.
        self._lingering: deque[TimerEntry] = deque()
        self._absorbing: deque[TimerEntry] = deque()
        self._stopped = False

    @property
    def live(self) -> int:
        """How many transactions there are, those in Completed included."""
        return len(self._clients) + len(self._servers)

    # From the transport.

    def receive(self, message: Request | Response, flow: Flow) -> None:
        """Take a checked message that came by ``flow``."""
        if self._stopped:
            return
        if isinstance(message, Request):
            message.source = flow.source
            key = server_key(message)
            server = self._servers.get(key)
            if message.method == "ACK":
                if isinstance(server, InviteServer) and server.matches(message):
                    server.input("ACK", (message, flow))
                else:
                    self.pass_ack(message, flow)
            elif server is not None:
                self.retransmissions_received += 1
                server.input("INVITE" if message.method == "INVITE" else "Request")
            elif self.pending < self.pending_limit or self._relieves(message):
                self._accept(message, key, flow)
            else:
                self._refuse(message, key, flow)
        else:
            client = self._clients.get(client_key(message.branch, message.cseq_method))
            if client is not None:
                client.receive(message)
            else:
                self.stray_responses += 1

    def unreachable(
        self, peer: tuple[Any, ...], payload: bytes, error: SIPError
    ) -> None:
        """Hear that something we sent to ``peer`` did not arrive (RFC 3261 §18.4).

        :param payload: what was sent, as far as the network quotes it.

        Anybody can send an ICMP error. It is believed only where the quoted branch,
        which nobody can guess, is that of a client transaction that waits on that peer.
        """
        client = self._clients.get(quoted_key(payload))
        if client is not None and client.waits_on((peer[0], peer[1])):
            client.input(TRANSPORT_ERROR, error)
        else:
            self.unbelieved += 1

    def flow_lost(self, flow: Flow, error: SIPError) -> None:
        """Hear that a reliable flow has ended, or could not be made.

        Each client transaction that waits for a response on it fails. A server
        transaction goes on: its response finds another way (RFC 3261 §18.2.2).
        """
        for key in self._streams.lost(flow):
            client = self._clients.get(key)
            if client is not None:
                client.input(TRANSPORT_ERROR, error)

    # From the transaction user.

    def request(
        self, data: bytes, key: tuple[str, str], flow: Flow, user: ClientUser
    ) -> NonInviteClient:
        """Send a request in a transaction of its own.

        :param data: the request as it goes out.
        :param key: the branch of its top Via, and its method.
        :param user: hears of responses, and of failure; not before this returns.

        Raises :class:`SIPServerTerminated` after `stop`, and :class:`SIPAlreadyExists`
        where the branch is in use.
        """
        name = self._new_name(key, flow)
        client = NonInviteClient(self, name, data, flow, user)
        self._clients[name] = client
        client.input("Request from TU")
        return client

    def invite(
        self, data: bytes, key: tuple[str, str], flow: Flow, user: InviteUser
    ) -> InviteClient:
        """Send an INVITE; for the rest as `request`.

        :param user: hears of responses, then of the end; acknowledges each 2xx.
        """
        name = self._new_name(key, flow)
        client = InviteClient(self, name, data, flow, user)
        self._clients[name] = client
        client.input("INVITE from TU")
        return client

    def _new_name(self, key: tuple[str, str], flow: Flow) -> str:
        name = client_key(*key)
        if self._stopped:
            raise SIPServerTerminated(f"sending {key[1]}", "the stack has stopped")
        if name in self._clients:
            raise SIPAlreadyExists(
                f"sending {key[1]}",
                f"the branch {key[0]} is in use",
                rule="RFC 3261 §8.1.1.7",
                advice="Each request has a branch of its own, one sent anew, too",
            )
        if flow.reliable:
            self._streams.add(flow, name)
        return name

    def find_cancelled(self, request: Request) -> ServerTransaction | None:
        """Find the transaction that a CANCEL is for (RFC 3261 §9.2).

        It has the branch and the sent-by of the CANCEL, and another method.
        """
        for method in _CANCELLED:
            server = self._servers.get(server_key(request, method))
            if server is not None:
                return server
        return None

    def stop(self) -> None:
        """End all transactions now: nobody is told, nothing sent, no timer left."""
        self._stopped = True
        machines = [*self._clients.values(), *self._servers.values()]
        entries = [*self._lingering, *self._absorbing]
        self._clients.clear()
        self._servers.clear()
        self._first_copies.clear()
        self._streams.clear()
        self._answered.clear()
        self._lingering.clear()
        self._absorbing.clear()
        for entry in entries:
            self.timers.cancel(entry)
        for machine in machines:
            machine.input("Stop")

    # From the machines.

    def send(self, flow: Flow, data: bytes) -> None:
        """Send; where that fails the machine's transition does."""
        try:
            flow.send(data)
        except SIPError as error:
            raise SendFailed(error) from error

    def answer(self, server: ServerTransaction, data: bytes) -> None:
        """Send a response by the server's flow; by another one where that is lost.

        RFC 3261 §18.2.2. Where that fails too, `SendFailed` is raised.
        """
        try:
            server.flow.send(data)
        except SIPError as error:
            request = server.request
            flow = server.flow if request is None else self._back(request, server.flow)
            if flow == server.flow:
                raise SendFailed(error) from error
            self.send(flow, data)
            server.flow = flow

    def to_tag(self, key: str) -> str:
        """Give the To tag that belongs to a key; all copies of a request get it.

        RFC 3261 §8.2.7 asks for it where nothing is kept of a request.
        """
        name = key.encode("utf-8", "surrogateescape")
        return blake2b(name, digest_size=8, key=self._secret).hexdigest()

    def keep(self, server: InviteServer) -> None:
        """Count an INVITE as answered; with one too many, the first ends early."""
        self._answered[server.key] = server
        if len(self._answered) > self.linger_limit:
            _, oldest = self._answered.popitem(last=False)
            self.forgotten += 1
            oldest.input("Linger limit")

    def pass_ack(self, ack: Request, flow: Flow) -> None:
        """Pass an ACK to the user: for a 2xx of its own, or for nothing."""
        take = getattr(self.user, "incoming_ack", None)
        if take is None:
            self.stray_acks += 1
            return
        try:
            take(ack, flow)
        except Exception:
            self._log.failure("Taking {request} failed", request=ack.summary)

    def linger(self, server: NonInviteServer) -> None:
        """Keep an answered request for its copies, until Timer J expires."""
        lingering = self._lingering
        lingering.append(self.timers.linger(self.durations.j, server, "Timer J"))
        if len(lingering) > self.linger_limit:
            entry = lingering.popleft()
            oldest = entry.machine
            assert isinstance(oldest, NonInviteServer)
            self.timers.cancel(entry)
            self.forgotten += 1
            oldest.input("Linger limit")

    def absorb(self, client: NonInviteClient) -> None:
        """Keep an answered request of ours for further responses, until Timer K."""
        self._absorbing.append(self.timers.linger(self.durations.k, client, "Timer K"))

    def forget_client(self, client: ClientTransaction) -> None:
        """A client transaction has ended."""
        self._clients.pop(client.key, None)
        if self._streams.flows:
            self._streams.remove(client.key)
        _drop_expired(self._absorbing)
        self._ended()

    def forget_server(self, server: ServerTransaction) -> None:
        """A server transaction has ended."""
        self._servers.pop(server.key, None)
        if self._answered:
            self._answered.pop(server.key, None)
        if server.merged:
            self._first_copies.pop(server.merged, None)
        _drop_expired(self._lingering)
        self._ended()

    def _ended(self) -> None:
        if not self._servers and not self._clients and not self._stopped:
            self.user.idle()

    # New requests.

    def _accept(self, request: Request, key: str, flow: Flow) -> None:
        """Make a transaction, and pass the request to the user."""
        back = self._back(request, flow)
        self.pending += 1
        server: ServerTransaction
        if request.method == "INVITE":
            self._servers[key] = server = InviteServer(self, key, request, back)
            server.input("INVITE")
        else:
            self._servers[key] = server = NonInviteServer(self, key, request, back)
            server.input("Request")
        # A CANCEL goes from hop to hop with its request: each way has one of its own.
        if not request.to_tag and request.method != "CANCEL":
            merged = merged_key(request)
            if self._first_copies.setdefault(merged, server) is not server:
                self.merged += 1
                server.respond(482, self._stateless(request, 482, key))
                return
            server.merged = merged
        try:
            self.user.incoming_request(request, server)
        except Exception:
            self._log.failure("Serving {request} failed", request=request.summary)
            if server.request is not None:
                server.respond(500, self._stateless(request, 500, key))
        if server.request is not None:
            server.input("No answer yet")

    def _relieves(self, request: Request) -> bool:
        return request.method == "CANCEL" and self.find_cancelled(request) is not None

    def _refuse(self, request: Request, key: str, flow: Flow) -> None:
        """Answer 503 and remember nothing."""
        self.refused += 1
        data = self._stateless(
            request, 503, key, (("Retry-After", str(self.retry_after)),)
        )
        try:
            self._back(request, flow).send(data)
        except SIPError:
            return  # it will ask again, or not

    def _back(self, request: Request, flow: Flow) -> Flow:
        try:
            return self._response_flow(request, flow)
        except SIPError:
            return flow  # its Via leads nowhere from here; where it came from may do

    def _stateless(
        self,
        request: Request,
        status: int,
        key: str,
        headers: tuple[tuple[str, str], ...] = (),
    ) -> bytes:
        """Write a response of the layer's own."""
        return write_response(request, status, to_tag=self.to_tag(key), headers=headers)


def _drop_expired(entries: deque[TimerEntry]) -> None:
    while entries and entries[0].machine is None:
        entries.popleft()
