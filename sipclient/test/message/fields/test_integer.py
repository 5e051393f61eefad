"""Header fields that are one number."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from .support import UINT32S, read, rewritten, unexpected

SECONDS = ("Expires", "Min-Expires", "Content-Length", "Flow-Timer")


class IntegerTests(SynchronousTestCase):
    @given(UINT32S)
    def test_what_is_written_is_read_again(self, number: int) -> None:
        for name in SECONDS:
            self.assertEqual(rewritten(name, number), (number,))

    @given(st.integers(0, 255))
    def test_max_forwards_is_read_again(self, number: int) -> None:
        self.assertEqual(rewritten("Max-Forwards", number), (number,))

    @given(st.integers(1, 2**32 - 1))
    def test_rseq_is_read_again(self, number: int) -> None:
        self.assertEqual(rewritten("RSeq", number), (number,))

    def test_zeros_in_front_count_for_nothing(self) -> None:
        self.assertEqual(read("Max-Forwards", "0068"), (68,))
        self.assertEqual(read("Expires", " " + "0" * 10000 + "7\t"), (7,))
        self.assertEqual(read("Content-Length", "0" * 5000), (0,))

    def test_bad_ones_are_refused(self) -> None:
        for name in SECONDS:
            table = [
                ("", name, 0),
                ("  ", name, 2),
                ("-999", name, 0),
                ("+1", name, 0),
                ("1 2", name, 1),
                ("12a", name, 2),
                (" 1,2", name, 2),
                ("1.5", name, 1),
                ("٣", name, 0),
                ("²", name, 0),
                ("4294967296", name, 0),
                (" 1000000000000000000000000000000", name, 1),
                ("9" * 5000, name, 0),
            ]
            self.assertEqual(unexpected(name, table), {})

    def test_bounds_are_kept(self) -> None:
        self.assertEqual(read("Max-Forwards", "255"), (255,))
        table = [("256", "Max-Forwards", 0), ("300", "Max-Forwards", 0)]
        self.assertEqual(unexpected("Max-Forwards", table), {})
        self.assertEqual(unexpected("RSeq", [(" 0", "RSeq", 1)]), {})
