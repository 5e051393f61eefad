"""Alert-Info, Call-Info and Error-Info: RFC 3261 §20.4, §20.9, §20.18."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from sipclient.errors import SIPArgumentError
from sipclient.message.fields.info_uri import InfoURI
from sipclient.message.uri import OtherURI

from .support import PARAMS, URIS, read, refusal, rewritten, unexpected

NAMES = ("Alert-Info", "Call-Info", "Error-Info")


class InfoURITests(SynchronousTestCase):
    @given(st.lists(st.builds(InfoURI, URIS, PARAMS), min_size=1, max_size=3))
    def test_what_is_written_is_read_again(self, values: list[InfoURI]) -> None:
        for name in NAMES:
            self.assertEqual(rewritten(name, *values), tuple(values))

    def test_the_parts_of_one(self) -> None:
        photo, page = read(
            "Call-Info",
            "<http://a.example.com/b,c.jpg> ;purpose=icon, <http://b/?x=y;z>",
        )
        self.assertEqual(photo.uri, OtherURI("http", "//a.example.com/b,c.jpg"))
        self.assertEqual((photo.purpose, page.purpose), ("icon", None))
        self.assertEqual(str(InfoURI.parse("<http://b>;x")), "<http://b>;x")

    def test_bad_ones_are_refused(self) -> None:
        for name in NAMES:
            table = [
                ("", name, 0),
                ("http://a", name, 0),
                ("<http://a", name, 0),
                ("<http://a> b", "generic-param", 11),
                ("<http://a>, b", name, 12),
                ("<http://a>,", name, 11),
            ]
            self.assertEqual(unexpected(name, table), {})
            self.assertIsNotNone(refusal(name, "<>"))
            self.assertIsNotNone(refusal(name, "<sip:a b>"))

    def test_a_value_refuses_what_is_no_uri(self) -> None:
        with self.assertRaises(SIPArgumentError):
            InfoURI("http://a")  # type: ignore[arg-type]  # that is the point
