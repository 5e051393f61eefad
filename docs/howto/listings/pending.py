"""A request on an access point where the application has no connection yet."""

from sipclient import (
    Capabilities,
    ResponseElements,
    SIPClient,
    SIPObserver,
    Stack,
)
from sipclient.testing import FakeNetwork, ScriptedPeer

network = FakeNetwork()
stack = Stack(network.reactor("192.0.2.1"))
peer = ScriptedPeer(network.reactor("192.0.2.2"), "192.0.2.2", user="alice")


class Doorman(SIPObserver):
    async def incoming_request(self, access_point, transaction):
        print("somebody at", access_point)
        await self.client.connect(access_point)
        await transaction.send_response(ResponseElements(200))
        print("answered on", transaction.connection)

    def timed_out(self, transaction):
        print("too late for", transaction)


async def main():
    # Another application of this stack listens on the access point already.
    monitor = await SIPClient.embed(stack, "org.example.monitor")
    await monitor.connect("default")

    await SIPClient.embed(
        stack, "org.example.door", Doorman(), capabilities=Capabilities(users="door")
    )
    peer.sends("MESSAGE", "sip:door@192.0.2.1")
    print((await peer.expects(200)).start_line)
    await stack.stop()


network.result_of(main())
