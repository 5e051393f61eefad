"""Receive requests: answered at once, and answered after some work."""

from sipclient import (
    Capabilities,
    ResponseElements,
    SIPClient,
    SIPConnectionObserver,
)
from sipclient.testing import FakeNetwork, ScriptedPeer

network = FakeNetwork()
host = network.reactor("192.0.2.1")
peer = ScriptedPeer(network.reactor("192.0.2.2"), "192.0.2.2", user="alice")


class Inbox(SIPConnectionObserver):
    """Takes messages at once; looking somebody up takes a while."""

    async def incoming_request(self, transaction, dialog):
        request = transaction.request_elements
        if transaction.type == "MESSAGE":
            print(request.from_.uri, "writes", request.content.decode())
            await transaction.send_response(ResponseElements(200))
        else:
            found = await self.look_up(request.remote_uri.user)
            await transaction.send_response(
                ResponseElements(200, content=found, content_type="text/plain")
            )

    async def look_up(self, user):
        await network.sleep(1.5)
        return f"{user} is at lunch"


async def main():
    client = await SIPClient.embed(
        host,
        "org.example.inbox",
        capabilities=Capabilities(users="bob", methods=["MESSAGE", "WHEREIS"]),
    )
    await client.connect("default", Inbox())

    text = [("Content-Type", "text/plain")]
    peer.sends("MESSAGE", "sip:bob@192.0.2.1", headers=text, body=b"hello")
    print((await peer.expects(200)).start_line)

    peer.sends("WHEREIS", "sip:bob@192.0.2.1")
    answer = await peer.expects(200)
    print(f"after {network.seconds()} s:", answer.body.decode())

    peer.sends("MESSAGE", "sip:carol@192.0.2.1")
    print((await peer.expects(404)).start_line)
    await client.leave()


network.result_of(main())
