"""The smaller header fields that are a word and its parameters."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from sipclient.errors import SIPArgumentError
from sipclient.message.fields.accept_contact import AcceptContact, RejectContact
from sipclient.message.fields.access_network import AccessNetworkInfo
from sipclient.message.fields.disposition import ContentDisposition
from sipclient.message.fields.feature_caps import FeatureCaps
from sipclient.message.fields.info_package import InfoPackage
from sipclient.message.fields.preference import Preference
from sipclient.message.fields.security import SecurityMechanism
from sipclient.message.params import Params

from .support import PARAMS, QVALUES, TOKENS, params, read, rewritten, unexpected

RANKED = params(q=QVALUES)
SECURITY = ("Security-Client", "Security-Server", "Security-Verify")


class PreferenceTests(SynchronousTestCase):
    @given(st.lists(st.builds(Preference, TOKENS, RANKED), min_size=1, max_size=3))
    def test_encodings_are_read_again(self, preferences: list[Preference]) -> None:
        self.assertEqual(rewritten("Accept-Encoding", *preferences), tuple(preferences))

    @given(st.builds(Preference, st.sampled_from(["da", "en-gb", "*"]), RANKED))
    def test_a_language_is_read_again(self, preference: Preference) -> None:
        self.assertEqual(rewritten("Accept-Language", preference), (preference,))

    def test_what_is_wanted_how_much(self) -> None:
        found = read("Accept-Language", "da, en-gb;q=0.8, en;Q=0, *;x")
        self.assertEqual(
            [(each.value, each.q) for each in found],
            [("da", 1), ("en-gb", 0.8), ("en", 0), ("*", 1)],
        )
        self.assertEqual(Preference.parse("gzip"), Preference("gzip"))

    def test_nothing_may_be_wanted(self) -> None:
        for name in ("Accept-Encoding", "Accept-Language"):
            self.assertEqual(read(name, " "), ())

    def test_bad_ones_are_refused(self) -> None:
        for name in ("Accept-Encoding", "Accept-Language"):
            table = [
                (",", name, 0),
                ("a,", name, 2),
                ("a;q=1.5", name, 1),
                ("a;q=0.1234", name, 1),
                ("a;q", name, 1),
                ("a, b;q=1;q=1", "duplicate-param", 9),
                ("a b", "generic-param", 2),
            ]
            self.assertEqual(unexpected(name, table), {})
        table = [("en_gb", "generic-param", 2), ("abcdefghi", "generic-param", 8)]
        self.assertEqual(unexpected("Accept-Language", table), {})

    def test_a_value_refuses_what_the_header_cannot_hold(self) -> None:
        with self.assertRaises(SIPArgumentError):
            Preference("a b")
        with self.assertRaises(SIPArgumentError):
            Preference("gzip", Params.of({"q": "much"}))


class ContentDispositionTests(SynchronousTestCase):
    @given(st.builds(ContentDisposition, TOKENS, PARAMS))
    def test_what_is_written_is_read_again(self, value: ContentDisposition) -> None:
        self.assertEqual(rewritten("Content-Disposition", value), (value,))

    def test_understanding_is_required_unless_said_otherwise(self) -> None:
        for text, required in (
            ("session", True),
            ("session;handling=required", True),
            ("session;handling=Optional", False),
            ("session;handling=other", True),
        ):
            value = ContentDisposition.parse(text)
            self.assertEqual((value.value, value.required), ("session", required))

    def test_bad_ones_are_refused(self) -> None:
        table = [
            ("", "Content-Disposition", 0),
            (";handling=optional", "Content-Disposition", 0),
            ("session handling=optional", "generic-param", 8),
        ]
        self.assertEqual(unexpected("Content-Disposition", table), {})


class SecurityMechanismTests(SynchronousTestCase):
    @given(
        st.lists(st.builds(SecurityMechanism, TOKENS, RANKED), min_size=1, max_size=3)
    )
    def test_what_is_written_is_read_again(
        self, mechanisms: list[SecurityMechanism]
    ) -> None:
        for name in SECURITY:
            self.assertEqual(rewritten(name, *mechanisms), tuple(mechanisms))

    def test_the_parts_of_one(self) -> None:
        tls, digest = read("Security-Server", 'tls;q=0.2, digest;d-qop="auth"')
        self.assertEqual((tls.value, tls.q), ("tls", 0.2))
        self.assertEqual((digest.params["d-qop"], digest.q), ("auth", None))
        self.assertEqual(SecurityMechanism.parse("tls;q=0.2"), tls)

    def test_bad_ones_are_refused(self) -> None:
        for name in SECURITY:
            table = [
                ("", name, 0),
                ("tls,", name, 4),
                ("tls;q=2", name, 3),
                ("tls q=0.1", "generic-param", 4),
            ]
            self.assertEqual(unexpected(name, table), {})


class AccessNetworkInfoTests(SynchronousTestCase):
    @given(st.builds(AccessNetworkInfo, TOKENS, PARAMS))
    def test_what_is_written_is_read_again(self, value: AccessNetworkInfo) -> None:
        self.assertEqual(rewritten("P-Access-Network-Info", value), (value,))

    def test_the_parts_of_one(self) -> None:
        value = AccessNetworkInfo.parse("3GPP-UTRAN-TDD; utran-cell-id-3gpp=23415D")
        self.assertEqual(value.value, "3GPP-UTRAN-TDD")
        self.assertEqual(value.params["utran-cell-id-3gpp"], "23415D")

    def test_bad_ones_are_refused(self) -> None:
        name = "P-Access-Network-Info"
        table = [("", name, 0), ("a,;b", name, 2), ("a/b", "generic-param", 1)]
        self.assertEqual(unexpected(name, table), {})


class StarredTests(SynchronousTestCase):
    """Headers that are a star and what it has."""

    @given(st.lists(PARAMS, min_size=1, max_size=3))
    def test_what_is_written_is_read_again(self, listed: list[Params]) -> None:
        for name, make in (
            ("Accept-Contact", AcceptContact),
            ("Reject-Contact", RejectContact),
            ("Feature-Caps", FeatureCaps),
        ):
            values = tuple([make(params=params) for params in listed])
            self.assertEqual(rewritten(name, *values), values)

    def test_what_is_accepted(self) -> None:
        [value] = read("Accept-Contact", '* ; +g.3gpp.icsi-ref="urn%3A";Require')
        self.assertEqual(value.params["+g.3gpp.icsi-ref"], "urn%3A")
        self.assertEqual((value.require, value.explicit), (True, False))
        self.assertTrue(AcceptContact.parse("*;explicit").explicit)

    def test_what_is_rejected(self) -> None:
        first, second = read("Reject-Contact", '*;actor="msg-taker", *;video')
        self.assertEqual(first.params["actor"], "msg-taker")
        self.assertEqual(second, RejectContact.parse("*;video"))

    def test_what_is_on_the_way(self) -> None:
        value = FeatureCaps.parse('*;+g.3gpp.srvcc;+g.3gpp.atcf="<tel:+1>"')
        self.assertEqual(value.params["+g.3gpp.atcf"], "<tel:+1>")
        self.assertEqual(value, read("Feature-Caps", str(value))[0])

    def test_bad_ones_are_refused(self) -> None:
        for name in ("Accept-Contact", "Reject-Contact", "Feature-Caps"):
            table = [
                ("", name, 0),
                ("audio", name, 0),
                ("**", "generic-param", 1),
                ("*;audio, video", name, 9),
                ('*;audio="', "generic-param", 7),
                ("*;audio;Audio", "duplicate-param", 8),
            ]
            self.assertEqual(unexpected(name, table), {})

    def test_a_value_refuses_another_word(self) -> None:
        for make in (AcceptContact, RejectContact, FeatureCaps):
            with self.assertRaises(SIPArgumentError):
                make("sip:a@b")


class InfoPackageTests(SynchronousTestCase):
    @given(st.lists(st.builds(InfoPackage, TOKENS, PARAMS), min_size=1, max_size=3))
    def test_what_is_written_is_read_again(self, values: list[InfoPackage]) -> None:
        self.assertEqual(rewritten("Recv-Info", *values), tuple(values))
        self.assertEqual(rewritten("Info-Package", values[0]), (values[0],))

    def test_the_parts_of_one(self) -> None:
        first, second = read("Recv-Info", "foo;version=2, bar")
        self.assertEqual((first.value, first.params["version"]), ("foo", "2"))
        self.assertEqual(second, InfoPackage.parse("bar"))

    def test_none_may_be_wanted(self) -> None:
        self.assertEqual(read("Recv-Info", " "), ())

    def test_bad_ones_are_refused(self) -> None:
        for name in ("Recv-Info", "Info-Package"):
            table = [
                (";version=2", name, 0),
                ("foo version=2", "generic-param", 4),
                ("foo;a;a", "duplicate-param", 6),
            ]
            self.assertEqual(unexpected(name, table), {})
        table = [("", "Info-Package", 0), ("foo, bar", "generic-param", 3)]
        self.assertEqual(unexpected("Info-Package", table), {})
        self.assertEqual(unexpected("Recv-Info", [("foo,", "Recv-Info", 4)]), {})
