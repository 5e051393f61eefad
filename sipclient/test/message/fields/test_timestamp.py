"""Timestamp: RFC 3261 §20.38."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from sipclient.errors import SIPArgumentError
from sipclient.message.fields.timestamp import Timestamp

from .support import read, rewritten, unexpected

DECIMALS = st.decimals(0, 10**12, places=6)


class TimestampTests(SynchronousTestCase):
    @given(st.builds(Timestamp, DECIMALS, st.none() | DECIMALS))
    def test_what_is_written_is_read_again(self, timestamp: Timestamp) -> None:
        self.assertEqual(rewritten("Timestamp", timestamp), (timestamp,))

    def test_it_goes_back_as_precise_as_it_came(self) -> None:
        for text in ("54", "54.210", "0.0000001", "54 0.5", "1.5 0"):
            self.assertEqual(str(Timestamp.parse(text)), text)

    def test_digits_behind_the_point_may_be_missing(self) -> None:
        self.assertEqual(
            read("Timestamp", " 54.  .5 "), (Timestamp(Decimal(54), Decimal("0.5")),)
        )

    def test_bad_ones_are_refused(self) -> None:
        table = [
            ("", "Timestamp", 0),
            (".5", "Timestamp", 0),
            ("-1", "Timestamp", 0),
            ("1e5", "Timestamp", 1),
            ("1 2 3", "Timestamp", 4),
            ("1,2", "Timestamp", 1),
            ("٣", "Timestamp", 0),
        ]
        self.assertEqual(unexpected("Timestamp", table), {})

    def test_a_value_refuses_what_is_no_time(self) -> None:
        for number in ("-1", "NaN", "Infinity"):
            with self.assertRaises(SIPArgumentError):
                Timestamp(Decimal(number))
