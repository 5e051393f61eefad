"""Two applications do anything in any order, and every request ends as it must.

Hypothesis makes up the steps: sending, answering, ignoring, keeping, closing and
leaving things, connecting again, time, and a network that is cut and healed. Whatever
it finds, each request has one outcome at each end, and nothing is left at last.
"""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from sipclient import (
    AccessPoint,
    Capabilities,
    ConnectionState,
    RequestElements,
    ResponseElements,
    SIPClient,
    SIPConnectionObserver,
    SIPError,
    SIPObserver,
    Stack,
    TransactionState,
)
from sipclient.host.host import Host
from sipclient.test.contract.delayed import DelayedStack
from sipclient.testing import FakeNetwork

from . import FULL

POINT = AccessPoint("default")
ADDRESSES = ("192.0.2.1", "192.0.2.2")
SIDES = st.sampled_from((0, 1))

SETTINGS = settings(
    max_examples=3_000 if FULL else 60,
    stateful_step_count=60 if FULL else 40,
    deadline=None,
    derandomize=not FULL,
    database=None,
    suppress_health_check=list(HealthCheck),
)


class Watcher(SIPConnectionObserver):
    """One side's connection observer: keeps, answers or ignores, and counts ends."""

    def __init__(self, side: Side) -> None:
        self.side = side

    def incoming_request(self, transaction: Any, dialog: Any) -> None:
        self.side.received(transaction)

    def incoming_response(self, transaction: Any, context: Any) -> None:
        assert not transaction.closed
        if transaction.response_elements.status_code >= 200:
            self.side.ended[transaction] += 1

    def error_occurred(self, error: Any, subject: Any, transaction: Any) -> None:
        assert subject is transaction
        self.side.ended[transaction] += 1

    def connection_state_changed(self, state: ConnectionState) -> None:
        assert self.connection is not None
        assert self.connection.state is state is ConnectionState.ACTIVE


class ClientWatcher(SIPObserver):
    """One side's client observer, for requests that come while it isn't connected."""

    def __init__(self, side: Side) -> None:
        self.side = side

    def incoming_request(self, access_point: str, transaction: Any) -> None:
        self.side.received(transaction)

    def timed_out(self, transaction: Any) -> None:
        self.side.ended[transaction] += 1


class Side:
    """One application with its stack, and what is known of it."""

    def __init__(self, network: FakeNetwork, index: int, delayed: bool) -> None:
        self.network = network
        self.reactor = network.reactor(ADDRESSES[index])
        stack = Stack(self.reactor, random=Random(index).randbytes)
        self.provider = DelayedStack(Host.of(stack)) if delayed else Host.of(stack)
        self.address = ADDRESSES[index]
        self.client: SIPClient | None = None
        self.habit = "keep"
        # What it sent and was given, and how often the observers heard of an end.
        self.sent: list[Any] = []
        self.kept: list[Any] = []
        self.ended: Counter[Any] = Counter()
        self.seen: Counter[str] = Counter()
        self.answered: Counter[Any] = Counter()
        # Waiters: each has to come to one result.
        self.waiters: list[list[object]] = []
        self.begin()

    def begin(self) -> None:
        opening = SIPClient.attach(
            self.provider,
            "app",
            ClientWatcher(self),
            capabilities=Capabilities(users="*"),
        )
        self.client = self.network.result_of(opening)

    @property
    def connection(self) -> Any:
        return None if self.client is None else self.client.connection("default")

    def received(self, transaction: Any) -> None:
        assert transaction.state is TransactionState.TRYING
        self.seen[transaction.request_elements.header("Call-ID")] += 1
        if self.habit == "answer":
            self.answer(transaction, 200)
        elif self.habit != "ignore":
            self.kept.append(transaction)
        if self.habit == "close":
            transaction.close()

    def answer(self, transaction: Any, status: int) -> None:
        def accepted(_: object) -> None:
            self.answered[transaction] += 1

        def refused(failure: Any) -> None:
            failure.trap(SIPError)

        sent = transaction.send_response(ResponseElements(status))
        sent.addCallbacks(accepted, refused)


class TwoApplications(RuleBasedStateMachine):
    """What can be done, in the order in which Hypothesis likes it."""

    delayed = False

    def __init__(self) -> None:
        super().__init__()
        self.network = FakeNetwork(seed=1, delay=0.01)
        self.sides = [Side(self.network, index, self.delayed) for index in (0, 1)]
        for side in (0, 1):
            self.connect(side)

    # What happens

    @rule(side=SIDES)
    def connect(self, side: int) -> None:
        one = self.sides[side]
        if one.client is None or one.client.closed:
            self.network.advance(0)
            one.begin()
        assert one.client is not None
        if one.connection is None:
            connecting: Deferred[Any] = one.client.connect(POINT, Watcher(one))
            # What still drains has the same settings: only closing can be in the way.
            connecting.addErrback(lambda failure: failure.trap(SIPError) and None)
            results: list[object] = []
            one.waiters.append(results)
            connecting.addBoth(results.append)

    @rule(side=SIDES, wait=st.booleans(), port=st.sampled_from(("", ":5099")))
    @precondition(lambda self: any(side.connection for side in self.sides))
    def send(self, side: int, wait: bool, port: str) -> None:
        one, other = self.sides[side], self.sides[1 - side]
        if one.connection is None:
            return
        elements = RequestElements(
            f"sip:bob@{other.address}{port}", "MESSAGE", from_="sip:a@example.com"
        )

        def accepted(transaction: Any) -> None:
            one.sent.append(transaction)
            if wait:
                results: list[object] = []
                one.waiters.append(results)
                transaction.final().addBoth(results.append)

        sending: Deferred[Any] = one.connection.send_request(elements)
        sending.addCallbacks(accepted, lambda failure: failure.trap(SIPError) and None)

    @rule(side=SIDES, habit=st.sampled_from(("keep", "answer", "ignore", "close")))
    def change_habit(self, side: int, habit: str) -> None:
        self.sides[side].habit = habit

    @rule(side=SIDES, status=st.sampled_from((200, 486, 180)), which=st.integers(0, 9))
    def answer(self, side: int, status: int, which: int) -> None:
        kept = self.sides[side].kept
        if kept:
            self.sides[side].answer(kept[which % len(kept)], status)

    @rule(side=SIDES, which=st.integers(0, 9), sent=st.booleans())
    def close_transaction(self, side: int, which: int, sent: bool) -> None:
        handles = self.sides[side].sent if sent else self.sides[side].kept
        if handles:
            handles[which % len(handles)].close()

    @rule(side=SIDES)
    def close_connection(self, side: int) -> None:
        if self.sides[side].connection is not None:
            self.sides[side].connection.close()

    @rule(side=SIDES, politely=st.booleans())
    def end_client(self, side: int, politely: bool) -> None:
        client = self.sides[side].client
        if client is not None and not client.closed:
            if politely:
                self.network.result_of(client.leave(timeout=2.0))
            else:
                client.close()

    @rule(seconds=st.sampled_from((0.0, 0.005, 0.02, 0.5, 4.0, 33.0)))
    def wait(self, seconds: float) -> None:
        self.network.advance(seconds)

    @rule(cut=st.booleans())
    def cut_or_heal(self, cut: bool) -> None:
        if cut:
            self.network.partition(*ADDRESSES)
        else:
            self.network.heal()

    # What always holds

    @invariant()
    def nobody_is_told_twice(self) -> None:
        for side in self.sides:
            assert all(count == 1 for count in side.ended.values())
            assert all(count == 1 for count in side.seen.values())
            assert all(count == 1 for count in side.answered.values())

    def teardown(self) -> None:
        self.network.advance(40)
        for side in self.sides:
            for transaction in side.sent:
                # Told, or silent because the application closed it.
                told = side.ended[transaction]
                assert told == 1 or transaction.closed, transaction
                final = transaction.response_elements
                over = transaction.state is TransactionState.TERMINATED
                assert over or final.status_code >= 200
            for transaction in side.kept:
                ends = side.ended[transaction] + side.answered[transaction]
                assert ends <= 1
                assert ends == 1 or transaction.closed, transaction
            for results in side.waiters:
                assert len(results) == 1
            if side.client is not None:
                side.client.close()
        self.network.advance(40)
        assert not self.network.delayed_calls()
        assert not any(side.reactor.ports for side in self.sides)


class TwoDelayedApplications(TwoApplications):
    """The same, with a turn of the reactor between each application and its stack."""

    delayed = True


class ModelTests(SynchronousTestCase):
    def test_in_process(self) -> None:
        run_state_machine_as_test(TwoApplications, settings=SETTINGS)

    def test_with_a_turn_in_between(self) -> None:
        run_state_machine_as_test(TwoDelayedApplications, settings=SETTINGS)
