"""Header fields that are addresses (RFC 3261 §7.3.1, §20).

From, To, Reply-To: RFC 3261 §20.20, §20.39, §20.31; Route, Record-Route: §20.34,
§20.30; Refer-To: RFC 3515 §2.1; Service-Route: RFC 3608 §6.2; Path: RFC 3327 §4;
P-Associated-URI: RFC 7315 §4.1; P-Asserted-Identity, P-Preferred-Identity: RFC 3325
§9.1, §9.2; Referred-By: RFC 3892 §3. The values are
:class:`sipclient.message.address.Address`.

The contract: what stands behind a URI without <> belongs to the header field (RFC 8217
says so for those that came after RFC 3261, too); where the grammar is name-addr alone
(the routes), the <> have to be there.
"""

from __future__ import annotations

import re

from ..address import Address, parse_address, parse_addresses
from ..grammar import TOKEN, split_list
from .shape import Shape, fail

_is_token = re.compile(TOKEN).fullmatch
_TAG = re.compile(r"(?<=;)[ \t]*+tag", re.IGNORECASE)


class OneAddress(Shape[Address]):
    """One name-addr or addr-spec with parameters."""

    __slots__ = ()

    def parse(self, text: str, name: str) -> tuple[Address, ...]:
        """Read the line's one address."""
        return (parse_address(text, header=name),)


class FromTo(Shape[Address]):
    """One name-addr or addr-spec, whose tag is a token if there is one."""

    __slots__ = ()

    def parse(self, text: str, name: str) -> tuple[Address, ...]:
        """Read the line's one address."""
        value = parse_address(text, header=name)
        for param, raw in value.params.pairs:
            if param.lower() == "tag" and not _is_token(raw or ""):
                place = _TAG.search(text, text.rfind(">") + 1)
                fail(name, text, place.start() if place else 0, "a token as tag")
        return (value,)


class Addresses(Shape[Address]):
    """Addresses separated by commas, in <> or not."""

    __slots__ = ()

    def parse(self, text: str, name: str) -> tuple[Address, ...]:
        """Read the line's addresses, in their order."""
        return parse_addresses(text, header=name)


class NameAddrs(Shape[Address]):
    """Addresses in <>, separated by commas."""

    __slots__ = ()

    def parse(self, text: str, name: str) -> tuple[Address, ...]:
        """Read the line's addresses, in their order."""
        values = parse_addresses(text, header=name)
        if '"' in text or text.count("<") != len(values):
            # RFC 3261 §20.34: without <>, nobody could tell whose the ";lr" is.
            for value, (start, _) in zip(values, split_list(text), strict=True):
                if not value.display_name and text[start] not in '<"':
                    fail(name, text, start, "a URI in <>")
        return values


ADDRESS = OneAddress()
ADDRESSES = Addresses()
FROM_TO = FromTo()
NAME_ADDRS = NameAddrs()
