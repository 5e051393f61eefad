"""Two applications over loopback: one sends a message, the other answers it."""

from twisted.internet.task import react

from sipclient import (
    AccessPoint,
    Capabilities,
    ResponseElements,
    SIPClient,
    SIPConnectionObserver,
)


class Inbox(SIPConnectionObserver):
    def incoming_request(self, transaction, dialog):
        print("bob reads:", transaction.request_elements.content.decode())
        transaction.send_response(ResponseElements(200))


async def main(reactor):
    capabilities = Capabilities(users="bob")
    async with (
        await SIPClient.embed(reactor, "org.example.alice") as alice,
        await SIPClient.embed(
            reactor, "org.example.bob", capabilities=capabilities
        ) as bob,
    ):
        await bob.connect(
            AccessPoint("loopback", listen=["udp:5071:interface=127.0.0.1"]), Inbox()
        )
        connection = await alice.connect(
            AccessPoint("loopback", listen=["udp:5070:interface=127.0.0.1"])
        )
        response = await connection.request(
            "MESSAGE",
            "sip:bob@127.0.0.1:5071",
            from_="sip:alice@127.0.0.1:5070",
            content="hello",
            content_type="text/plain",
        )
        print("alice gets:", response.status_code, response.reason_phrase)


if __name__ == "__main__":
    react(main)
