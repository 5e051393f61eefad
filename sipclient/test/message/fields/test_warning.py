"""Warning: RFC 3261 §20.43."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from sipclient.errors import SIPArgumentError
from sipclient.message.fields.warning import WarningValue

from .support import TEXTS, TOKENS, read, rewritten, unexpected

AGENTS = TOKENS | st.sampled_from(["a.example.com:5060", "[2001:db8::1]:5060", "[::1]"])
WARNINGS = st.builds(WarningValue, st.integers(0, 999), AGENTS, TEXTS)


class WarningTests(SynchronousTestCase):
    @given(st.lists(WARNINGS, min_size=1, max_size=3))
    def test_what_is_written_is_read_again(self, warnings: list[WarningValue]) -> None:
        self.assertEqual(rewritten("Warning", *warnings), tuple(warnings))

    def test_the_parts_of_one(self) -> None:
        text = '301 isi.edu:5060 "No E.164"  ,  399 x\t"a, \\"b\\""'
        first, second = read("Warning", text)
        self.assertEqual(first, WarningValue(301, "isi.edu:5060", "No E.164"))
        self.assertEqual(second, WarningValue(399, "x", 'a, "b"'))
        self.assertEqual(WarningValue.parse('399 x "y"'), WarningValue(399, "x", "y"))

    def test_bad_ones_are_refused(self) -> None:
        table = [
            ("", "Warning", 0),
            ('1812 overture "In Progress"', "Warning", 0),
            ('30 a "b"', "Warning", 0),
            ('301 "b"', "Warning", 4),
            ("301 a b", "Warning", 6),
            ('301 a "b', "Warning", 6),
            ('301 a "b" c', "Warning", 6),
            ('301 a:x "b"', "Warning", 4),
            ('301 a "b",', "Warning", 10),
        ]
        self.assertEqual(unexpected("Warning", table), {})

    def test_a_value_refuses_what_the_header_cannot_hold(self) -> None:
        for code, agent, text in ((1000, "a", ""), (1, "a b", ""), (1, "a", "\n")):
            with self.assertRaises(SIPArgumentError):
                WarningValue(code, agent, text)
