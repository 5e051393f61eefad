"""Date: RFC 3261 §20.17."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from sipclient.errors import SIPArgumentError
from sipclient.message.headers import HEADERS

from .support import read, rewritten, unexpected


class DateTests(SynchronousTestCase):
    @given(st.datetimes(timezones=st.just(UTC)))
    def test_what_is_written_is_read_again(self, date: datetime) -> None:
        date = date.replace(microsecond=0)
        self.assertEqual(rewritten("Date", date), (date,))

    def test_the_date_is_aware_and_in_utc(self) -> None:
        [date] = read("Date", " Sat, 13 Nov 2010 23:29:00 GMT ")
        self.assertEqual(date, datetime(2010, 11, 13, 23, 29, tzinfo=UTC))
        self.assertEqual(date.tzinfo, UTC)

    def test_another_zone_is_written_in_gmt(self) -> None:
        zone = timezone(timedelta(hours=2))
        text = HEADERS["date"].shape.write(datetime(2026, 1, 1, 1, tzinfo=zone))
        self.assertEqual(text, "Wed, 31 Dec 2025 23:00:00 GMT")

    def test_a_time_without_zone_cannot_be_written(self) -> None:
        with self.assertRaises(SIPArgumentError):
            HEADERS["date"].shape.write(datetime(2026, 1, 1))

    def test_bad_ones_are_refused(self) -> None:
        table = [
            ("", "Date", 0),
            ("now", "Date", 0),
            ("Fri, 01 Jan 2010 16:00:00 EST", "Date", 26),
            ("Fri, 01 Jan 2010 16:00:00 gmt", "Date", 26),
            ("Fri, 01 Jan 2010 16:00:00 GMT+1", "Date", 26),
            ("Fri, 01 Jan 2010 16:00:00", "Date", 0),
            (" fri, 01 Jan 2010 16:00:00 GMT", "Date", 1),
            ("Friday, 01-Jan-10 16:00:00 GMT", "Date", 0),
            ("Fri Jan  1 16:00:00 2010", "Date", 0),
            ("Fri, 1 Jan 2010 16:00:00 GMT", "Date", 0),
            ("Tue, 30 Feb 2010 16:00:00 GMT", "Date", 5),
            ("Fri, 01 Jan 2010 24:00:00 GMT", "Date", 5),
            ("Fri, 01 Jan 2010 23:59:60 GMT", "Date", 5),
            ("Fri, 01 Jan 0000 16:00:00 GMT", "Date", 5),
            ("Fri, \u0660\u0661 Jan 2010 16:00:00 GMT", "Date", 0),
        ]
        self.assertEqual(unexpected("Date", table), {})
