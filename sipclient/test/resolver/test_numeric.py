"""The resolver that knows numeric addresses and localhost only."""

from __future__ import annotations

from typing import Any

from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from sipclient.errors import SIPInvalidURIType, SIPNotSupported, SIPResolvingFailure
from sipclient.interfaces import IPendingResolution, IResolver
from sipclient.message.uri import parse_uri
from sipclient.resolver.numeric import NumericResolver
from sipclient.transport.target import Target


class NumericResolverTests(SynchronousTestCase):
    def resolve(self, text: str) -> Any:
        outcomes: list[Any] = []
        pending = NumericResolver().resolve(parse_uri(text), outcomes.append)
        pending.cancel()
        self.assertEqual(len(outcomes), 1)
        return outcomes[0]

    def test_it_is_what_it_says(self) -> None:
        self.assertTrue(verifyObject(IResolver, NumericResolver()))
        pending = NumericResolver().resolve(parse_uri("sip:192.0.2.1"), print_nothing)
        self.assertTrue(verifyObject(IPendingResolution, pending))

    def test_addresses(self) -> None:
        for text, host, port in (
            ("sip:192.0.2.1", "192.0.2.1", 5060),
            ("sip:bob@192.0.2.1:5070", "192.0.2.1", 5070),
            ("sip:bob@[2001:db8::1]:5070", "2001:db8::1", 5070),
            ("sip:bob@[2001:db8::1];transport=UDP", "2001:db8::1", 5060),
            ("sip:bob@example.com;maddr=192.0.2.2", "192.0.2.2", 5060),
            ("sip:bob@192.0.2.1:5070;maddr=[::1]", "::1", 5070),
            ("sip:bob@localhost", "127.0.0.1", 5060),
            ("sip:bob@LOCALHOST.:5070", "127.0.0.1", 5070),
            ("sip:bob@phone.localhost", "127.0.0.1", 5060),
        ):
            self.assertEqual(self.resolve(text), (Target("UDP", host, port),), text)

    def test_the_transport_is_the_one_that_is_named(self) -> None:
        self.assertEqual(
            self.resolve("sip:bob@192.0.2.1;transport=TCP"),
            (Target("TCP", "192.0.2.1", 5060),),
        )

    def test_names_need_dns(self) -> None:
        for text in ("sip:bob@example.com", "sip:bob@192.0.2.1;maddr=example.com"):
            error = self.resolve(text)
            self.assertIsInstance(error, SIPResolvingFailure)
            self.assertIn("example.com", str(error))
            self.assertIn("only numeric addresses and localhost", str(error))
            self.assertIn("outbound proxy", str(error))

    def test_a_port_that_is_none(self) -> None:
        error = self.resolve("sip:bob@192.0.2.1:0")
        self.assertIsInstance(error, SIPResolvingFailure)

    def test_transports_that_are_not_there(self) -> None:
        for text, name in (
            ("sip:bob@192.0.2.1;transport=sctp", "SCTP"),
            ("sip:bob@192.0.2.1;transport=ws", "WS"),
            ("sips:bob@192.0.2.1", "TLS"),
            ("sips:bob@192.0.2.1;transport=udp", "TLS"),
        ):
            error = self.resolve(text)
            self.assertIsInstance(error, SIPNotSupported)
            self.assertIn(f"asks for {name},", str(error))
            self.assertIn("not there yet", str(error))

    def test_other_uris_lead_nowhere(self) -> None:
        for text in ("tel:+358501234567", "mailto:bob@example.com"):
            error = self.resolve(text)
            self.assertIsInstance(error, SIPInvalidURIType)
            self.assertIn("outbound proxy", str(error))

    def test_no_error_shows_a_password(self) -> None:
        for text in ("sip:bob:secret@example.com", "sips:bob:secret@192.0.2.1"):
            self.assertNotIn("secret", str(self.resolve(text)))

    def test_a_target_is_written_for_people(self) -> None:
        self.assertEqual(str(Target("UDP", "192.0.2.1", 5060)), "UDP 192.0.2.1:5060")
        self.assertEqual(str(Target("UDP", "::1", 5060)), "UDP [::1]:5060")


def print_nothing(outcome: object) -> None:
    """Take an outcome that is of no interest."""
