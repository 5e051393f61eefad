"""The grammar of SIP as named pieces of regular expressions, and scanners over text.

RFC 3261 §25.1, with RFC 5954 for IPv6 and the corrections that RFC 4475 names. Each
piece is the *source* of an expression, named by its production, to be built into
larger ones and compiled where it is used. The contract: every piece is linear (what
was read is never given back, alternatives start differently), digits are ASCII digits,
and lines are unfolded already, so that LWS is SP and HTAB only.

No piece captures. Repeats of more than one character class go through `_atomic`.

Text is UTF-8 decoded with ``surrogateescape``: every octet above 127, valid UTF-8 or
not, is a character above 127 here, and goes where the RFC has UTF8-NONASCII.
"""

from __future__ import annotations

import re

from sipclient.errors import SIPArgumentError, SIPParseError
from sipclient.message.limits import NESTING

# Contents of character classes; every use puts them between brackets.
_ALPHANUM = "A-Za-z0-9"
_UNRESERVED = _ALPHANUM + r"\-_.!~*'()"
_TOKEN = _ALPHANUM + r"\-.!%*_+`'~"


def _atomic(piece: str, times: str) -> str:
    # Repeats without ever giving back. "(?:…)*+" would say the same, but before 3.11.5
    # Python loses its place where a round of it fails half way (and it is slower).
    return f"(?>(?:{piece}){times})"


def _perhaps(piece: str) -> str:
    # An alternative with nothing in it is cheaper than "(?:…)?".
    return f"(?>{piece}|)"


def _escapable(chars: str) -> str:
    # At least one of these characters or an escape; first the usual way, without any.
    return f"(?>[{chars}]++(?!%)|(?:[{chars}]++|{ESCAPED})+)"


DIGITS = "[0-9]++"
ESCAPED = "%[0-9A-Fa-f]{2}"

LWS = r"[ \t]++"
SWS = r"[ \t]*+"
TOKEN = rf"[{_TOKEN}]++"
WORD = rf'[{_TOKEN}()<>:\\"/\[\]?{{}}]++'
CALLID = WORD + _perhaps(f"@{WORD}")

# A quoted-pair can hide any ASCII character but CR and LF.
QUOTED_PAIR = r"\\[\x00-\x09\x0b\x0c\x0e-\x7f]"
_QDTEXT = r'[^\x00-\x08\x0a-\x1f"\\\x7f]'
# First the usual way, without any quoted-pair.
QUOTED_STRING = f'"(?>{_QDTEXT}*+"|(?:{_QDTEXT}++|{QUOTED_PAIR})*")'

# RFC 3261 wants LWS after each token of a display-name, even before "<". RFC 4475
# §3.1.1.6 calls that a mistake, so the last one is free here. Characters above 127
# would need quotes; we read them without, since a display-name decides nothing.
_DISPLAY_WORD = rf"[{_TOKEN}\x80-\U0010ffff]++"
DISPLAY_NAME = _DISPLAY_WORD + _atomic(LWS + _DISPLAY_WORD, "*")

# --- hosts

# A label doesn't end with "-"; the last one starts with a letter.
_LABEL = rf"[{_ALPHANUM}][{_ALPHANUM}\-]*+(?<!-)"
_TOPLABEL = rf"[A-Za-z][{_ALPHANUM}\-]*+(?<!-)"
HOSTNAME = _atomic(rf"{_LABEL}\.(?=[{_ALPHANUM}])", "*") + rf"{_TOPLABEL}\.?+"

# RFC 5954 §4.1 takes dec-octet from RFC 3986: no leading zeros, nothing over 255.
_DEC_OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9][0-9]|[0-9])"
IPV4ADDRESS = rf"(?:{_DEC_OCTET}\.){{3}}{_DEC_OCTET}(?![{_ALPHANUM}.\-])"

# RFC 5954 §4.1 replaces the IPv6address of RFC 3261, which let "[2001:db8:::192.0.2.1]"
# pass (three colons: the "::" of hexpart, then the ":" before IPv4address). At most
# eight groups: what the alternatives try again is bounded.
_H16 = "[0-9A-Fa-f]{1,4}"
_LS32 = f"(?:{IPV4ADDRESS}|{_H16}:{_H16})"
IPV6ADDRESS = (
    f"(?:(?:{_H16}:){{6}}{_LS32}"
    f"|::(?:{_H16}:){{5}}{_LS32}"
    f"|(?:{_H16})?::(?:{_H16}:){{4}}{_LS32}"
    f"|(?:(?:{_H16}:){{0,1}}{_H16})?::(?:{_H16}:){{3}}{_LS32}"
    f"|(?:(?:{_H16}:){{0,2}}{_H16})?::(?:{_H16}:){{2}}{_LS32}"
    f"|(?:(?:{_H16}:){{0,3}}{_H16})?::{_H16}:{_LS32}"
    f"|(?:(?:{_H16}:){{0,4}}{_H16})?::{_LS32}"
    f"|(?:(?:{_H16}:){{0,5}}{_H16})?::{_H16}"
    f"|(?:(?:{_H16}:){{0,6}}{_H16})?::)"
)
# RFC 5118 §4.10: the old mistake is still understood; host.py mends it on reading.
_THREE_COLONS = f"(?:{_H16}(?::{_H16}){{0,4}})?:::{IPV4ADDRESS}"
IPV6REFERENCE = rf"\[(?:{IPV6ADDRESS}|{_THREE_COLONS})\]"
HOST = f"(?:{IPV4ADDRESS}|{HOSTNAME}|{IPV6REFERENCE})"

# --- SIP URIs

USER = _escapable(_UNRESERVED + "&=+$,;?/")
PASSWORD = _perhaps(_escapable(_UNRESERVED + "&=+$,"))
# RFC 3261 §20: an addr-spec that isn't inside <> can't hold ",", ";" or "?".
BARE_USER = _escapable(_UNRESERVED + "&=+$/")
BARE_PASSWORD = _perhaps(_escapable(_UNRESERVED + "&=+$"))
PARAMCHARS = _escapable(_UNRESERVED + r"\[\]/:&+$")
URI_PARAMETERS = _atomic(f";{PARAMCHARS}" + _perhaps(f"={PARAMCHARS}"), "*")
HNV = _escapable(_UNRESERVED + r"\[\]/?:+$")
_HEADER = f"{HNV}={_perhaps(HNV)}"
URI_HEADERS = rf"\?{_HEADER}" + _atomic(f"&{_HEADER}", "*")

# --- other URIs

SCHEME = r"[A-Za-z][A-Za-z0-9+.\-]*+"
# absoluteURI after its scheme; RFC 2396 as RFC 2732 amends it: brackets, for IPv6.
URICS = _escapable(_UNRESERVED + r";/?:@&=+$,\[\]")

# --- parameters of header fields

# The bare IPv6address is Via's "received" (RFC 3261 §25.1 via-received, RFC 5118 §4.5).
GEN_VALUE = rf"(?:{TOKEN}(?!:)|{QUOTED_STRING}|{IPV6REFERENCE}|{IPV6ADDRESS})"
GENERIC_PARAM = f"{SWS};{SWS}{TOKEN}" + _perhaps(f"{SWS}={SWS}{GEN_VALUE}")
GENERIC_PARAMS = _atomic(GENERIC_PARAM, "*")

_LWS_AT = re.compile(SWS)
_QUOTED_AT = re.compile(QUOTED_STRING)
_IS_TOKEN = re.compile(TOKEN)
_QUOTED_PAIR = re.compile(r"\\(.)", re.DOTALL)
_MUST_ESCAPE = re.compile(r'[\x00-\x08\x0b\x0c\x0e-\x1f"\\\x7f]')
_COMMENT_STEP = re.compile(_atomic(rf"[^()\\]++|{QUOTED_PAIR}", "*") + "([()])")
# Up to the next place that matters to a list: what is in quotes or <> does not. What
# was opened and never closed reaches to the end, for its own parser to complain of.
_QUOTED_OR_OPEN = '"' + _atomic(r'[^"\\]++|\\.', "*") + r'(?:"|\\?\Z)'
_STEP = rf"{_QUOTED_OR_OPEN}|<[^>]*+(?:>|\Z)"
_ITEM = re.compile(_atomic(rf'[^,"<]++|{_STEP}', "*"), re.DOTALL)
_ITEM_TO_COMMENT = re.compile(_atomic(rf'[^,"<(]++|{_STEP}', "*"), re.DOTALL)


def skip_lws(text: str, i: int) -> int:
    """Give the place of the first character at or after ``i`` that is not LWS."""
    match = _LWS_AT.match(text, i)
    return match.end() if match else i


def is_token(text: str) -> bool:
    """Say whether the whole of ``text`` is a token of RFC 3261 §25.1."""
    return _IS_TOKEN.fullmatch(text) is not None


def encoded(text: str) -> bytes:
    """Give the octets that ``text`` is on the wire.

    :raises SIPArgumentError: for a surrogate that no octet was decoded to.
    """
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError as error:
        raise SIPArgumentError(
            "encoding text",
            f"character {error.start} of {text[:40]!a} is half of a pair",
            rule="RFC 3261 §7 (UTF-8)",
        ) from None


def quote(text: str) -> str:
    """Write any text as a quoted-string, so that `unquote` gives it back.

    :raises SIPArgumentError: for CR or LF, which no quoted-string can hold, and what
        UTF-8 can't.
    """
    if "\r" in text or "\n" in text:
        raise SIPArgumentError(
            "writing a quoted-string",
            f"{text[:40]!a} holds a line end",
            rule="RFC 3261 §25.1 quoted-pair",
            advice="Replace CR and LF with a space",
        )
    if not text.isascii():
        encoded(text)
    return '"' + _MUST_ESCAPE.sub(r"\\\g<0>", text) + '"'


def unquote(text: str) -> str:
    """Give what a quoted-string says; text that isn't one comes back as it is."""
    if len(text) < 2 or text[0] != '"' or text[-1] != '"':
        return text
    inner = text[1:-1]
    return _QUOTED_PAIR.sub(r"\1", inner) if "\\" in inner else inner


def scan_quoted(text: str, i: int, *, header: str | None = None) -> int:
    """Give the place after the quoted-string that starts at ``i``.

    :raises SIPParseError: when none starts there, or when it isn't closed.
    """
    match = _QUOTED_AT.match(text, i)
    if match is None:
        raise SIPParseError(
            "quoted-string",
            text,
            i,
            "a quoted string with its closing quote",
            header=header,
        )
    return match.end()


def skip_comment(text: str, i: int, *, header: str | None = None) -> int:
    """Give the place after the comment that starts at ``i``; comments can nest.

    :raises SIPParseError: when none starts there, when it isn't closed, or when they
        nest deeper than `NESTING`.
    """
    if not text.startswith("(", i):
        raise SIPParseError("comment", text, i, '"("', header=header)
    depth, place = 1, i + 1
    while depth:
        match = _COMMENT_STEP.match(text, place)
        if match is None:
            raise SIPParseError(
                "comment", text, i, '")" for each "(" of this comment', header=header
            )
        depth += 1 if match[1] == "(" else -1
        if depth > NESTING:
            expected = f"at most {NESTING} comments in each other"
            raise SIPParseError("comment", text, place, expected, header=header)
        place = match.end()
    return place


def split_list(
    text: str, start: int = 0, *, comments: bool = False
) -> list[tuple[int, int]]:
    """Split a header value at its commas; give where each item starts and ends.

    Commas inside quotes and inside <> do not count, nor those inside comments where
    the header has ``comments``. LWS around an item is not part of it. An item with
    nothing in it is given too (start equals end): whether that is wrong is for the
    header to say. A value that is blank altogether has no items.
    """
    items: list[tuple[int, int]] = []
    place, size = skip_lws(text, start), len(text)
    if place == size:
        return items
    while True:
        end = _item_end(text, place, comments)
        last = end
        while last > place and text[last - 1] in " \t":
            last -= 1
        items.append((place, last))
        if end == size:
            return items
        place = skip_lws(text, end + 1)


def item_end(text: str, start: int) -> int:
    """Give the place of the comma that ends the list item at ``start``, or the end."""
    return _item_end(text, start, comments=False)


def _item_end(text: str, start: int, comments: bool) -> int:
    if not comments:
        match = _ITEM.match(text, start)
        return match.end() if match else len(text)
    place = start
    while True:
        match = _ITEM_TO_COMMENT.match(text, place)
        place = match.end() if match else len(text)
        if not text.startswith("(", place):
            return place
        try:
            place = skip_comment(text, place)
        except SIPParseError:
            return len(text)
