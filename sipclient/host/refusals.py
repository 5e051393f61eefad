"""What the stack makes sure of before it takes a request from an application.

The application's side checks values when they are made; it may be another process,
so what protects the stack is checked here.
"""

from __future__ import annotations

from ..core.outgoing import OutgoingRequest
from ..errors import (
    SIPArgumentError,
    SIPInvalidURIType,
    SIPTransportFailure,
)
from ..message.address import Address, parse_address
from ..message.uri import SIPURI, parse_uri
from ..session.admission import check_field
from ..session.commands import Fields, SendRequest
from .owned import ClientRecord, Connection

#: Methods that make or live in dialogs, or that the stack alone sends.
_NOT_STAND_ALONE = frozenset(
    [
        "INVITE",
        "ACK",
        "CANCEL",
        "BYE",
        "PRACK",
        "UPDATE",
        "SUBSCRIBE",
        "NOTIFY",
        "REFER",
        "REGISTER",
    ]
)


def check_fields(fields: Fields) -> None:
    """Make sure that an application may set these headers, and that they can be read.

    Raises :class:`SIPArgumentError` and :class:`SIPParseError`.
    """
    for name, text in fields:
        # Content-Type comes with the content, whose elements admit it.
        if name != "Content-Type":
            check_field(name, text)


def outgoing_request(
    connection: Connection, owner: ClientRecord, command: SendRequest
) -> OutgoingRequest:
    """Make a request of a command, or say why it can't be sent."""
    attempted = f"sending {command.method or 'a request'} to {command.uri}"
    agent = connection.agent
    if agent is None:
        raise SIPTransportFailure(
            attempted,
            f"the access point {connection.access_point.id!r} is not active",
            advice="connection.connection_error() tells why.",
        )
    if not command.method:
        raise SIPArgumentError(attempted, "the elements have no method")
    if command.method in _NOT_STAND_ALONE:
        raise SIPArgumentError(
            attempted,
            f"{command.method} is not a request that stands alone",
            advice="Use MESSAGE, OPTIONS, PUBLISH, INFO or a method of your own.",
        )
    if not command.from_:
        raise SIPArgumentError(
            attempted,
            "the elements have no From",
            rule="RFC 3261 §8.1.1.3",
            advice="Give from_: without a registration nobody else knows who sends.",
        )
    uri = parse_uri(command.uri)
    if not isinstance(uri, SIPURI) and agent.access_point.outbound_proxy is None:
        raise SIPInvalidURIType(
            attempted,
            "only sip: and sips: URIs lead to an address",
            advice="Set an outbound proxy: it can route other URIs.",
        )
    if isinstance(uri, SIPURI) and uri.headers:
        raise SIPArgumentError(
            attempted, "a Request-URI has no headers", rule="RFC 3261 §19.1.1"
        )
    from_ = _untagged(command.from_, "From", attempted)
    to = _untagged(command.to, "To", attempted) if command.to else Address("", uri)
    check_fields(command.headers)
    return OutgoingRequest(
        agent, owner, command.method, uri, from_, to, command.headers, command.body
    )


def _untagged(text: str, header: str, attempted: str) -> Address:
    address = parse_address(text, header=header)
    if "tag" in address.params:
        raise SIPArgumentError(
            attempted,
            f"the {header} has a tag",
            rule="RFC 3261 §8.1.1",
            advice="Leave it out: the stack makes tags.",
        )
    return address
