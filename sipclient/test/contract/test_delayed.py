"""The contract, with a turn of the reactor between application and stack."""

from __future__ import annotations

from sipclient import Stack
from sipclient.host.host import Host
from sipclient.interfaces import IStack

from . import (
    closing,
    ending,
    invites,
    making,
    moments,
    observers,
    order,
    protocol,
    routing,
    sequences,
)
from .delayed import DelayedStack
from .world import ContractCase


class Delayed(ContractCase):
    """The host, a turn away."""

    def provide(self, stack: Stack) -> IStack:
        provider: IStack = DelayedStack(Host.of(stack))
        return provider


class RefusedTests(Delayed, moments.RefusedContract):
    """See the contract that it runs."""


class AcceptedTests(Delayed, moments.AcceptedContract):
    """See the contract that it runs."""


class ViewsTests(Delayed, moments.ViewsContract):
    """See the contract that it runs."""


class FailureTests(Delayed, moments.FailureContract):
    """See the contract that it runs."""


class ValueTests(Delayed, making.ValueContract):
    """See the contract that it runs."""


class SnapshotTests(Delayed, making.SnapshotContract):
    """See the contract that it runs."""


class ConnectTests(Delayed, making.ConnectContract):
    """See the contract that it runs."""


class ObserverTests(Delayed, observers.ObserverContract):
    """See the contract that it runs."""


class LeftAloneTests(Delayed, observers.LeftAloneContract):
    """See the contract that it runs."""


class PendingTests(Delayed, observers.PendingContract):
    """See the contract that it runs."""


class OrderTests(Delayed, order.OrderContract):
    """See the contract that it runs."""


class CloseTests(Delayed, ending.CloseContract):
    """See the contract that it runs."""


class LeaveTests(Delayed, ending.LeaveContract):
    """See the contract that it runs."""


class CancelTests(Delayed, ending.CancelContract):
    """See the contract that it runs."""


class UnansweredTests(Delayed, ending.UnansweredContract):
    """See the contract that it runs."""


class StoppedTests(Delayed, ending.StoppedContract):
    """See the contract that it runs."""


class RoutingTests(Delayed, routing.RoutingContract):
    """See the contract that it runs."""


class SequenceTests(Delayed, sequences.SequenceContract):
    """See the contract that it runs."""


class ProtocolTests(Delayed, protocol.ProtocolContract):
    """See the contract that it runs."""


class SessionTests(Delayed, protocol.SessionContract):
    """See the contract that it runs."""


class ClosingTests(Delayed, closing.ClosingContract):
    """See the contract that it runs."""


class InviteTests(Delayed, invites.InviteContract):
    """See the contract that it runs."""
