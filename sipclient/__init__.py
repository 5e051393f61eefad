"""A SIP user agent for Python programs, on Twisted.

What an application needs is named here; the rest is found where its name says.
"""

from .bearer.access_point import AccessPoint, ListenAddress
from .bearer.timing import TimerValues
from .client.client import SIPClient
from .client.connection import ConnectionState, SIPConnection
from .client.elements import MessageElements, RequestElements, ResponseElements
from .client.observers import SIPConnectionObserver, SIPObserver
from .client.service import SIPClientService
from .client.transactions import (
    ClientTransaction,
    ServerTransaction,
    Transaction,
    TransactionState,
)
from .core.limits import StackLimits
from .core.stack import Stack
from .errors import SIPError
from .interfaces import ISIPConnectionObserver, ISIPObserver
from .message.address import Address
from .message.limits import MessageLimits
from .message.uri import SIPURI, OtherURI, TelURI, parse_uri
from .resolver.limits import ResolverLimits
from .resolver.resolver import Resolver
from .session.capabilities import Capabilities
from .transport.limits import StreamLimits

__version__ = "0.1.0.dev0"

__all__ = [
    "SIPURI",
    "AccessPoint",
    "Address",
    "Capabilities",
    "ClientTransaction",
    "ConnectionState",
    "ISIPConnectionObserver",
    "ISIPObserver",
    "ListenAddress",
    "MessageElements",
    "MessageLimits",
    "OtherURI",
    "RequestElements",
    "Resolver",
    "ResolverLimits",
    "ResponseElements",
    "SIPClient",
    "SIPClientService",
    "SIPConnection",
    "SIPConnectionObserver",
    "SIPError",
    "SIPObserver",
    "ServerTransaction",
    "Stack",
    "StackLimits",
    "StreamLimits",
    "TelURI",
    "TimerValues",
    "Transaction",
    "TransactionState",
    "__version__",
    "parse_uri",
]
