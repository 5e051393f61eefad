"""Header fields that are words, one or several."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from .support import TOKENS, read, refusal, rewritten, unexpected

TOKEN_LISTS = (
    *("Allow", "Content-Encoding", "Proxy-Require", "Require", "Supported"),
    *("Request-Disposition", "Unsupported"),
)
MAY_BE_EMPTY = ("Allow", "Supported")
LANGUAGES = st.sampled_from(["en", "de-CH", "es-419", "x-abcdefgh"])
EVENT_TYPES = st.sampled_from(["presence", "presence.winfo", "a.b.c", "!%*_+`'~-"])


class TokenListTests(SynchronousTestCase):
    @given(st.lists(TOKENS, min_size=1, max_size=4))
    def test_what_is_written_is_read_again(self, tokens: list[str]) -> None:
        for name in TOKEN_LISTS:
            self.assertEqual(rewritten(name, *tokens), tuple(tokens))

    @given(st.lists(LANGUAGES, min_size=1, max_size=4))
    def test_languages_are_read_again(self, languages: list[str]) -> None:
        self.assertEqual(rewritten("Content-Language", *languages), tuple(languages))

    @given(st.lists(EVENT_TYPES, min_size=1, max_size=4))
    def test_event_types_are_read_again(self, types: list[str]) -> None:
        self.assertEqual(rewritten("Allow-Events", *types), tuple(types))

    def test_white_space_around_a_token_is_not_part_of_it(self) -> None:
        self.assertEqual(
            read("Allow", " ACK\t,BYE , INVITE "), ("ACK", "BYE", "INVITE")
        )
        self.assertEqual(read("Require", "\t100rel "), ("100rel",))

    def test_only_some_may_be_empty(self) -> None:
        for name in TOKEN_LISTS:
            for text in ("", " \t"):
                if name in MAY_BE_EMPTY:
                    self.assertEqual(read(name, text), ())
                else:
                    self.assertEqual(refusal(name, text), (name, name, 0))

    def test_bad_ones_are_refused(self) -> None:
        for name in TOKEN_LISTS:
            table = [
                (",", name, 0),
                ("a,", name, 2),
                ("a,,b", name, 2),
                ("a b", name, 2),
                ("a,b;c", name, 3),
                ("é", name, 0),
                ('"a"', name, 0),
                ("a\r\nb", name, 1),
            ]
            self.assertEqual(unexpected(name, table), {})
        self.assertEqual(
            unexpected(
                "Content-Language",
                [
                    ("", "Content-Language", 0),
                    ("abcdefghi", "Content-Language", 8),
                    ("en-", "Content-Language", 2),
                    ("4en", "Content-Language", 0),
                    ("en, *", "Content-Language", 3),
                ],
            ),
            {},
        )
        self.assertEqual(
            unexpected(
                "Allow-Events",
                [
                    ("", "Allow-Events", 0),
                    ("presence.", "Allow-Events", 8),
                    (".winfo", "Allow-Events", 0),
                    ("a,b..c", "Allow-Events", 3),
                ],
            ),
            {},
        )


class WordTests(SynchronousTestCase):
    @given(TOKENS)
    def test_a_priority_is_read_again(self, token: str) -> None:
        self.assertEqual(rewritten("Priority", token), (token,))

    @given(TOKENS)
    def test_an_entity_tag_is_read_again(self, token: str) -> None:
        for name in ("SIP-ETag", "SIP-If-Match"):
            self.assertEqual(rewritten(name, token), (token,))

    @given(st.tuples(st.integers(0, 99), st.integers(0, 99)))
    def test_a_version_is_read_again(self, numbers: tuple[int, int]) -> None:
        version = f"{numbers[0]}.{numbers[1]}"
        self.assertEqual(rewritten("MIME-Version", version), (version,))

    def test_bad_ones_are_refused(self) -> None:
        table = [
            ("", "Priority", 0),
            ("very urgent", "Priority", 5),
            ("urgent;a", "Priority", 6),
            ("a, b", "Priority", 1),
        ]
        self.assertEqual(unexpected("Priority", table), {})
        for name in ("SIP-ETag", "SIP-If-Match"):
            table = [("", name, 0), ('"a"', name, 0), ("a, b", name, 1)]
            self.assertEqual(unexpected(name, table), {})
        table = [
            ("", "MIME-Version", 0),
            ("1", "MIME-Version", 0),
            ("1.", "MIME-Version", 0),
            ("1.0.0", "MIME-Version", 3),
            ("\u0661.0", "MIME-Version", 0),
        ]
        self.assertEqual(unexpected("MIME-Version", table), {})


class TextTests(SynchronousTestCase):
    def test_text_passes_as_it_is(self) -> None:
        for name in ("Subject", "Organization", "Server", "Geolocation", "Identity"):
            for text in ("", 'a, b;c="d', "Żółć \udcff", "x/1 (y"):
                self.assertEqual(read(name, f" {text}\t"), (text,))
                self.assertEqual(rewritten(name, text), (text,))

    def test_a_line_end_is_refused(self) -> None:
        table = [("a\nb", "Subject", 1), ("\r", "Subject", 0), ("ab\n\r", "Subject", 2)]
        self.assertEqual(unexpected("Subject", table), {})
