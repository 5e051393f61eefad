"""Waiting for quiet, but not for ever."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from twisted.internet.defer import Deferred, DeferredList
from twisted.internet.interfaces import IReactorTime


def settled(
    clock: IReactorTime, quiet: Deferred[Any], timeout: float
) -> Deferred[None]:
    """Fire when ``quiet`` does, or after ``timeout`` seconds; never fail."""
    quiet.addTimeout(timeout, clock)
    return quiet.addBoth(lambda _: None)


def all_settled(waiting: Sequence[Deferred[None]]) -> Deferred[None]:
    """Fire when each of them has fired."""
    return DeferredList(waiting, consumeErrors=True).addCallback(lambda _: None)
