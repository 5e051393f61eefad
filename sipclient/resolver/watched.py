"""A file that is read again when it has changed, and only then.

The contract: a file that can't be read is an empty one, and says why.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from ..transport.error_queue import reason

T = TypeVar("T")


class WatchedFile(Generic[T]):
    """What a small text file of the system says, always as it is now.

    :param path: where it is.
    :param read: from its text to what it says.

    :ivar problem: why it couldn't be read when it was looked at last; "" where it
        could.
    """

    def __init__(self, path: str | os.PathLike[str], read: Callable[[str], T]) -> None:
        self.path = Path(path)
        self.problem = ""
        self._read = read
        self._seen: object = None
        self._says = read("")

    @property
    def says(self) -> T:
        """What it says."""
        try:
            status = self.path.stat()
            seen = (
                status.st_mtime_ns,
                status.st_size,
                status.st_ino,
                status.st_ctime_ns,
            )
            if seen != self._seen:
                text = self.path.read_text(encoding="utf-8", errors="replace")
                self._says, self._seen, self.problem = self._read(text), seen, ""
        except OSError as error:
            self.problem = reason(error)
            self._says, self._seen = self._read(""), None
        return self._says
