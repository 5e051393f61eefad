"""kamailio, as a proxy between applications of ours, and as a server of its own."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import DeferredSemaphore, gatherResults

from sipclient import RequestElements, ResponseElements, SIPConnection, TimerValues
from sipclient.testing import RecordingObserver

from .kamailio import Kamailio, KamailioTestCase
from .programs import missing, reactor, until
from .sipp import WINDOW, SippTestCase
from .test_sipp_calls import ring

MESSAGES = 100


def ring_and_refuse_later(invite: Any) -> None:
    """Say that it rings, and a moment later that one is busy.

    The proxy has several processes: what comes at the same time may change places.
    """
    ring(invite)
    reactor.callLater(0.1, invite.send_response, ResponseElements(486))


class KamailioTests(KamailioTestCase):
    skip = missing("kamailio")

    async def ask(self, connection: SIPConnection, method: str, uri: str) -> str:
        """Send a request without a proxy between; gives the status line's end."""
        answer = await connection.request(method, uri, from_="sip:alice@example.com")
        return f"{answer.status_code} {answer.reason_phrase}"

    async def test_it_answers_options(self) -> None:
        kamailio = await self.kamailio()
        for transport in ("UDP", "TCP"):
            connection = await self.client(transport=transport)
            status = await self.ask(connection, "OPTIONS", kamailio.uri(transport))
            self.assertEqual(status, "200 Alive")
            nobody = kamailio.uri(transport, "nobody")
            status = await self.ask(connection, "MESSAGE", nobody)
            self.assertEqual(status, "404 Nobody Here")

    async def test_its_options_are_answered(self) -> None:
        kamailio = await self.kamailio()
        for transport in ("UDP", "TCP"):
            observer = RecordingObserver({"OPTIONS": 200})
            connection = await self.client(observer, transport=transport)
            [here] = connection.listening
            ours = f"sip:bob@127.0.0.1:{here.port};transport={transport.lower()}"
            answer = await connection.request(
                "MESSAGE",
                kamailio.uri(transport, "ask"),
                from_="sip:alice@example.com",
                content=ours,
                content_type="text/plain",
            )
            self.assertEqual(answer.status_code, 202)
            _, transaction, _ = await observer.next("incoming_request")
            self.assertEqual(transaction.type, "OPTIONS")
            await self.told(kamailio, f"asked {ours}: 200")

    async def told(self, kamailio: Kamailio, line: str) -> None:
        """Wait until it has logged that."""
        await until(lambda: line.encode() in kamailio.program.err, within=5)

    async def relay(self, sending: str, receiving: str) -> None:
        """100 texts from one application through the proxy to the other."""
        kamailio = await self.kamailio()
        observer = RecordingObserver({"MESSAGE": 200})
        [there] = (await self.client(observer, transport=receiving)).listening
        connection = await self.client(
            transport=sending, outbound_proxy=f"{kamailio.uri(sending)};lr"
        )
        window = DeferredSemaphore(WINDOW)
        uri = f"sip:bob@127.0.0.1:{there.port};transport={receiving.lower()}"
        texts = [f"This is message {number}." for number in range(MESSAGES)]
        answers = await gatherResults(
            [
                window.run(
                    connection.request,
                    "MESSAGE",
                    uri,
                    from_='"Alice" <sip:alice@example.com>',
                    content=text,
                    content_type="text/plain",
                )
                for text in texts
            ],
            consumeErrors=True,
        )
        self.assertEqual({answer.status_code for answer in answers}, {200})
        heard: list[RequestElements] = [
            event[1].request_elements for event in observer.all("incoming_request")
        ]
        self.assertEqual(
            sorted(request.content.decode() for request in heard), sorted(texts)
        )
        for request in heard:
            ways = [via.transport for via in request.header_values("Via")]
            self.assertEqual(ways, [receiving, sending])
            self.assertEqual(str(request.header("Max-Forwards")), "69")
            self.assertEqual(request.header_values("Route"), ())

    async def test_messages_from_udp_to_udp(self) -> None:
        await self.relay("UDP", "UDP")

    async def test_messages_from_tcp_to_tcp(self) -> None:
        await self.relay("TCP", "TCP")

    async def test_messages_from_udp_to_tcp(self) -> None:
        await self.relay("UDP", "TCP")

    async def test_messages_from_tcp_to_udp(self) -> None:
        await self.relay("TCP", "UDP")


class CallsThroughKamailioTests(KamailioTestCase, SippTestCase):
    """sipp calls through the proxy; the application rings and refuses."""

    skip = missing("kamailio", "sipp")

    async def call(self, sending: str, receiving: str) -> None:
        """10 calls, each refused; the proxy's ACK ends them at our side."""
        kamailio = await self.kamailio()
        observer = RecordingObserver({"INVITE": ring_and_refuse_later})
        await self.client(
            observer,
            transport=receiving,
            timers=TimerValues(t1=0.05, t2=0.5, t4=0.5),
        )
        sipp = self.sipp(
            "ask_invite",
            10,
            *("-rsa", f"127.0.0.1:{kamailio.port}"),
            f"127.0.0.1:{self.port}",
            way=f";transport={receiving.lower()}",
            mode="u1" if sending == "UDP" else "t1",
        )
        await sipp.succeeded(10)
        await until(lambda: not self.counted.live, within=10)
        self.assertEqual(len(observer.all("incoming_request")), 10)
        self.assertEqual(self.counted.unacknowledged, 0)
        self.assertEqual(observer.all("error_occurred"), [])

    async def test_calls_from_udp_to_udp(self) -> None:
        await self.call("UDP", "UDP")

    async def test_calls_from_tcp_to_tcp(self) -> None:
        await self.call("TCP", "TCP")

    async def test_calls_from_udp_to_tcp(self) -> None:
        await self.call("UDP", "TCP")

    async def test_calls_from_tcp_to_udp(self) -> None:
        await self.call("TCP", "UDP")
