"""Where the response to a request goes (RFC 3261 §18.2.2, RFC 3581 §4).

The contract: the result is always a numeric address. What a Via names by name is
answered where its request came from, as no response waits for a look-up.
"""

from __future__ import annotations

from typing import Final

from ..errors import SIPParseError
from ..message.headers import HEADERS
from ..message.host import bare_host, is_ipv4, is_ipv6

#: The port of a sent-by that names none (RFC 3261 §18.2.2).
DEFAULT_PORT: Final = 5060

_VIA: Final = HEADERS["via"].shape


def response_destination(via: str, source: tuple[str, int]) -> tuple[str, int]:
    """Give host and port that the response to a request is sent to over UDP.

    :param via: the text of the request's topmost Via line.
    :param source: the numeric address and the port that the request came from.

    In this order: ``maddr`` with the sent-by's port; the source itself where the Via
    asks by ``rport``; the source's address, which is what ``received`` holds, with the
    sent-by's port. Where that is the source, ``source`` is given back itself.
    """
    # What nearly every Via looks like is decided without understanding it.
    lower = via.lower()
    if "," not in lower and '"' not in lower and "maddr" not in lower:
        place = lower.find("rport")
        if place < 0:
            end = lower.find(";")
            end = len(lower) if end < 0 else end
            if lower.endswith(f":{source[1]}", 0, end):
                return source
            sent_by = lower[:end].partition(" ")[2]
            if sent_by and ":" not in sent_by:
                return _at(DEFAULT_PORT, source)
        elif lower[place - 1] == ";" and lower[place + 5 : place + 6] in "=; ":
            return source
    return _understood(via, source)


def stream_response_destination(via: str, source: tuple[str, int]) -> tuple[str, int]:
    """Give host and port to connect to when a request's connection is gone.

    That is the source's address with the sent-by's port: the port that the connection
    came from means nothing without it, so ``rport`` doesn't count (RFC 3581 §4).
    """
    try:
        top = _VIA.parse(via, "Via")[0]
    except SIPParseError:
        return _at(DEFAULT_PORT, source)
    return _at(DEFAULT_PORT if top.port is None else top.port, source)


def _understood(via: str, source: tuple[str, int]) -> tuple[str, int]:
    try:
        top = _VIA.parse(via, "Via")[0]
    except SIPParseError:
        # It passed the check when the request came, so somebody changed it since.
        return source
    port = DEFAULT_PORT if top.port is None else top.port
    # RFC 3581 §4: rport counts only where there is no maddr.
    maddr = bare_host(top.params.get("maddr") or "")
    if is_ipv4(maddr) or is_ipv6(maddr):
        return maddr, port
    if "rport" in top.params:
        return source
    return _at(port, source)


def _at(port: int, source: tuple[str, int]) -> tuple[str, int]:
    return source if port == source[1] else (source[0], port)
