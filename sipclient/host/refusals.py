"""What the stack makes sure of before it takes a request from an application.

The application's side checks values when they are made; it may be another process,
so what protects the stack is checked here.
"""

from __future__ import annotations

from ..core.outgoing import OutgoingRequest
from ..errors import (
    SIPArgumentError,
    SIPInvalidDialogState,
    SIPInvalidURIType,
    SIPTransportFailure,
)
from ..message.address import Address, parse_address
from ..message.fields.media import CONTENT_TYPE
from ..message.uri import SIPURI, parse_uri
from ..session.admission import check_field, check_method, check_once, check_text
from ..session.commands import Fields, SendRequest, SendResponse
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
        "INFO",
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
    for index, (name, text) in enumerate(fields):
        check_once(fields[:index], name)
        if name == "Content-Type":  # comes with the content, whose elements admit it
            check_text(name, text)
            CONTENT_TYPE.parse(text, name)
        else:
            check_field(name, text)


def check_answer(command: SendResponse, method: str) -> None:
    """Make sure that a request may be answered like that.

    Raises :class:`SIPArgumentError` and :class:`SIPParseError`.
    """
    status = command.status
    if method == "INVITE":
        if 200 <= status < 300:
            raise SIPInvalidDialogState(
                f"answering INVITE with {status}",
                "a 2xx makes a dialog, and this INVITE has no dialog association",
                rule="RFC 3261 §12.1.1",
                advice="Until there are associations, answer it 101-199 or 300-699.",
            )
    elif status < 200 or status == 408:
        raise SIPArgumentError(
            f"answering {method} with {status}",
            "a provisional response or a 408 must not be sent to it",
            rule="RFC 4320 §4",
            advice="Send a final response; the stack sends 100 in time.",
        )
    if not 101 <= status <= 699:
        raise SIPArgumentError(
            f"answering {method} with {status}",
            "a response of an application has 101 to 699",
            rule="RFC 3261 §7.2",
        )
    check_text("the reason phrase", command.reason)
    if command.headers:
        check_fields(command.headers)


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
    check_method(command.method)
    if command.method in _NOT_STAND_ALONE:
        raise SIPArgumentError(
            attempted,
            f"{command.method} is not a request that stands alone",
            advice="Use MESSAGE, OPTIONS, PUBLISH or a method of your own.",
        )
    if not command.from_:
        raise SIPArgumentError(
            attempted,
            "the elements have no From",
            rule="RFC 3261 §8.1.1.3",
            advice="Give from_: without a registration nobody else knows who sends.",
        )
    uri = parse_uri(check_text("the remote URI", command.uri))
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
    address = parse_address(check_text(header, text), header=header)
    if "tag" in address.params:
        raise SIPArgumentError(
            attempted,
            f"the {header} has a tag",
            rule="RFC 3261 §8.1.1",
            advice="Leave it out: the stack makes tags.",
        )
    return address
