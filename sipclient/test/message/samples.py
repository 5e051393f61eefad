"""Good messages for the tests, and ways to change them."""

from __future__ import annotations

from hypothesis import strategies as st

from sipclient.message.check import check
from sipclient.message.model import Request, Response
from sipclient.message.parser import parse

HEADERS = {
    "Via": "SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK7",
    "Max-Forwards": "70",
    "From": '"Alice" <sip:alice@example.com>;tag=1',
    "To": "<sip:bob@example.net>",
    "Call-ID": "c@192.0.2.1",
    "CSeq": "1 MESSAGE",
}


def octets(start: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    """A message of a start line and headers; an empty name gives none of it."""
    lines = [start, *(f"{n}: {t}" for n, t in headers.items())]
    head = "\r\n".join(lines) + "\r\n\r\n"
    return head.encode("utf-8", "surrogateescape") + body


def request_octets(
    uri: str = "sip:bob@example.net", method: str = "MESSAGE", **changes: str | None
) -> bytes:
    """A good request but for ``changes``: header texts, None for no such header.

    ``_`` in a name stands for ``-``; ``more`` is put behind all headers as it is.
    """
    more = changes.pop("more", "") or ""
    headers: dict[str, str | None] = dict(HEADERS)
    headers["CSeq"] = f"1 {method}"
    headers.update({name.replace("_", "-"): text for name, text in changes.items()})
    lines = [
        f"{name}: {text}\r\n" for name, text in headers.items() if text is not None
    ]
    text = f"{method} {uri} SIP/2.0\r\n{''.join(lines)}{more}\r\n"
    return text.encode("utf-8", "surrogateescape")


def request(
    uri: str = "sip:bob@example.net", method: str = "MESSAGE", **changes: str | None
) -> Request:
    """What `request_octets` gives, parsed and checked."""
    message = parse(request_octets(uri, method, **changes))
    assert isinstance(message, Request)
    check(message)
    return message


def response(data: bytes) -> Response:
    """A response, parsed and checked."""
    message = parse(data)
    assert isinstance(message, Response)
    check(message)
    return message


#: Any line of text that octets can hold, decoded; NUL and other controls included.
LINES = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\r\n")
    | st.integers(0xDC80, 0xDCFF).map(chr),
    max_size=60,
).map(
    lambda text: text.encode("utf-8", "surrogateescape").decode(
        "utf-8", "surrogateescape"
    )
)
