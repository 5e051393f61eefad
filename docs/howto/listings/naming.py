"""A name whose resolver fails, lies, hangs and recovers."""

from twisted.internet.defer import Deferred

from sipclient import SIPClient, SIPError
from sipclient.testing import FakeNetwork, ScriptedPeer

network = FakeNetwork(delay=0.010)
peer = ScriptedPeer(network.reactor("192.0.2.2"), "192.0.2.2")
network.reactor("192.0.2.66")  # a host, and nobody listens there

network.names["example.com"] = "192.0.2.2"
network.names.fails("example.com", times=1)
network.names.lies("example.com", "192.0.2.66", times=1)
network.names.stalls("example.com", times=1)
network.callLater(20, network.names.recovers)


async def main():
    client = await SIPClient.embed(network.reactor("192.0.2.1"), "org.example.phone")
    connection = await client.connect("default")
    for _ in range(3):
        try:
            response = await connection.request(
                "MESSAGE", "sip:bob@example.com", from_="sip:alice@192.0.2.1"
            )
            outcome = f"answered {response.status_code}"
        except SIPError as error:
            outcome = type(error).__name__
        print(f"{network.seconds():6.3f} {outcome}")
    await client.leave()


async def script():
    peer.answers(await peer.expects("MESSAGE"), 200)


Deferred.fromCoroutine(script())
network.result_of(main())
for question in network.names.log:
    print(question)
