"""Rows 1, 1b and 2: from a datagram to a message, as far as each depth goes.

The anchor is the least that any parser in Python does: decode, and split into lines.
There is no transaction key of a message that wasn't checked, so rows 1 and 1b measure
the same work against different bounds; what framing takes alone is in the notes.
"""

from __future__ import annotations

from collections.abc import Iterator

from measuring import Figure, in_turn, per_message, report
from messages import MESSAGES

from sipclient.message.check import check
from sipclient.message.model import Message, Request
from sipclient.message.parser import parse
from sipclient.transaction.key import client_key, server_key

#: What a UAS opens, besides the Request-URI.
OPENED = (
    "Via",
    "From",
    "To",
    "Call-ID",
    "CSeq",
    "Max-Forwards",
    "Content-Length",
    "Require",
    "Contact",
    "Event",
    "Content-Type",
)
ANCHOR = 'data.decode().split("\\r\\n")'


def split(data: bytes) -> object:
    """The anchor."""
    return data.decode().split("\r\n")


def checked(data: bytes) -> Message:
    """Parse a message, make sure of its key fields, and make its key."""
    message = parse(data)
    check(message)
    if isinstance(message, Request):
        server_key(message)
    else:
        client_key(message.branch, message.cseq_method)
    return message


def understood(data: bytes) -> None:
    """Open everything that a UAS does."""
    message = checked(data)
    for name in OPENED:
        message.headers(name)
    if isinstance(message, Request):
        _ = message.request_uri


def gate() -> None:
    """Make sure that it is these messages that are read, and rightly."""
    for data in MESSAGES:
        message = checked(data)
        assert bytes(message) == data
        assert message.branch.startswith("z9hG4bK")
        assert message.call_id and message.from_tag and message.cseq
        assert message.headers("CSeq")[0].method == message.cseq_method
        understood(data)


def measure() -> Iterator[Figure]:
    """Rows 1, 1b and 2."""
    gate()
    size = round(sum(map(len, MESSAGES)) / len(MESSAGES))
    anchor = per_message(split, MESSAGES)
    framed = in_turn(per_message(parse, MESSAGES), anchor, 9)
    notes = {
        "messages": len(MESSAGES),
        "mean size": size,
        "framed alone": [round(r.ratio, 2) for r in framed],
    }
    keyed = in_turn(per_message(checked, MESSAGES), anchor, 15)
    yield Figure("1", "parse + transaction key", ANCHOR, 12, 6, keyed, notes=notes)
    yield Figure("1b", "parse + key, checked", ANCHOR, 14, 9, keyed, notes=notes)
    opened = in_turn(per_message(understood, MESSAGES), anchor, 15)
    title = "parse + everything that a UAS opens"
    yield Figure("2", title, ANCHOR, 30, 18, opened, notes=notes)


if __name__ == "__main__":
    report(measure)
