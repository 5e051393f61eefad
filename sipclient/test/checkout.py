"""Where the tests find what no wheel holds: the checkout, and the corpora beside it.

The tests also run from an installed wheel, whose files don't lie in a checkout; then
the directory that trial was started in is looked at. Both paths are None where there
is nothing, and a test that needs one skips and says so.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from configparser import ConfigParser
from pathlib import Path

NO_CHECKOUT = "only in a checkout: the source's setup.cfg is nowhere above"
NO_CORPORA = (
    "the corpora are neither beside the checkout nor named by SIPCLIENT_CORPORA"
)


def setup_cfg(root: Path) -> ConfigParser:
    """Give the content of the setup.cfg in ``root``, empty where there is none."""
    config = ConfigParser(interpolation=None)
    config.read(root / "setup.cfg", encoding="utf-8")
    return config


def _candidates() -> Iterator[Path]:
    yield from Path(__file__).resolve().parents
    here = Path.cwd()
    yield from (here, *here.parents)


def _find_checkout() -> Path | None:
    for path in _candidates():
        if setup_cfg(path).get("metadata", "name", fallback="") == "sipclient":
            return path
    return None


def _find_corpora(root: Path | None) -> Path | None:
    named = os.environ.get("SIPCLIENT_CORPORA")
    if named:
        # A name that leads nowhere is a mistake, and must not pass as a skip.
        return Path(named).resolve(strict=True)
    if root is not None:
        beside = root.parent / "shared" / "corpora"
        if beside.is_dir():
            return beside
    return None


# Found once, at import: trial has not changed into its own directory yet.
CHECKOUT = _find_checkout()
CORPORA = _find_corpora(CHECKOUT)
