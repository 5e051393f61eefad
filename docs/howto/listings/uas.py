"""A user agent server: it takes messages for anybody, and shows them."""

from twisted.internet.defer import Deferred
from twisted.internet.task import react

from sipclient import Capabilities, ResponseElements, SIPClient, SIPConnectionObserver


class Server(SIPConnectionObserver):
    def incoming_request(self, transaction, dialog):
        request = transaction.request_elements
        print(request.from_.uri, "writes", request.content.decode())
        transaction.send_response(ResponseElements(200))


async def main(reactor):
    everybody = Capabilities(users="*")
    client = await SIPClient.embed(reactor, "org.example.uas", capabilities=everybody)
    await client.connect("default", Server())
    await Deferred()  # until Ctrl-C


react(main)
