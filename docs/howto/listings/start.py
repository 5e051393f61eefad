"""Start a client and its connection, and close them."""

from sipclient import (
    AccessPoint,
    RequestElements,
    SIPClient,
    SIPConnectionObserver,
    SIPError,
    SIPObserver,
)
from sipclient.testing import FakeNetwork

network = FakeNetwork()
host = network.reactor("192.0.2.1")


class Phone(SIPConnectionObserver):
    def connection_state_changed(self, state):
        print("told:", state.value)


async def start():
    client = await SIPClient.embed(host, "org.example.phone", SIPObserver())
    connection = await client.connect(
        AccessPoint("office", listen=["udp:5060:interface=192.0.2.1"]),
        Phone(),
        wait=False,
    )
    print("connected:", connection.state.value)
    await connection.active()
    print("waited for:", connection.state.value)
    return client, connection


async def use(connection):
    elements = RequestElements("sip:192.0.2.2", "OPTIONS", from_="sip:alice@192.0.2.1")
    try:
        await connection.send_request(elements)
    except SIPError as error:
        print(f"{type(error).__name__}: {error}")


client, connection = network.result_of(start())
network.advance(1.0)
connection.close()
client.close()
network.result_of(use(connection))
