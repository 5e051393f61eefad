"""Session-Expires and Min-SE: RFC 4028 §4, §5."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from sipclient.errors import SIPArgumentError
from sipclient.message.fields.session_timer import MinSE, SessionExpires
from sipclient.message.params import Params

from .support import PARAMS, UINT32S, params, read, rewritten, unexpected

REFRESHERS = params(refresher=st.sampled_from(["uac", "uas", "UAC"]))


class SessionTimerTests(SynchronousTestCase):
    @given(st.builds(SessionExpires, UINT32S, REFRESHERS))
    def test_an_interval_is_read_again(self, value: SessionExpires) -> None:
        self.assertEqual(rewritten("Session-Expires", value), (value,))

    @given(st.builds(MinSE, UINT32S, PARAMS))
    def test_the_shortest_one_is_read_again(self, value: MinSE) -> None:
        self.assertEqual(rewritten("Min-SE", value), (value,))

    def test_the_parts_of_one(self) -> None:
        [value] = read("Session-Expires", " 0001800 ;Refresher=UAS")
        self.assertEqual((value.seconds, value.refresher), (1800, "uas"))
        self.assertEqual(SessionExpires.parse("90;refresher=uac").refresher, "uac")
        self.assertIsNone(SessionExpires.parse("90").refresher)
        self.assertEqual(MinSE.parse("0" * 5000 + "90;x").seconds, 90)

    def test_bad_ones_are_refused(self) -> None:
        for name in ("Session-Expires", "Min-SE"):
            table = [
                ("", name, 0),
                ("-1", name, 0),
                ("uac", name, 0),
                ("٣", name, 0),
                (";refresher=uac", name, 0),
                ("4294967296", name, 0),
                ("9" * 5000, name, 0),
                ("1.5", "generic-param", 1),
                ("90, 100", "generic-param", 2),
                ("90 100", "generic-param", 3),
                ("90;a;a", "duplicate-param", 5),
            ]
            self.assertEqual(unexpected(name, table), {})
        name = "Session-Expires"
        table = [
            ("90;refresher", name, 2),
            ("90;refresher=me", name, 2),
            ('90;refresher="uac"', name, 2),
        ]
        self.assertEqual(unexpected(name, table), {})

    def test_a_value_refuses_what_the_header_cannot_hold(self) -> None:
        with self.assertRaises(SIPArgumentError):
            SessionExpires(2**32)
        with self.assertRaises(SIPArgumentError):
            MinSE(-1)
        with self.assertRaises(SIPArgumentError):
            SessionExpires(90, Params.of({"refresher": "both"}))
