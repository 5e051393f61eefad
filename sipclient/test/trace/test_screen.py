"""What is shown fits, and no peer moves the cursor."""

from __future__ import annotations

import io
import os

from twisted.trial.unittest import SynchronousTestCase

from sipclient.trace.screen import Style, columns, printable, shortened, terminal_width


class PrintableTests(SynchronousTestCase):
    def test_control_characters_are_escaped(self) -> None:
        for text, shown in (
            ("plain ~", "plain ~"),
            ("\x1b[2J\r\n\t\x00\x7f", "\\x1b[2J\\r\\n\\t\\x00\\x7f"),
            ("a\u202eb\u200bc", "a\\u202eb\\u200bc"),
            ("\x9b", "\\x9b"),
            ("Zoë 漢", "Zoë 漢"),
            ("\udcff", "\\xff"),
            ("\ud800", "\\ud800"),
        ):
            self.assertEqual(printable(text), shown)

    def test_octets_that_are_no_text_are_shown_as_octets(self) -> None:
        self.assertEqual(printable(b"a\xffb\xc3\xa9"), "a\\xffbé")

    def test_wide_characters_take_two_columns_and_combining_ones_none(self) -> None:
        for text, width in (("abc", 3), ("漢字", 4), ("e\u0301", 1)):
            self.assertEqual(columns(text), width)

    def test_what_does_not_fit_is_cut_off_visibly(self) -> None:
        for text, room, shown in (
            ("abcdef", 6, "abcdef"),
            ("abcdef", 5, "abcd…"),
            ("漢字漢字", 6, "漢字…"),
            ("漢字漢字", 5, "漢字…"),
            ("漢字漢字", 4, "漢…"),
        ):
            self.assertEqual(shortened(text, room), shown)
            self.assertTrue(columns(shown) <= room)
        self.assertEqual(shortened("abcdef", 5, ".."), "abc..")


class _Terminal(io.TextIOWrapper):
    def isatty(self) -> bool:
        return True


class StyleTests(SynchronousTestCase):
    def setUp(self) -> None:
        for name in ("NO_COLOR", "TERM", "COLUMNS"):
            self.patch(os, "environ", {**os.environ})
            os.environ.pop(name, None)

    def test_colours_are_for_terminals(self) -> None:
        terminal = _Terminal(io.BytesIO(), encoding="utf-8")
        self.assertEqual(Style.of(terminal), Style(True, True))
        self.assertEqual(Style.of(io.StringIO()), Style(False, False))
        os.environ["NO_COLOR"] = "1"
        self.assertEqual(Style.of(terminal), Style(True, False))
        os.environ["NO_COLOR"] = ""
        os.environ["TERM"] = "dumb"
        self.assertEqual(Style.of(terminal), Style(True, False))

    def test_ascii_stands_in_where_there_are_no_arrows(self) -> None:
        terminal = _Terminal(io.BytesIO(), encoding="latin-1")
        self.assertEqual(Style.of(terminal).sign("✓", "ok"), "ok")

    def test_a_terminal_has_at_least_60_columns(self) -> None:
        os.environ["COLUMNS"] = "20"
        self.assertEqual(terminal_width(), 60)
        os.environ["COLUMNS"] = "300"
        self.assertEqual(terminal_width(88), 88)
