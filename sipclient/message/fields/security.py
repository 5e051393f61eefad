"""The Security-Client, -Server and -Verify header fields (RFC 3329 §2.2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from .reader import Listed, one
from .value_params import ValueParams, value_reader, wrong_q


@dataclass(frozen=True, slots=True)
class SecurityMechanism(ValueParams):
    """A mechanism that one side offers. Original: CSIPSecurityHeaderBase.

    :ivar value: "digest", "tls", "ipsec-3gpp" or another.
    :ivar params: ``q``, ``d-alg``, ``d-qop``, ``d-ver`` and others.
    """

    _EXPECTED: ClassVar[str] = "a security mechanism, such as digest"

    def _wrong(self) -> str | None:
        return wrong_q(self.params)

    @classmethod
    def parse(cls, text: str) -> SecurityMechanism:
        """Read one, such as "tls;q=0.2"."""
        return one(MECHANISMS, text, "Security-Client")

    @property
    def q(self) -> float | None:
        """How much it is preferred, from 0 to 1; None where nothing is said."""
        q = self.params.get("q")
        return None if q is None else float(q)


MECHANISMS = Listed(value_reader(SecurityMechanism))
