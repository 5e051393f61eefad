"""The one place where an application's side makes a stack: in its own process."""

from __future__ import annotations

from typing import Any

from ..core.stack import Stack
from ..host.host import Host
from ..interfaces import IStack


def embedded_stack(reactor_or_stack: Any) -> IStack:
    """The provider for a stack in this process, or for a new one on a reactor."""
    stack = reactor_or_stack
    if not isinstance(stack, Stack):
        stack = Stack(reactor_or_stack)
    host: IStack = Host.of(stack)
    return host
