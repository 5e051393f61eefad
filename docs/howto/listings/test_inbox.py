"""A test of an application, as trial runs it: ``trial test_inbox.py``."""

from twisted.trial.unittest import SynchronousTestCase

from sipclient import (
    Capabilities,
    ResponseElements,
    SIPClient,
    SIPConnectionObserver,
)
from sipclient.testing import FakeNetwork, ScriptedPeer


class Inbox(SIPConnectionObserver):
    """The application to be tested: it takes text, and nothing else."""

    def __init__(self):
        self.texts = []

    def incoming_request(self, transaction, dialog):
        request = transaction.request_elements
        if request.content_type.essence != "text/plain":
            refusal = ResponseElements(415, headers=[("Accept", "text/plain")])
            transaction.send_response(refusal)
            return
        self.texts.append(request.content.decode())
        transaction.send_response(ResponseElements(200))


class InboxTests(SynchronousTestCase):
    def setUp(self):
        self.network = FakeNetwork()
        self.inbox = Inbox()
        self.peer = ScriptedPeer(self.network.reactor("192.0.2.2"), "192.0.2.2")
        self.client = self.network.result_of(self.started())

    async def started(self):
        client = await SIPClient.embed(
            self.network.reactor("192.0.2.1"),
            "org.example.inbox",
            capabilities=Capabilities(users="*"),
        )
        await client.connect("default", self.inbox)
        return client

    def tearDown(self):
        self.network.result_of(self.client.leave())
        self.network.advance(32)
        self.peer.finish()
        self.assertEqual(self.network.delayed_calls(), [])

    def send(self, content_type, body):
        headers = [("Content-Type", content_type)]
        self.peer.sends("MESSAGE", "sip:bob@192.0.2.1", headers=headers, body=body)

    def test_text_is_kept(self):
        self.send("text/plain", b"hello")
        self.network.result_of(self.peer.expects(200))
        self.assertEqual(self.inbox.texts, ["hello"])

    def test_anything_else_is_refused(self):
        self.send("image/png", b"\x89PNG")
        response = self.network.result_of(self.peer.expects(415))
        self.assertEqual(response.text("Accept"), "text/plain")
        self.assertEqual(self.inbox.texts, [])
