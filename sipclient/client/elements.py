"""What a message carries, as an application reads and writes it.

Elements are the only values that change. Those that were given to the stack, and
those that came from the network, can be read and copied but not changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Self

from ..errors import SIPArgumentError, SIPInUse
from ..message.address import Address, parse_address
from ..message.fields.media import MediaType
from ..message.headers import HEADERS
from ..message.model import Message, Request, Response, header_key
from ..message.status import reason_phrase
from ..message.uri import SIPURI, URI, OtherURI, TelURI, parse_uri
from ..secrecy import without_passwords
from ..session.admission import check_field, check_method, check_once, check_text

#: What an application may give as headers: each name once or often, as text or value.
HeadersGiven = Mapping[str, Any] | Iterable[tuple[str, Any]]


class MessageElements:
    """Headers and content: what requests and responses have in common.

    Original: CSIPMessageElements.

    :param headers: a mapping, or (name, value) pairs; a value is text or a typed one.
    :param content: the body; text is encoded as UTF-8.
    :param content_type: of the content, which can't be without ("text/plain").

    Raises :class:`SIPArgumentError` for a header that the stack owns, and
    :class:`SIPParseError` for one that isn't what its name promises.
    """

    __slots__ = ("_content", "_content_type", "_fields", "_given", "_message")

    def __init__(
        self,
        *,
        headers: HeadersGiven = (),
        content: bytes | str = b"",
        content_type: MediaType | str | None = None,
    ) -> None:
        self._message: Message | None = None
        self._given = False
        self._fields: tuple[tuple[str, str], ...] = ()
        self._content = b""
        self._content_type: MediaType | None = None
        if headers:
            for name, value in _pairs(headers):
                self.add_header(name, value)
        if content or content_type is not None:
            self.set_content(content, content_type)

    # Reading

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """All header fields as (name, text): of a received message every one."""
        if self._message is not None:
            return tuple(self._message.fields())
        return self._fields

    def header(self, name: str) -> Any | None:
        """The first value of that header, typed by its shape; None without one.

        Of a received message, raises :class:`SIPParseError` where it can't be read.
        """
        if self._message is not None:
            return self._message.header(name)
        values = self.header_values(name)
        return values[0] if values else None

    def header_values(self, name: str) -> tuple[Any, ...]:
        """All values of that header, typed by its shape, on whatever lines they are."""
        if self._message is not None:
            return self._message.headers(name)
        key = header_key(name)
        spec = HEADERS.get(key)
        values: tuple[Any, ...] = ()
        for spelled, text in self._fields:
            if header_key(spelled) == key:
                values += (text,) if spec is None else spec.shape.parse(text, spec.name)
        return values

    @property
    def content(self) -> bytes:
        """The body, ``b""`` without one."""
        return self._content if self._message is None else self._message.body

    @property
    def content_type(self) -> MediaType | None:
        """What the content is; None without."""
        if self._message is not None:
            return self._message.header("Content-Type")
        return self._content_type

    # Writing

    def set_header(self, name: str, *values: Any) -> None:
        """Put these values in place of what that header had; none removes it."""
        self._change()
        fields: tuple[tuple[str, str], ...] = ()
        for value in values:
            check_once(fields, name)
            fields = (*fields, _field(name, value))
        key = header_key(name)
        kept = tuple([f for f in self._fields if header_key(f[0]) != key])
        self._fields = kept + fields

    def add_header(self, name: str, value: Any) -> None:
        """Add one more header field."""
        self._change()
        field = _field(name, value)
        check_once(self._fields, name)
        self._fields = (*self._fields, field)

    def set_content(
        self, content: bytes | str, content_type: MediaType | str | None
    ) -> None:
        """Put content in, and say what it is."""
        self._change()
        if content_type is None:
            raise SIPArgumentError(
                "setting content",
                "it has no content_type",
                rule="RFC 3261 §20.15",
                advice='Say what it is, as in content_type="text/plain".',
            )
        if isinstance(content_type, str):
            content_type = MediaType.parse(content_type)
        self._content = _octets(content)
        self._content_type = content_type

    def _change(self) -> None:
        if self._given or self._message is not None:
            raise SIPInUse(
                "changing elements",
                "they were given to the stack, or came from the network",
                advice="Change a copy: elements.copy().",
            )

    # For the client

    def _wire(self) -> tuple[tuple[str, str], ...]:
        """The fields as they are sent."""
        fields = self._fields
        if self._content_type is not None:
            fields = (*fields, ("Content-Type", str(self._content_type)))
        return fields

    def _take_over(self, other: MessageElements) -> None:
        """Have what an application may set of another one."""
        for name, text in other.headers:
            spec = HEADERS.get(header_key(name))
            if spec is None or spec.settable:
                self._fields = (*self._fields, (name, text))
        self._content = other.content
        self._content_type = other.content_type


def _octets(content: bytes | str) -> bytes:
    if isinstance(content, str):
        return content.encode("utf-8", "surrogateescape")
    if isinstance(content, (bytes, bytearray, memoryview)):
        return bytes(content)
    raise TypeError(f"content is bytes or str, not {content!r:.80}")


def _pairs(headers: Any) -> Iterable[tuple[str, Any]]:
    if isinstance(headers, (str, bytes)):
        raise TypeError("headers are a mapping or (name, value) pairs, not text")
    pairs: Iterable[tuple[str, Any]] = (
        headers.items() if isinstance(headers, Mapping) else headers
    )
    return pairs


def _field(name: str, value: Any) -> tuple[str, str]:
    text = value if isinstance(value, str) else str(value)
    return check_field(name, text), text


class RequestElements(MessageElements):
    r"""What a request carries. Original: CSIPRequestElements.

    :param remote_uri: where it goes: a URI or its text, without headers.
    :param method: of the request ("MESSAGE"); it must be set before it is sent.
    :param from\_: who sends, without a tag.
    :param to: whom it is for, the remote URI unless given.
    """

    __slots__ = ("_from", "_method", "_remote_uri", "_to")

    _message: Request | None

    def __init__(
        self,
        remote_uri: URI | str,
        method: str = "",
        *,
        from_: Address | URI | str | None = None,
        to: Address | URI | str | None = None,
        headers: HeadersGiven = (),
        content: bytes | str = b"",
        content_type: MediaType | str | None = None,
    ) -> None:
        super().__init__(headers=headers, content=content, content_type=content_type)
        self._remote_uri = _remote(remote_uri)
        self._method = check_method(method) if method else ""
        self._from = None if from_ is None else _party("From", from_)
        self._to = None if to is None else _party("To", to)

    @classmethod
    def _received(cls, message: Request) -> Self:
        elements = cls.__new__(cls)
        elements._message = message
        elements._given = True
        return elements

    @property
    def method(self) -> str:
        """The method, "" while it is unset."""
        return self._method if self._message is None else self._message.method

    @method.setter
    def method(self, method: str) -> None:
        self._change()
        self._method = check_method(method)

    @property
    def remote_uri(self) -> URI:
        """Where it goes; of a received request, the Request-URI."""
        if self._message is not None:
            return self._message.request_uri
        return self._remote_uri

    @remote_uri.setter
    def remote_uri(self, uri: URI | str) -> None:
        self._change()
        self._remote_uri = _remote(uri)

    @property
    def from_(self) -> Address | None:
        """Who sends; None while it is unset."""
        return self._from if self._message is None else self._message.header("From")

    @from_.setter
    def from_(self, party: Address | URI | str) -> None:
        self._change()
        self._from = _party("From", party)

    @property
    def to(self) -> Address | None:
        """Whom it is for; None while it is unset."""
        return self._to if self._message is None else self._message.header("To")

    @to.setter
    def to(self, party: Address | URI | str) -> None:
        self._change()
        self._to = _party("To", party)

    @property
    def cseq(self) -> Any | None:
        """The CSeq of a received request; None in one's own."""
        return None if self._message is None else self._message.header("CSeq")

    def copy(self) -> RequestElements:
        """The same once more, to be changed: what an application may set of it."""
        copy = RequestElements(self.remote_uri, self.method)
        if self.from_ is not None:
            copy._from = _untagged(self.from_)
        if self.to is not None:
            copy._to = _untagged(self.to)
        copy._take_over(self)
        return copy

    def __repr__(self) -> str:
        uri = without_passwords(str(self.remote_uri))
        return f"<RequestElements {self.method or 'without method'} {uri}>"


class ResponseElements(MessageElements):
    """What a response carries. Original: CSIPResponseElements.

    :param status_code: 101 to 699; 100 is the stack's.
    :param reason_phrase: the standard one of the code unless given.
    """

    __slots__ = ("_reason_phrase", "_status_code")

    _message: Response | None

    def __init__(
        self,
        status_code: int,
        reason_phrase: str | None = None,
        *,
        headers: HeadersGiven = (),
        content: bytes | str = b"",
        content_type: MediaType | str | None = None,
    ) -> None:
        super().__init__(headers=headers, content=content, content_type=content_type)
        self._status_code = _checked_status(status_code)
        self._reason_phrase = (
            reason_phrase_of(status_code)
            if reason_phrase is None
            else check_text("the reason phrase", reason_phrase)
        )

    @classmethod
    def _received(cls, message: Response) -> Self:
        elements = cls.__new__(cls)
        elements._message = message
        elements._given = True
        return elements

    @property
    def status_code(self) -> int:
        """The status."""
        return self._status_code if self._message is None else self._message.status

    @status_code.setter
    def status_code(self, status: int) -> None:
        self._change()
        self._status_code = _checked_status(status)

    @property
    def reason_phrase(self) -> str:
        """What the status says to people."""
        return self._reason_phrase if self._message is None else self._message.reason

    @reason_phrase.setter
    def reason_phrase(self, phrase: str) -> None:
        self._change()
        self._reason_phrase = check_text("the reason phrase", phrase)

    @property
    def from_(self) -> Address | None:
        """From of a received response; None in one's own."""
        return None if self._message is None else self._message.header("From")

    @property
    def to(self) -> Address | None:
        """To of a received response; None in one's own."""
        return None if self._message is None else self._message.header("To")

    @property
    def cseq(self) -> Any | None:
        """CSeq of a received response; None in one's own."""
        return None if self._message is None else self._message.header("CSeq")

    def copy(self) -> ResponseElements:
        """The same once more, to be changed: what an application may set of it."""
        copy = ResponseElements(self.status_code, self.reason_phrase)
        copy._take_over(self)
        return copy

    def __repr__(self) -> str:
        return f"<ResponseElements {self.status_code} {self.reason_phrase}>"


reason_phrase_of = reason_phrase


def _remote(uri: URI | str) -> URI:
    value = parse_uri(uri) if isinstance(uri, str) else uri
    if not isinstance(value, (SIPURI, TelURI, OtherURI)):
        raise TypeError(f"a remote URI is a URI or its text, not {uri!r:.80}")
    if isinstance(value, SIPURI) and value.headers:
        raise SIPArgumentError(
            f"making a request to {value}",
            "a Request-URI has no headers",
            rule="RFC 3261 §19.1.1",
            advice="Set them as headers of the request.",
        )
    return value


def _party(header: str, party: Address | URI | str) -> Address:
    if isinstance(party, str):
        party = parse_address(party, header=header)
    elif not isinstance(party, Address):
        party = Address("", party)
    if "tag" in party.params:
        raise SIPArgumentError(
            f"setting {header}",
            "it has a tag",
            rule="RFC 3261 §19.3",
            advice="Leave the tag out: the stack makes it.",
        )
    return party


def _untagged(address: Address) -> Address:
    return address.without_param("tag")


def _checked_status(status: int) -> int:
    if not isinstance(status, int):
        raise TypeError(f"a status is an int, as in 200, not {status!r:.80}")
    if not 101 <= status <= 699:
        raise SIPArgumentError(
            f"setting the status {status}",
            "a response of an application has 101 to 699",
            rule="RFC 3261 §7.2",
        )
    return status
