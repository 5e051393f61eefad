"""The P-Access-Network-Info header field (RFC 7315 §4.4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from .reader import Listed, one
from .value_params import ValueParams, value_reader


@dataclass(frozen=True, slots=True)
class AccessNetworkInfo(ValueParams):
    """Over which radio or wire a terminal is connected.

    :ivar value: "3GPP-E-UTRAN-FDD", "IEEE-802.11" or another.
    :ivar params: the cell and others.
    """

    _EXPECTED: ClassVar[str] = "an access type, such as IEEE-802.11"

    @classmethod
    def parse(cls, text: str) -> AccessNetworkInfo:
        """Read one, such as "3GPP-UTRAN-TDD;utran-cell-id-3gpp=234151D0FCE11"."""
        return one(ACCESS_NETWORKS, text, "P-Access-Network-Info")


ACCESS_NETWORKS = Listed(value_reader(AccessNetworkInfo))
