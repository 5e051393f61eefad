"""The one place where an application's side makes a stack: in its own process."""

from __future__ import annotations

from typing import Any

from ..core.stack import Stack
from ..host.host import Host
from ..interfaces import IStack


def embedded_stack(reactor_or_stack: Any) -> Stack:
    """The stack itself, or a new one on a reactor; TypeError for anything else."""
    if isinstance(reactor_or_stack, Stack):
        return reactor_or_stack
    if not hasattr(reactor_or_stack, "callLater"):
        raise TypeError(f"neither a reactor nor a Stack: {reactor_or_stack!r:.80}")
    return Stack(reactor_or_stack)


def provider_of(stack: Stack) -> IStack:
    """What a client sees of a stack in this process."""
    host: IStack = Host.of(stack)
    return host
