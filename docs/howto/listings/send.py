"""Send a request: it is taken, it is on its way, it is answered."""

from twisted.internet.defer import Deferred

from sipclient import RequestElements, SIPClient, SIPConnectionObserver
from sipclient.testing import FakeNetwork, ScriptedPeer

network = FakeNetwork(delay=0.010)
host = network.reactor("192.0.2.1")
peer = ScriptedPeer(network.reactor("192.0.2.2"), "192.0.2.2", user="bob")


class Told(SIPConnectionObserver):
    def incoming_response(self, transaction, context):
        response = transaction.response_elements
        print(f"{network.seconds():.2f} s, told: {response.status_code}")

    def error_occurred(self, error, subject, transaction):
        print(f"{network.seconds():.2f} s, told: {error}")


async def main():
    client = await SIPClient.embed(host, "org.example.phone")
    connection = await client.connect("default", Told())

    elements = RequestElements("sip:bob@192.0.2.2", "MESSAGE")
    elements.from_ = "Alice <sip:alice@192.0.2.1>"
    elements.set_header("Subject", "Lunch")
    elements.set_content("At noon?", "text/plain")

    transaction = await connection.send_request(elements)
    print(f"taken: {transaction}, datagrams so far: {len(network.log)}")

    async for response in transaction:
        print("seen:", response.status_code, response.reason_phrase)
    final = await transaction.final()
    print(f"in the end: {transaction}, answered by {final.to.uri}")
    await client.leave()


async def bob():
    """The other end, which takes its time."""
    request = await peer.expects("MESSAGE")
    await network.sleep(0.2)
    peer.answers(request, 182)
    await network.sleep(0.2)
    peer.answers(request, 200)


Deferred.fromCoroutine(bob())
network.result_of(main())
