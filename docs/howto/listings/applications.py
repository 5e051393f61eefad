"""Three applications on one stack, and who of them gets what."""

from sipclient import (
    AccessPoint,
    Capabilities,
    ResponseElements,
    SIPClient,
    SIPConnectionObserver,
    Stack,
)
from sipclient.testing import FakeNetwork, ScriptedPeer

network = FakeNetwork()
stack = Stack(
    network.reactor("192.0.2.1"),
    access_points=[AccessPoint("office", listen="udp:5060", domains="example.com")],
)
peer = ScriptedPeer(network.reactor("192.0.2.2"), "192.0.2.2")


class Named(SIPConnectionObserver):
    """Says in its answer who it is."""

    def incoming_request(self, transaction, dialog):
        phrase = f"It is {self.connection.client.uid}"
        transaction.send_response(ResponseElements(200, phrase))


async def application(uid, **capabilities):
    client = await SIPClient.embed(
        stack, uid, capabilities=Capabilities(**capabilities)
    )
    await client.connect("office", Named())


async def ask(method, uri, *headers):
    peer.sends(method, uri, ("192.0.2.1", 5060), headers=headers)
    response = await peer.expects(range(200, 700))
    told = ["Allow", "Supported", "Unsupported"]
    lists = [f"; {name}: {response.text(name)}" for name in told if response.text(name)]
    required = "".join([f" requiring {value}" for _, value in headers])
    print(f"{method} {uri}{required}")
    print(f"    {response.status} {response.reason}{''.join(lists)}")


async def main():
    await application("archive", users="*", option_tags="path")
    await application("inbox", users=["alice", "bob"])
    await application("presence", users="alice", methods=["PUBLISH"])

    await ask("MESSAGE", "sip:bob@192.0.2.1")
    await ask("MESSAGE", "sip:bob@example.com")
    await ask("MESSAGE", "sip:carol@192.0.2.1")
    await ask("MESSAGE", "sip:192.0.2.1")
    await ask("PUBLISH", "sip:alice@192.0.2.1")
    await ask("MESSAGE", "sip:bob@192.0.2.1", ("Require", "path"))

    await ask("PUBLISH", "sip:carol@192.0.2.1")
    await ask("MESSAGE", "sip:bob@192.0.2.1", ("Require", "100rel"))
    await ask("MESSAGE", "sip:bob@198.51.100.9")
    await ask("MESSAGE", "tel:+15551234")
    await ask("JUMP", "sip:bob@192.0.2.1")
    await ask("OPTIONS", "sip:192.0.2.1")
    await stack.stop()


network.result_of(main())
