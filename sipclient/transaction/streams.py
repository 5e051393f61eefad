"""Which client transactions wait for a response on which reliable flow.

A connection that is lost takes its transactions with it; this is how they are found
without a look at all others. Requests over UDP have no place here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..transport.flow import Flow


class Streams:
    """An index of client transactions, by their keys.

    :ivar flows: the flow of each.
    """

    __slots__ = ("_keys", "flows")

    def __init__(self) -> None:
        self.flows: dict[str, Flow] = {}
        # In the order in which the requests were sent.
        self._keys: dict[Flow, dict[str, None]] = {}

    def add(self, flow: Flow, key: str) -> None:
        """A transaction begins."""
        self.flows[key] = flow
        self._keys.setdefault(flow, {})[key] = None

    def remove(self, key: str) -> None:
        """A transaction has ended; nothing happens where it isn't here."""
        flow = self.flows.pop(key, None)
        if flow is not None:
            keys = self._keys[flow]
            del keys[key]
            if not keys:
                del self._keys[flow]

    def lost(self, flow: Flow) -> list[str]:
        """Give the transactions of a flow, those first that began first."""
        return list(self._keys.get(flow, ()))

    def clear(self) -> None:
        """All have ended."""
        self.flows.clear()
        self._keys.clear()
