"""The floors of the house: an import points down, never up.

Every import is read with ``ast``: absolute and relative ones, those inside functions,
and those for type checkers only. ``FLOORS`` is the picture of ``docs/architecture`` as
data; a new package or module of the root must be given its place here.
"""

from __future__ import annotations

import ast
import fnmatch
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from twisted.trial.unittest import SynchronousTestCase

import sipclient

PACKAGE = Path(sipclient.__file__).parent

# From the ground up. Modules of one package may import each other.
FLOORS = (
    "secrecy",
    "errors",
    "interfaces",
    "message",
    "bearer",
    "session",
    "transport",
    "resolver",
    "transaction",
    "core",
    "config",
    "host",
    "client",
)

# They look at all floors and at those before them in this list; no floor looks at them.
# The package's own __init__ gathers what applications import, so it comes first.
ONLOOKERS = ("", "trace", "testing", "cli", "__main__", "tap", "test")

# Floors that can be reasoned about without a clock, a network or a log.
PURE = ("message", "session")
IMPURE = (
    "twisted",
    "zope",
    "time",
    "random",
    "secrets",
    "logging",
    "socket",
)

# Between client and host lies IStack: an application may live in another process.
BEYOND_ISTACK = ("transport", "resolver", "transaction", "core", "host")

# (importer, imported, reason): the module patterns that may pass nevertheless.
EXCEPTIONS = (
    (
        "sipclient.client.embed",
        "sipclient.*",
        "it puts a stack into the application's process, so it builds all floors",
    ),
)

# The same for imports that only a type checker sees.
TYPING_EXCEPTIONS = (
    (
        "sipclient.interfaces",
        "sipclient.*",
        "an interface is described by the values of the floors that it connects",
    ),
)

# The global reactor is for programs; everything else is handed one.
REACTOR_USERS = ("cli", "__main__", "tap", "test")


class Import(NamedTuple):
    """One imported module: its full name, the line, and whether only for typing."""

    name: str
    line: int
    typing: bool


def _is_type_checking(test: ast.expr) -> bool:
    return ast.unparse(test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")


def _statements(tree: ast.AST, typing: bool = False) -> Iterator[tuple[ast.AST, bool]]:
    """Give every node below ``tree``, and whether only type checkers reach it."""
    for node in ast.iter_child_nodes(tree):
        yield node, typing
        if isinstance(node, ast.If) and _is_type_checking(node.test):
            for child in node.body:
                yield child, True
                yield from _statements(child, True)
            for child in node.orelse:
                yield child, typing
                yield from _statements(child, typing)
        else:
            yield from _statements(node, typing)


def imports(
    source: str, module: str, *, is_package: bool, modules: Iterable[str]
) -> list[Import]:
    """Read what ``module`` imports; ``from a import b`` is a.b if that's one."""
    package = module if is_package else module.rpartition(".")[0]
    known = set(modules)
    found = []
    for node, typing in _statements(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, *([base] if base else [])])
            names = []
            for alias in node.names:
                full = f"{base}.{alias.name}"
                names.append(full if full in known or base == "__future__" else base)
                if full == "twisted.internet.reactor":
                    names[-1] = full
        else:
            continue
        found += [Import(name, node.lineno, typing) for name in dict.fromkeys(names)]
    return found


def place(module: str) -> str:
    """Give the floor or onlooker that a module of sipclient belongs to."""
    return module.partition(".")[2].partition(".")[0]


def _excepted(importer: str, imported: Import) -> bool:
    rows = EXCEPTIONS + (TYPING_EXCEPTIONS if imported.typing else ())
    return any(
        fnmatch.fnmatch(importer, here) and fnmatch.fnmatch(imported.name, there)
        for here, there, reason in rows
    )


def _is_under(name: str, packages: Iterable[str]) -> bool:
    return any(
        name == package or name.startswith(package + ".") for package in packages
    )


def objection(importer: str, imported: Import) -> str | None:
    """Say why ``importer`` may not import ``imported``; None where it may."""
    here = place(importer)
    if imported.name == "twisted.internet.reactor" and here not in REACTOR_USERS:
        return "the reactor comes through the constructor"
    if here in PURE and _is_under(imported.name, IMPURE):
        return f"{here}/ is pure"
    if not _is_under(imported.name, ["sipclient"]):
        return None
    there = place(imported.name)
    for name in (here, there):
        if name not in FLOORS and name not in ONLOOKERS:
            return f"nobody said which floor {name!r} is on"
    if here == there or _excepted(importer, imported):
        return None
    if there in ONLOOKERS:
        if here in ONLOOKERS and ONLOOKERS.index(there) < ONLOOKERS.index(here):
            return None
        return f"{there or 'the root'} looks at others and is looked at by none"
    if here in ONLOOKERS:
        return None
    if FLOORS.index(there) > FLOORS.index(here):
        return f"the arrow points up from {here} to {there}"
    if here == "client" and there in BEYOND_ISTACK:
        return "client knows the stack by IStack only"
    return None


def tree() -> dict[str, Path]:
    """Give every module of the package by its full name."""
    modules = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = ["sipclient", *path.relative_to(PACKAGE).with_suffix("").parts]
        if parts[-1] == "__init__":
            parts.pop()
        modules[".".join(parts)] = path
    return modules


class LayerTests(SynchronousTestCase):
    """The tree keeps to its floors."""

    def test_no_import_points_up(self) -> None:
        modules = tree()
        found = []
        for module, path in modules.items():
            for imported in imports(
                path.read_text(encoding="utf-8"),
                module,
                is_package=path.name == "__init__.py",
                modules=modules,
            ):
                problem = objection(module, imported)
                if problem:
                    found.append(
                        f"{module}:{imported.line}: {imported.name}: {problem}"
                    )
        self.assertEqual(found, [])

    def test_every_exception_has_its_reason(self) -> None:
        for importer, _, reason in EXCEPTIONS + TYPING_EXCEPTIONS:
            self.assertTrue(importer.startswith("sipclient."))
            self.assertTrue(reason)


class ReadingTests(SynchronousTestCase):
    """Imports are found wherever they stand, however they are written."""

    MODULES = (
        "sipclient",
        "sipclient.core",
        "sipclient.core.stack",
        "sipclient.errors",
    )

    def read(self, source: str, *, is_package: bool = False) -> list[tuple[str, bool]]:
        found = imports(
            source, "sipclient.core.stack", is_package=is_package, modules=self.MODULES
        )
        return [(name, typing) for name, _, typing in found]

    def test_absolute_and_relative_ones(self) -> None:
        for source, name in (
            ("import sipclient.errors", "sipclient.errors"),
            ("import sipclient.errors as e", "sipclient.errors"),
            ("from sipclient import errors", "sipclient.errors"),
            ("from sipclient import SIPClient", "sipclient"),
            ("from sipclient.errors import SIPError", "sipclient.errors"),
            ("from ..errors import SIPError", "sipclient.errors"),
            ("from .. import errors", "sipclient.errors"),
            ("from . import stack", "sipclient.core.stack"),
            ("from .stack import Stack", "sipclient.core.stack"),
            ("from twisted.internet import reactor", "twisted.internet.reactor"),
        ):
            self.assertEqual(self.read(source), [(name, False)], source)
        self.assertEqual(
            self.read("from .deep import x", is_package=True),
            [("sipclient.core.stack.deep", False)],
        )

    def test_inside_functions_and_branches(self) -> None:
        source = "def f():\n  if x:\n    import sipclient.errors\n  else:\n    import a"
        self.assertEqual(self.read(source), [("sipclient.errors", False), ("a", False)])

    def test_for_type_checkers_only(self) -> None:
        source = (
            "if TYPE_CHECKING:\n  import a\n  if y:\n    import b\nelse:\n  import c"
        )
        self.assertEqual(self.read(source), [("a", True), ("b", True), ("c", False)])


class ObjectionTests(SynchronousTestCase):
    """What may be imported from where."""

    def objects(self, importer: str, imported: str, *, typing: bool = False) -> bool:
        return objection(importer, Import(imported, 1, typing)) is not None

    def test_down_is_allowed_and_up_is_not(self) -> None:
        self.assertFalse(self.objects("sipclient.core.a", "sipclient.message.b"))
        self.assertFalse(self.objects("sipclient.core.a", "sipclient.core.b"))
        self.assertTrue(self.objects("sipclient.message.a", "sipclient.core.b"))
        self.assertTrue(self.objects("sipclient.errors", "sipclient.message.uri"))

    def test_type_checking_is_no_excuse_where_none_is_listed(self) -> None:
        up = "sipclient.client.connection"
        self.assertTrue(self.objects("sipclient.core.a", up, typing=True))
        self.assertFalse(self.objects("sipclient.interfaces", up, typing=True))
        self.assertTrue(self.objects("sipclient.interfaces", up))

    def test_a_client_sees_the_stack_by_its_interface(self) -> None:
        for there in BEYOND_ISTACK:
            imported = f"sipclient.{there}.x"
            self.assertTrue(self.objects("sipclient.client.connection", imported))
            self.assertFalse(self.objects("sipclient.client.embed", imported))
        self.assertFalse(self.objects("sipclient.client.a", "sipclient.session.ids"))

    def test_onlookers_are_seen_by_no_floor(self) -> None:
        self.assertTrue(self.objects("sipclient.client.a", "sipclient.trace.tap"))
        self.assertTrue(self.objects("sipclient.host.a", "sipclient.testing.network"))
        self.assertTrue(self.objects("sipclient.core.a", "sipclient"))
        self.assertTrue(self.objects("sipclient.testing.a", "sipclient.test.b"))
        self.assertFalse(self.objects("sipclient.cli.demo", "sipclient.trace.ladder"))
        self.assertFalse(self.objects("sipclient.cli.demo", "sipclient"))

    def test_pure_floors_know_neither_twisted_nor_time(self) -> None:
        self.assertTrue(self.objects("sipclient.message.a", "twisted.python.log"))
        self.assertTrue(self.objects("sipclient.session.a", "time"))
        self.assertFalse(self.objects("sipclient.message.a", "re"))
        self.assertFalse(self.objects("sipclient.transport.a", "socket"))

    def test_the_global_reactor_is_for_programs(self) -> None:
        self.assertTrue(self.objects("sipclient.client.a", "twisted.internet.reactor"))
        self.assertFalse(self.objects("sipclient.cli.a", "twisted.internet.reactor"))

    def test_a_newcomer_must_be_given_its_place(self) -> None:
        self.assertTrue(self.objects("sipclient.attic.a", "sipclient.errors"))
