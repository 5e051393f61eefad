"""What an error says to people, and what it keeps to itself."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from sipclient import errors
from sipclient.errors import (
    SIPArgumentError,
    SIPError,
    SIPICMPFailure,
    SIPParseError,
    SIPTimedOut,
    SIPTransportFailure,
)
from sipclient.message.fields.auth import CREDENTIALS
from sipclient.message.uri import parse_uri
from sipclient.secrecy import without_passwords


class TextTests(SynchronousTestCase):
    def test_what_was_attempted_what_came_the_rule_and_what_to_do(self) -> None:
        error = SIPTimedOut(
            "MESSAGE to sip:bob@h",
            "no final response within 32 s",
            rule="RFC 3261 §17.1.2.2",
            advice="Check the address",
        )
        self.assertEqual(
            str(error),
            "MESSAGE to sip:bob@h: no final response within 32 s"
            " (RFC 3261 §17.1.2.2). Check the address",
        )
        self.assertEqual(str(SIPTimedOut("waiting")), "waiting")

    def test_where_text_could_not_be_read(self) -> None:
        error = SIPParseError("port", "sip:a@h:x", 8, "a number", header="To")
        self.assertEqual(
            str(error),
            "port in To: expected a number at offset 8, near 'sip:a@h:x'",
        )

    def test_a_long_text_is_shown_around_the_place(self) -> None:
        error = SIPParseError("token", "a" * 5000 + "!" + "b" * 5000, 5000, "a token")
        self.assertIn(f"near '{'a' * 20}!{'b' * 19}'", str(error))


class SecretTests(SynchronousTestCase):
    """A password in a URI, or what proves one, is in no text and in no repr."""

    def test_passwords_in_whatever_part(self) -> None:
        uri = "sip:bob:s3cret@example.com"
        for error in (
            SIPError(f"sending to {uri}"),
            SIPError("sending", f"{uri} came"),
            SIPError("sending", "it failed", advice=f"Don't write {uri}"),
        ):
            self.assertNotIn("s3cret", str(error) + repr(error))
            self.assertIn("sip:bob:***@example.com", str(error))
        error = SIPError("sending")
        error.attempted = f"sending to {uri}"
        self.assertNotIn("s3cret", str(error))

    def test_passwords_near_what_could_not_be_read(self) -> None:
        for text in (
            "sip:bob:s3cret@h;;",
            "sip:bob:s3cret@h:x",
            f"sip:{'b' * 200}:{'s3cret' * 40}@h;;",
        ):
            error = self.assertRaises(SIPParseError, parse_uri, text)
            self.assertNotIn("s3cr", str(error))
            self.assertIn("near", str(error))

    def test_proofs_near_what_could_not_be_read(self) -> None:
        for name in ("Authorization", "Proxy-Authorization"):
            text = 'Digest username="a", response="5ecre7"x'
            error = self.assertRaises(SIPParseError, CREDENTIALS.parse, text, name)
            self.assertIn("at offset 38", str(error))
            self.assertNotIn("5ecre7", str(error))
        message = "OPTIONS sip:h SIP/2.0\r\nauthorization: Basic 5ecre7\0\r\n\r\n"
        error = SIPParseError("message", message, message.index("\0"), "no NUL")
        self.assertNotIn("5ecre7", str(error))

    def test_what_is_no_password_stays(self) -> None:
        for text in ("sip:bob@h", "sip:h:5060", "mail a@b", "sip:h:5060, a b@h"):
            self.assertEqual(without_passwords(text), text)


class TreeTests(SynchronousTestCase):
    def test_no_two_claim_the_same_identity(self) -> None:
        classes = [
            each
            for each in vars(errors).values()
            if isinstance(each, type) and issubclass(each, SIPError)
        ]
        self.assertGreater(len(classes), 30)
        own = [vars(each).get("symbian_name") for each in classes]
        names = [name for name in own if name is not None]
        self.assertEqual(len(names), len(set(names)))

    def test_they_are_caught_as_what_python_calls_them(self) -> None:
        self.assertTrue(issubclass(SIPArgumentError, ValueError))
        self.assertTrue(issubclass(SIPParseError, ValueError))
        self.assertTrue(issubclass(SIPICMPFailure, SIPTransportFailure))

    def test_the_codecs_number_is_the_productions(self) -> None:
        self.assertEqual(SIPParseError("Via", "", 0, "x").symbian_code, -17780)
        self.assertEqual(SIPParseError("no such", "", 0, "x").symbian_code, -17751)
