"""Call-ID and In-Reply-To: RFC 3261 §20.8, §20.21."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from .support import read, rewritten, unexpected

WORDS = st.text("abzAZ09-.!%*_+`'~()<>:\\\"/[]?{}", min_size=1, max_size=12)
CALL_IDS = WORDS | st.tuples(WORDS, WORDS).map("@".join)


class CallIdTests(SynchronousTestCase):
    @given(CALL_IDS)
    def test_what_is_written_is_read_again(self, call_id: str) -> None:
        self.assertEqual(rewritten("Call-ID", call_id), (call_id,))

    @given(st.lists(CALL_IDS, min_size=1, max_size=3))
    def test_several_are_read_again(self, call_ids: list[str]) -> None:
        self.assertEqual(rewritten("In-Reply-To", *call_ids), tuple(call_ids))

    def test_quotes_and_brackets_need_no_partner(self) -> None:
        # RFC 4475 §3.1.1.2
        call_id = "intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{"
        self.assertEqual(read("Call-ID", f" {call_id}\t"), (call_id,))
        self.assertEqual(read("In-Reply-To", f'"a ,{call_id}'), ('"a', call_id))

    def test_bad_ones_are_refused(self) -> None:
        table = [
            ("", "Call-ID", 0),
            ("@", "Call-ID", 0),
            ("a@", "Call-ID", 1),
            ("a@b@c", "Call-ID", 3),
            ("a b", "Call-ID", 2),
            ("a,b", "Call-ID", 1),
            ("aé", "Call-ID", 1),
        ]
        self.assertEqual(unexpected("Call-ID", table), {})
        table = [("a,", "In-Reply-To", 2), ("a,,b", "In-Reply-To", 2)]
        self.assertEqual(unexpected("In-Reply-To", table), {})
