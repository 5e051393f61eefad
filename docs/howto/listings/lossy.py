"""A message through a network that loses half of what it carries."""

from sipclient import (
    Capabilities,
    ResponseElements,
    SIPClient,
    SIPConnectionObserver,
)
from sipclient.testing import FakeNetwork

network = FakeNetwork(seed=3, loss=0.5, delay=0.010)
alice_host, bob_host = network.reactor("192.0.2.1"), network.reactor("192.0.2.2")


class Inbox(SIPConnectionObserver):
    def incoming_request(self, transaction, dialog):
        print("told once:", transaction.type)
        transaction.send_response(ResponseElements(200))


async def main():
    bob = await SIPClient.embed(
        bob_host, "org.example.bob", capabilities=Capabilities(users="*")
    )
    await bob.connect("default", Inbox())
    alice = await SIPClient.embed(alice_host, "org.example.alice")
    connection = await alice.connect("default")
    response = await connection.request(
        "MESSAGE", "sip:bob@192.0.2.2", from_="sip:alice@192.0.2.1"
    )
    print("answered:", response.status_code, "at", round(network.seconds(), 3), "s")
    await alice.leave()
    await bob.leave()


network.result_of(main())
network.advance(60)
for datagram in network.log:
    print(datagram)
print("calls that still wait:", len(network.delayed_calls()))
