"""Privacy: RFC 3323 §4.2."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from sipclient.errors import SIPArgumentError
from sipclient.message.fields.privacy import Privacy

from .support import TOKENS, read, rewritten, unexpected

KINDS = st.sampled_from(["header", "id", "none", "critical"]) | TOKENS


class PrivacyTests(SynchronousTestCase):
    @given(st.lists(KINDS, min_size=1, max_size=4))
    def test_what_is_written_is_read_again(self, kinds: list[str]) -> None:
        value = Privacy(tuple(kinds))
        self.assertEqual(rewritten("Privacy", value), (value,))

    def test_the_parts_of_one(self) -> None:
        [value] = read("Privacy", " user ;ID; critical\t")
        self.assertEqual(value.kinds, ("user", "ID", "critical"))
        self.assertIn("id", value)
        self.assertIn("User", value)
        self.assertNotIn("none", value)
        self.assertEqual(Privacy.parse("none").kinds, ("none",))

    def test_bad_ones_are_refused(self) -> None:
        table = [
            ("", "Privacy", 0),
            (";id", "Privacy", 0),
            ("id;", "Privacy", 3),
            ("id;;user", "Privacy", 3),
            ("id, user", "Privacy", 2),
            ("id user", "Privacy", 3),
            ('"id"', "Privacy", 0),
            ("id;é", "Privacy", 3),
        ]
        self.assertEqual(unexpected("Privacy", table), {})

    def test_a_value_refuses_what_the_header_cannot_hold(self) -> None:
        for kinds in ((), ("",), ("id;user",), ("id", "a\r\nVia: b")):
            with self.assertRaises(SIPArgumentError):
                Privacy(kinds)
