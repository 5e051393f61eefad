"""Requests that the stack doesn't take, and headers that it keeps for itself."""

from sipclient import RequestElements, SIPClient, SIPError
from sipclient.testing import FakeNetwork

network = FakeNetwork()
host = network.reactor("192.0.2.1")


async def main():
    client = await SIPClient.embed(host, "org.example.phone")
    connection = await client.connect("default")

    elements = RequestElements("sip:bob@192.0.2.2", "INVITE")
    try:
        await connection.send_request(elements)
    except SIPError as error:
        print(error)
    elements.method = "OPTIONS"
    try:
        await connection.send_request(elements)
    except SIPError as error:
        print(error)
    elements.from_ = "sip:alice@192.0.2.1"
    print("taken:", await connection.send_request(elements))

    try:
        elements.method = "MESSAGE"
    except SIPError as error:
        print(error)
    try:
        elements.copy().set_header("Call-ID", "my-own")
    except SIPError as error:
        print(error)


network.result_of(main())
