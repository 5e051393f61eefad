"""The Date header field (RFC 3261 §20.17).

The value is an aware ``datetime`` in UTC. The contract: only the form of
RFC 1123 with "GMT" is a date, in exactly that case; any other zone is an error
(RFC 4475 §3.1.2.12). Whether the weekday fits the date is not looked at.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from sipclient.errors import SIPArgumentError

from .shape import Shape, fail

# By hand, not by strftime(), which speaks the language of the process.
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = (
    *("Jan", "Feb", "Mar", "Apr", "May", "Jun"),
    *("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
)
_NUMBERS = {month: number for number, month in enumerate(_MONTHS, 1)}

_DATE = re.compile(
    rf"[ \t]*+(?:{'|'.join(_DAYS)}),[ \t]++([0-9]{{2}})[ \t]++({'|'.join(_MONTHS)})"
    r"[ \t]++([0-9]{4})[ \t]++([0-9]{2}):([0-9]{2}):([0-9]{2})[ \t]++"
)
_EXPECTED = 'a date such as "Sat, 13 Nov 2010 23:29:00 GMT"'


class Date(Shape[datetime]):
    """SIP-date."""

    __slots__ = ()

    def parse(self, text: str, name: str) -> tuple[datetime, ...]:
        """Read the date; its ``tzinfo`` is UTC."""
        match = _DATE.match(text)
        if match is None:
            fail(name, text, len(text) - len(text.lstrip(" \t")), _EXPECTED)
        if text[match.end() :].rstrip(" \t") != "GMT":
            fail(name, text, match.end(), "GMT, the only zone that SIP has")
        day, month, year, hour, minute, second = match.groups()
        try:
            value = datetime(
                int(year),
                _NUMBERS[month],
                int(day),
                int(hour),
                int(minute),
                int(second),
                tzinfo=UTC,
            )
        except ValueError:
            fail(name, text, match.start(1), "a day and a time that exist")
        return (value,)

    def write(self, value: datetime) -> str:
        """The date in GMT, whole seconds; ``value`` must know its zone."""
        if value.tzinfo is None:
            raise SIPArgumentError(
                "writing a Date header",
                f"the time {value.isoformat()} has no zone",
                rule="RFC 3261 §20.17",
                advice="Give an aware datetime: datetime.now(timezone.utc).",
            )
        at = value.astimezone(UTC)
        return (
            f"{_DAYS[at.weekday()]}, {at.day:02d} {_MONTHS[at.month - 1]}"
            f" {at.year:04d} {at.hour:02d}:{at.minute:02d}:{at.second:02d} GMT"
        )


DATE = Date()
