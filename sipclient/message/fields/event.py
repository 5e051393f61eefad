"""The Event and Subscription-State header fields (RFC 6665 §8.2.1, §8.2.3)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from .reader import Single, one
from .token_list import EVENT_TYPE
from .value_params import ValueParams, seconds, value_reader, wrong_seconds


@dataclass(frozen=True, slots=True)
class Event(ValueParams):
    """What is subscribed to. Original: CSIPEventHeader.

    :ivar value: the event type, package and templates ("presence.winfo").
    :ivar params: ``id`` and others.
    """

    _WORD: ClassVar[re.Pattern[str]] = re.compile(EVENT_TYPE)
    _EXPECTED: ClassVar[str] = "an event package, such as presence"

    @classmethod
    def parse(cls, text: str) -> Event:
        """Read it, such as "presence.winfo;id=7"."""
        return one(EVENT, text, "Event")

    @property
    def package(self) -> str:
        """The event package. Original: EventPackage."""
        return self.value.partition(".")[0]

    @property
    def templates(self) -> tuple[str, ...]:
        """The templates laid on the package. Original: EventTemplates."""
        return tuple(self.value.split(".")[1:])

    @property
    def id(self) -> str | None:
        """What tells several subscriptions of one dialog apart, None mostly."""
        return self.params.get("id")

    def matches(self, other: Event) -> bool:
        """Whether both mean the same subscription (RFC 6665 §8.2.1).

        Type and id are compared byte by byte; other parameters don't count.
        """
        return self.value == other.value and self.id == other.id


@dataclass(frozen=True, slots=True)
class SubscriptionState(ValueParams):
    """How a subscription stands. Original: CSIPSubscriptionStateHeader.

    :ivar value: "active", "pending", "terminated" or an extension's.
    :ivar params: ``expires``, ``reason``, ``retry-after`` and others.
    """

    _EXPECTED: ClassVar[str] = "a state, such as active"

    def _wrong(self) -> str | None:
        params = self.params
        return wrong_seconds(params, "expires") or wrong_seconds(params, "retry-after")

    @classmethod
    def parse(cls, text: str) -> SubscriptionState:
        """Read it, such as "active;expires=3600"."""
        return one(SUBSCRIPTION_STATE, text, "Subscription-State")

    @property
    def expires(self) -> int | None:
        """Seconds that are left of it. Original: ExpiresParameter."""
        return seconds(self.params.get("expires"))

    @property
    def retry_after(self) -> int | None:
        """Seconds before one may try again. Original: RetryAfterParameter."""
        return seconds(self.params.get("retry-after"))

    @property
    def reason(self) -> str | None:
        """Why it ended ("deactivated", "timeout", "noresource"), as written."""
        return self.params.get("reason")


EVENT = Single(value_reader(Event))
SUBSCRIPTION_STATE = Single(value_reader(SubscriptionState))
