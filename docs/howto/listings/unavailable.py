"""An address that can't be listened on, with and without waiting."""

from sipclient import AccessPoint, SIPClient, SIPError
from sipclient.testing import FakeNetwork, RecordingObserver

network = FakeNetwork()
host = network.reactor("192.0.2.1")
elsewhere = AccessPoint("office", listen=["udp:5060:interface=198.51.100.9"])


async def main():
    async with await SIPClient.embed(host, "org.example.phone") as client:
        try:
            await client.connect(elsewhere)
        except SIPError as error:
            print(f"{type(error).__name__}: {error}")

        observer = RecordingObserver()
        connection = await client.connect(elsewhere, observer, wait=False)
        _, state = await observer.next("connection_state_changed")
        print(state.value, "because of", type(connection.connection_error()).__name__)
        connection.close()


network.result_of(main())
