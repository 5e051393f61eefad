"""CSeq and RAck: RFC 3261 §20.16, RFC 3262 §7.2."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from sipclient.errors import SIPArgumentError
from sipclient.message.fields.cseq import CSeq, RAck

from .support import TOKENS, read, rewritten, unexpected

NUMBERS = st.integers(0, 2**31 - 1)


class CSeqTests(SynchronousTestCase):
    @given(st.builds(CSeq, NUMBERS, TOKENS))
    def test_what_is_written_is_read_again(self, cseq: CSeq) -> None:
        self.assertEqual(rewritten("CSeq", cseq), (cseq,))

    def test_good_ones(self) -> None:
        for text, number, method in (
            ("4711 INVITE", 4711, "INVITE"),
            ("0009   INVITE", 9, "INVITE"),
            ("0 OPTIONS", 0, "OPTIONS"),
            ("000\tREGISTER ", 0, "REGISTER"),
            ("2147483647 invite", 2**31 - 1, "invite"),
            ("0" * 5000 + "1 A", 1, "A"),
        ):
            self.assertEqual(read("CSeq", text), (CSeq(number, method),))

    def test_bad_ones_are_refused(self) -> None:
        table = [
            ("", "CSeq", 0),
            ("INVITE", "CSeq", 0),
            ("1", "CSeq", 0),
            ("1 ", "CSeq", 0),
            ("-1 INVITE", "CSeq", 0),
            ("1INVITE", "CSeq", 0),
            ("1 INV ITE", "CSeq", 0),
            ("1 INVITE, 2 INVITE", "CSeq", 0),
            ("٣ INVITE", "CSeq", 0),
            ("2147483648 INVITE", "CSeq", 0),
            ("36893488147419103232 REGISTER", "CSeq", 0),
            ("  0036893488147419103232 REGISTER", "CSeq", 4),
        ]
        self.assertEqual(unexpected("CSeq", table), {})

    def test_a_value_refuses_what_the_header_cannot_hold(self) -> None:
        for number, method in ((-1, "A"), (2**31, "A"), (1, ""), (1, "A\r\nB: c")):
            with self.assertRaises(SIPArgumentError):
                CSeq(number, method)

    def test_one_can_be_read_by_itself(self) -> None:
        self.assertEqual(CSeq.parse("1 ACK"), CSeq(1, "ACK"))


class RAckTests(SynchronousTestCase):
    @given(st.builds(RAck, st.integers(1, 2**32 - 1), NUMBERS, TOKENS))
    def test_what_is_written_is_read_again(self, rack: RAck) -> None:
        self.assertEqual(rewritten("RAck", rack), (rack,))

    def test_good_ones(self) -> None:
        self.assertEqual(read("RAck", "776656 1 INVITE"), (RAck(776656, 1, "INVITE"),))
        self.assertEqual(read("RAck", "01 00\tA"), (RAck(1, 0, "A"),))
        self.assertEqual(RAck.parse("1 2 A"), RAck(1, 2, "A"))

    def test_bad_ones_are_refused(self) -> None:
        table = [
            ("", "RAck", 0),
            ("1 INVITE", "RAck", 0),
            ("1 2", "RAck", 0),
            ("0 1 INVITE", "RAck", 1),
            ("4294967296 1 INVITE", "RAck", 0),
            ("1 2147483648 INVITE", "RAck", 2),
            ("1 99999999999 INVITE", "RAck", 2),
        ]
        self.assertEqual(unexpected("RAck", table), {})

    def test_a_value_refuses_what_the_header_cannot_hold(self) -> None:
        for rseq, number, method in ((0, 1, "A"), (1, 2**31, "A"), (1, 1, "A B")):
            with self.assertRaises(SIPArgumentError):
                RAck(rseq, number, method)
