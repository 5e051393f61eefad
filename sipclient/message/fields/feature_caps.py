"""The Feature-Caps header field (RFC 6809 §6)."""

from __future__ import annotations

from dataclasses import dataclass

from .reader import Listed, one
from .starred import Starred
from .value_params import value_reader


@dataclass(frozen=True, slots=True)
class FeatureCaps(Starred):
    """What somebody on the way of a request can do.

    :ivar value: always ``*``.
    :ivar params: feature-capability indicators, whose names start with "+".
    """

    @classmethod
    def parse(cls, text: str) -> FeatureCaps:
        """Read one, such as ``*;+g.3gpp.srvcc``."""
        return one(FEATURE_CAPS, text, "Feature-Caps")


FEATURE_CAPS = Listed(value_reader(FeatureCaps))
