"""Which application gets a request outside dialogs, or how it is answered without one.

The candidates are filtered stage by stage (scheme, user, method, required extensions)
and what is left is ranked. The answer of a request that nobody gets is that of the
furthest stage that any candidate reached, and its list header is the union over those
that reached it. RFC 3261 §8.2.1–§8.2.2, §11.2.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from ..core.user_agent import UserAgent
from ..errors import SIPParseError
from ..message.model import Request
from ..message.status import METHODS
from ..message.uri import SIPURI, parse_uri
from ..session.capabilities import Capabilities

#: What the stack itself serves, for all applications.
_OWN_METHODS = frozenset(("OPTIONS",))


class Candidate(Protocol):
    """An application, as far as routing knows it."""

    uid: str
    capabilities: Capabilities


@dataclass(frozen=True, slots=True)
class Destination:
    """What a Request-URI means at one access point.

    :ivar user: its user part, "" without one.
    :ivar own: whether its host and port are the access point's.
    """

    user: str
    own: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request gets that no application is given."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()


#: Who gets the request; without anybody, the answer.
Decision = Candidate | Answer


def request_uri(text: str) -> SIPURI | None:
    """Read a Request-URI; None for a scheme other than ``sip`` and ``sips``.

    Raises :class:`SIPParseError`.
    """
    uri = parse_uri(text)
    return uri if isinstance(uri, SIPURI) else None


def destination(agent: UserAgent, uri: SIPURI | None) -> Destination | None:
    """What a Request-URI means at an access point, None where it means nothing."""
    if uri is None:
        return None
    return Destination(
        uri.user_unescaped or "", agent.addresses.own(uri.host, uri.port)
    )


def decide(
    request: Request,
    target: Destination | None,
    applications: Sequence[Candidate],
    reasons: dict[str, str] | None = None,
) -> Decision:
    """Choose among the applications, longest connected first.

    :param reasons: a mapping to be filled with the reason for each application.
    """
    method = request.method
    if target is not None and reasons is None and "require" not in request.index:
        usual = _usual(method, target, applications)
        if usual is not None:
            return usual
    if method not in METHODS and not any(
        method in a.capabilities.methods for a in applications
    ):
        return Answer(501)  # §8.2.1: a method that nobody here knows
    if target is None:
        return Answer(416)  # §8.2.2.1
    found = _by_user(target, applications, reasons)
    if not found and not (method == "OPTIONS" and target.own and not target.user):
        return Answer(404 if applications else 503)
    serving = [a for a in found if method in a.capabilities.methods]
    if reasons is not None:
        for application in found:
            if application not in serving:
                reasons[application.uid] = f"does not serve {method}"
    by_stack = not serving and method in _OWN_METHODS
    if not serving and not by_stack:
        return Answer(405, (("Allow", _allow(found)),))
    able = serving
    if "require" in request.index:
        try:
            required = [tag.lower() for tag in request.headers("Require")]
        except SIPParseError:
            return Answer(400)  # needed, and not to be read
        considered = serving or found
        able = [
            a for a in considered if a.capabilities.option_tags.issuperset(required)
        ]
        if reasons is not None:
            for application in considered:
                if application not in able:
                    reasons[application.uid] = "does not support what is required"
        if not able and required:
            supported = {t for a in considered for t in a.capabilities.option_tags}
            missing = [tag for tag in required if tag not in supported]
            return Answer(420, (("Unsupported", ", ".join(missing or required)),))
    if by_stack:
        return Answer(200, _own_options(found or applications))
    chosen = _first(target.user, able)
    if reasons is not None:
        for application in able:
            reasons[application.uid] = (
                "chosen" if application is chosen else "another one ranks before it"
            )
    return chosen


def _usual(
    method: str, target: Destination, applications: Sequence[Candidate]
) -> Candidate | None:
    """Who gets a request that needs nothing special; None where nobody does.

    The same as what the stages come to, in one look at each application.
    """
    chosen: Candidate | None = None
    if target.own:
        user = target.user
        for application in applications:
            able = application.capabilities
            if method in able.methods:
                if user and user in able.users:
                    return application
                if chosen is None and "*" in able.users:
                    chosen = application
    return chosen


def _by_user(
    target: Destination,
    applications: Sequence[Candidate],
    reasons: dict[str, str] | None,
) -> list[Candidate]:
    """Those that answer for the user of the Request-URI, if its host is ours."""
    user = target.user
    found = []
    for application in applications:
        users = application.capabilities.users
        if target.own and ("*" in users or (user and user in users)):
            found.append(application)
        elif reasons is not None:
            reasons[application.uid] = (
                f"does not answer for the user {user!r}"
                if target.own
                else "the Request-URI's host and port are not this access point's"
            )
    return found


def _first(user: str, able: Iterable[Candidate]) -> Candidate:
    """Rank: a declared user before "*", then who is connected longest."""
    chosen: Candidate | None = None
    for application in able:
        if user and user in application.capabilities.users:
            return application
        if chosen is None:
            chosen = application
    assert chosen is not None  # the caller has at least one
    return chosen


def _allow(applications: Iterable[Candidate]) -> str:
    methods = set(_OWN_METHODS)
    for application in applications:
        methods |= application.capabilities.methods
    return ", ".join(sorted(methods))


def _own_options(applications: Iterable[Candidate]) -> tuple[tuple[str, str], ...]:
    """What the stack tells of all applications when asked by OPTIONS (§11.2)."""
    applications = list(applications)
    types = dict.fromkeys(t for a in applications for t in a.capabilities.content_types)
    tags = sorted({t for a in applications for t in a.capabilities.option_tags})
    headers = [("Allow", _allow(applications))]
    if types:
        headers.append(("Accept", ", ".join(types)))
    headers.append(("Supported", ", ".join(tags)))
    return tuple(headers)
