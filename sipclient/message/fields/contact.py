"""The Contact header field (RFC 3261 §20.10).

The contract: a line is ``*`` alone, which only a REGISTER that removes everything has,
or addresses; ``contact.star`` tells which.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal, TypeAlias, cast

from sipclient.errors import SIPArgumentError

from ..address import Address, parse_addresses
from ..grammar import split_list
from .shape import Shape, fail
from .value_params import seconds, wrong_q


@dataclass(frozen=True, slots=True)
class Contact(Address):
    """Where somebody can be reached. Original: CSIPContactHeader.

    :ivar display_name: the name without quotes, "" for none.
    :ivar uri: where.
    :ivar params: ``q``, ``expires``, feature tags and others.
    :raises SIPArgumentError: for what the header can't hold.
    """

    star: ClassVar[Literal[False]] = False

    def __post_init__(self) -> None:
        # Not super(): a slotted dataclass is another class than the one written here.
        Address.__post_init__(self)
        expected = wrong_q(self.params)
        if expected is not None:
            raise SIPArgumentError(
                "making a Contact", f"{str(self)!a:.80} doesn't have {expected}"
            )

    @classmethod
    def parse(cls, text: str) -> Contact:
        """Read one, such as "<sip:bob@192.0.2.4>;expires=60"; ``*`` is an error."""
        values = CONTACTS.parse(text, "Contact")
        if len(values) != 1 or values[0].star:
            fail("Contact", text, 0, "one address")
        return values[0]

    @property
    def q(self) -> float | None:
        """How much it is preferred, 0 to 1. Original: QParameter."""
        q = self.params.get("q")
        return None if q is None else float(q)

    @property
    def expires(self) -> int | None:
        """Seconds that it is good for, None where not said.

        Original: ExpiresParameter.
        A value that can't be read counts as 3600, as the RFC has it.
        """
        if "expires" not in self.params:
            return None
        value = seconds(self.params["expires"])
        return 3600 if value is None else value


@dataclass(frozen=True, slots=True)
class AllContacts:
    """The ``*`` of a REGISTER that removes all bindings. Original: Star."""

    star: ClassVar[Literal[True]] = True

    def __str__(self) -> str:
        return "*"


AnyContact: TypeAlias = Contact | AllContacts

STAR = AllContacts()

_set = object.__setattr__


class Contacts(Shape[AnyContact]):
    """``*``, or addresses separated by commas."""

    __slots__ = ()

    def parse(self, text: str, name: str) -> tuple[AnyContact, ...]:
        """Read the line's contacts, in their order."""
        if text.strip(" \t") == "*":
            return (STAR,)
        values: list[AnyContact] = []
        for address in parse_addresses(text, header=name):
            expected = wrong_q(address.params)
            if expected is not None:
                fail(name, text, split_list(text)[len(values)][0], expected)
            # Nobody else has seen this address yet, and a Contact has its layout.
            _set(address, "__class__", Contact)
            values.append(cast(Contact, address))
        return tuple(values)


CONTACTS = Contacts()
