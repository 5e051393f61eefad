"""What a stack allows itself and others: every limit by its name, in one value."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

from ..message.limits import MessageLimits, check_limit
from ..transport.limits import StreamLimits

_CAN_BE_NONE = ("answered_requests", "retry_after")
_LIMITS_OF_THEIR_OWN = {"message": MessageLimits, "streams": StreamLimits}


@dataclass(frozen=True, slots=True)
class StackLimits:
    """The limits of one stack.

    :ivar message: what one message may hold.
    :ivar streams: how many connections there may be, for how long, for each address
        that is listened on.
    :ivar pending_requests: requests received and not answered yet, for each access
        point; one more is answered 503 with Retry-After.
    :ivar answered_requests: requests answered and remembered for their copies, for
        each access point, INVITEs counted apart from others; one more, and the one
        answered first is forgotten early.
    :ivar retry_after: seconds that a peer is asked to wait when it is answered 503.
    :ivar datagram: bytes of the largest request or response sent over UDP.
    :ivar udp_request: bytes of the largest request that goes by UDP where nobody asked
        for that; one more, and it goes by TCP if the access point listens by it.
    :ivar invite_answer: seconds that an application has to answer an INVITE finally;
        then its sender gets 408.
    :ivar request_uris: how many Request-URIs are kept understood; one more, and those
        used least are read again when they come.

    Raises :class:`SIPArgumentError` for one that can't be.
    """

    message: MessageLimits = field(default_factory=MessageLimits)
    streams: StreamLimits = field(default_factory=StreamLimits)
    pending_requests: int = 10_000
    answered_requests: int = 200_000
    retry_after: int = 5
    datagram: int = 64_000
    udp_request: int = 1_300
    request_uris: int = 1_024
    invite_answer: float = 300

    def __post_init__(self) -> None:
        for each in fields(self):
            value = getattr(self, each.name)
            kind = _LIMITS_OF_THEIR_OWN.get(each.name)
            if kind is None:
                least = 0 if each.name in _CAN_BE_NONE else 1
                check_limit(each.name, value, least)
            elif not isinstance(value, kind):
                name = kind.__name__
                raise TypeError(f"{each.name} is {name}, not {value!r:.80}")
