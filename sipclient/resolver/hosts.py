"""The hosts file: names that are known without asking anybody (hosts(5)).

A line is an address and the names that it has, ``#`` begins a comment. The contract:
what can't be understood is left out, and spoils no other line.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final

from ..transport.peer import is_numeric
from .watched import WatchedFile

#: Where it is on systems like ours.
HOSTS: Final = "/etc/hosts"

#: What is written for a name that is to lead nowhere.
NOWHERE: Final = frozenset(("0.0.0.0", "::"))


def read_hosts(text: str) -> Mapping[str, tuple[str, ...]]:
    """Give the addresses of each name, in lower case, in the order of the lines."""
    found: dict[str, dict[str, None]] = {}
    for line in text.splitlines():
        address, *names = line.partition("#")[0].split() or [""]
        if is_numeric(address):
            for name in names:
                found.setdefault(name.lower().rstrip("."), {})[address] = None
    return {name: tuple(addresses) for name, addresses in found.items()}


class HostsFile:
    """A hosts file, as it is at the moment of each question.

    :param path: where it is.
    """

    def __init__(self, path: str | os.PathLike[str] = HOSTS) -> None:
        self._file = WatchedFile(path, read_hosts)

    def addresses(self, name: str) -> tuple[str, ...]:
        """The addresses of a name in lower case and without a dot at its end."""
        return self._file.says.get(name, ())

    @property
    def without(self) -> str:
        """How the file doesn't help, for people."""
        if self._file.problem:
            return f"{self._file.path} can't be read ({self._file.problem})"
        return f"{self._file.path} doesn't have it"
