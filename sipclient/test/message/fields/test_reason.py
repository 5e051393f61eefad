"""Reason: RFC 3326 §2."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from sipclient.errors import SIPArgumentError
from sipclient.message.fields.reason import Reason
from sipclient.message.params import Params

from .support import TEXTS, TOKENS, params, read, rewritten, unexpected

CAUSES = st.integers(0, 999_999_999).map(str)
REASONS = st.builds(
    Reason, st.sampled_from(["SIP", "Q.850"]) | TOKENS, params(cause=CAUSES, text=TEXTS)
)


class ReasonTests(SynchronousTestCase):
    @given(st.lists(REASONS, min_size=1, max_size=3))
    def test_what_is_written_is_read_again(self, reasons: list[Reason]) -> None:
        self.assertEqual(rewritten("Reason", *reasons), tuple(reasons))

    def test_the_parts_of_one(self) -> None:
        sip, q850 = read(
            "Reason", 'SIP ;cause=0200 ;text="Call, completed", Q.850;cause=16'
        )
        self.assertEqual((sip.value, sip.cause), ("SIP", 200))
        self.assertEqual(sip.text, "Call, completed")
        self.assertEqual((q850.value, q850.cause, q850.text), ("Q.850", 16, None))
        self.assertIsNone(Reason.parse("preemption").cause)
        self.assertEqual(Reason.parse(f"SIP;cause={'0' * 5000}").cause, 0)

    def test_bad_ones_are_refused(self) -> None:
        table = [
            ("", "Reason", 0),
            (";cause=200", "Reason", 0),
            ("SIP,", "Reason", 4),
            ("SIP cause=200", "generic-param", 4),
            ("SIP;cause", "Reason", 3),
            ("SIP;cause=+1", "Reason", 3),
            ("SIP;cause=1000000000", "Reason", 3),
            (f"SIP;cause={'9' * 5000}", "Reason", 3),
            ('SIP;cause="200"', "Reason", 3),
            ('SIP;text="a', "generic-param", 8),
            ("SIP;cause=1;Cause=2", "duplicate-param", 12),
        ]
        self.assertEqual(unexpected("Reason", table), {})

    def test_a_value_refuses_what_the_header_cannot_hold(self) -> None:
        with self.assertRaises(SIPArgumentError):
            Reason("SIP", Params.of({"cause": "unknown"}))
        with self.assertRaises(SIPArgumentError):
            Reason("not a token")
