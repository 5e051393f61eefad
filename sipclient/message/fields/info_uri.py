"""The Alert-Info, Call-Info and Error-Info header fields.

RFC 3261 §20.4, §20.9 and §20.18. The contract: the URI stands in <>, and its
scheme may be any.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sipclient.errors import SIPArgumentError

from ..params import NO_PARAMS, Params
from ..uri import SIPURI, URI, OtherURI, TelURI, read_uri
from .reader import Listed, one
from .shape import fail

_IN_BRACKETS = re.compile("<([^<>]*+)>").match


@dataclass(frozen=True, slots=True)
class InfoURI:
    """Where to find something: a ring tone, a picture, an explanation.

    :ivar uri: where.
    :ivar params: ``purpose`` and others.
    :raises SIPArgumentError: for parts of the wrong kind.
    """

    uri: URI
    params: Params = NO_PARAMS

    def __post_init__(self) -> None:
        if not isinstance(self.uri, (SIPURI, TelURI, OtherURI)):
            raise SIPArgumentError(
                "making an InfoURI",
                f"{self.uri!a:.80} is no URI",
                advice="parse_uri makes one of text",
            )

    @classmethod
    def parse(cls, text: str) -> InfoURI:
        """Read one, such as "<http://www.example.com/alice.jpg>;purpose=icon"."""
        return one(INFO_URIS, text, "Call-Info")

    @property
    def purpose(self) -> str | None:
        """What it is for ("icon", "info", "card"), None where not said."""
        return self.params.get("purpose")

    def __str__(self) -> str:
        return f"<{self.uri}>{self.params}"


def _read(text: str, start: int, end: int, name: str) -> InfoURI:
    match = _IN_BRACKETS(text, start, end)
    if match is None:
        fail(name, text, start, "a URI in <>")
    uri = read_uri(text, match.start(1), match.end(1), header=name)
    return InfoURI(uri, Params.parse(text, match.end(), end=end, header=name))


INFO_URIS = Listed(_read)
