"""Close at once, and leave politely."""

from sipclient import (
    Capabilities,
    SIPClient,
    SIPConnectionObserver,
    SIPError,
)
from sipclient.testing import FakeNetwork

network = FakeNetwork(delay=0.010)
alice_host, bob_host = network.reactor("192.0.2.1"), network.reactor("192.0.2.2")


class Slow(SIPConnectionObserver):
    """Means to answer, and never gets round to it."""

    def __init__(self):
        self.to_do = []

    def incoming_request(self, transaction, dialog):
        self.to_do.append(transaction)


async def main():
    alice = await SIPClient.embed(alice_host, "org.example.alice")
    bob = await SIPClient.embed(
        bob_host, "org.example.bob", capabilities=Capabilities(users="*")
    )
    here = await alice.connect("default")
    await bob.connect("default", Slow())

    asking = here.request("MESSAGE", "sip:bob@192.0.2.2", from_="sip:alice@192.0.2.1")
    await network.sleep(1.0)
    await bob.leave()
    print("bob has left, alice gets", (await asking).status_code)

    asking = here.request("MESSAGE", "sip:bob@192.0.2.2", from_="sip:alice@192.0.2.1")
    alice.close()
    try:
        await asking
    except SIPError as error:
        print(f"alice has closed: {type(error).__name__}")


network.result_of(main())
