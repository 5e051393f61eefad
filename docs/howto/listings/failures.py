"""What becomes of requests that get no final response."""

from twisted.internet.defer import Deferred

from sipclient import SIPClient, SIPError
from sipclient.testing import FakeNetwork, ScriptedPeer

network = FakeNetwork()
host = network.reactor("192.0.2.1")
network.reactor("192.0.2.2")  # a host, and nobody listens there
proxy = ScriptedPeer(network.reactor("192.0.2.3"), "192.0.2.3")


async def ask(connection, uri):
    began = network.seconds()
    try:
        response = await connection.request("OPTIONS", uri, from_="sip:alice@192.0.2.1")
        print(f"{uri} answers {response.status_code}")
    except SIPError as error:
        print(f"{type(error).__name__} after {network.seconds() - began:g} s")
        print(f"    {error}")


async def main():
    client = await SIPClient.embed(host, "org.example.phone")
    connection = await client.connect("default")
    for uri in (
        "sip:bob@192.0.2.9",  # no host there
        "sip:bob@192.0.2.2",  # nobody listens
        "sip:bob@example.com",  # a name
        "sip:bob@192.0.2.3",  # asks for a password
        "sip:bob@[2001:db8::1]",  # a family that is not listened on
    ):
        await ask(connection, uri)
    await client.leave()


async def challenge():
    request = await proxy.expects("OPTIONS")
    field = 'Digest realm="example.com", nonce="f84f1cec41e6cbe5aea9c8e88d359"'
    proxy.answers(request, 407, headers=[("Proxy-Authenticate", field)])


Deferred.fromCoroutine(challenge())
network.result_of(main())
