"""What the tests of all header fields need: reading by name, and values to write."""

from __future__ import annotations

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from sipclient.errors import SIPParseError
from sipclient.message.address import Address
from sipclient.message.headers import HEADERS
from sipclient.message.params import Params, URIParams
from sipclient.message.uri import SIPURI, URI, OtherURI, TelURI

# How long one example takes says more of the machine than of us; that time grows no
# faster than the text has a test of its own.
settings.register_profile("fields", deadline=None)
settings.load_profile("fields")

# Not in params of their own, so that they need no values that mean something.
_MEANT = {
    *("branch", "cause", "duration", "expires", "index", "maddr", "mp", "np", "q"),
    *("rc", "received", "refresher", "retry-after", "rport", "tag", "ttl"),
}

TOKENS = st.text("abzAZ09-.!%*_+`'~", min_size=1, max_size=8)
TEXTS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\r\n")
    | st.integers(0xDC80, 0xDCFF).map(chr),
    max_size=12,
)
UINT32S = st.integers(0, 2**32 - 1)
HOSTS = st.sampled_from(
    ["192.0.2.1", "2001:db8::1", "::ffff:192.0.2.1", "a", "pc-33.example.com"]
)
PORTS = st.none() | st.integers(0, 65535)
QVALUES = st.sampled_from(["0", "1", "0.", "1.000", "0.333", "0.5"])


def params(**meant: st.SearchStrategy[Any]) -> st.SearchStrategy[Params]:
    """Parameters that mean nothing, and some of those that do."""
    names = TOKENS.map(str.lower).filter(lambda name: name not in _MEANT)
    return st.builds(
        lambda free, known: Params.of({**free, **known}),
        st.dictionaries(names, st.none() | TOKENS | TEXTS, max_size=3),
        st.fixed_dictionaries({}, optional=meant),
    )


PARAMS = params()
URIS: st.SearchStrategy[URI] = st.one_of(
    st.builds(
        SIPURI,
        st.none() | st.sampled_from(["alice", "a;b=c,d?e", "%00%6a", "+358-1"]),
        HOSTS,
        PORTS,
        st.sampled_from([URIParams.of({}), URIParams.of({"lr": None, "x": "a;,?b"})]),
        st.sampled_from([(), (("Route", "%3Csip:a%3E"), ("b", ""))]),
        scheme=st.sampled_from(["sip", "sips"]),
    ),
    st.just(TelURI("+358-9-123")),
    st.sampled_from(["//www.example.com/a,b;c?d", "uuid:1"]).map(
        lambda rest: OtherURI("urn", rest)
    ),
)
ADDRESSES = st.builds(Address, TEXTS, URIS, PARAMS)


def read(name: str, text: str) -> tuple[Any, ...]:
    """The values of one line of that header."""
    return HEADERS[name.lower()].shape.parse(text, name)


def rewritten(name: str, *values: Any) -> tuple[Any, ...]:
    """The values that come back from one line on which these were written."""
    shape = HEADERS[name.lower()].shape
    return shape.parse(", ".join([shape.write(value) for value in values]), name)


def refusal(name: str, text: str) -> tuple[str, str | None, int] | None:
    """Production, header and offset of the error that a text is; None for no error."""
    try:
        read(name, text)
    except SIPParseError as error:
        return error.production, error.header, error.offset
    return None


def unexpected(
    name: str, table: list[tuple[str, str, int]]
) -> dict[str, tuple[str, str | None, int] | None]:
    """The texts of a table of bad ones that were read, or failed in another way.

    :param table: text, and the error's production and offset.
    """
    found = {}
    for text, production, offset in table:
        came = refusal(name, text)
        if came != (production, name, offset):
            found[text] = came
    return found
