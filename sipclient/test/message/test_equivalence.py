"""When URIs mean the same: RFC 3261 §19.1.4, RFC 5954 §4.2, RFC 3966 §4."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from sipclient.message.uri import SIPURI, parse_uri
from sipclient.test.message.timing import slow_inputs

# The RFC's own examples; each line's URIs are equivalent to each other.
EQUIVALENT = [
    ("sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtLanTa.CoM;Transport=tcp"),
    ("sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5"),
    ("sip:carol@chicago.com", "sip:carol@chicago.com;security=on"),
    ("sip:carol@chicago.com;newparam=5", "sip:carol@chicago.com;security=on"),
    (
        "sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
        "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com",
    ),
    (
        "sip:alice@atlanta.com?subject=project%20x&priority=urgent",
        "sip:alice@atlanta.com?priority=urgent&subject=project%20x",
    ),
]
NOT_EQUIVALENT = [
    ("SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP"),
    ("sip:bob@biloxi.com", "sip:bob@biloxi.com:5060"),
    ("sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp"),
    ("sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp"),
    ("sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting"),
    ("sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4"),
    ("sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off"),
]
# Its rules, where no example shows them.
MORE_EQUIVALENT = [
    ("sip:a@h;lr", "sip:a@h"),
    ("sip:a@h;x=%41b", "sip:a@h;X=aB"),
    ("sip:a@h;%78=1", "sip:a@h;x=1"),
    ("sip:a@h;maddr=[2001:db8::1]", "sip:a@h;maddr=[2001:DB8:0::1]"),
    ("sip:%2d%7ea@h", "sip:-~a@h"),
    ("sip:a%3b@h", "sip:a%3B@h"),
    ("sip:a%C3%A9@h", "sip:a%c3%a9@h"),
    ("sip:a:%70w@h", "sip:a:pw@h"),
    ("sip:a@h?x=1&y=2&x=3", "sip:a@h?X=3&x=1&y=2"),
    # RFC 5954 §4.2: IPv6 addresses by value
    ("sip:a@[2001:db8::9:1]", "sip:a@[2001:DB8:0:0:0:0:0009:1]"),
    ("sip:a@[2001:db8:::192.0.2.1]", "sip:a@[2001:db8::192.0.2.1]"),
    ("sip:a@[::ffff:192.0.2.1]", "sip:a@[::ffff:c000:201]"),
    ("tel:+1-201-555-0123", "tel:+12015550123"),
    ("tel:+1;ext=1-2;a=B", "tel:+1;A=b;ext=12"),
    ("tel:1;phone-context=+1-2", "tel:1;phone-context=+12"),
    ("tel:7042;phone-context=Example.com", "tel:7042;phone-context=example.com"),
    ("HTTP://a/b", "http://a/b"),
]
MORE_NOT_EQUIVALENT = [
    ("sip:a@h", "sips:a@h"),
    ("sip:a@h", "sip:h"),
    ("sip:a:pw@h", "sip:a@h"),
    ("sip:a:pw@h", "sip:a:PW@h"),
    ("sip:a@h:0", "sip:a@h"),
    # Reserved characters differ from their escapes.
    ("sip:a%3Bb@h", "sip:a;b@h"),
    ("sip:a%2Fb@h", "sip:a/b@h"),
    ("sip:%2541@h", "sip:A@h"),
    # These are never ignored, even with their default value.
    ("sip:a@h;user=ip", "sip:a@h"),
    ("sip:a@h;ttl=1", "sip:a@h"),
    ("sip:a@h;method=INVITE", "sip:a@h"),
    ("sip:a@h;maddr=h", "sip:a@h"),
    ("sip:a@h;maddr=h", "sip:a@h;maddr=i"),
    ("sip:a@h;lr", "sip:a@h;lr=on"),
    ("sip:a@h?x=1&x=1", "sip:a@h?x=1"),
    ("sip:a@h?x=1", "sip:a@h?x=2"),
    ("sip:a@h", "tel:1"),
    ("sip:a@h", "x:a@h"),
    ("tel:1", "sip:1@h"),
    ("tel:1", "tel:+1"),
    ("tel:1;phone-context=a.b", "tel:1;phone-context=ab"),
    ("tel:+1;a=1", "tel:+1"),
    ("tel:+1;ext=1", "tel:+1;ext=2"),
    ("http://a/b", "http://a/B"),
]


class EquivalenceTests(SynchronousTestCase):
    """`equivalent` is the RFC's comparison; ``==`` is not."""

    def test_equivalent(self) -> None:
        for one, other in EQUIVALENT + MORE_EQUIVALENT:
            self.assertTrue(parse_uri(one).equivalent(parse_uri(other)), (one, other))
            self.assertTrue(parse_uri(other).equivalent(parse_uri(one)), (other, one))

    def test_not_equivalent(self) -> None:
        for one, other in NOT_EQUIVALENT + MORE_NOT_EQUIVALENT:
            self.assertFalse(parse_uri(one).equivalent(parse_uri(other)), (one, other))
            self.assertFalse(parse_uri(other).equivalent(parse_uri(one)), (other, one))

    def test_every_uri_is_equivalent_to_itself(self) -> None:
        for pair in EQUIVALENT + NOT_EQUIVALENT + MORE_EQUIVALENT + MORE_NOT_EQUIVALENT:
            for text in pair:
                self.assertTrue(parse_uri(text).equivalent(parse_uri(text)), text)

    def test_not_transitive(self) -> None:
        """Both equal a third, not each other: this can be no ``==`` and no hash."""
        plain, on, off = (
            SIPURI.parse(f"sip:carol@chicago.com{params}")
            for params in ("", ";security=on", ";security=off")
        )
        self.assertTrue(on.equivalent(plain))
        self.assertTrue(plain.equivalent(off))
        self.assertFalse(on.equivalent(off))
        self.assertNotEqual(plain, on)

    def test_equality_is_by_what_is_written(self) -> None:
        one, other = SIPURI.parse("sip:a@H"), SIPURI.parse("sip:a@h")
        self.assertTrue(one.equivalent(other))
        self.assertNotEqual(one, other)

    def test_other_things_are_never_equivalent(self) -> None:
        for text in ("sip:a@h", "tel:1", "x:y"):
            self.assertFalse(parse_uri(text).equivalent(text))
            self.assertFalse(parse_uri(text).equivalent(None))

    def test_no_time_is_lost(self) -> None:
        pieces = [
            ("sip:", "%41", "@h"),
            ("sip:", "a", "@h"),
            ("sip:a@h?a=b", "&a=b", ""),
            ("sip:a@h;a=", "%41", ""),
            ("tel:", "1-", ""),
        ]

        def compare(text: str) -> object:
            uri = parse_uri(text)
            return uri.equivalent(uri)

        self.assertEqual(slow_inputs(compare, pieces), {})
