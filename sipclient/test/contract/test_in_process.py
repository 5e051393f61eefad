"""The contract, with the stack in the application's own process."""

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
from .world import ContractCase


class InProcess(ContractCase):
    """The host itself is the provider."""

    synchronous = True

    def provide(self, stack: Stack) -> IStack:
        host: IStack = Host.of(stack)
        return host


class RefusedTests(InProcess, moments.RefusedContract):
    """See the contract that it runs."""


class AcceptedTests(InProcess, moments.AcceptedContract):
    """See the contract that it runs."""


class ViewsTests(InProcess, moments.ViewsContract):
    """See the contract that it runs."""


class FailureTests(InProcess, moments.FailureContract):
    """See the contract that it runs."""


class ValueTests(InProcess, making.ValueContract):
    """See the contract that it runs."""


class SnapshotTests(InProcess, making.SnapshotContract):
    """See the contract that it runs."""


class ConnectTests(InProcess, making.ConnectContract):
    """See the contract that it runs."""


class ObserverTests(InProcess, observers.ObserverContract):
    """See the contract that it runs."""


class LeftAloneTests(InProcess, observers.LeftAloneContract):
    """See the contract that it runs."""


class PendingTests(InProcess, observers.PendingContract):
    """See the contract that it runs."""


class OrderTests(InProcess, order.OrderContract):
    """See the contract that it runs."""


class CloseTests(InProcess, ending.CloseContract):
    """See the contract that it runs."""


class LeaveTests(InProcess, ending.LeaveContract):
    """See the contract that it runs."""


class CancelTests(InProcess, ending.CancelContract):
    """See the contract that it runs."""


class UnansweredTests(InProcess, ending.UnansweredContract):
    """See the contract that it runs."""


class StoppedTests(InProcess, ending.StoppedContract):
    """See the contract that it runs."""


class RoutingTests(InProcess, routing.RoutingContract):
    """See the contract that it runs."""


class SequenceTests(InProcess, sequences.SequenceContract):
    """See the contract that it runs."""


class ProtocolTests(InProcess, protocol.ProtocolContract):
    """See the contract that it runs."""


class SessionTests(InProcess, protocol.SessionContract):
    """See the contract that it runs."""


class ClosingTests(InProcess, closing.ClosingContract):
    """See the contract that it runs."""


class InviteTests(InProcess, invites.InviteContract):
    """See the contract that it runs."""
