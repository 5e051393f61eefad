"""Challenges and credentials, and what a server says once it believes.

WWW-Authenticate, Proxy-Authenticate, Authorization, Proxy-Authorization and
Authentication-Info: RFC 3261 §20.44, §20.27, §20.7, §20.28, §20.6; RFC 7616.

In these fields a comma stands between *parameters*, so that each challenge has its own
line (RFC 3261 §7.3.1). A sender that joined two all the same is understood: behind a
comma ``name =`` goes on, and ``scheme name =`` begins the next challenge.

The contract: values survive as written, quotes and all (``raw``); what is not Digest
passes too, as parameters or as one opaque word (``token68``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from sipclient.errors import SIPArgumentError, SIPParseError

from ..grammar import QUOTED_STRING, TOKEN, is_token, quote, unquote
from .shape import Shape, fail

_SCHEME = re.compile(rf"[ \t]*+({TOKEN})(?:[ \t]++|(?=,)|\Z)")
_PARAM = re.compile(rf"[ \t]*+({TOKEN})[ \t]*+=[ \t]*+({QUOTED_STRING}|{TOKEN})[ \t]*+")
_TOKEN68 = re.compile(r"([A-Za-z0-9\-._~+/]++=*+)[ \t]*+(?=,|\Z)")

_IS_VALUE = re.compile(rf"{QUOTED_STRING}|{TOKEN}").fullmatch


@dataclass(frozen=True, slots=True)
class AuthParams:
    """Parameters with commas between them; names in any case, values as written.

    :ivar pairs: (name, value) as they stand in the text, in their order.
    :raises SIPArgumentError: for what can't be written, or a name that is there twice.
    """

    pairs: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        for name, value in self.pairs:
            if not is_token(name) or not _IS_VALUE(value):
                raise SIPArgumentError(
                    "making authentication parameters",
                    f"{name!a:.40} can't have the value that came",
                    rule="RFC 3261 §25.1 auth-param",
                )
        if len({name.lower() for name, _ in self.pairs}) < len(self.pairs):
            raise SIPArgumentError(
                "making authentication parameters", "a name stands there twice"
            )

    @classmethod
    def of(cls, values: Mapping[str, str], *, bare: frozenset[str]) -> AuthParams:
        """Make them from plain values; those named in ``bare`` get no quotes."""
        return cls(
            tuple(
                [
                    (name, value if name.lower() in bare else quote(value))
                    for name, value in values.items()
                ]
            )
        )

    def raw(self, name: str) -> str | None:
        """The value as written, with its quotes; None where there is none."""
        wanted = name.lower()
        for each, value in self.pairs:
            if each.lower() == wanted:
                return value
        return None

    def get(self, name: str) -> str | None:
        """The value without quotes; None where there is none."""
        value = self.raw(name)
        if value is not None and value[:1] == '"':
            return unquote(value)
        return value

    def __contains__(self, name: str) -> bool:
        return self.raw(name) is not None

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self.pairs)

    def __len__(self) -> int:
        return len(self.pairs)

    def __str__(self) -> str:
        return ", ".join([f"{name}={value}" for name, value in self.pairs])


@dataclass(frozen=True, slots=True)
class _Auth:
    """A scheme and what it says."""

    scheme: str
    params: AuthParams = AuthParams()
    token68: str = ""

    # What RFC 3261 §25.1 writes without quotes.
    _bare: ClassVar[frozenset[str]] = frozenset()

    def __post_init__(self) -> None:
        opaque = self.token68
        if (
            not is_token(self.scheme)
            or (opaque and not _TOKEN68.fullmatch(opaque))
            or (opaque and self.params.pairs)
        ):
            raise SIPArgumentError(
                f"making {type(self).__name__}",
                f"the scheme {self.scheme!a:.40} can't be written so",
                rule="RFC 3261 §25.1 challenge",
                advice="Give a token, and parameters or token68",
            )

    @property
    def is_digest(self) -> bool:
        """Whether the scheme is Digest, in any case."""
        return self.scheme.lower() == "digest"

    @property
    def realm(self) -> str | None:
        """The realm, whose users and passwords are meant."""
        return self.params.get("realm")

    @property
    def nonce(self) -> str | None:
        """The server's nonce."""
        return self.params.get("nonce")

    @property
    def opaque(self) -> str | None:
        """What the client gives back as it came."""
        return self.params.get("opaque")

    @property
    def algorithm(self) -> str | None:
        """The algorithm as written; None stands for MD5."""
        return self.params.get("algorithm")

    def __str__(self) -> str:
        return f"{self.scheme} {self.token68 or self.params}".rstrip(" ")


@dataclass(frozen=True, slots=True)
class Challenge(_Auth):
    """What a server asks for: one WWW-Authenticate or Proxy-Authenticate.

    Original: CSIPAuthenticateHeaderBase.

    :ivar scheme: "Digest" nearly always.
    :ivar params: the parameters.
    :ivar token68: what stands in their place in schemes such as NTLM.
    """

    _bare: ClassVar[frozenset[str]] = frozenset(
        ("algorithm", "charset", "stale", "userhash")
    )

    @classmethod
    def of(cls, scheme: str, values: Mapping[str, str]) -> Challenge:
        """Make one from plain values, which get quotes where the RFC has them."""
        return cls(scheme, AuthParams.of(values, bare=cls._bare))

    @classmethod
    def parse(cls, text: str) -> Challenge:
        """Read one challenge."""
        return CHALLENGES.parse_one(text, "WWW-Authenticate")

    @property
    def qop(self) -> tuple[str, ...]:
        """The qualities of protection offered; none is RFC 2069's way."""
        return _words((self.params.get("qop") or "").replace(",", " "))

    @property
    def domain(self) -> tuple[str, ...]:
        """The URIs for which the answer is good."""
        return _words(self.params.get("domain") or "")

    @property
    def stale(self) -> bool:
        """Whether only the nonce was too old."""
        return (self.params.get("stale") or "").lower() == "true"


@dataclass(frozen=True, slots=True, repr=False)
class Credentials(_Auth):
    """A client's answer: one Authorization or Proxy-Authorization.

    Original: CSIPAuthorizationHeaderBase. Its repr shows whose it is, not the secret.

    :ivar scheme: "Digest" nearly always.
    :ivar params: the parameters.
    :ivar token68: what stands in their place in schemes such as Basic.
    """

    _bare: ClassVar[frozenset[str]] = frozenset(
        ("algorithm", "nc", "qop", "userhash", "username*")
    )

    @classmethod
    def of(cls, scheme: str, values: Mapping[str, str]) -> Credentials:
        """Make them from plain values, which get quotes where the RFC has them."""
        return cls(scheme, AuthParams.of(values, bare=cls._bare))

    @classmethod
    def parse(cls, text: str) -> Credentials:
        """Read one client's answer."""
        return CREDENTIALS.parse_one(text, "Authorization")

    @property
    def username(self) -> str | None:
        """Who answers."""
        return self.params.get("username")

    @property
    def uri(self) -> str | None:
        """The digest-uri that the answer was made for."""
        return self.params.get("uri")

    @property
    def response(self) -> str | None:
        """The digest."""
        return self.params.get("response")

    @property
    def cnonce(self) -> str | None:
        """The client's nonce."""
        return self.params.get("cnonce")

    @property
    def nc(self) -> str | None:
        """The nonce count as written: eight hexadecimal digits."""
        return self.params.get("nc")

    @property
    def qop(self) -> str | None:
        """The quality of protection chosen."""
        return self.params.get("qop")

    def __repr__(self) -> str:
        return (
            f"<{type(self).__name__} {self.scheme} username={self.username!r}"
            f" realm={self.realm!r}>"
        )


@dataclass(frozen=True, slots=True)
class AuthenticationInfo:
    """What a server says once it has believed a client: Authentication-Info.

    :ivar params: nextnonce, rspauth, qop, cnonce and nc.
    """

    params: AuthParams = AuthParams()

    _bare: ClassVar[frozenset[str]] = frozenset(("nc", "qop"))

    @classmethod
    def of(cls, values: Mapping[str, str]) -> AuthenticationInfo:
        """Make one from plain values, which get quotes where the RFC has them."""
        return cls(AuthParams.of(values, bare=cls._bare))

    @classmethod
    def parse(cls, text: str) -> AuthenticationInfo:
        """Read the parameters."""
        return AUTHENTICATION_INFO.parse(text, "Authentication-Info")[0]

    @property
    def nextnonce(self) -> str | None:
        """The nonce for the next request."""
        return self.params.get("nextnonce")

    @property
    def rspauth(self) -> str | None:
        """The server's own proof that it knows the password."""
        return self.params.get("rspauth")

    def __str__(self) -> str:
        return str(self.params)


A = TypeVar("A", Challenge, Credentials)


class AuthShape(Shape[A], Generic[A]):
    """One line of challenges or credentials."""

    __slots__ = ("_value",)

    def __init__(self, value: type[A]) -> None:
        self._value: type[A] = value

    def parse(self, text: str, name: str) -> tuple[A, ...]:
        """Read the line; one value, unless the sender joined several."""
        values: list[A] = []
        offset, end = 0, len(text)
        while True:
            match = _SCHEME.match(text, offset)
            if match is None:
                fail(name, text, offset, "an authentication scheme and its parameters")
            scheme, offset = match[1], match.end()
            if opaque := _TOKEN68.match(text, offset):
                values.append(self._value(scheme, token68=opaque[1]))
                offset = opaque.end()
            elif offset < end and text[offset] != ",":
                params, offset = _read_params(text, offset, name)
                values.append(self._value(scheme, params))
            else:
                values.append(self._value(scheme))
            if offset == end:
                return tuple(values)
            offset += 1

    def parse_one(self, text: str, name: str) -> A:
        """Read a line that holds one."""
        values = self.parse(text, name)
        if len(values) != 1:
            fail(name, text, 0, "one challenge")
        return values[0]


class AuthInfoShape(Shape[AuthenticationInfo]):
    """One line of parameters without a scheme."""

    __slots__ = ()

    def parse(self, text: str, name: str) -> tuple[AuthenticationInfo, ...]:
        """Read the line."""
        params, offset = _read_params(text, 0, name)
        if offset != len(text):
            fail(name, text, offset, "a parameter, name=value")
        return (AuthenticationInfo(params),)


def _read_params(text: str, offset: int, name: str) -> tuple[AuthParams, int]:
    """Read until the end, or until behind the comma something else begins.

    Returns the parameters and the offset of the end or of that comma.
    """
    pairs: list[tuple[str, str]] = []
    seen: set[str] = set()
    end = len(text)
    at = offset
    while match := _PARAM.match(text, at):
        param, value = match.groups()
        key = param.lower()
        if key in seen:
            raise SIPParseError(
                "duplicate-param",
                text,
                match.start(1),
                f"{param} once only",
                header=name,
            )
        seen.add(key)
        pairs.append((param, value))
        offset = match.end()
        if offset == end:
            return AuthParams(tuple(pairs)), offset
        if text[offset] != ",":
            fail(name, text, offset, "a comma or the end")
        at = offset + 1
    if not pairs:
        fail(name, text, offset, "a parameter, name=value")
    return AuthParams(tuple(pairs)), offset


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


CHALLENGES = AuthShape(Challenge)
CREDENTIALS = AuthShape(Credentials)
AUTHENTICATION_INFO = AuthInfoShape()
