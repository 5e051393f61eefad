"""Watch what passes at two stacks, and draw it."""

from sipclient import (
    AccessPoint,
    Capabilities,
    ResponseElements,
    SIPClient,
    SIPConnectionObserver,
    Stack,
)
from sipclient.testing import FakeNetwork
from sipclient.trace.ladder import Ladder
from sipclient.trace.records import TransactionChanged
from sipclient.trace.tap import Tap

network = FakeNetwork(delay=0.020)
alice_stack = Stack(network.reactor("192.0.2.1"))
bob_stack = Stack(network.reactor("192.0.2.2"))

ladder = Ladder({("192.0.2.1", 5060): "alice", ("192.0.2.2", 5060): "bob"})
states = []


def states_of_clients(record):
    if isinstance(record, TransactionChanged) and record.kind.endswith("client"):
        states.append(f"{record.time:.2f} s: {record.old or 'new'} > {record.new}")


alice_stack.tap = bob_stack.tap = Tap(network, ladder, states_of_clients)


class Inbox(SIPConnectionObserver):
    def incoming_request(self, transaction, dialog):
        transaction.send_response(ResponseElements(200))


def at(address):
    return AccessPoint("default", listen=f"udp:5060:interface={address}")


async def main():
    bob = await SIPClient.embed(
        bob_stack, "bob", capabilities=Capabilities(users="bob")
    )
    await bob.connect(at("192.0.2.2"), Inbox())
    alice = await SIPClient.embed(alice_stack, "alice")
    connection = await alice.connect(at("192.0.2.1"))

    network.partition("192.0.2.1", "192.0.2.2")
    network.callLater(1.0, network.heal)
    for user in ("bob", "carol"):
        await connection.request(
            "MESSAGE", f"sip:{user}@192.0.2.2", from_="sip:alice@192.0.2.1"
        )
    alice_stack.tap = bob_stack.tap = None  # the trace ends here
    await alice.leave()
    await bob.leave()


network.result_of(main())
print("\n".join(ladder.lines()))
print()
print("\n".join(states))
