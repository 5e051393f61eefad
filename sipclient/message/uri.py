"""URIs: ``sip:`` and ``sips:``, ``tel:``, and any other, kept as written.

RFC 3261 §19.1 and §25.1 ``SIP-URI``, ``absoluteURI``; RFC 3966 for ``tel:``. The
contract: the parts are kept as written, %-escapes included, so that ``str(uri)`` gives
back the text that was read (schemes in lower case, ports without zeros in front);
``==`` compares those parts, ``equivalent`` compares what they mean.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from re import Match
from typing import ClassVar, Final, Self, TypeAlias

from sipclient.errors import SIPArgumentError, SIPParseError
from sipclient.message.common import SIP_URI_PARTS
from sipclient.message.equivalence import sip_equivalent, tel_equivalent
from sipclient.message.grammar import (
    BARE_PASSWORD,
    BARE_USER,
    HNV,
    HOST,
    PASSWORD,
    SCHEME,
    URI_HEADERS,
    URI_PARAMETERS,
    URICS,
    USER,
)
from sipclient.message.host import (
    bare_host,
    check_host,
    check_port,
    read_port,
    write_host,
)
from sipclient.message.params import NO_URI_PARAMS, URIParams, escape, unescape
from sipclient.message.uri_fault import uri_fault

# Groups: scheme, user, password, host, port, parameters, headers. BARE_SIP_URI is the
# addr-spec that stands without <>; its last two are empty.
_HOSTPORT = f"({HOST})(?::([0-9]++)|)"
_SCHEME = "([Ss][Ii][Pp][Ss]?)"
SIP_URI: Final = (
    f"{_SCHEME}:(?:({USER})(?::({PASSWORD})|)@|){_HOSTPORT}"
    f"({URI_PARAMETERS})({URI_HEADERS}|)"
)
BARE_SIP_URI: Final = (
    f"{_SCHEME}:(?:({BARE_USER})(?::({BARE_PASSWORD})|)@|){_HOSTPORT}()()"
)
# RFC 3966 §3: global-number-digits, local-number-digits. A local number ought to have
# a phone-context; so many haven't that it isn't asked for.
_TEL_NUMBER = (
    r"(?:\+[\-.()]*+[0-9][0-9\-.()]*+|[\-.()]*+[0-9A-Fa-f*#][0-9A-Fa-f*#\-.()]*+)"
)

_sip_uri = re.compile(SIP_URI)
_common_uri = re.compile(SIP_URI_PARTS).fullmatch
_tel_uri = re.compile(f"[Tt][Ee][Ll]:({_TEL_NUMBER})({URI_PARAMETERS})")
_tel_number = re.compile(_TEL_NUMBER)
_other_uri = re.compile(f"({SCHEME}):({URICS})")
_scheme_name = re.compile(SCHEME)
_urics = re.compile(URICS)
_user = re.compile(USER)
_password = re.compile(PASSWORD)
_hnv = re.compile(HNV)
_each_header = re.compile("[?&]([^=&]++)=([^&]*+)")

_Headers: TypeAlias = tuple[tuple[str, str], ...]
_OURS = ("sip", "sips", "tel")


def escape_user(text: str) -> str:
    """Write any text as the user part of a SIP URI, with %-escapes where needed.

    :raises SIPArgumentError: for a character that UTF-8 can't hold.
    """
    return escape(text, "!*'()&=+$,;?/")


def _refused(what: str, came: object, rule: str, advice: str = "") -> SIPArgumentError:
    return SIPArgumentError(
        f"making a {what}", f"{came!a:.80} can't be used", rule=rule, advice=advice
    )


@dataclass(frozen=True, slots=True, repr=False)
class SIPURI:
    """A ``sip:`` or ``sips:`` URI. Original: CUri8 with a SIP scheme.

    ``SIPURI("bob", "example.com", port=5070)``, ``SIPURI(host="example.com")``; a
    changed copy is made with ``dataclasses.replace``.

    :ivar user: as a URI writes it; `escape_user` makes it of any text. None: no user.
    :ivar host: a name or an address; brackets are taken off.
    :ivar port: 0 to 65535; None where none is written, which isn't the default's same.
    :ivar params: the parameters behind ";".
    :ivar headers: the header fields behind "?", names and values with their escapes.
    :ivar password: as a URI writes it. Never shown by repr.
    :ivar scheme: "sip" or "sips".
    :raises SIPArgumentError: for a part that no URI can have.
    """

    user: str | None = None
    host: str = ""
    port: int | None = None
    params: URIParams = NO_URI_PARAMS
    headers: _Headers = ()
    password: str | None = None
    scheme: str = "sip"

    def __post_init__(self) -> None:
        rule = "RFC 3261 §25.1 "
        if self.scheme not in ("sip", "sips"):
            advice = 'Give "sip" or "sips"; parse_uri reads others'
            raise _refused("SIP URI", self.scheme, rule + "SIP-URI", advice)
        if self.user is not None and not _user.fullmatch(self.user):
            advice = "Write other characters as %-escapes; escape_user does that"
            raise _refused("SIP URI", self.user, rule + "user", advice)
        if self.password is not None and (
            self.user is None or not _password.fullmatch(self.password)
        ):
            raise _refused("SIP URI", "this password", rule + "password")
        object.__setattr__(self, "host", check_host(self.host))
        check_port(self.port)
        if type(self.params) is not URIParams:
            advice = 'Give URIParams, for example URIParams.of({"transport": "tcp"})'
            raise _refused("SIP URI", self.params, rule + "uri-parameters", advice)
        object.__setattr__(self, "headers", tuple(self.headers))
        for name, value in self.headers:
            if not _hnv.fullmatch(name) or (value and not _hnv.fullmatch(value)):
                raise _refused("SIP URI", f"{name}={value}", rule + "headers")

    def __str__(self) -> str:
        text = f"{self.scheme}:"
        if self.user is not None:
            text += self.user
            if self.password is not None:
                text += f":{self.password}"
            text += "@"
        text += write_host(self.host)
        if self.port is not None:
            text += f":{self.port}"
        if self.params.pairs:
            text += str(self.params)
        if self.headers:
            text += "?" + "&".join([f"{n}={v}" for n, v in self.headers])
        return text

    def __repr__(self) -> str:
        shown = self if self.password is None else replace(self, password="***")
        return f"<SIPURI {str(shown)!a}>"

    @classmethod
    def parse(cls, text: str) -> SIPURI:
        """Read a SIP or SIPS URI; any other URI is an error here.

        :raises SIPParseError: production "scheme", or that of the part that is wrong.
        """
        uri = parse_uri(text)
        if not isinstance(uri, SIPURI):
            raise SIPParseError("scheme", text, 0, '"sip:" or "sips:"')
        return uri

    @property
    def user_unescaped(self) -> str | None:
        """The user part with its %-escapes undone, for people to read."""
        return None if self.user is None else unescape(self.user)

    @property
    def headers_unescaped(self) -> _Headers:
        """The header fields behind "?", names and values with their escapes undone."""
        return tuple((unescape(n), unescape(v)) for n, v in self.headers)

    @property
    def transport(self) -> str | None:
        """The transport parameter in lower case ("udp", "tcp" …), None without one."""
        value = self.params.get("transport")
        return None if value is None else value.lower()

    @property
    def maddr(self) -> str | None:
        """The maddr parameter, a host without brackets; None without one."""
        value = self.params.get("maddr")
        return None if value is None else bare_host(value)

    @property
    def lr(self) -> bool:
        """Whether the lr parameter is there: a loose router's URI (RFC 3261 §16.12)."""
        return "lr" in self.params

    def with_param(self, name: str, value: str | None = None) -> Self:
        """Give a copy with this parameter; the value is plain text, None for none."""
        return replace(self, params=self.params.with_(name, value))

    def without_param(self, name: str) -> Self:
        """Give a copy without this parameter."""
        return replace(self, params=self.params.without(name))

    def equivalent(self, other: object) -> bool:
        """Say whether RFC 3261 §19.1.4 takes both for the same. Original: Equivalent.

        Not transitive, hence not ``==``. Another kind of URI is never equivalent.
        """
        return isinstance(other, SIPURI) and sip_equivalent(self, other)


@dataclass(frozen=True, slots=True)
class TelURI:
    """A ``tel:`` URI, RFC 3966.

    :ivar number: "+" and digits for a global number, else a local one; visual
        separators as written.
    :ivar params: for example phone-context, which a local number ought to have.
    :raises SIPArgumentError: for what is no telephone number.
    """

    number: str
    params: URIParams = NO_URI_PARAMS

    scheme: ClassVar[str] = "tel"

    def __post_init__(self) -> None:
        if not _tel_number.fullmatch(self.number):
            rule = "RFC 3966 §3 telephone-subscriber"
            raise _refused("tel URI", self.number, rule)
        if type(self.params) is not URIParams:
            raise _refused("tel URI", self.params, "RFC 3966 §3 par", "Give URIParams")

    def __str__(self) -> str:
        return f"tel:{self.number}{self.params}"

    def equivalent(self, other: object) -> bool:
        """Say whether RFC 3966 §4 takes both for the same number."""
        return isinstance(other, TelURI) and tel_equivalent(self, other)


@dataclass(frozen=True, slots=True)
class OtherURI:
    """A URI of any other scheme, in two parts; nothing is understood of it.

    :ivar scheme: in lower case, without the colon.
    :ivar rest: all that follows the colon, as written.
    :raises SIPArgumentError: for what is no URI, and for the schemes sip, sips and tel.
    """

    scheme: str
    rest: str

    def __post_init__(self) -> None:
        rule = "RFC 3261 §25.1 absoluteURI"
        scheme = self.scheme.lower()
        if not _scheme_name.fullmatch(scheme) or scheme in _OURS:
            raise _refused("URI of another scheme", self.scheme, rule)
        if not _urics.fullmatch(self.rest):
            raise _refused("URI of another scheme", self.rest, rule)
        object.__setattr__(self, "scheme", scheme)

    def __str__(self) -> str:
        return f"{self.scheme}:{self.rest}"

    def equivalent(self, other: object) -> bool:
        """Say whether both are written alike: nothing more is known of this scheme."""
        return self == other


URI: TypeAlias = SIPURI | TelURI | OtherURI


class _Unfrozen:
    # The layout of SIPURI, to be filled with plain assignments and then made one by
    # its __class__: what the parser has checked needs no second check.
    __slots__ = ("headers", "host", "params", "password", "port", "scheme", "user")
    user: str | None
    host: str
    port: int | None
    params: URIParams
    headers: _Headers
    password: str | None
    scheme: str


def parse_uri(text: str, *, header: str | None = None) -> URI:
    """Read a URI: all of ``text``, nothing around it.

    :param header: the header field that it stands in, for the error's words.
    :raises SIPParseError: production "scheme", "userinfo", "host", "port",
        "uri-parameters", "duplicate-param", "headers", "telephone-subscriber", "URI".
    """
    match = _common_uri(text)
    if match is not None:
        return common_sip_uri(*match.groups())
    return read_uri(text, 0, len(text), header=header)


def read_uri(text: str, start: int, end: int, *, header: str | None = None) -> URI:
    """Do what `parse_uri` does for ``text[start:end]``; offsets count in ``text``."""
    match = _sip_uri.fullmatch(text, start, end)
    if match is not None:
        return made_sip_uri(match, 1, match.groups(), header)
    match = _tel_uri.fullmatch(text, start, end)
    if match is not None:
        return TelURI(match[1], URIParams.cut(text, *match.span(2), header=header))
    match = _other_uri.fullmatch(text, start, end)
    if match is not None and match[1].lower() not in _OURS:
        return OtherURI(match[1], match[2])
    raise uri_fault(text, start, end, header)


def common_sip_uri(
    scheme: str,
    user: str | None,
    host: str,
    digits: str | None,
    name: str | None,
    value: str | None,
) -> SIPURI:
    """Make a URI of the groups of `SIP_URI_PARTS`, which leave nothing to check."""
    uri = _Unfrozen()
    uri.scheme = scheme
    uri.user = user
    uri.password = None
    uri.host = host
    uri.port = None if digits is None else int(digits)
    uri.params = NO_URI_PARAMS if name is None else URIParams.one(name, value)
    uri.headers = ()
    uri.__class__ = SIPURI  # type: ignore[assignment]  # same layout
    return uri  # type: ignore[return-value]  # is one now


def made_sip_uri(
    match: Match[str],
    first: int,
    parts: Sequence[str | None],
    header: str | None,
) -> SIPURI:
    """Make a URI of the groups of `SIP_URI`.

    :param first: the number of the first of them in ``match``, for the offsets.
    :param parts: the groups themselves, all seven.
    :raises SIPParseError: for a port over 65535 and for parameters of the same name.
    """
    scheme, user, password, host, digits, params, headers = parts
    # Neither can be missing where SIP_URI has matched.
    scheme, host = scheme or "", host or ""
    value = _Unfrozen()
    value.scheme = scheme if scheme == "sip" else scheme.lower()
    value.user = user
    value.password = password
    value.host = bare_host(host) if host[0] == "[" else host
    value.port = None
    value.params = NO_URI_PARAMS
    value.headers = ()
    if digits and len(digits) < 5:
        value.port = int(digits)
    elif digits:
        value.port = read_port(match.string, *match.span(first + 4), header=header)
    if params:
        span = match.span(first + 5)
        value.params = URIParams.cut(match.string, *span, header=header)
    if headers:
        span = match.span(first + 6)
        value.headers = tuple(_each_header.findall(match.string, *span))
    value.__class__ = SIPURI  # type: ignore[assignment]  # same layout
    return value  # type: ignore[return-value]  # is one now
