"""Reason phrases and methods: RFC 3261 §21."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from sipclient.message.grammar import is_token
from sipclient.message.status import METHODS, REASON_PHRASES, reason_phrase


class StatusTests(SynchronousTestCase):
    """A phrase for every status code."""

    def test_known(self) -> None:
        self.assertEqual(reason_phrase(200), "OK")
        self.assertEqual(reason_phrase(481), "Call/Transaction Does Not Exist")

    def test_unknown_is_named_by_its_class(self) -> None:
        self.assertEqual(reason_phrase(155), "Provisional")
        self.assertEqual(reason_phrase(699), "Global Failure")

    def test_no_status_code(self) -> None:
        for code in (0, 99, 700, -1):
            self.assertEqual(reason_phrase(code), "")

    def test_the_table(self) -> None:
        """Every code is a status code, every phrase fits a Status-Line."""
        for code, phrase in REASON_PHRASES.items():
            self.assertTrue(100 <= code <= 699)
            self.assertTrue(phrase.isascii() and phrase.isprintable() and phrase)

    def test_methods(self) -> None:
        self.assertTrue(all(is_token(m) and m.isupper() for m in METHODS))
