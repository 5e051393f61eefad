"""Retry-After: RFC 3261 §20.33."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from sipclient.errors import SIPArgumentError
from sipclient.message.fields.retry_after import RetryAfter
from sipclient.message.params import Params

from .support import UINT32S, params, read, rewritten, unexpected

COMMENTS = st.text('ab ()\\";,é', max_size=12)
VALUES = st.builds(RetryAfter, UINT32S, COMMENTS, params(duration=UINT32S.map(str)))


class RetryAfterTests(SynchronousTestCase):
    @given(VALUES)
    def test_what_is_written_is_read_again(self, value: RetryAfter) -> None:
        self.assertEqual(rewritten("Retry-After", value), (value,))

    def test_the_parts_of_one(self) -> None:
        [value] = read("Retry-After", "0120(in (a) \\) meeting, really) ;duration=3600")
        self.assertEqual(value.seconds, 120)
        self.assertEqual(value.comment, "in (a) ) meeting, really")
        self.assertEqual(value.duration, 3600)
        self.assertEqual(RetryAfter.parse("5"), RetryAfter(5))
        self.assertIsNone(RetryAfter.parse("5;x").duration)

    def test_bad_ones_are_refused(self) -> None:
        table = [
            ("", "Retry-After", 0),
            ("soon", "Retry-After", 0),
            ("-1", "Retry-After", 0),
            ("949302838503028349304023988", "Retry-After", 0),
            ("4294967296", "Retry-After", 0),
            ("1 2", "generic-param", 2),
            ("1 (a", "comment", 2),
            ("1 (a\\)", "comment", 2),
            ("1 (a) (b)", "generic-param", 6),
            ("1;duration", "Retry-After", 1),
            ("1;duration=x", "Retry-After", 1),
            ("1;duration=4294967296", "Retry-After", 1),
            ("1, 2", "generic-param", 1),
        ]
        self.assertEqual(unexpected("Retry-After", table), {})

    def test_a_value_refuses_what_the_header_cannot_hold(self) -> None:
        for make in (
            lambda: RetryAfter(-1),
            lambda: RetryAfter(2**32),
            lambda: RetryAfter(1, "a\nb"),
            lambda: RetryAfter(1, "", Params.of({"duration": "long"})),
        ):
            with self.assertRaises(SIPArgumentError):
                make()
