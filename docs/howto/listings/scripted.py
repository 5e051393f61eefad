"""A peer that behaves as a script says, well or badly."""

from twisted.internet.defer import Deferred

from sipclient import SIPClient
from sipclient.testing import FakeNetwork, RecordingObserver, ScriptedPeer

network = FakeNetwork()
peer = ScriptedPeer(network.reactor("192.0.2.2"), "192.0.2.2")


async def main():
    client = await SIPClient.embed(network.reactor("192.0.2.1"), "org.example.phone")
    observer = RecordingObserver()
    connection = await client.connect("default", observer)
    response = await connection.request(
        "MESSAGE", peer.uri, from_="sip:alice@192.0.2.1"
    )
    print("the final response:", response.status_code)
    print("the observer heard:", *observer.names, sep="\n    ")
    await client.leave()


async def script():
    request = await peer.expects("MESSAGE")
    print("the peer got:", request.start_line)
    peer.sends_bytes(b"SIP/2.0 200 Fine\r\nnonsense\r\n\r\n", request.source)
    peer.answers(request, 183, "Somebody fetches her")
    await network.sleep(1.0)
    peer.answers(request, 486)
    peer.answers(request, 200)  # too late, and against the rules


Deferred.fromCoroutine(script())
network.result_of(main())
peer.finish()  # raises AssertionError for what came and nobody asked for
repeats = [arrival for arrival in peer.heard if arrival.repeat]
print("retransmissions that the peer answered by itself:", len(repeats))
