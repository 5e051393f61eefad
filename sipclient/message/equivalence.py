"""When two URIs mean the same: RFC 3261 §19.1.4, RFC 3966 §4.

The contract: this relation is not transitive (``sip:carol@chicago.com`` equals it with
``;security=on`` and with ``;security=off``, which differ from each other), so it can
be no ``==`` and no hash: those compare field by field, and this stands beside them as
``uri.equivalent(other)``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sipclient.message.host import same_host
from sipclient.message.params import URIParams, unescape

if TYPE_CHECKING:
    from sipclient.message.uri import SIPURI, TelURI

# A parameter that only one URI has is ignored, except for these. The list in §19.1.4
# has no transport; its examples have, as omitting a default never equals writing it.
_NEVER_IGNORED: Final = ("transport", "user", "ttl", "method", "maddr")

_ESCAPED = re.compile("%[0-9A-Fa-f]{2}")
_SEPARATORS = re.compile(r"[\-.()]")

# What an escape stands for, where it equals its character: all that a URI can show
# but the reserved characters. "%25" stays, else "%2541" would come to mean "A".
_MEANING: Final = {
    f"%{octet:02X}": (
        chr(octet)
        if 0x20 < octet < 0x7F and chr(octet) not in ";/?:@&=+$,%"
        else f"%{octet:02X}"
    )
    for octet in range(256)
}


def _plain(text: str) -> str:
    if "%" not in text:
        return text
    return _ESCAPED.sub(lambda match: _MEANING[match[0].upper()], text)


def _exact(text: str | None) -> str | None:
    return None if text is None else _plain(text)


def _folded(text: str | None) -> str | None:
    return None if text is None else _plain(text).lower()


def _values(params: URIParams) -> dict[str, str | None]:
    return {unescape(name).lower(): _folded(value) for name, value in params}


def sip_equivalent(one: SIPURI, other: SIPURI) -> bool:
    """Compare two SIP URIs by RFC 3261 §19.1.4, without looking anything up.

    User and password are compared in their exact case, everything else in any case.
    """
    if one.scheme != other.scheme or one.port != other.port:
        return False
    if _exact(one.user) != _exact(other.user):
        return False
    if _exact(one.password) != _exact(other.password):
        return False
    if not same_host(one.host, other.host):
        return False
    return _params_match(one.params, other.params) and (
        _headers(one.headers) == _headers(other.headers)
    )


def _params_match(one: URIParams, other: URIParams) -> bool:
    if not one and not other:
        return True
    ours, theirs = _values(one), _values(other)
    if any((name in ours) != (name in theirs) for name in _NEVER_IGNORED):
        return False
    return all(
        value == theirs[name] or (name == "maddr" and _same_maddr(value, theirs[name]))
        for name, value in ours.items()
        if name in theirs
    )


def _same_maddr(one: str | None, other: str | None) -> bool:
    return one is not None and other is not None and same_host(one, other)


def _headers(headers: tuple[tuple[str, str], ...]) -> list[tuple[str, str]]:
    # Sorted: in any order, but each as often as in the other.
    return sorted((_plain(n).lower(), _plain(v).lower()) for n, v in headers)


def tel_equivalent(one: TelURI, other: TelURI) -> bool:
    """Compare two tel URIs by RFC 3966 §4: any case, and no visual separators."""
    if _digits(one.number) != _digits(other.number):
        return False
    return _tel_values(one.params) == _tel_values(other.params)


def _digits(number: str) -> str:
    return _SEPARATORS.sub("", number).lower()


def _tel_values(params: URIParams) -> dict[str, str | None]:
    values = _values(params)
    context, extension = values.get("phone-context"), values.get("ext")
    # A phone-context that is no number is a domain name; its dots count.
    if context is not None and context.startswith("+"):
        values["phone-context"] = _digits(context)
    if extension is not None:
        values["ext"] = _digits(extension)
    return values
