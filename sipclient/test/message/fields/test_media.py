"""Content-Type and Accept: RFC 3261 §20.1, §20.15."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from sipclient.errors import SIPArgumentError
from sipclient.message.fields.media import MediaType
from sipclient.message.params import Params

from .support import PARAMS, QVALUES, TEXTS, TOKENS, params, read, rewritten, unexpected

TYPES = st.tuples(TOKENS, TOKENS).map("/".join)
MEDIA_TYPES = st.builds(
    lambda value, more: MediaType(value, Params.of(more)),
    TYPES,
    st.fixed_dictionaries({}, optional={"charset": TOKENS, "boundary": TEXTS}),
)
MEDIA_RANGES = st.builds(MediaType, TYPES | st.just("*/*"), params(q=QVALUES) | PARAMS)


class MediaTypeTests(SynchronousTestCase):
    @given(MEDIA_TYPES)
    def test_a_content_type_is_read_again(self, media: MediaType) -> None:
        self.assertEqual(rewritten("Content-Type", media), (media,))

    @given(st.lists(MEDIA_RANGES, min_size=1, max_size=3))
    def test_what_is_accepted_is_read_again(self, ranges: list[MediaType]) -> None:
        self.assertEqual(rewritten("Accept", *ranges), tuple(ranges))

    def test_the_parts_of_one(self) -> None:
        [media] = read("Content-Type", 'Multipart / Mixed;boundary="a;b, \\"c\\""')
        self.assertEqual(media.essence, "multipart/mixed")
        self.assertEqual((media.type, media.subtype), ("multipart", "mixed"))
        self.assertEqual(media.params["boundary"], 'a;b, "c"')
        self.assertEqual(MediaType.parse("text/plain"), MediaType("text/plain"))

    def test_an_accept_may_be_empty(self) -> None:
        self.assertEqual(read("Accept", ""), ())
        self.assertEqual(read("Accept", " \t"), ())

    def test_ranges_take_in_types_in_any_case(self) -> None:
        everything, texts, sdp = read("Accept", "*/*;q=0.1, text/*, Application/SDP")
        self.assertTrue(everything.includes("image/png"))
        self.assertTrue(texts.includes("TEXT/html"))
        self.assertFalse(texts.includes("application/sdp"))
        self.assertTrue(sdp.includes("application/sdp"))
        self.assertFalse(sdp.includes("application/pkcs7-mime"))
        self.assertEqual([everything.q, texts.q], [0.1, 1])

    def test_bad_ones_are_refused(self) -> None:
        table = [
            ("", "Content-Type", 0),
            ("text", "Content-Type", 0),
            ("text/", "Content-Type", 0),
            ("/plain", "Content-Type", 0),
            (" text/plain x", "generic-param", 12),
            ("text/plain, text/html", "generic-param", 10),
            ("text/plain;charset", "Content-Type", 0),
            ("text/plain;a=b;A=c", "duplicate-param", 15),
            ('text/plain;a="b', "generic-param", 12),
            ("text/plain;;a=b", "generic-param", 10),
        ]
        self.assertEqual(unexpected("Content-Type", table), {})
        table = [
            (",", "Accept", 0),
            ("text/plain,", "Accept", 11),
            ("text/plain, sdp", "Accept", 12),
            ("text/plain;q=1.1", "Accept", 10),
            ("text/plain;Q", "Accept", 10),
        ]
        self.assertEqual(unexpected("Accept", table), {})

    def test_a_value_refuses_what_the_header_cannot_hold(self) -> None:
        for value, more in (("text", {}), ("a/b\r\nC: d", {}), ("a/b", {"q": "2"})):
            with self.assertRaises(SIPArgumentError):
                MediaType(value, Params.of(more))
