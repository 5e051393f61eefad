"""What a parsed message is: a start line, an index of header texts, and a body.

A message is understood late. The parser leaves each header field as the text that
stood behind its colon; a typed value is made when somebody asks for it. The bytes of
the message stay as they came (``raw``), so that what goes through us comes out
unchanged, and a response can be made from slices of its request.

Text is UTF-8 with ``surrogateescape``: bytes that are no UTF-8 make the round trip.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ..secrecy import without_passwords
from .headers import CANONICAL, HEADERS, TEXT
from .uri import parse_uri

if TYPE_CHECKING:
    from .uri import URI


#: Where a line goes on in the next one (RFC 3261 §7.3.1). It never begins inside white
#: space: a long run of it is looked at once, not again from each of its places.
FOLD = re.compile(r"(?<![ \t])(?>(?:[ \t]*+\r\n[ \t]++)+)")

#: ``repeated`` of the many messages in which no header comes twice.
NOT_REPEATED: Mapping[str, list[str]] = {}


def header_lines(head: str) -> list[str]:
    """The start line and the header lines, unfolded (RFC 3261 §7.3.1)."""
    return FOLD.sub(" ", head).split("\r\n")


def header_key(name: str) -> str:
    """The key of a header field in ``index``: its full name in lower case."""
    return CANONICAL.get(name) or CANONICAL.get(name.lower()) or name.lower()


class Message:
    """What requests and responses have in common (RFC 3261 §7).

    :ivar raw: the message as framed.
    :ivar index: the text behind the colon of each header's first line, by its key: the
        full name in lower case.
    :ivar repeated: all such texts of those headers that come on several lines.

    Known after :func:`sipclient.message.check.check` only:

    :ivar branch: the ``branch`` of the top Via, "" where there is none.
    :ivar sent_by: the top Via's host and port as written, in lower case.
    :ivar cseq: the CSeq number, and ``cseq_method`` its method.
    :ivar call_id: the Call-ID.
    :ivar from_tag: the tag of From, "" where there is none; ``to_tag`` that of To.
    """

    __slots__ = (
        "_body",
        "branch",
        "call_id",
        "cseq",
        "cseq_method",
        "from_tag",
        "index",
        "raw",
        "repeated",
        "sent_by",
        "to_tag",
    )

    branch: str
    sent_by: str
    cseq: int
    cseq_method: str
    call_id: str
    from_tag: str
    to_tag: str

    raw: bytes
    index: dict[str, str]
    repeated: Mapping[str, list[str]]
    _body: int

    @property
    def body(self) -> bytes:
        """The body as framed."""
        return self.raw[self._body :]

    @property
    def start_line(self) -> str:
        """The first line, as it is written."""
        raise NotImplementedError

    @property
    def summary(self) -> str:
        """The start line and the Call-ID: all that a log may say of a message."""
        line = without_passwords(self.start_line)
        return f"{line} (Call-ID {self.text('call-id') or 'none'})"

    def __bytes__(self) -> bytes:
        return self.raw

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.summary}>"

    def __contains__(self, name: str) -> bool:
        return header_key(name) in self.index

    def text(self, name: str) -> str | None:
        """The text of the first field of that name, None where there is none."""
        text = self.index.get(header_key(name))
        return None if text is None else text.strip(" \t")

    def texts(self, name: str) -> tuple[str, ...]:
        """The texts of all fields of that name, one for each line."""
        key = header_key(name)
        several = self.repeated.get(key)
        if several is not None:
            return tuple([text.strip(" \t") for text in several])
        text = self.index.get(key)
        return () if text is None else (text.strip(" \t"),)

    def headers(self, name: str) -> tuple[Any, ...]:
        """All values of that header, typed by its shape, whatever lines they are on.

        Raises :class:`SIPParseError` where one of them can't be read.
        """
        key = CANONICAL.get(name) or header_key(name)
        text = self.index.get(key)
        if text is None:
            return ()
        spec = HEADERS.get(key)
        shape = spec.shape if spec is not None else TEXT
        spelled = spec.name if spec is not None else name
        several = self.repeated.get(key)
        if several is None:
            return shape.parse(text.strip(" \t"), spelled)
        values: tuple[Any, ...] = ()
        for line in several:
            values += shape.parse(line.strip(" \t"), spelled)
        return values

    def header(self, name: str) -> Any | None:
        """The first value of that header, typed by its shape; None without one.

        Raises :class:`SIPParseError` where its line can't be read.
        """
        key = CANONICAL.get(name) or header_key(name)
        text = self.index.get(key)
        if text is None:
            return None
        spec = HEADERS.get(key)
        if spec is None:
            return text.strip(" \t")
        for line in self.repeated.get(key, (text,)):
            values = spec.shape.parse(line.strip(" \t"), spec.name)
            if values:  # a line may hold none ("Supported:"), and the next one some
                return values[0]
        return None

    def fields(self) -> Iterator[tuple[str, str]]:
        """Each header line as (name as it is spelled, text), in their order."""
        head = self.raw.partition(b"\r\n\r\n")[0]
        for line in header_lines(head.decode("utf-8", "surrogateescape"))[1:]:
            name, _, value = line.partition(":")
            yield name.rstrip(" \t"), value.strip(" \t")


class Request(Message):
    """A request (RFC 3261 §7.1).

    :param body: where in ``raw`` the body begins.

    :ivar method: case matters (§7.1).
    :ivar uri: the Request-URI as it is written.
    :ivar source: host and port that it came from, None for one of our own.
    """

    __slots__ = ("method", "source", "uri")

    def __init__(
        self,
        raw: bytes,
        body: int,
        index: dict[str, str],
        repeated: Mapping[str, list[str]],
        method: str,
        uri: str,
    ) -> None:
        self.raw = raw
        self._body = body
        self.index = index
        self.repeated = repeated
        self.method = method
        self.uri = uri
        self.source: tuple[str, int] | None = None

    @property
    def start_line(self) -> str:
        """The Request-Line."""
        return f"{self.method} {self.uri} SIP/2.0"

    @property
    def request_uri(self) -> URI:
        """The Request-URI as a value; :class:`SIPParseError` where it is none."""
        return parse_uri(self.uri)


class Response(Message):
    """A response (RFC 3261 §7.2).

    :param body: where in ``raw`` the body begins.

    :ivar status: 100 to 699.
    :ivar reason: the reason phrase, "" where it is empty.
    """

    __slots__ = ("reason", "status")

    def __init__(
        self,
        raw: bytes,
        body: int,
        index: dict[str, str],
        repeated: Mapping[str, list[str]],
        status: int,
        reason: str,
    ) -> None:
        self.raw = raw
        self._body = body
        self.index = index
        self.repeated = repeated
        self.status = status
        self.reason = reason

    @property
    def start_line(self) -> str:
        """The Status-Line."""
        return f"SIP/2.0 {self.status} {self.reason}"
