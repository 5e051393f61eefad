"""The one table of header fields that sipclient understands (RFC 3261 §20 and others).

A header is one row: its name, the shape of its values, whether there may be several,
its compact form, and whether an application may set it. A header that isn't here
passes as text. The contract: adding a header whose shape exists is adding its row.

Where a row says ``elsewhere``, the header can't be put among an application's own
headers (the original's admission rule), and the text says what to use instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .fields.shape import TEXT, Shape

__all__ = ["CANONICAL", "HEADERS", "TEXT", "HeaderSpec", "canonical"]


@dataclass(frozen=True, slots=True)
class HeaderSpec:
    """What is known of one header field.

    :param name: the name as the RFC spells it ("Call-ID").
    :param shape: how its lines are read and its values written.
    :param many: whether a message may hold several values, in one or several lines.
    :param compact: its one-letter name (RFC 3261 §7.3.3), None where it has none.
    :param elsewhere: for a header that an application can't set: what to use instead.
    """

    name: str
    shape: Shape[Any]
    many: bool = False
    compact: str | None = None
    elsewhere: str = ""

    @property
    def settable(self) -> bool:
        """Whether an application may put it among the headers of its elements."""
        return not self.elsewhere


_STACK = "the stack sets it"
_SERVICE_ROUTE = "a registrar sends it; a RegistrationBinding follows the one received"
_AGREEMENT = "the stack's security agreement sets it, offered with Security-Client"
_DIGEST = "the stack answers challenges with the credentials given to HttpDigest"
_BEARER = "the stack sets it from what the access point knows of its network"

_ONCE, _MANY = False, True

_ROWS = (
    HeaderSpec("Accept", TEXT, _MANY),
    HeaderSpec("Accept-Contact", TEXT, _MANY, "a"),
    HeaderSpec("Accept-Encoding", TEXT, _MANY),
    HeaderSpec("Accept-Language", TEXT, _MANY),
    HeaderSpec("Alert-Info", TEXT, _MANY),
    HeaderSpec("Allow", TEXT, _MANY),
    HeaderSpec("Allow-Events", TEXT, _MANY, "u"),
    HeaderSpec("Authentication-Info", TEXT, _ONCE, None, _DIGEST),
    HeaderSpec("Authorization", TEXT, _MANY),
    HeaderSpec("Call-ID", TEXT, _ONCE, "i", _STACK),
    HeaderSpec("Call-Info", TEXT, _MANY),
    HeaderSpec("Contact", TEXT, _MANY, "m"),
    HeaderSpec("Content-Disposition", TEXT, _ONCE),
    HeaderSpec("Content-Encoding", TEXT, _MANY, "e"),
    HeaderSpec("Content-Language", TEXT, _MANY),
    HeaderSpec("Content-Length", TEXT, _ONCE, "l", _STACK),
    HeaderSpec(
        "Content-Type", TEXT, _ONCE, "c", "the content_type given with the content"
    ),
    HeaderSpec("CSeq", TEXT, _ONCE, None, _STACK),
    HeaderSpec("Date", TEXT, _ONCE),
    HeaderSpec("Error-Info", TEXT, _MANY),
    HeaderSpec("Event", TEXT, _ONCE, "o"),
    HeaderSpec("Expires", TEXT, _ONCE),
    HeaderSpec("From", TEXT, _ONCE, "f", "the from_ argument of RequestElements"),
    HeaderSpec("In-Reply-To", TEXT, _MANY),
    HeaderSpec("Max-Forwards", TEXT, _ONCE, None, _STACK),
    HeaderSpec("MIME-Version", TEXT, _ONCE),
    HeaderSpec("Min-Expires", TEXT, _ONCE, None, _STACK),
    HeaderSpec("Organization", TEXT, _ONCE),
    HeaderSpec("P-Access-Network-Info", TEXT, _MANY, None, _BEARER),
    HeaderSpec("P-Associated-URI", TEXT, _MANY),
    HeaderSpec("Priority", TEXT, _ONCE),
    HeaderSpec("Proxy-Authenticate", TEXT, _MANY),
    HeaderSpec("Proxy-Authorization", TEXT, _MANY, None, _DIGEST),
    HeaderSpec("Proxy-Require", TEXT, _MANY),
    HeaderSpec("RAck", TEXT, _ONCE),
    HeaderSpec("Record-Route", TEXT, _MANY, None, _STACK),
    HeaderSpec("Refer-To", TEXT, _ONCE, "r"),
    HeaderSpec("Reply-To", TEXT, _ONCE),
    HeaderSpec("Require", TEXT, _MANY),
    HeaderSpec("Retry-After", TEXT, _ONCE),
    HeaderSpec("Route", TEXT, _MANY),
    HeaderSpec("RSeq", TEXT, _ONCE),
    HeaderSpec("Security-Client", TEXT, _MANY),
    HeaderSpec("Security-Server", TEXT, _MANY, None, _AGREEMENT),
    HeaderSpec("Security-Verify", TEXT, _MANY, None, _AGREEMENT),
    HeaderSpec("Server", TEXT, _ONCE),
    HeaderSpec("Service-Route", TEXT, _MANY, None, _SERVICE_ROUTE),
    HeaderSpec("Subject", TEXT, _ONCE, "s"),
    HeaderSpec("Subscription-State", TEXT, _ONCE),
    HeaderSpec("Supported", TEXT, _MANY, "k"),
    HeaderSpec("Timestamp", TEXT, _ONCE),
    HeaderSpec("To", TEXT, _ONCE, "t", "the to argument of RequestElements"),
    HeaderSpec("Unsupported", TEXT, _MANY),
    HeaderSpec("User-Agent", TEXT, _ONCE),
    HeaderSpec("Via", TEXT, _MANY, "v", _STACK),
    HeaderSpec("Warning", TEXT, _MANY),
    HeaderSpec("WWW-Authenticate", TEXT, _MANY),
)

HEADERS: dict[str, HeaderSpec] = {spec.name.lower(): spec for spec in _ROWS}
"""Every known header by its name in lower case ("call-id")."""

CANONICAL: dict[str, str] = {
    spelled: key
    for key, spec in HEADERS.items()
    for name in (spec.name, spec.compact)
    if name is not None
    for spelled in (name, name.lower(), name.upper(), name.title())
}
"""The key in :data:`HEADERS` for the spellings that really come: no call, no lower().

Constant: a spelling that isn't here is looked up by its lower case, and never added,
or else a peer could make it grow.
"""


def canonical(name: str) -> HeaderSpec | None:
    """The row of a header by any spelling of its name or compact form, else None."""
    key = CANONICAL.get(name) or CANONICAL.get(name.lower())
    return None if key is None else HEADERS[key]
