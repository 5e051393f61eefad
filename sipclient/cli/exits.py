"""With which status the command line ends, by what came of it."""

from __future__ import annotations

from ..errors import (
    SIPArgumentError,
    SIPBadName,
    SIPCouldNotConnect,
    SIPError,
    SIPForbidden,
    SIPInUse,
    SIPInvalidURIType,
    SIPNotSupported,
    SIPOutboundProxyNotResponding,
    SIPParseError,
    SIPResolvingFailure,
    SIPTimedOut,
    SIPTransportFailure,
)

DONE = 0
FAILED = 1
USAGE = 2
REFUSED = 3
TIMED_OUT = 4
NOT_AUTHENTICATED = 5
UNREACHABLE = 6
INTERRUPTED = 130

# The first that fits counts; a class stands before its bases.
_BY_ERROR: tuple[tuple[type[SIPError], int, str], ...] = (
    (SIPTimedOut, TIMED_OUT, "timeout"),
    (SIPForbidden, NOT_AUTHENTICATED, "authentication"),
    (SIPTransportFailure, UNREACHABLE, "unreachable"),
    (SIPResolvingFailure, UNREACHABLE, "unreachable"),
    (SIPCouldNotConnect, UNREACHABLE, "unreachable"),
    (SIPInUse, UNREACHABLE, "unreachable"),
    (SIPOutboundProxyNotResponding, UNREACHABLE, "unreachable"),
    (SIPArgumentError, USAGE, "usage"),
    (SIPParseError, USAGE, "usage"),
    (SIPInvalidURIType, USAGE, "usage"),
    (SIPBadName, USAGE, "usage"),
    (SIPNotSupported, USAGE, "usage"),
)


def of_status(status: int) -> tuple[int, str]:
    """The exit status and the outcome for a final response."""
    if status < 300:
        return DONE, "ok"
    return (TIMED_OUT, "timeout") if status == 408 else (REFUSED, "refused")


def of_error(error: SIPError) -> tuple[int, str]:
    """The exit status and the outcome for a failure."""
    for kind, code, outcome in _BY_ERROR:
        if isinstance(error, kind):
            return code, outcome
    return FAILED, "failed"
