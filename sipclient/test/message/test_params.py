"""Parameters of header fields and of URIs: RFC 3261 §7.3.1, §19.1.1, §25.1."""

from __future__ import annotations

import copy
import pickle
from dataclasses import FrozenInstanceError

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from sipclient.errors import SIPArgumentError, SIPParseError
from sipclient.message.params import NO_PARAMS, Params, URIParams, escape, unescape
from sipclient.test.message.test_grammar import TOKENS, WRITABLE
from sipclient.test.message.timing import slow_inputs

NAMES = st.lists(TOKENS, max_size=6, unique_by=str.lower)

# text, production, offset
BAD = [
    ("x", "generic-param", 0),
    (";", "generic-param", 0),
    (";;", "generic-param", 0),
    ("; ;a", "generic-param", 0),
    (";a;", "generic-param", 2),
    (";a; ", "generic-param", 2),
    (";a=", "generic-param", 2),
    (";a = ;b", "generic-param", 3),
    (";=b", "generic-param", 0),
    (";a=b c", "generic-param", 5),
    (";a=b=c", "generic-param", 4),
    (";a=b:c", "generic-param", 2),
    (';a="b', "generic-param", 2),
    (';a="b"c', "generic-param", 6),
    (";a=[::g]", "generic-param", 2),
    (";é=1", "generic-param", 0),
    (";a=é", "generic-param", 2),
    (";a=1,b", "generic-param", 4),
    (";tag=1;b;TAG=2", "duplicate-param", 9),
]
BAD_IN_URI = [
    ("x", "uri-parameters", 0),
    (";", "uri-parameters", 0),
    ("; lr", "uri-parameters", 0),
    (";lr ", "uri-parameters", 3),
    (";a=", "uri-parameters", 2),
    (";a=b=c", "uri-parameters", 4),
    (";a=%4", "uri-parameters", 2),
    (';a="b"', "uri-parameters", 2),
    (";lr;%6Cr", "duplicate-param", 4),
]


class ReadingTests(SynchronousTestCase):
    """What is read, and how it is asked for."""

    def test_values(self) -> None:
        params = Params.parse(';tag=1 ; x = "a;b\\"c"\t;lr;to=[::1];r=2001:db8::1')
        self.assertEqual(params["tag"], "1")
        self.assertEqual(params["x"], 'a;b"c')
        self.assertIsNone(params["lr"])
        self.assertEqual(params["to"], "[::1]")
        self.assertEqual(params["r"], "2001:db8::1")
        self.assertEqual(params.raw("x"), '"a;b\\"c"')
        self.assertEqual(len(params), 5)

    def test_names_are_found_in_any_case_and_kept_as_written(self) -> None:
        params = Params.parse(";ExPires=5")
        self.assertEqual(params["expires"], "5")
        self.assertIn("EXPIRES", params)
        self.assertEqual(list(params), [("ExPires", "5")])
        self.assertEqual(str(params), ";ExPires=5")

    def test_what_is_not_there(self) -> None:
        params = Params.parse(";a=1;flag")
        self.assertNotIn("b", params)
        self.assertNotIn(1, params)
        self.assertRaises(KeyError, lambda: params["b"])
        self.assertIsNone(params.get("b"))
        self.assertEqual(params.get("b", "x"), "x")
        self.assertIsNone(params.get("flag", "x"))
        self.assertIsNone(params.raw("b"))

    def test_nothing(self) -> None:
        for text in ("", " \t"):
            self.assertEqual(Params.parse(text), NO_PARAMS)
        self.assertFalse(NO_PARAMS)
        self.assertEqual(str(NO_PARAMS), "")

    def test_a_part_of_a_text(self) -> None:
        """Offsets in errors count from the start of the text."""
        self.assertEqual(str(Params.parse("<x>;a=1, y", 3, end=7)), ";a=1")
        error = self.assertRaises(
            SIPParseError, Params.parse, "<x>;a=1;", 3, header="To"
        )
        self.assertEqual((error.offset, error.header), (7, "To"))
        self.assertIn("in To: expected a parameter", str(error))

    def test_faults(self) -> None:
        for text, production, offset in BAD:
            error = self.assertRaises(SIPParseError, Params.parse, text)
            self.assertEqual(
                (error.production, error.offset), (production, offset), text
            )
            self.assertIn("parameter", error.expected)

    def test_faults_in_a_uri(self) -> None:
        for text, production, offset in BAD_IN_URI:
            error = self.assertRaises(SIPParseError, URIParams.parse, text)
            self.assertEqual(
                (error.production, error.offset), (production, offset), text
            )
            self.assertIn("parameter", error.expected)

    def test_escapes_in_a_uri(self) -> None:
        """RFC 4475 §3.1.1.3: ``%6C%72`` is lr, and ``n%61me`` is name."""
        params = URIParams.parse(";%6C%72;n%61me=v%61lue%25%34%31")
        self.assertIn("lr", params)
        self.assertEqual(params["name"], "value%41")
        self.assertEqual(params.raw("NAME"), "v%61lue%25%34%31")
        self.assertEqual(str(params), ";%6C%72;n%61me=v%61lue%25%34%31")

    def test_no_time_is_lost(self) -> None:
        pieces = [
            ("", ";a", ""),
            (";a=", '"', ""),
            (';a="', "\\", ""),
            (';a="', "b", ""),
            (";", "a", "@"),
            (";a=", "1:", ""),
            (";a=", "[", ""),
            (";a", " ", "x"),
            ("", ";a ", "="),
            ("", ";a=1 ", "@"),
            (";", "%41", "%"),
        ]
        self.assertEqual(slow_inputs(Params.parse, pieces), {})
        self.assertEqual(slow_inputs(URIParams.parse, pieces), {})

    def test_many_names(self) -> None:
        text = "".join(f";n{i}=v" for i in range(7000))
        self.assertEqual(slow_inputs(Params.parse, [(text, ";z", "")]), {})
        self.assertEqual(len(Params.parse(text)), 7000)


class WritingTests(SynchronousTestCase):
    """What is written reads back as the same."""

    @given(NAMES, st.data())
    def test_plain_values_survive(self, names: list[str], data: st.DataObject) -> None:
        values = {name: data.draw(st.none() | WRITABLE) for name in names}
        for kind in (Params, URIParams):
            if kind is URIParams:
                values = {name: value or None for name, value in values.items()}
            params = kind.of(values)
            again = kind.parse(str(params))
            self.assertEqual(again, params)
            self.assertEqual(str(again), str(params))
            self.assertEqual({name: again[name] for name in values}, values)

    @given(st.text(';=ab"\\ \t[]:1%4é', max_size=30))
    def test_whatever_parses_is_written_as_it_parses(self, text: str) -> None:
        for kind in (Params, URIParams):
            try:
                params = kind.parse(text)
            except SIPParseError:
                continue
            self.assertEqual(kind.parse(str(params)), params)

    def test_quotes_only_where_needed(self) -> None:
        params = Params.of({"a": "1.5", "b": "x y", "c": "", "d": '"', "e": "::1"})
        self.assertEqual(str(params), ';a=1.5;b="x y";c="";d="\\"";e=::1')

    def test_escapes_only_where_needed(self) -> None:
        params = URIParams.of({"a": "[::1]:5/x", "b": "x;y=z é"})
        self.assertEqual(str(params), ";a=[::1]:5/x;b=x%3By%3Dz%20%C3%A9")

    def test_with_and_without(self) -> None:
        params = Params.parse(";a=1;B=2;c")
        self.assertEqual(str(params.with_("b", "x y")), ';a=1;b="x y";c')
        self.assertEqual(str(params.with_("d")), ";a=1;B=2;c;d")
        self.assertEqual(str(params.without("A")), ";B=2;c")
        self.assertIs(params.without("z"), params)
        self.assertEqual(str(params), ";a=1;B=2;c")

    def test_what_can_not_be_written(self) -> None:
        for name, value in [("a", "x\r\ny"), ("a b", "x"), ("", "x"), ("a", "\ud800")]:
            self.assertRaises(SIPArgumentError, NO_PARAMS.with_, name, value)
        for pairs in [(("a", ""),), (("a", "b c"),), (("a", "1"), ("A", "2"))]:
            self.assertRaises(SIPArgumentError, Params, pairs)
        self.assertRaises(SIPArgumentError, URIParams.of, {"a": ""})


class ValueTests(SynchronousTestCase):
    """Parameters are values like any other."""

    def test_equal_when_written_alike(self) -> None:
        one, other = Params.parse(";a = 1;b"), Params((("a", "1"), ("b", None)))
        self.assertEqual(one, other)
        self.assertEqual(hash(one), hash(other))
        self.assertNotEqual(one, Params.parse(";b;a=1"))
        self.assertNotEqual(one, URIParams.parse(";a=1;b"))

    def test_frozen_however_made(self) -> None:
        for params in (Params.parse(";a"), Params((("a", None),))):
            with self.assertRaises(FrozenInstanceError):
                params.pairs = ()  # type: ignore[misc]  # what is tested
            self.assertEqual(copy.copy(params), params)
            self.assertEqual(pickle.loads(pickle.dumps(params)), params)
            self.assertEqual(repr(params), "<Params ';a'>")

    @given(WRITABLE)
    def test_unescape_undoes_escape(self, text: str) -> None:
        self.assertEqual(unescape(escape(text, "")), text)
