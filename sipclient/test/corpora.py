"""The messages that the corpora hold, and what their tables say of each.

The contract: every row of a table has its file, and a file that is missing is an error
and no skip. `TORTURE`, `TORTURE_IPV6` and `SEEDS` are empty where there are no corpora
at all; the tests that use them skip then (see :mod:`.checkout`).
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import NamedTuple

from .checkout import CORPORA


class Specimen(NamedTuple):
    """One message of a corpus.

    :ivar name: by which its table, or its folder, knows it.
    :ivar data: the datagram.
    :ivar kind: "valid", "invalid" …, as the table's class says; "" for a seed.
    :ivar parser: the layer that must object, "parse" for none; "" where it isn't told.
    :ivar result: what the table lets a user agent do.
    """

    name: str
    data: bytes
    kind: str = ""
    parser: str = ""
    result: str = ""


def _rows(folder: str) -> list[dict[str, str]]:
    if CORPORA is None:
        return []
    path = CORPORA / folder / "EXPECTED.tsv"
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def _read(*names: str) -> bytes:
    assert CORPORA is not None
    return CORPORA.joinpath(*names).read_bytes()


def _seeds(folder: str) -> list[Specimen]:
    if CORPORA is None:
        return []
    files: list[Path] = sorted((CORPORA / "fuzz" / "seeds" / folder).iterdir())
    return [Specimen(f"{folder}/{path.name}", path.read_bytes()) for path in files]


#: RFC 4475.
TORTURE = [
    Specimen(
        row["name"],
        _read("rfc4475", "dat", row["name"] + ".dat"),
        row["class"],
        row["parser"],
        row["ua_result"],
    )
    for row in _rows("rfc4475")
]

#: RFC 5118, with the line ends that it has on the wire.
TORTURE_IPV6 = [
    Specimen(
        row["name"],
        _read("rfc5118", "wire_crlf", row["name"] + ".sip"),
        row["class"],
        "",
        row["ua_result"],
    )
    for row in _rows("rfc5118")
]

#: Seeds of other people's fuzzers; nothing is promised of them.
SEEDS = _seeds("sip") + _seeds("sip-dialog")

ALL = TORTURE + TORTURE_IPV6 + SEEDS


def specimen(name: str) -> Specimen:
    """The specimen of that name; LookupError where there is none."""
    for each in ALL:
        if each.name == name:
            return each
    raise LookupError(name)
