"""What a socket's error queue tells: which datagram the network could not deliver.

Linux keeps the ICMP errors that came for a socket's datagrams once IP_RECVERR (for
IPv6 IPV6_RECVERR) is set, each with the destination and the beginning of what was
sent. Which of them count as failures is RFC 3261 §18.4: unreachables and parameter
problems do; source quench, exceeded time and the path's MTU do not, as a
retransmission may well arrive.

The contract: reading never blocks and never raises, whatever stands in the queue.
Other platforms have no such queue; there nothing is ever read from it.
"""

from __future__ import annotations

import errno
import os
import socket
import struct
import sys
from typing import Final, NamedTuple

from .peer import Peer, peer_of

# linux/in.h, linux/in6.h and linux/errqueue.h; the socket module names them from
# Python 3.14 on only.
_IP_RECVERR = 11
_IPV6_RECVERR = 25
_ORIGIN_ICMP = 2
_ORIGIN_ICMP6 = 3
_EXTENDED_ERROR: Final = struct.Struct("=IBBBBII")
_ANCILLARY_SPACE = 256
_LARGEST_QUOTE = 65535

# RFC 792, RFC 1122 §3.2.2.1, RFC 1812 §5.2.7.1.
_ICMP_UNREACHABLE = 3
_ICMP_FRAGMENTATION_NEEDED = 4
_ICMP_PARAMETER_PROBLEM = 12
_ICMP_CODES = {
    0: "network unreachable",
    1: "host unreachable",
    2: "protocol unreachable",
    3: "port unreachable",
    5: "source route failed",
    6: "network unknown",
    7: "host unknown",
    9: "network administratively prohibited",
    10: "host administratively prohibited",
    13: "communication administratively prohibited",
}

# RFC 4443 §3.1, §3.4.
_ICMP6_UNREACHABLE = 1
_ICMP6_PARAMETER_PROBLEM = 4
_ICMP6_CODES = {
    0: "no route to the destination",
    1: "communication administratively prohibited",
    2: "beyond the scope of the source address",
    3: "address unreachable",
    4: "port unreachable",
    5: "source address failed the policy",
    6: "route rejected",
}


class Undelivered(NamedTuple):
    """One datagram that did not arrive.

    :ivar destination: where it was sent to.
    :ivar payload: as much of its beginning as the network quoted, maybe nothing.
    :ivar error: ``errno`` as the kernel translates it, and a text that names the
        reason and who said so.
    """

    destination: Peer
    payload: bytes
    error: OSError


def hear_errors(skt: socket.socket) -> bool:
    """Ask the kernel to keep a socket's ICMP errors; False where it can't."""
    if not (sys.platform == "linux" and hasattr(socket, "MSG_ERRQUEUE")):
        return False
    try:
        if skt.family == socket.AF_INET6:
            skt.setsockopt(socket.IPPROTO_IPV6, _IPV6_RECVERR, 1)
        else:
            skt.setsockopt(socket.IPPROTO_IP, _IP_RECVERR, 1)
    except OSError:
        return False
    return True


def read_errors(skt: socket.socket, most: int) -> list[Undelivered]:
    """Take up to ``most`` entries from a socket's error queue; give the failures."""
    failures: list[Undelivered] = []
    for _ in range(most):
        try:
            payload, ancillary, _, name = skt.recvmsg(
                _LARGEST_QUOTE, _ANCILLARY_SPACE, socket.MSG_ERRQUEUE
            )
        except OSError:  # nothing more, which is EAGAIN
            break
        if not name:
            continue
        for level, kind, data in ancillary:
            if (level, kind) in (
                (socket.IPPROTO_IP, _IP_RECVERR),
                (socket.IPPROTO_IPV6, _IPV6_RECVERR),
            ):
                error = extended_error(data)
                if error is not None:
                    failures.append(Undelivered(peer_of(name), payload, error))
    return failures


def extended_error(data: bytes) -> OSError | None:
    """Understand a ``sock_extended_err``; None where it tells of no failure."""
    if len(data) < _EXTENDED_ERROR.size:
        return None
    number, origin, icmp_type, code, *_ = _EXTENDED_ERROR.unpack_from(data)
    if origin == _ORIGIN_ICMP:
        protocol, codes = "ICMP", _ICMP_CODES
        counts = icmp_type == _ICMP_PARAMETER_PROBLEM or (
            icmp_type == _ICMP_UNREACHABLE and code != _ICMP_FRAGMENTATION_NEEDED
        )
        problem = icmp_type == _ICMP_PARAMETER_PROBLEM
    elif origin == _ORIGIN_ICMP6:
        protocol, codes = "ICMPv6", _ICMP6_CODES
        counts = icmp_type in (_ICMP6_UNREACHABLE, _ICMP6_PARAMETER_PROBLEM)
        problem = icmp_type == _ICMP6_PARAMETER_PROBLEM
    else:  # the kernel's own: what it refuses, sendto has said already
        return None
    if not counts:
        return None
    text = "parameter problem" if problem else codes.get(code, "unreachable")
    who = _offender(data[_EXTENDED_ERROR.size :])
    said = f", says {who}" if who else ""
    text = f"{text}{said} ({protocol} type {icmp_type}, code {code})"
    return OSError(number or errno.ECONNREFUSED, text)


def _offender(data: bytes) -> str:
    """The numeric address in a raw sockaddr, "" where there is none."""
    if len(data) < 2:
        return ""
    (family,) = struct.unpack_from("=H", data)
    if family == socket.AF_INET and len(data) >= 8:
        return socket.inet_ntop(socket.AF_INET, data[4:8])
    if family == socket.AF_INET6 and len(data) >= 24:
        return socket.inet_ntop(socket.AF_INET6, data[8:24])
    return ""


def reason(error: OSError) -> str:
    """What an OSError says, in words."""
    if error.strerror:
        return error.strerror
    return os.strerror(error.errno) if error.errno else str(error)
