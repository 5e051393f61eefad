"""What an application can take: the value by which requests find it.

Original: the capability data of CSIPResolvedClient.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ..errors import SIPArgumentError, SIPParseError
from ..message.fields.media import MEDIA_RANGES
from ..message.fields.shape import Shape
from ..message.fields.token_list import OPTION_TAGS
from .admission import check_method, check_text

#: Methods that arrive only inside dialogs, or that no application is ever given. A
#: later release routes those that make dialogs.
_NOT_ROUTED = frozenset(
    [
        "ACK",
        "CANCEL",
        "BYE",
        "PRACK",
        "UPDATE",
        "INFO",
        "NOTIFY",
        "SUBSCRIBE",
        "REFER",
        "REGISTER",
    ]
)


@dataclass(frozen=True, slots=True, init=False)
class Capabilities:
    """What an application serves; requests outside dialogs are routed by it.

    :param users: the user parts of Request-URIs that it answers for. ``"*"`` stands
        for each of them, and for a Request-URI without one; it must be asked for.
        Without any, no request outside dialogs finds the application.
    :param methods: what it serves. OPTIONS is answered by the stack for all, unless an
        application names it here.
    :param content_types: told in ``Accept`` when the stack answers OPTIONS.
    :param option_tags: the extensions that it supports (``Supported``, RFC 3261
        §20.37); a request that requires another one is answered 420.

    A single string is taken for a list of one. Raises :class:`SIPArgumentError`.
    """

    users: tuple[str, ...]
    methods: frozenset[str]
    content_types: tuple[str, ...]
    option_tags: frozenset[str]

    def __init__(
        self,
        *,
        users: str | Iterable[str] = (),
        methods: str | Iterable[str] = ("MESSAGE",),
        content_types: str | Iterable[str] = (),
        option_tags: str | Iterable[str] = (),
    ) -> None:
        served = frozenset(_several(methods))
        for method in served:
            check_method(method)
        for method in sorted(served & _NOT_ROUTED):
            raise SIPArgumentError(
                f"capabilities that name {method}",
                "an application can't be given that method outside dialogs",
                advice="Leave it out; MESSAGE, OPTIONS, INVITE and your own can be.",
            )
        object.__setattr__(self, "users", _several(users))
        object.__setattr__(self, "methods", served)
        object.__setattr__(
            self, "content_types", tuple(_type(t) for t in _several(content_types))
        )
        object.__setattr__(
            self, "option_tags", frozenset(_tag(t) for t in _several(option_tags))
        )


def _several(values: str | Iterable[str]) -> tuple[str, ...]:
    return (values,) if isinstance(values, str) else tuple(values)


def _type(text: str) -> str:
    """A content type, as it stands among others in Accept."""
    return _one(MEDIA_RANGES, "Accept", text)


def _tag(text: str) -> str:
    """An option tag, as it stands among others in Supported."""
    return _one(OPTION_TAGS, "Supported", text).lower()


def _one(shape: Shape[Any], header: str, text: str) -> str:
    attempted = f"declaring {text!a:.80}"
    check_text(f"what {header} says", text)
    try:
        values = shape.parse(text, header)
    except SIPParseError as error:
        raise SIPArgumentError(attempted, str(error)) from error
    if len(values) != 1:
        raise SIPArgumentError(attempted, f"it is not one value of {header}")
    return text
