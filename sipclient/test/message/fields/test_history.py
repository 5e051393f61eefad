"""History-Info: RFC 7044 §5."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from sipclient.errors import SIPArgumentError
from sipclient.message.fields.history import HistoryEntry
from sipclient.message.params import Params
from sipclient.message.uri import parse_uri

from .support import TEXTS, URIS, params, read, rewritten, unexpected

INDICES = st.sampled_from(["0", "1", "1.1", "10.0.2", "1" + ".1" * 50])
ENTRIES = st.builds(HistoryEntry, TEXTS, URIS, params(index=INDICES, rc=INDICES))
URI = parse_uri("sip:bob@example.com")


class HistoryTests(SynchronousTestCase):
    @given(st.lists(ENTRIES, min_size=1, max_size=3))
    def test_what_is_written_is_read_again(self, entries: list[HistoryEntry]) -> None:
        found = rewritten("History-Info", *entries)
        self.assertEqual(found, tuple(entries))
        self.assertEqual({type(entry) for entry in found}, {HistoryEntry})

    def test_the_parts_of_one(self) -> None:
        first, second = read(
            "History-Info",
            "<sip:bob@example.com?Reason=SIP%3Bcause%3D302>;index=1,"
            " Bob <sips:bob@192.0.2.4>;Index=1.1;rc=1",
        )
        self.assertEqual((first.index, second.index), ("1", "1.1"))
        self.assertEqual(first.uri.headers, (("Reason", "SIP%3Bcause%3D302"),))
        self.assertEqual((second.display_name, second.params["rc"]), ("Bob", "1"))
        self.assertIsNone(HistoryEntry.parse("<sip:bob@example.com>").index)

    def test_bad_ones_are_refused(self) -> None:
        name = "History-Info"
        table = [
            ("sip:a@b;index=1", name, 0),
            ("<sip:a@b>;index", name, 0),
            ("<sip:a@b>;index=01", name, 0),
            ("<sip:a@b>;index=1.", name, 0),
            ("<sip:a@b>;index=.1", name, 0),
            ("<sip:a@b>;index=1..1", name, 0),
            ("<sip:a@b>;index=1, <sip:c@d>;index=1.1;mp=x", name, 19),
            ('<sip:a@b>;index="1"', name, 0),
            ("<sip:a@b>;index=1;index=2", "duplicate-param", 18),
            ("<sip:a@b", "name-addr", 8),
        ]
        self.assertEqual(unexpected(name, table), {})

    def test_a_value_refuses_what_the_header_cannot_hold(self) -> None:
        for name in ("index", "rc", "mp", "np"):
            with self.assertRaises(SIPArgumentError):
                HistoryEntry("", URI, Params.of({name: "1.x"}))
