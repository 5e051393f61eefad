"""A connection that dies at each step of a request."""

from itertools import count
from random import Random

from sipclient import AccessPoint, SIPClient, SIPError, Stack
from sipclient.testing import FakeNetwork

BY_TCP = AccessPoint("tcp", listen=["tcp:5060"])


async def ask(alice_host, bob_host):
    bob = await SIPClient.embed(bob_host, "org.example.bob")
    await bob.connect(BY_TCP)
    stack = Stack(alice_host, random=Random(1).randbytes)  # the same each time
    alice = await SIPClient.embed(stack, "org.example.alice")
    connection = await alice.connect(BY_TCP)
    try:
        response = await connection.request(
            "OPTIONS", "sip:192.0.2.2;transport=tcp", from_="sip:alice@192.0.2.1"
        )
        return f"answered {response.status_code}"
    except SIPError as error:
        return type(error).__name__
    finally:
        await alice.leave()
        await bob.leave()


for step in count():
    network = FakeNetwork(delay=0.010)
    hosts = network.reactor("192.0.2.1"), network.reactor("192.0.2.2")
    death = network.streams.sever_at(step)
    outcome = network.result_of(ask(*hosts))
    network.advance(32)
    assert not network.streams.open and not network.delayed_calls()
    if death.segment is None:
        break
    print(f"{death.segment.kind} lost: {outcome}")

print(f"{step} segments, and none is lost: {outcome}")
for segment in network.streams.log:
    print(segment)
