"""Keep a request and answer it later; leave one alone."""

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


class Desk(SIPConnectionObserver):
    def __init__(self):
        self.letters = []

    def incoming_request(self, transaction, dialog):
        if transaction.request_elements.content:
            self.letters.append(transaction)  # kept: somebody answers it later
        # An empty one is neither answered nor kept.

    def error_occurred(self, error, subject, transaction):
        print(f"{network.seconds():g} s: {error}")


async def main():
    desk = Desk()
    client = await SIPClient.embed(
        host, "org.example.desk", capabilities=Capabilities(users="*")
    )
    await client.connect("default", desk)
    text = [("Content-Type", "text/plain")]

    peer.sends("MESSAGE", "sip:bob@192.0.2.1", headers=text, body=b"Please reply")
    await network.sleep(5)
    await desk.letters.pop().send_response(ResponseElements(202))
    await peer.expects(100)
    print((await peer.expects(202)).start_line)

    peer.sends("MESSAGE", "sip:bob@192.0.2.1")
    print((await peer.expects(500)).start_line)

    began = network.seconds()
    peer.sends("MESSAGE", "sip:bob@192.0.2.1", headers=text, body=b"Never answered")
    await network.sleep(40)
    print(f"the letter came at {began:g} s and is", desk.letters.pop())
    await client.leave()


network.result_of(main(), limit=120)
