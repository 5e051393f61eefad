"""The wheel's frame: every package is listed, and the version stands in one place."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

import sipclient
from sipclient.test.checkout import CHECKOUT, NO_CHECKOUT, setup_cfg


class PackageListTests(SynchronousTestCase):
    """``setup.cfg`` names what the tree has, no more and no less."""

    if CHECKOUT is None:
        skip = NO_CHECKOUT

    def setUp(self) -> None:
        assert CHECKOUT is not None
        self.root = CHECKOUT
        self.config = setup_cfg(CHECKOUT)

    def test_the_list_equals_the_packages_of_the_tree(self) -> None:
        listed = self.config["options"]["packages"].split()
        found = [
            ".".join(init.parent.relative_to(self.root).parts)
            for init in (self.root / "sipclient").rglob("__init__.py")
        ]
        # Twisted finds plugins in a namespace: an __init__.py would hide its own.
        if list((self.root / "twisted" / "plugins").glob("*.py")):
            found.append("twisted.plugins")
        self.assertEqual(listed, sorted(found))

    def test_every_directory_with_modules_is_a_package(self) -> None:
        directories = {path.parent for path in (self.root / "sipclient").rglob("*.py")}
        bare = [str(d) for d in directories if not (d / "__init__.py").exists()]
        self.assertEqual(bare, [])

    def test_twisted_keeps_its_own_namespace(self) -> None:
        self.assertEqual(list((self.root / "twisted").rglob("__init__.py")), [])

    def test_the_version_stands_in_the_package_alone(self) -> None:
        self.assertEqual(
            self.config["metadata"]["version"], "attr: sipclient.__version__"
        )
        self.assertRegex(
            sipclient.__version__, r"\A[0-9]+\.[0-9]+\.[0-9]+(\.dev[0-9]+)?\Z"
        )
