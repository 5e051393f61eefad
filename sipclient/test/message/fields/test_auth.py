"""Challenges and credentials: RFC 3261 §20.44, RFC 7616."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from sipclient.errors import SIPArgumentError, SIPParseError
from sipclient.message.fields.auth import (
    AuthenticationInfo,
    AuthParams,
    Challenge,
    Credentials,
)

from .support import TEXTS, TOKENS, read, rewritten, unexpected

CHALLENGES = ("WWW-Authenticate", "Proxy-Authenticate")
CREDENTIALS = ("Authorization", "Proxy-Authorization")
VALUES = st.fixed_dictionaries(
    {"realm": TEXTS},
    optional={"nonce": TEXTS, "algorithm": TOKENS, "x-y": TEXTS, "stale": TOKENS},
)
TOKEN68S = st.sampled_from(["TlRMTVNTUAAB", "a/b+c==", "0"])


class ChallengeTests(SynchronousTestCase):
    @given(
        st.builds(Challenge.of, TOKENS, VALUES)
        | st.builds(Challenge, TOKENS, token68=TOKEN68S)
        | st.builds(Challenge, TOKENS)
    )
    def test_what_is_written_is_read_again(self, challenge: Challenge) -> None:
        for name in CHALLENGES:
            self.assertEqual(rewritten(name, challenge), (challenge,))

    def test_the_parts_of_one(self) -> None:
        challenge = Challenge.parse(
            'DIGEST realm="a, \\"b\\"" ,nonce="n",qop="auth, auth-int",'
            ' opaque="",stale=TRUE, algorithm=SHA-256,domain="sip:a sip:b"'
        )
        self.assertTrue(challenge.is_digest)
        self.assertEqual(challenge.scheme, "DIGEST")
        self.assertEqual(challenge.realm, 'a, "b"')
        self.assertEqual((challenge.nonce, challenge.opaque), ("n", ""))
        self.assertEqual(challenge.qop, ("auth", "auth-int"))
        self.assertEqual(challenge.domain, ("sip:a", "sip:b"))
        self.assertEqual((challenge.stale, challenge.algorithm), (True, "SHA-256"))
        self.assertEqual(challenge.params.raw("REALM"), '"a, \\"b\\""')

    def test_what_is_not_said_is_nothing(self) -> None:
        challenge = Challenge.parse("Digest x=y")
        self.assertEqual((challenge.qop, challenge.domain), ((), ()))
        self.assertEqual((challenge.realm, challenge.stale), (None, False))
        self.assertIn("X", challenge.params)
        self.assertNotIn("realm", challenge.params)
        self.assertEqual(len(challenge.params), 1)

    def test_quotes_stand_where_the_rfc_has_them(self) -> None:
        challenge = Challenge.of(
            "Digest", {"realm": "a", "qop": "auth", "algorithm": "MD5", "stale": "true"}
        )
        self.assertEqual(
            str(challenge), 'Digest realm="a", qop="auth", algorithm=MD5, stale=true'
        )

    def test_joined_challenges_are_told_apart(self) -> None:
        text = 'Digest realm="a", nonce="b" , NTLM , Negotiate YQ==,Basic realm = "c"'
        found = read("WWW-Authenticate", text)
        self.assertEqual(
            [(each.scheme, each.realm, each.token68) for each in found],
            [
                ("Digest", "a", ""),
                ("NTLM", None, ""),
                ("Negotiate", None, "YQ=="),
                ("Basic", "c", ""),
            ],
        )
        with self.assertRaises(SIPParseError):
            Challenge.parse(text)

    def test_bad_ones_are_refused(self) -> None:
        for name in (*CHALLENGES, *CREDENTIALS):
            table = [
                ("", name, 0),
                (",", name, 0),
                ("=", name, 0),
                ("Digest,", name, 7),
                ('Digest realm="a', name, 7),
                ('Digest realm="a" nonce="b"', name, 17),
                ('Digest realm="a",', name, 17),
                ('Digest realm="a",, nonce="b"', name, 17),
                ('Digest realm="a", nonce=', name, 17),
                ('Digest realm="a", REALM="b"', "duplicate-param", 18),
                ("Digest a=b;c=d", name, 10),
                ("Digest @", name, 7),
            ]
            self.assertEqual(unexpected(name, table), {})

    def test_a_value_refuses_what_the_header_cannot_hold(self) -> None:
        for make in (
            lambda: Challenge("Dig est"),
            lambda: Challenge("Digest", token68="a b"),
            lambda: Challenge("Digest", AuthParams((("a", "b"),)), "YQ=="),
            lambda: AuthParams((("a b", "c"),)),
            lambda: AuthParams((("a", "b c"),)),
            lambda: AuthParams((("a", "b"), ("A", "c"))),
            lambda: Challenge.of("Digest", {"algorithm": "M D 5"}),
            lambda: Challenge.of("Digest", {"realm": "a\r\nb"}),
        ):
            with self.assertRaises(SIPArgumentError):
                make()


class CredentialsTests(SynchronousTestCase):
    @given(
        st.builds(Credentials.of, TOKENS, VALUES)
        | st.builds(Credentials, TOKENS, token68=TOKEN68S)
    )
    def test_what_is_written_is_read_again(self, credentials: Credentials) -> None:
        for name in CREDENTIALS:
            self.assertEqual(rewritten(name, credentials), (credentials,))

    def test_the_parts_of_one(self) -> None:
        values = {
            "username": "bob",
            "realm": "a",
            "uri": "sip:b",
            "response": "6629fae4",
            "cnonce": "0a4f",
            "nc": "00000001",
            "qop": "auth",
        }
        credentials = Credentials.of("Digest", values)
        self.assertEqual(
            str(credentials),
            'Digest username="bob", realm="a", uri="sip:b", response="6629fae4",'
            ' cnonce="0a4f", nc=00000001, qop=auth',
        )
        self.assertEqual(Credentials.parse(str(credentials)), credentials)
        self.assertEqual(values, {name: getattr(credentials, name) for name in values})

    def test_a_repr_shows_whose_they_are_and_no_secret(self) -> None:
        digest = Credentials.of("Digest", {"username": "bob", "response": "6629fae4"})
        basic = Credentials("Basic", token68="Ym9iOnNlY3JldA==")
        self.assertIn("bob", repr(digest))
        self.assertNotIn("6629fae4", repr(digest))
        self.assertNotIn("Ym9i", repr(basic))

    def test_an_unknown_scheme_passes(self) -> None:
        # RFC 4475 §3.3.7
        [credentials] = read("Authorization", "NoOneKnowsThisScheme opaque-data=here")
        self.assertEqual(credentials.params.get("opaque-data"), "here")
        self.assertFalse(credentials.is_digest)


class AuthenticationInfoTests(SynchronousTestCase):
    @given(
        st.builds(
            AuthenticationInfo.of,
            st.fixed_dictionaries({"nextnonce": TEXTS}, optional={"qop": TOKENS}),
        )
    )
    def test_what_is_written_is_read_again(self, info: AuthenticationInfo) -> None:
        self.assertEqual(rewritten("Authentication-Info", info), (info,))

    def test_the_parts_of_one(self) -> None:
        info = AuthenticationInfo.parse('nextnonce="a", rspauth="b",qop=auth')
        self.assertEqual((info.nextnonce, info.rspauth), ("a", "b"))
        self.assertEqual(str(info), 'nextnonce="a", rspauth="b", qop=auth')

    def test_bad_ones_are_refused(self) -> None:
        name = "Authentication-Info"
        table = [
            ("", name, 0),
            ('Digest nextnonce="a"', name, 0),
            ('nextnonce="a",', name, 13),
            ('nextnonce="a", Digest b=c', name, 13),
            ("a=b,a=c", "duplicate-param", 4),
        ]
        self.assertEqual(unexpected(name, table), {})
