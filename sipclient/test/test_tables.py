"""The documentation's tables: complete, and of things that are there.

What the pages print from the source is made in ``docs/generated.py``; the words beside
it stand in ``docs/tables``. Both are held to the source here.
"""

from __future__ import annotations

import dataclasses
import inspect
import re
import sys
from collections.abc import Iterator
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

from twisted.trial.unittest import SynchronousTestCase
from zope.interface.interface import InterfaceClass

import sipclient
from sipclient import errors
from sipclient.cli import exits
from sipclient.core.limits import StackLimits
from sipclient.message.limits import MessageLimits
from sipclient.resolver.limits import ResolverLimits
from sipclient.test.checkout import CHECKOUT, NO_CHECKOUT
from sipclient.transaction.machine import ANY, INITIAL
from sipclient.transport.limits import StreamLimits

DOCS = (CHECKOUT or Path()) / "docs"
NOT_THERE = NO_CHECKOUT
if CHECKOUT is not None:
    NOT_THERE = "" if DOCS.is_dir() else "docs/ is not in this checkout"


def load() -> ModuleType:
    """Import what makes the generated pages."""
    spec = spec_from_file_location("sipclient_docs_generated", DOCS / "generated.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


generated: Any = None if NOT_THERE else load()


def page(name: str) -> str:
    """Give the text of a page."""
    return (DOCS / f"{name}.rst").read_text(encoding="utf-8")


def tests_of(table: str) -> Iterator[str]:
    """Give the tests that a table names."""
    for row in generated.rows_of(table):
        yield from row.get("tests", ())


def missing_tests(table: str) -> list[str]:
    """Give what a table calls a test, and isn't one."""
    return [name for name in dict.fromkeys(tests_of(table)) if not is_test(name)]


def is_test(name: str) -> bool:
    """Tell whether ``module.Class.test_method`` of our tests is there."""
    parts = name.split(".")
    if len(parts) < 3 or not parts[-1].startswith("test_"):
        return False
    try:
        module = import_module(f"sipclient.test.{'.'.join(parts[:-2])}")
    except ModuleNotFoundError:
        return False
    return inspect.isfunction(
        getattr(getattr(module, parts[-2], None), parts[-1], None)
    )


def exists(path: str) -> bool:
    """Tell whether the package exports a name, or a class of it has a member."""
    name, _, member = path.partition(".")
    owner = getattr(sipclient, name, None)
    if owner is None or not member:
        return owner is not None
    if isinstance(owner, InterfaceClass):
        return member in owner
    documented = " ".join([base.__doc__ or "" for base in inspect.getmro(owner)])
    return hasattr(owner, member) or f":ivar {member}:" in documented


class NamesTests(SynchronousTestCase):
    """Somebody who holds the guide finds each name."""

    skip = NOT_THERE or None

    def test_what_is_said_to_be_here_is_here(self) -> None:
        rows = generated.rows_of("names")
        here = [name for row in rows for name in row.get("here", ())]
        self.assertEqual([name for name in here if not exists(name)], [])

    def test_what_is_said_to_come_later_is_not_here_yet(self) -> None:
        rows = generated.rows_of("names")
        later = [name for row in rows for name in row.get("later", ())]
        self.assertEqual([name for name in later if exists(name)], [])

    def test_each_row_says_something_and_each_part_has_a_page(self) -> None:
        rows = generated.rows_of("names")
        for row in rows:
            self.assertTrue(row.get("here") or row.get("later"), row)
        parts = dict.fromkeys(row["part"] for row in rows)
        shown = re.findall(r"generated:: names (\w+)", page("names"))
        self.assertEqual(sorted(shown), sorted(parts))

    def test_each_class_that_names_its_original_has_a_row(self) -> None:
        originals = " ".join(row["original"] for row in generated.rows_of("names"))
        originals += " ".join(generated.value_classes())
        self.assertIn("generated:: values", page("names"))
        for name in sipclient.__all__:
            value = getattr(sipclient, name)
            text = inspect.getdoc(value) or ""
            for original in re.findall(r"Original: ([CM]SIP\w+(?:::\w+)?)", text):
                self.assertIn(original, originals, name)

    def test_every_error_is_there_with_its_number(self) -> None:
        table = generated.make_errors()
        classes = [
            value
            for value in vars(errors).values()
            if isinstance(value, type) and issubclass(value, errors.SIPError)
        ]
        self.assertGreater(len(classes), 30)
        for kind in classes:
            self.assertIn(f"``{kind.__name__}``", table)
            if kind.symbian_name:
                self.assertIn(f"``{kind.symbian_name}``", table)
            if isinstance(kind.symbian_code, int):
                self.assertIn(f"- {kind.symbian_code}\n", table)
        self.assertIn("generated:: errors", page("names"))

    def test_every_production_with_a_number_is_there(self) -> None:
        table = generated.make_productions()
        for production, number in generated.codec_numbers().items():
            error = errors.SIPParseError(production, "", 0, "")
            self.assertEqual(error.symbian_code, number)
            self.assertIn(f"``{production}``", table)
        self.assertIn("generated:: productions", page("names"))


class MachinesTests(SynchronousTestCase):
    """The figures are the tables that run."""

    skip = NOT_THERE or None

    def test_every_machine_is_drawn(self) -> None:
        kinds = [machine.KIND for machine in generated.machines()]
        self.assertIn("non-INVITE client", kinds)
        self.assertIn("non-INVITE server", kinds)
        text = generated.make_machines()
        for kind in kinds:
            self.assertIn(f"The {kind} transaction", text)
        self.assertIn("generated:: machines", page("machines"))

    def test_a_figure_has_each_row_of_its_table(self) -> None:
        called = {INITIAL: generated.NEW, ANY: "(any state)"}
        for machine in generated.machines():
            drawn = []
            state = ""
            for line in generated.figure(machine).splitlines():
                found = re.fullmatch(
                    r"(.*?) *[─ ][─┬├└]─ (.+?) ─+▶ (\S+|\(same\))(?: +(.+))?", line
                )
                if found is None:
                    self.assertEqual(line, "")
                    continue
                state = found[1] or state
                there = state if found[3] == "(same)" else found[3]
                drawn.append((state, found[2], found[4] or "", there))
            table = [
                (called.get(r.state, r.state), r.input, ", ".join(r.actions), r.next)
                for r in machine.TABLE
            ]
            self.assertEqual(sorted(drawn), sorted(table))

    def test_every_action_is_explained(self) -> None:
        for machine in generated.machines():
            for action, meaning in generated.actions(machine).items():
                self.assertTrue(meaning, action)


class LimitsTests(SynchronousTestCase):
    """Each limit has its default, what is beyond it, its counter and its test."""

    skip = NOT_THERE or None

    def test_every_setting_has_a_row(self) -> None:
        named = [row["name"] for row in generated.rows_of("limits")]
        for owner in (StackLimits, MessageLimits, ResolverLimits, StreamLimits):
            for field in dataclasses.fields(owner):
                if owner is StackLimits and field.name in ("message", "streams"):
                    continue  # they hold the others
                module = owner.__module__.removeprefix("sipclient.")
                self.assertIn(f"{module}.{owner.__name__}.{field.name}", named)

    def test_every_default_is_read_from_the_source(self) -> None:
        for row in generated.rows_of("limits"):
            default = generated.default_of(row["name"])
            self.assertIsInstance(default, (int, float), row["name"])

    def test_every_counter_is_one(self) -> None:
        for row in generated.rows_of("limits"):
            if "counter" in row:
                owner, _, name = row["counter"].rpartition(".")
                text = inspect.getdoc(generated.named(owner)) or ""
                self.assertIn(f":ivar {name}:", text)

    def test_every_test_is_there(self) -> None:
        self.assertEqual(missing_tests("limits"), [])
        for row in generated.rows_of("limits"):
            self.assertTrue(row["tests"], row["name"])

    def test_every_kind_has_its_place(self) -> None:
        kinds = {row["kind"] for row in generated.rows_of("limits")}
        shown = re.findall(r"generated:: limits (\w+)", page("limits"))
        self.assertEqual(sorted(shown), sorted(kinds))


class ExitStatusTests(SynchronousTestCase):
    """The command line's page tells every exit status."""

    skip = NOT_THERE or None

    def test_each_has_a_row(self) -> None:
        statuses = {
            value
            for name, value in vars(exits).items()
            if name.isupper() and isinstance(value, int)
        }
        rows = re.findall(r"^(\d+)  +\S", page("howto/command-line"), re.MULTILINE)
        self.assertEqual({int(row) for row in rows}, statuses)
