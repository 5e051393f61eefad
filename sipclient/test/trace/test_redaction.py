"""No secret reaches a trace."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from sipclient.secrecy import without_passwords
from sipclient.trace.redaction import redacted, redacted_field


class RedactionTests(SynchronousTestCase):
    def test_passwords_in_uris(self) -> None:
        for text, shown in (
            ("MESSAGE sip:bob:pw@h SIP/2.0", "MESSAGE sip:bob:***@h SIP/2.0"),
            ("<sips:b:p;w@h>, <SIP:c:d@e>", "<sips:b:***@h>, <SIP:c:***@e>"),
            ("sip:bob@h:5060", "sip:bob@h:5060"),
            ("sip:h:5060;x=a@b", "sip:h:***@b"),
            ("no uri: at@all", "no uri: at@all"),
        ):
            self.assertEqual(without_passwords(text), shown)

    def test_digests_keep_whose_they_are(self) -> None:
        for name in ("Authorization", "proxy-AUTHORIZATION"):
            self.assertEqual(
                redacted_field(
                    name,
                    ' Digest username="a", realm="r", response="0f", RESPONSE = 0f,'
                    ' uri="sip:h", cnonce="x", auts="q"',
                ),
                ' Digest username="a", realm="r", response=***, RESPONSE = ***,'
                ' uri="sip:h", cnonce="x", auts=***',
            )
        self.assertEqual(
            redacted_field("Authentication-Info", 'rspauth="1", nextnonce="2"'),
            'rspauth=***, nextnonce="2"',
        )

    def test_a_digest_whose_quote_never_ends_is_hidden_too(self) -> None:
        self.assertEqual(
            redacted_field("Authorization", 'Digest realm="r", response="0123'),
            'Digest realm="r", response=***',
        )

    def test_opaque_credentials_are_hidden_whole(self) -> None:
        self.assertEqual(redacted_field("Authorization", "Basic QTpC=="), "Basic ***")
        self.assertEqual(redacted_field("Authorization", "QTpC"), "***")

    def test_what_is_no_credential_stays(self) -> None:
        self.assertEqual(redacted_field("X-Response", 'response="1"'), 'response="1"')

    def test_a_whole_message(self) -> None:
        data = (
            b"REGISTER sip:a:b@h SIP/2.0\r\n"
            b"Authorization: Digest username=u,\r\n response=\r\n  secret\r\n"
            b"Contact: <sip:x:y@z>\r\n\r\n"
            b"m=audio 1 RTP/SAVP 0\r\na=crypto:1 AES inline:c2VjcmV0\r\nk=clear:x\r\n"
        )
        text = redacted(data)
        for secret in ("sip:a:b@", "secret", "x:y@", "c2VjcmV0", "clear:x"):
            self.assertNotIn(secret, text)
        for kept in ("username=u", "sip:a:***@h", "inline:***", "\r\n\r\nm=audio"):
            self.assertIn(kept, text)

    def test_any_bytes_are_taken(self) -> None:
        self.assertEqual(redacted(b"\xff\x00"), "\udcff\x00")
        self.assertEqual(redacted(b""), "")
