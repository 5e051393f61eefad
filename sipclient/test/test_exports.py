"""What the package exports exists, and each of its public names says what it does."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

from twisted.trial.unittest import SynchronousTestCase
from zope.interface import Interface, implementedBy
from zope.interface.interface import InterfaceClass

import sipclient


def public_members(owner: object) -> Iterator[tuple[str, object]]:
    """Give the functions and properties that a class of ours defines for its users."""
    if isinstance(owner, InterfaceClass):
        yield from owner.namesAndDescriptions()
    elif inspect.isclass(owner):
        for base in owner.__mro__:
            if not base.__module__.startswith("sipclient"):
                continue
            for name, value in vars(base).items():
                made = isinstance(value, (staticmethod, classmethod, property))
                if not name.startswith("_") and (made or inspect.isfunction(value)):
                    yield name, value


def is_documented(owner: object, name: str, member: object) -> bool:
    """Tell whether a member says what it does, itself or in an interface."""
    if getattr(member, "__doc__", None):
        return True
    if not inspect.isclass(owner):
        return False
    if inspect.getdoc(getattr(owner, name)):
        return True
    return any(name in interface for interface in implementedBy(owner).flattened())


class ExportTests(SynchronousTestCase):
    """``sipclient.__all__`` is the library's whole surface, and a documented one."""

    def test_every_name_exists_once(self) -> None:
        names = sipclient.__all__
        self.assertEqual(len(names), len(set(names)))
        self.assertEqual([name for name in names if not hasattr(sipclient, name)], [])

    def test_every_class_and_function_has_a_docstring(self) -> None:
        mute = []
        for name in sipclient.__all__:
            value = getattr(sipclient, name)
            described = inspect.isclass(value) or inspect.isroutine(value)
            if isinstance(value, InterfaceClass):
                described = True
            # A dataclass without a docstring is given its signature for one.
            made_up = f"{name}("
            if described and (value.__doc__ or made_up).startswith(made_up):
                mute.append(name)
        self.assertEqual(mute, [])

    def test_every_public_method_has_a_docstring(self) -> None:
        mute = []
        for name in sipclient.__all__:
            value = getattr(sipclient, name)
            for member_name, member in public_members(value):
                if not is_documented(value, member_name, member):
                    mute.append(f"{name}.{member_name}")
        self.assertEqual(mute, [])

    def test_the_checks_see_what_is_missing(self) -> None:
        class IMute(Interface):
            def said() -> None: ...

        class Mute:
            def said(self) -> None: ...

        for owner in (IMute, Mute):
            [(name, member)] = public_members(owner)
            self.assertFalse(is_documented(owner, name, member))
