"""Header fields whose value is a star with parameters.

Accept-Contact, Reject-Contact (RFC 3841 §9.2) and Feature-Caps (RFC 6809 §6): the word
is always ``*``, and the parameters say what is meant.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from .value_params import ValueParams


@dataclass(frozen=True, slots=True)
class Starred(ValueParams):
    """A star and its parameters.

    :ivar value: always ``*``.
    :ivar params: what is said.
    :raises SIPArgumentError: for another word.
    """

    value: str = "*"

    _WORD: ClassVar[re.Pattern[str]] = re.compile(r"\*")
    _EXPECTED: ClassVar[str] = "*"
