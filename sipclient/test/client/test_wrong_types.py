"""A mistake of the program is a TypeError at once, and says what is wanted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from sipclient import AccessPoint, RequestElements, ResponseElements, SIPClient
from sipclient.testing import FakeNetwork

URI = "sip:bob@example.com"


class WrongTypeTests(SynchronousTestCase):
    def raises(self, words: str, call: Callable[..., Any], *arguments: Any) -> None:
        with self.assertRaisesRegex(TypeError, words):
            call(*arguments)

    def test_where_a_client_lives_and_what_it_is_called(self) -> None:
        reactor = FakeNetwork().reactor("192.0.2.1")
        self.raises("neither a reactor nor a Stack: None", SIPClient.embed, None, "a")
        self.raises("uid is text or an integer", SIPClient.embed, reactor, None)
        client = self.successResultOf(SIPClient.embed(reactor, 7))
        self.assertEqual(client.uid, "7")
        for wrong in (None, 5060, ["udp:5060"]):
            self.raises("connect takes an AccessPoint", client.connect, wrong)
        client.close()

    def test_listening_addresses(self) -> None:
        self.raises("ListenAddress or text, not 5060", AccessPoint, "a", [5060])

    def test_elements(self) -> None:
        for wrong in (None, 5, b"sip:bob@example.com"):
            self.raises("a URI or its text, not", RequestElements, wrong)
        elements = RequestElements(URI)
        self.raises("a URI or its text", setattr, elements, "remote_uri", None)
        for status in ("200", 200.5, None):
            self.raises("a status is an int", ResponseElements, status)
        self.raises("int", setattr, ResponseElements(200), "status_code", "486")
        for text in ("Subject: x", b"Subject: x"):
            with self.assertRaisesRegex(TypeError, "pairs, not text"):
                RequestElements(URI, headers=text)  # type: ignore[arg-type]  # the mistake
