"""A running stack in memory, and a peer that sends it any bytes at all.

`RawPeer.send` is one datagram to the stack and everything that it answers within the
next moments; the time that the stack needed is measured with it. The 100 that each
INVITE gets before its answer is left out, and what wants an ACK gets one: nothing is
repeated. What must hold after every datagram is `RawPeer.check_alive`, and in the end
`RawPeer.finish`.
"""

from __future__ import annotations

import re
from random import Random
from time import process_time
from typing import ClassVar, NamedTuple

from twisted.internet.defer import Deferred
from twisted.internet.protocol import DatagramProtocol

from sipclient.bearer.access_point import AccessPoint
from sipclient.client.client import SIPClient
from sipclient.client.elements import ResponseElements
from sipclient.core.stack import Stack
from sipclient.core.user_agent import UserAgent
from sipclient.errors import SIPParseError
from sipclient.message.build import ack
from sipclient.message.check import check
from sipclient.message.model import Request, Response
from sipclient.message.parser import parse
from sipclient.session.capabilities import Capabilities
from sipclient.testing.network import FakeNetwork
from sipclient.testing.observers import RecordingObserver

#: Seconds of CPU that one datagram may take, the network in memory included.
LONGEST = 0.005

# The hosts of the corpora's Request-URIs, all of them the stack's own.
_OWN_IPV6 = ("2001:db8::10", "2001:db8::10:5070", "2001:db8::192.0.2.1")
_DOMAINS = (
    "atlanta.com",
    "biloxi.com",
    "chair-dnrc.example.com",
    "company.com",
    "example.com",
    "example.net",
    "example.org",
    "host.example.net",
    "registrar.example.com",
)

HERE = ("192.0.2.1", 5060)
THERE = ("192.0.2.200", 5060)
STATUS = re.compile(rb"SIP/2\.0 ([1-6][0-9]{2}) ")


class Outcome(NamedTuple):
    """What one datagram led to.

    :ivar answers: the datagrams that the stack sent.
    :ivar seconds: of CPU.
    """

    answers: list[bytes]
    seconds: float

    @property
    def statuses(self) -> list[int]:
        """The statuses of the answers that are responses."""
        found = [STATUS.match(answer) for answer in self.answers]
        return [int(match[1]) for match in found if match is not None]


class RawPeer:
    """One stack with one application that takes everything but calls, and its peer.

    INVITE is answered 486, everything else 200.
    """

    listen: ClassVar[tuple[str, ...]] = (
        "udp:5060:interface=192.0.2.1",
        "sip:[::]:5060",
        "sip:[::]:5070",
    )

    def __init__(self, seed: int = 0) -> None:
        self.network = FakeNetwork(seed, log_limit=100)
        own = self.network.reactor(HERE[0], *_OWN_IPV6)
        self.reactor = self.network.reactor(THERE[0])
        self.observer = RecordingObserver({"INVITE": 486, "*": 200})
        self.stack = Stack(own, random=Random(seed).randbytes)
        access_point = AccessPoint("default", listen=self.listen, domains=_DOMAINS)
        self.client = self.network.result_of(
            SIPClient.embed(
                self.stack,
                "ua",
                capabilities=Capabilities(users="*", methods=("INVITE", "MESSAGE")),
            )
        )
        #: the application's connection.
        self.connection = self.network.result_of(
            self.client.connect(access_point, self.observer)
        )
        self._port = self.reactor.listenUDP(
            THERE[1], DatagramProtocol(), THERE[0], maxPacketSize=65_535
        )
        self._serial = 0

    @property
    def agent(self) -> UserAgent:
        """The stack's user agent."""
        return self.stack.agents["default"]

    @property
    def failures(self) -> int:
        """How often handling a datagram raised."""
        return sum(each.failures for each in self.agent.transport.transports)

    def send(self, data: bytes) -> Outcome:
        """Send one datagram, and let the stack do what it does at once."""
        log = self.network.log
        log.clear()
        start = process_time()
        self._port.write(data, HERE)
        self.network.advance(0.01)
        seconds = process_time() - start
        sent = [e.data for e in log if e.source[0] == HERE[0]]
        answers = [answer for answer in sent if answer[:12] != b"SIP/2.0 100 "]
        if answers and b"INVITE" in data:
            self._acknowledge(data, answers[0])
        return Outcome(answers, seconds)

    def _acknowledge(self, data: bytes, answer: bytes) -> None:
        """Send the ACK for an answer to INVITE; a broken INVITE has none."""
        try:
            invite, response = parse(data), parse(answer)
            check(invite)
        except SIPParseError:
            return
        if isinstance(invite, Request) and invite.method == "INVITE":
            assert isinstance(response, Response)
            self._port.write(ack(invite, response), HERE)
            self.network.advance(0)

    def be_asked(self) -> tuple[Request, Deferred[ResponseElements]]:
        """Let the stack send a MESSAGE; what came, and what will become of it."""
        log = self.network.log
        log.clear()
        outcome = self.connection.request(
            "MESSAGE", "sip:peer@192.0.2.200", from_="sip:ua@192.0.2.1"
        )
        self.network.advance(0.01)
        request = parse(log[0].data)
        assert isinstance(request, Request)
        check(request)
        request.source = HERE
        return request, outcome

    def check_alive(self) -> None:
        """See that an OPTIONS is answered 200, and that nothing was raised."""
        self._serial += 1
        name = f"alive{self._serial}"
        outcome = self.send(options(name, "UDP"))
        if outcome.statuses != [200]:
            raise AssertionError(f"an OPTIONS was answered {outcome.answers}")
        if self.failures:
            raise AssertionError(f"{self.failures} times something was raised")

    def finish(self) -> None:
        """Let time pass, close, and see that nothing is left."""
        self.network.advance(100)
        live, calls = self.agent.transactions.live, self.network.delayed_calls()
        if live or calls:
            raise AssertionError(f"{live} transactions are left, and {calls}")
        self.network.result_of(self.stack.stop())
        self._port.stopListening()
        self.network.advance(0)
        if self.network.delayed_calls():
            raise AssertionError(f"{self.network.delayed_calls()} are left")


def options(name: str, transport: str) -> bytes:
    """Write an OPTIONS that is to be answered 200; each by a name of its own."""
    return (
        f"OPTIONS sip:192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/{transport} 192.0.2.200:5060"
        f";branch=z9hG4bK{name};rport\r\nMax-Forwards: 70\r\n"
        f"From: <sip:peer@192.0.2.200>;tag={name}\r\nTo: <sip:192.0.2.1>\r\n"
        f"Call-ID: {name}\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n".encode()
    )
