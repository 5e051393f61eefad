"""Row 14: what it costs that somebody could be watching, while nobody is.

Counted is how often a MESSAGE on its way through the stack looks whether there is a
tap; nothing else on that way asks whether to log or to count (counters are plain
numbers). The figure is that number, times the cost of one look, as a share of row 5's
CPU time. Its row in the table is about calls, which this version doesn't have.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from measuring import Figure, Round, cpu, report
from serve_messages import Answers
from traffic import exchange, script

from sipclient import AccessPoint, Capabilities, SIPClient, Stack
from sipclient.core.user_agent import UserAgent
from sipclient.testing import FakeNetwork
from sipclient.transaction.layer import TransactionLayer
from sipclient.transport.udp import UDPTransport

WATCHED = (UDPTransport, TransactionLayer, UserAgent)


def looks() -> int:
    """Count the looks at ``tap`` while one MESSAGE is answered."""
    network = FakeNetwork(seed=1)
    alice, bob = network.reactor("192.0.2.1"), network.reactor("192.0.2.2")
    stack = Stack(bob)
    serving = network.result_of(
        SIPClient.embed(stack, "bob", capabilities=Capabilities(users="*"))
    )
    listen = AccessPoint("default", listen=["udp:5060"])
    network.result_of(serving.connect(listen, Answers()))
    asking = network.result_of(SIPClient.embed(alice, "alice"))
    connection = network.result_of(asking.connect(listen))
    agent = stack.agents["default"]
    watched = [agent, agent.transactions, *agent.transport.transports]
    count = [0]

    def look(self: Any) -> None:
        if self in watched:
            count[0] += 1

    saved = []
    for kind in WATCHED:
        saved.append(kind.__dict__.get("tap"))
        setattr(kind, "tap", property(look, lambda self, tap: None))  # noqa: B010
    try:
        answer = network.result_of(
            connection.request(
                "MESSAGE", "sip:bob@192.0.2.2", from_="sip:alice@example.com"
            )
        )
    finally:
        for kind, before in zip(WATCHED, saved, strict=True):
            if before is None:
                delattr(kind, "tap")
            else:
                setattr(kind, "tap", before)  # noqa: B010
    assert answer.status_code == 200
    return count[0]


def one_look() -> float:
    """Microseconds that one look takes."""

    class Watched:
        def __init__(self) -> None:
            self.tap = None

    def ten(it: Watched = Watched()) -> None:  # noqa: B008
        for _ in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10):
            if it.tap is not None:
                raise AssertionError

    def none() -> None:
        for _ in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10):
            pass

    return (cpu(ten, 20_000) - cpu(none, 20_000)) / 10


def measure() -> Iterator[Figure]:
    """Row 14."""
    number = looks()
    rounds = []
    with script("serve_messages.py") as server:
        exchange(server, 2000, verify=True)
        for _ in range(5):
            one = one_look()
            message = exchange(server, 5000)
            rounds.append(Round(100 * number * one / message, message))
    yield Figure(
        "14",
        "tap, metrics and logs with nobody listening",
        "row 5",
        1,
        0.5,
        rounds,
        unit="%",
        basis="percent, and µs of CPU time for a message",
        notes={"looks": number, "row 7": "does not exist yet"},
    )


if __name__ == "__main__":
    report(measure)
