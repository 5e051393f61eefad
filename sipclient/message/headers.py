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

from .fields.accept_contact import ACCEPT_CONTACTS, REJECT_CONTACTS
from .fields.access_network import ACCESS_NETWORKS
from .fields.address_field import ADDRESS, ADDRESSES, FROM_TO, NAME_ADDRS
from .fields.auth import AUTHENTICATION_INFO, CHALLENGES, CREDENTIALS
from .fields.call_id import CALL_ID, CALL_IDS
from .fields.contact import CONTACTS
from .fields.cseq import CSEQ, RACK
from .fields.date import DATE
from .fields.dialog_reference import JOIN, REPLACES, TARGET_DIALOG
from .fields.disposition import DISPOSITION
from .fields.event import EVENT, SUBSCRIPTION_STATE
from .fields.feature_caps import FEATURE_CAPS
from .fields.history import HISTORY
from .fields.info_package import INFO_PACKAGE, INFO_PACKAGES
from .fields.info_uri import INFO_URIS
from .fields.integer import RESPONSE_NUM, UINT8, UINT32
from .fields.media import CONTENT_TYPE, MEDIA_RANGES
from .fields.preference import CODING_PREFERENCES, LANGUAGE_PREFERENCES
from .fields.privacy import PRIVACY
from .fields.reason import REASONS
from .fields.retry_after import RETRY_AFTER
from .fields.security import MECHANISMS
from .fields.session_timer import MIN_SE, SESSION_EXPIRES
from .fields.shape import TEXT, Shape
from .fields.timestamp import TIMESTAMP
from .fields.token_list import (
    CODINGS,
    DIRECTIVES,
    ENTITY_TAG,
    EVENT_TYPES,
    LANGUAGES,
    METHODS,
    OPTION_TAGS,
    OPTION_TAGS_OR_NONE,
    TOKEN_WORD,
    VERSION,
)
from .fields.via import VIA
from .fields.warning import WARNINGS

__all__ = ["CANONICAL", "HEADERS", "TEXT", "HeaderSpec", "canonical"]


@dataclass(frozen=True, slots=True)
class HeaderSpec:
    """What is known of one header field.

    :ivar name: the name as the RFC spells it ("Call-ID").
    :ivar shape: how its lines are read and its values written.
    :ivar many: whether a message may hold several values, in one or several lines.
    :ivar compact: its one-letter name (RFC 3261 §7.3.3), None where it has none.
    :ivar elsewhere: for a header that an application can't set: what to use instead.
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
_CONTENT = "the content_type given with the content"
_SERVICE_ROUTE = "a registrar sends it; a RegistrationBinding follows the one received"
_AGREEMENT = "the stack's security agreement sets it, offered with Security-Client"
_DIGEST = "the stack answers challenges with the credentials given to HttpDigest"
_BEARER = "the stack sets it from what the access point knows of its network"

_ONCE, _MANY = False, True

_ROWS = (
    HeaderSpec("Accept", MEDIA_RANGES, _MANY),
    HeaderSpec("Accept-Contact", ACCEPT_CONTACTS, _MANY, "a"),
    HeaderSpec("Accept-Encoding", CODING_PREFERENCES, _MANY),
    HeaderSpec("Accept-Language", LANGUAGE_PREFERENCES, _MANY),
    HeaderSpec("Alert-Info", INFO_URIS, _MANY),
    HeaderSpec("Allow", METHODS, _MANY),
    HeaderSpec("Allow-Events", EVENT_TYPES, _MANY, "u"),
    HeaderSpec("Authentication-Info", AUTHENTICATION_INFO, _ONCE, None, _DIGEST),
    HeaderSpec("Authorization", CREDENTIALS, _MANY),
    HeaderSpec("Call-ID", CALL_ID, _ONCE, "i", _STACK),
    HeaderSpec("Call-Info", INFO_URIS, _MANY),
    HeaderSpec("Contact", CONTACTS, _MANY, "m"),
    HeaderSpec("Content-Disposition", DISPOSITION, _ONCE),
    HeaderSpec("Content-Encoding", CODINGS, _MANY, "e"),
    HeaderSpec("Content-Language", LANGUAGES, _MANY),
    HeaderSpec("Content-Length", UINT32, _ONCE, "l", _STACK),
    HeaderSpec("Content-Type", CONTENT_TYPE, _ONCE, "c", _CONTENT),
    HeaderSpec("CSeq", CSEQ, _ONCE, None, _STACK),
    HeaderSpec("Date", DATE, _ONCE),
    HeaderSpec("Error-Info", INFO_URIS, _MANY),
    HeaderSpec("Event", EVENT, _ONCE, "o"),
    HeaderSpec("Expires", UINT32, _ONCE),
    HeaderSpec("Feature-Caps", FEATURE_CAPS, _MANY),
    HeaderSpec("Flow-Timer", UINT32, _ONCE),
    HeaderSpec("From", FROM_TO, _ONCE, "f", "the from_ argument of RequestElements"),
    HeaderSpec("Geolocation", TEXT, _MANY),
    HeaderSpec("History-Info", HISTORY, _MANY),
    HeaderSpec("Identity", TEXT, _MANY, "y"),
    HeaderSpec("Identity-Info", TEXT, _MANY, "n"),
    HeaderSpec("In-Reply-To", CALL_IDS, _MANY),
    HeaderSpec("Info-Package", INFO_PACKAGE, _ONCE),
    HeaderSpec("Join", JOIN, _ONCE),
    HeaderSpec("Max-Forwards", UINT8, _ONCE, None, _STACK),
    HeaderSpec("MIME-Version", VERSION, _ONCE),
    HeaderSpec("Min-Expires", UINT32, _ONCE, None, _STACK),
    HeaderSpec("Min-SE", MIN_SE, _ONCE),
    HeaderSpec("Organization", TEXT, _ONCE),
    HeaderSpec("P-Access-Network-Info", ACCESS_NETWORKS, _MANY, None, _BEARER),
    HeaderSpec("P-Asserted-Identity", ADDRESSES, _MANY),
    HeaderSpec("P-Associated-URI", NAME_ADDRS, _MANY),
    HeaderSpec("P-Preferred-Identity", ADDRESSES, _MANY),
    HeaderSpec("Path", NAME_ADDRS, _MANY),
    HeaderSpec("Priority", TOKEN_WORD, _ONCE),
    HeaderSpec("Privacy", PRIVACY, _ONCE),
    HeaderSpec("Proxy-Authenticate", CHALLENGES, _MANY),
    HeaderSpec("Proxy-Authorization", CREDENTIALS, _MANY, None, _DIGEST),
    HeaderSpec("Proxy-Require", OPTION_TAGS, _MANY),
    HeaderSpec("RAck", RACK, _ONCE),
    HeaderSpec("Reason", REASONS, _MANY),
    HeaderSpec("Record-Route", NAME_ADDRS, _MANY, None, _STACK),
    HeaderSpec("Recv-Info", INFO_PACKAGES, _MANY),
    HeaderSpec("Refer-To", ADDRESS, _ONCE, "r"),
    HeaderSpec("Referred-By", ADDRESS, _ONCE, "b"),
    HeaderSpec("Reject-Contact", REJECT_CONTACTS, _MANY, "j"),
    HeaderSpec("Replaces", REPLACES, _ONCE),
    HeaderSpec("Reply-To", ADDRESS, _ONCE),
    HeaderSpec("Request-Disposition", DIRECTIVES, _MANY, "d"),
    HeaderSpec("Require", OPTION_TAGS, _MANY),
    HeaderSpec("Retry-After", RETRY_AFTER, _ONCE),
    HeaderSpec("Route", NAME_ADDRS, _MANY),
    HeaderSpec("RSeq", RESPONSE_NUM, _ONCE),
    HeaderSpec("Security-Client", MECHANISMS, _MANY),
    HeaderSpec("Security-Server", MECHANISMS, _MANY, None, _AGREEMENT),
    HeaderSpec("Security-Verify", MECHANISMS, _MANY, None, _AGREEMENT),
    HeaderSpec("Server", TEXT, _ONCE),
    HeaderSpec("Service-Route", NAME_ADDRS, _MANY, None, _SERVICE_ROUTE),
    HeaderSpec("Session-Expires", SESSION_EXPIRES, _ONCE, "x"),
    HeaderSpec("SIP-ETag", ENTITY_TAG, _ONCE),
    HeaderSpec("SIP-If-Match", ENTITY_TAG, _ONCE),
    HeaderSpec("Subject", TEXT, _ONCE, "s"),
    HeaderSpec("Subscription-State", SUBSCRIPTION_STATE, _ONCE),
    HeaderSpec("Supported", OPTION_TAGS_OR_NONE, _MANY, "k"),
    HeaderSpec("Target-Dialog", TARGET_DIALOG, _ONCE),
    HeaderSpec("Timestamp", TIMESTAMP, _ONCE),
    HeaderSpec("To", FROM_TO, _ONCE, "t", "the to argument of RequestElements"),
    HeaderSpec("Unsupported", OPTION_TAGS, _MANY),
    HeaderSpec("User-Agent", TEXT, _ONCE),
    HeaderSpec("Via", VIA, _MANY, "v", _STACK),
    HeaderSpec("Warning", WARNINGS, _MANY),
    HeaderSpec("WWW-Authenticate", CHALLENGES, _MANY),
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
