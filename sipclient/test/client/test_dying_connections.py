"""Connections that die at each step of a request: each has one outcome all the same.

A connection dies at its n-th segment, for each n there is, until its last: while it is
made, with the request or the response half through, while it is closed. It dies as of
a reset, of a close, or without a word.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import count

from twisted.trial.unittest import SynchronousTestCase

from sipclient.message.build import ack
from sipclient.message.model import Response
from sipclient.test.client.ends import Application, Script, nothing_is_left
from sipclient.testing import FakeNetwork, ScriptedPeer

A, B = "192.0.2.1", "192.0.2.2"
BY_TCP = f"sip:bob@{B};transport=tcp"
LARGE = 1_500

Scene = Callable[[FakeNetwork], tuple[Application, ...]]


class DyingTests(SynchronousTestCase):
    """Each scene is played as often as its connections have segments."""

    def each_step(self, scene: Scene) -> tuple[Counter[str], Counter[str]]:
        """Play it; gives how what the first sent, and what the last took, ended."""
        outcomes: Counter[str] = Counter()
        left: Counter[str] = Counter()
        for number in count():
            reached = False
            for how in ("reset", "close", "silence"):
                network = FakeNetwork(f"{number} {how}", delay=0.01, segment=300)
                severing = network.streams.sever_at(number, how=how)
                applications = scene(network)
                network.advance(100)
                nothing_is_left(network, *applications)
                outcomes += applications[0].ends.outcomes
                left += applications[-1].ends.left
                reached |= severing.segment is not None
            if not reached:
                self.assertGreater(number, 6)
                self.assertEqual(self.flushLoggedErrors(), [])
                return outcomes, left
        raise AssertionError

    def message(self, uri: str, size: int, script: Script, times: int = 1) -> Scene:
        """A sends B a MESSAGE, or several at once."""

        def scene(network: FakeNetwork) -> tuple[Application, ...]:
            a, b = Application(network, A), Application(network, B, script)
            for _ in range(times):
                a.send(uri, size)
            return a, b

        return scene

    def test_answered_at_once(self) -> None:
        outcomes, _ = self.each_step(self.message(BY_TCP, 0, ((0, 200),)))
        self.assertEqual({*outcomes}, {"200", "SIPTransportFailure", "SIPTimedOut"})

    def test_answered_later(self) -> None:
        """Its sender has given up; the answer finds a way, or ends without."""
        outcomes, _ = self.each_step(self.message(BY_TCP, 0, ((3, 486),)))
        self.assertEqual({*outcomes}, {"486", "SIPTransportFailure", "SIPTimedOut"})

    def test_never_answered(self) -> None:
        outcomes, left = self.each_step(self.message(BY_TCP, 0, ()))
        self.assertEqual({*outcomes}, {"SIPTransportFailure", "SIPTimedOut"})
        self.assertEqual({*left}, {"SIPTimedOut"})

    def test_several_by_one_connection(self) -> None:
        outcomes, _ = self.each_step(self.message(BY_TCP, 0, ((0, 200),), times=3))
        self.assertEqual({*outcomes}, {"200", "SIPTransportFailure", "SIPTimedOut"})

    def test_too_large_for_udp(self) -> None:
        """Where there was no connection it goes by UDP; later it fails."""
        outcomes, _ = self.each_step(self.message(f"sip:bob@{B}", LARGE, ((0, 200),)))
        self.assertEqual({*outcomes}, {"200", "SIPTransportFailure", "SIPTimedOut"})

    def test_called(self) -> None:
        """An INVITE, its 180, its 486 and its ACK."""
        heard: Counter[int] = Counter()

        def scene(network: FakeNetwork) -> tuple[Application, ...]:
            application = Application(network, A, ((0, 180), (1, 486)))
            peer = ScriptedPeer(network.reactor(B), B, transport="TCP")
            invite = peer.sends("INVITE", f"sip:app@{A}", (A, 5060))
            network.advance(5)
            answers = [a.message for a in peer.heard if isinstance(a.message, Response)]
            heard.update(answer.status for answer in answers)
            for answer in answers:
                if answer.status >= 300:
                    peer.sends_bytes(ack(invite, answer), (A, 5060))
            network.advance(40)
            peer.stop()
            for stream in peer.streams:
                if stream.transport is not None and stream.lost is None:
                    stream.transport.abortConnection()
            return (application,)

        self.each_step(scene)
        self.assertLessEqual({100, 180, 486}, {*heard})
