"""The common forms: what nearly all messages have, in pieces that are cheap to match.

Each is the source of an expression, like those of ``grammar``, and a subset of its
production there. The contract: what one of them takes, the full grammar takes too, and
finds the same parts in it; what it doesn't take is for the full grammar to read, or to
refuse. So here is no IPv6, no port that starts with 0, no label that starts with a
digit, no escape outside of a URI's parameters, and one space where LWS may be.

All but the name-addr are used within lines, so that none takes a line end.
"""

from __future__ import annotations

from .grammar import PARAMCHARS, TOKEN

_OCTET = "(?>1[0-9]{0,2}+|2(?>[0-4][0-9]?|5[0-5]?|[6-9]|)|[3-9][0-9]?|0)"
IPV4 = rf"{_OCTET}\.{_OCTET}\.{_OCTET}\.{_OCTET}"
NAME = r"[A-Za-z][A-Za-z0-9]*+(?>(?:[.\-][A-Za-z][A-Za-z0-9]*+)*)"
HOST = rf"(?:{NAME}|{IPV4})"
PORT = (
    "(?:[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]"
    "|[1-9][0-9]{0,3})"
)
HOSTPORT = rf"{HOST}(?>:{PORT}|)"

_USER = r"[A-Za-z0-9\-_.!~*'()&=+$/]++"
SIP_URI = rf"sips?:(?>{_USER}@|){HOSTPORT}"
# At most one: two could be of one name.
URI_PARAM = rf"(?>;{PARAMCHARS}(?>={PARAMCHARS}|)|)"

_QUOTED = r'[^"\\\x00-\x1f\x7f]*+'
DISPLAY = rf"""(?>"{_QUOTED}" ?+|[A-Za-z0-9\-.!%*_+`'~ ]++|)"""
TAG = rf"(?>;tag=({TOKEN})|)"

# What a sender puts beside its branch, and what who received it puts there, each once.
_STAMP = (
    rf"(?>(?:;rport(?>={PORT}|)(?![^\n]*;rport)"
    rf"|;received={IPV4}(?![^\n]*;received))*)"
)
# Groups: sent-by and branch.
VIA = rf"SIP/2\.0/{TOKEN} ({HOSTPORT}){_STAMP};branch=({TOKEN}){_STAMP}"

# The same once more, for who wants the parts. Groups of a URI: scheme, user, host,
# port, and the parameter's name and value.
SIP_URI_PARTS = (
    rf"(sips?):(?>({_USER})@|)({HOST})(?>:({PORT})|)"
    rf"(?>;({PARAMCHARS})(?>=({PARAMCHARS})|)|)"
)
# Transport, host, port, and the parameters in one piece.
VIA_PARTS = (
    rf"SIP/2\.0/({TOKEN}) ({HOST})(?>:({PORT})|)({_STAMP};branch={TOKEN}{_STAMP})"
)
# The display name with quotes, or that without them; the six; and a parameter.
NAME_ADDR_PARTS = (
    rf' ?+(?>"({_QUOTED})" ?+|({TOKEN}(?>(?: {TOKEN})*)) ?+|)<{SIP_URI_PARTS}>'
    rf"(?>;({TOKEN})(?>=({TOKEN})|)|)"
)
