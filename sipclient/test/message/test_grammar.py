"""The grammar's pieces and scanners: RFC 3261 §25.1."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from sipclient.errors import SIPArgumentError, SIPParseError
from sipclient.message import grammar
from sipclient.message.limits import NESTING
from sipclient.test.message.timing import slow_inputs

# Texts as they come from the wire, without line ends.
WRITABLE = (
    st.binary(max_size=40)
    | st.text(st.characters(codec="utf-8"), max_size=40).map(str.encode)
).map(lambda octets: re.sub("[\r\n]", " ", octets.decode("utf-8", "surrogateescape")))
TOKENS = st.text("abzAZ09-.!%*_+`'~", min_size=1, max_size=12)


class PieceTests(SynchronousTestCase):
    """Each piece takes what its production takes, and no more."""

    def assert_takes(self, piece: str, good: list[str], bad: list[str]) -> None:
        pattern = re.compile(piece)
        for text in good:
            self.assertTrue(pattern.fullmatch(text), f"refused: {text!r}")
        for text in bad:
            self.assertFalse(pattern.fullmatch(text), f"taken: {text!r}")

    def test_token(self) -> None:
        self.assert_takes(
            grammar.TOKEN,
            ["a", "z9hG4bK-.!%*_+`'~", "0"],
            ["", "a b", "a@b", "a/b", "a:b", "é", "a;b", "[a]", "٣"],
        )

    def test_callid(self) -> None:
        self.assert_takes(
            grammar.CALLID,
            ["a", "a@b", "intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{"],
            ["", "@", "a@", "@b", "a@b@c", "a b", "a,b"],
        )

    def test_quoted_string(self) -> None:
        self.assert_takes(
            grammar.QUOTED_STRING,
            ['""', '"a\tb"', r'"\""', r'"a\\"', '"\\\x00\\\x7f"', '"é\udcff"'],
            ['"', 'a"', '"a', r'"\"', '"\x00"', '"\x7f"', '"a\nb"', '"\\\n"', '"""'],
        )

    def test_quoted_pair_is_ascii(self) -> None:
        """A backslash before anything above 127 is a fault."""
        self.assert_takes(grammar.QUOTED_STRING, [], ['"\\é"', '"\\\udcc3"'])

    def test_hostname(self) -> None:
        self.assert_takes(
            grammar.HOSTNAME,
            ["a", "a.b", "a.b.", "1.a", "x--y.z", "192.0.2.1.example", "A-1.b2"],
            ["", ".", ".a", "a..b", "-a", "a-", "a-.b", "a.b-", "a.1", "1", "a_b", "é"],
        )

    def test_host_of_another_kind(self) -> None:
        self.assert_takes(
            grammar.HOST,
            ["192.0.2.1", "[::1]", "[2001:db8:::192.0.2.1]"],
            ["192.0.2", "192.0.2.256", "192.0.2.01", "192.0.2.1.", "::1", "[]", "[a]"],
        )

    def test_user(self) -> None:
        self.assert_takes(
            grammar.USER,
            ["alice", "user;par=u%40example.net", "a,b?c/d$e+f&g", "%00", "%61%6C"],
            ["", "a b", "a@b", "a:b", "%", "a%4", "a%4g", "%%41", "a#b", "é"],
        )

    def test_gen_value(self) -> None:
        self.assert_takes(
            grammar.GEN_VALUE,
            ["a", "192.0.2.1", "[::1]", "2001:db8::9:255", '"a;b"', "::"],
            ["", "a:b", "a b", "[::g]", '"', "a@b"],
        )

    def test_display_name(self) -> None:
        self.assert_takes(
            grammar.DISPLAY_NAME,
            ["Bob", "T. A. \t Watson", "Jürgen", "大停電"],
            ["", " Bob", "Bob ", "Bell, A", "a@b", '"a'],
        )


class ScannerTests(SynchronousTestCase):
    """Scanners over text."""

    @given(WRITABLE)
    def test_unquote_undoes_quote(self, text: str) -> None:
        """Any text without a line end survives a quoted-string, escaped octets too."""
        quoted = grammar.quote(text)
        self.assertEqual(grammar.unquote(quoted), text)
        self.assertEqual(grammar.scan_quoted(quoted + '"', 0), len(quoted))

    def test_quote_refuses_line_ends(self) -> None:
        for text in ("a\rb", "a\nb", "\r\nVia: x"):
            self.assertRaises(SIPArgumentError, grammar.quote, text)

    def test_quote_refuses_what_is_not_text(self) -> None:
        error = self.assertRaises(SIPArgumentError, grammar.quote, "a\ud800")
        self.assertIn("character 1", str(error))

    def test_unquote_leaves_plain_text(self) -> None:
        for text in ("", "a", '"', 'a"b', '"a'):
            self.assertEqual(grammar.unquote(text), text)

    def test_scan_quoted_says_where(self) -> None:
        error = self.assertRaises(
            SIPParseError, grammar.scan_quoted, 'x "y', 2, header="To"
        )
        self.assertEqual((error.production, error.offset), ("quoted-string", 2))
        self.assertIn("closing quote", str(error))
        self.assertIn("in To", str(error))

    def test_skip_lws(self) -> None:
        self.assertEqual(grammar.skip_lws(" \t a", 0), 3)
        self.assertEqual(grammar.skip_lws("a", 0), 0)
        self.assertEqual(grammar.skip_lws("  ", 1), 2)
        # Only SP and HTAB are white space here.
        self.assertEqual(grammar.skip_lws("\u00a0a", 0), 0)

    def test_is_token(self) -> None:
        self.assertTrue(grammar.is_token("100rel"))
        self.assertFalse(grammar.is_token(""))
        self.assertFalse(grammar.is_token("a b"))

    def test_comments_nest(self) -> None:
        for comment in ("()", "(a(b)c)", r"(\)(\())", '(")', "(é (\t))"):
            self.assertEqual(grammar.skip_comment(f"x{comment})", 1), len(comment) + 1)

    def test_comments_nest_no_deeper_than_the_limit(self) -> None:
        deepest = "(" * NESTING + ")" * NESTING
        self.assertEqual(grammar.skip_comment(deepest, 0), len(deepest))
        error = self.assertRaises(
            SIPParseError, grammar.skip_comment, f"({deepest})", 0
        )
        self.assertEqual((error.production, error.offset), ("comment", NESTING))
        self.assertIn(f"at most {NESTING} comments", str(error))

    def test_comment_faults(self) -> None:
        for text, expected in [("a", '"("'), ("(a", '")"'), ("((a)", '")"')]:
            error = self.assertRaises(SIPParseError, grammar.skip_comment, text, 0)
            self.assertEqual((error.production, error.offset), ("comment", 0))
            self.assertIn(expected, error.expected)


class SplitListTests(SynchronousTestCase):
    """`split_list` finds the commas that separate."""

    def assert_splits(
        self, text: str, items: list[str], comments: bool = False
    ) -> None:
        found = grammar.split_list(text, comments=comments)
        self.assertEqual([text[start:end] for start, end in found], items)

    def test_plain(self) -> None:
        self.assert_splits("a", ["a"])
        self.assert_splits(" a ,\tb c , d ", ["a", "b c", "d"])

    def test_nothing(self) -> None:
        self.assert_splits("", [])
        self.assert_splits(" \t", [])

    def test_empty_items_are_kept(self) -> None:
        """Whether an item may be empty is for the header field to say."""
        self.assert_splits("a,,b", ["a", "", "b"])
        self.assert_splits(",", ["", ""])
        self.assert_splits("a, ", ["a", ""])

    def test_quotes_and_brackets_hide_commas(self) -> None:
        self.assert_splits(
            '"Bell, A" <sip:a,b@c>;x="1,2", <sip:d>',
            ['"Bell, A" <sip:a,b@c>;x="1,2"', "<sip:d>"],
        )
        self.assert_splits(r'"a\",b", c', [r'"a\",b"', "c"])

    def test_comments_only_where_there_are_any(self) -> None:
        self.assert_splits("(a,b),c", ["(a", "b)", "c"])
        self.assert_splits("(a,(b,)),c", ["(a,(b,))", "c"], comments=True)
        self.assert_splits('"(",a', ['"("', "a"], comments=True)

    def test_what_is_not_closed_reaches_to_the_end(self) -> None:
        """So that its own parser can say what is wrong with it."""
        for text in ('"a,b', "<a,b", '"a,b\\'):
            self.assert_splits(text, [text])
        self.assert_splits("(a,b", ["(a,b"], comments=True)

    @given(st.lists(TOKENS, min_size=1, max_size=8))
    def test_joined_tokens_come_apart(self, tokens: list[str]) -> None:
        self.assert_splits(", ".join(tokens), tokens)

    @given(st.text('a,"<>()\\ \t', max_size=60), st.booleans())
    def test_any_text_is_cut_at_commas(self, text: str, comments: bool) -> None:
        """Items and the commas between them are all of the text."""
        found = grammar.split_list(text, comments=comments)
        place = 0
        for number, (start, end) in enumerate(found):
            between = text[place:start].strip(" \t")
            self.assertEqual(between, "," if number else "")
            place = end
        self.assertEqual(text[place:].strip(" \t"), "")


class LinearTimeTests(SynchronousTestCase):
    """60 kB of the worst input takes milliseconds."""

    def test_scanners(self) -> None:
        worst = ('"', "(", "<", "\\", ",", " ", "a,", '"\\', "()", '"",', "(\\", "a ")
        pieces = [("", piece, "") for piece in worst]
        split = grammar.split_list
        self.assertEqual(slow_inputs(split, pieces), {})
        self.assertEqual(slow_inputs(lambda t: split(t, comments=True), pieces), {})
        self.assertEqual(slow_inputs(lambda t: grammar.scan_quoted(t, 0), pieces), {})
        self.assertEqual(slow_inputs(lambda t: grammar.skip_comment(t, 0), pieces), {})
