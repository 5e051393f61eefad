"""Each key and item of a TOML text is found in its line."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from sipclient.config.places import Path, line_of, places

TRICKY = '''\
# [no] table = "here"
top = "a # b"  # c = 1
"quoted.key" = 'lit\\'
date = 1979-05-27 07:32:00  # with a space
dotted . "x y" . z = true

long = """
not = "a key"
[nor.a.table] \\""" still ""in"" it
end""""
raw = \'\'\'
k = 'v' \'\'\'\'\'
array = [ # of
  "one, [two]", {a = 1, b = [
    2, # three = 3
  ]},
  [ [], [1] ]
]
empty = {}

[table]
k = 1.5e3
[table.below.deep]
k = ","

[[list]]
k = 1
[[list]]
[list.inner]
k = 2
[[list.more]]
k = 3
[[list.more]]
"é\\u0041" = 4
'''


def paths(value: Any, above: Path = ()) -> Iterator[Path]:
    """Every place in what tomllib gave."""
    items: Any = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    for key, said in items:
        yield (*above, key)
        yield from paths(said, (*above, key))


# TOML as a program writes it, with comments and blanks that change with the values.
WORDS = st.text("ab]#[{=,.'\"\\\n é", max_size=6)


def quoted(text: str) -> str:
    """A basic string."""
    for character, escaped in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n")):
        text = text.replace(character, escaped)
    return f'"{text}"'


def written(value: Any) -> str:
    """A value, in one line or several."""
    if isinstance(value, list):
        return "[ # ]\n" + ",\n\n".join([written(each) for each in value]) + "\n]"
    if isinstance(value, dict):
        pairs = [f"{quoted(name)} = {written(said)}" for name, said in value.items()]
        return "{" + ", ".join(pairs) + "}"
    return quoted(value) if isinstance(value, str) else str(value)


VALUES: st.SearchStrategy[Any] = st.recursive(
    WORDS | st.integers(0, 9),
    lambda v: st.lists(v, max_size=3) | st.dictionaries(WORDS, v, max_size=3),
    max_leaves=6,
)


class PlaceTests(SynchronousTestCase):
    def test_each_key_of_a_tricky_text_has_its_line(self) -> None:
        found = places(TRICKY)
        self.assertEqual(set(found), set(paths(tomllib.loads(TRICKY))))
        lines = TRICKY.splitlines()
        for path, line in found.items():
            key = path[-1]
            if isinstance(key, str) and key.isascii() and key.isalpha():
                self.assertIn(key, lines[line - 1], path)
        for path, wanted in (
            (("dotted", "x y"), 5),
            (("raw",), 11),
            (("array", 0), 14),
            (("array", 1, "b"), 14),
            (("array", 1, "b", 0), 15),
            (("array", 2, 1, 0), 17),
            (("list",), 26),
            (("list", 1), 28),
            (("list", 1, "inner", "k"), 30),
            (("list", 1, "more", 1), 33),
            (("list", 1, "more", 1, "éA"), 34),
        ):
            self.assertEqual(found[path], wanted, path)

    # How long an example takes says more of the machine than of us.
    @settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.dictionaries(WORDS, VALUES, max_size=4))
    def test_what_a_program_writes_is_found(self, data: dict[str, Any]) -> None:
        text = "".join([f"{quoted(k)} = {written(v)}\n# x\n" for k, v in data.items()])
        self.assertEqual(tomllib.loads(text), data)
        found = places(text)
        self.assertEqual(set(found), set(paths(data)))
        lines = text.split("\n")
        for key in data:
            self.assertTrue(lines[found[(key,)] - 1].startswith(f"{quoted(key)} = "))

    def test_line_ends_of_both_kinds(self) -> None:
        text = 'a = 1\r\n\r\n[b]\r\nc = [\r\n"d"]\r\n'
        wanted: dict[Path, int] = {("a",): 1, ("b",): 3, ("b", "c"): 4}
        wanted[("b", "c", 0)] = 5
        self.assertEqual(places(text), wanted)

    def test_what_has_no_place_has_that_around_it(self) -> None:
        found = places("\n[a]\nb = 1\n")
        self.assertEqual(line_of(("a", "b", 3, "x"), found), 3)
        self.assertEqual(line_of(("a", "c"), found), 2)
        self.assertEqual(line_of(("d",), found), 1)
