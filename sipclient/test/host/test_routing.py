"""Routing as one table: who gets a request, what it gets otherwise, and why."""

from __future__ import annotations

from dataclasses import dataclass, field

from twisted.trial.unittest import SynchronousTestCase

from sipclient import Capabilities
from sipclient.errors import SIPParseError
from sipclient.host.routing import Answer, Destination, decide, request_uri
from sipclient.message import build
from sipclient.message.check import check
from sipclient.message.model import Request
from sipclient.message.parser import parse


@dataclass(eq=False)
class Application:
    """A candidate."""

    uid: str
    capabilities: Capabilities = field(default_factory=Capabilities)


def app(uid: str, **declared: object) -> Application:
    return Application(uid, Capabilities(**declared))  # type: ignore[arg-type]  # by name


def request(method: str, *require: str) -> Request:
    message = parse(
        build.request(
            method,
            "sip:whoever@example.com",
            via="SIP/2.0/UDP 192.0.2.2;branch=z9hG4bK1",
            from_="<sip:a@example.com>;tag=1",
            to="<sip:b@example.com>",
            call_id="1",
            cseq=1,
            headers=[("Require", text) for text in require],
        )
    )
    check(message)
    assert isinstance(message, Request)
    return message


OURS, NOT_OURS = Destination("alice", True), Destination("alice", False)
NOBODY, ELSE = Destination("", True), Destination("bob", True)

ALL = app("all", users="*")
ALICE = app("alice", users="alice")
BOTH = app("both", users=["alice", "*"])
SILENT = app("silent")
PUBLISHER = app("publisher", users="*", methods="PUBLISH")
ASKED = app("asked", users="*", methods="OPTIONS")
OWN = app("own", users="*", methods="NEWMETHOD")
PATH = app("path", users="*", option_tags="Path")
GRUU = app("gruu", users="*", option_tags=["gruu", "path"])

# What is shown, method, Request-URI, required, applications, and the uid or answer.
ROWS: tuple[
    tuple[
        str,
        str,
        Destination | None,
        tuple[str, ...],
        tuple[Application, ...],
        str | Answer,
    ],
    ...,
] = (
    # The user.
    ("no application", "MESSAGE", OURS, (), (), Answer(503)),
    ("declares no user", "MESSAGE", OURS, (), (SILENT,), Answer(404)),
    ("takes all", "MESSAGE", OURS, (), (SILENT, ALL), "all"),
    ("declares it", "MESSAGE", OURS, (), (SILENT, ALICE), "alice"),
    ("declares another one", "MESSAGE", ELSE, (), (ALICE,), Answer(404)),
    ("no user, declared", "MESSAGE", NOBODY, (), (ALICE,), Answer(404)),
    ("no user, takes all", "MESSAGE", NOBODY, (), (ALICE, ALL), "all"),
    ("not our host", "MESSAGE", NOT_OURS, (), (ALICE, ALL), Answer(404)),
    # The rank.
    ("declared before all", "MESSAGE", OURS, (), (ALL, ALICE), "alice"),
    ("all, as declared", "MESSAGE", OURS, (), (ALL, BOTH), "both"),
    ("longest connected", "MESSAGE", OURS, (), (ALICE, BOTH), "alice"),
    ("longest of those for all", "MESSAGE", ELSE, (), (BOTH, ALL), "both"),
    # The method, after the scheme and the user.
    ("unknown method", "NEWMETHOD", OURS, (), (ALL,), Answer(501)),
    ("unknown before scheme", "NEWMETHOD", None, (), (ALL,), Answer(501)),
    ("unknown, and nobody", "NEWMETHOD", OURS, (), (), Answer(501)),
    ("one's own method", "NEWMETHOD", OURS, (), (ALL, OWN), "own"),
    (
        "one's own, of another user",
        "NEWMETHOD",
        OURS,
        (),
        (ALICE, app("x", users="bob", methods="NEWMETHOD")),
        Answer(405, (("Allow", "MESSAGE, OPTIONS"),)),
    ),
    ("scheme", "MESSAGE", None, (), (ALL,), Answer(416)),
    ("scheme before user", "MESSAGE", None, (), (), Answer(416)),
    ("user before method", "PUBLISH", ELSE, (), (ALICE,), Answer(404)),
    (
        "not served",
        "REGISTER",
        OURS,
        (),
        (ALL, PUBLISHER, SILENT),
        Answer(405, (("Allow", "MESSAGE, OPTIONS, PUBLISH"),)),
    ),
    ("who serves it", "PUBLISH", OURS, (), (ALICE, PUBLISHER), "publisher"),
    # Required extensions, after the method.
    ("supported", "MESSAGE", OURS, ("PATH",), (ALL, PATH, GRUU), "path"),
    ("all of them", "MESSAGE", OURS, ("path", "gruu"), (PATH, GRUU), "gruu"),
    (
        "unsupported",
        "MESSAGE",
        OURS,
        ("path, 100rel", "x"),
        (ALL, PATH),
        Answer(420, (("Unsupported", "100rel, x"),)),
    ),
    (
        "nobody supports both",
        "MESSAGE",
        OURS,
        ("path", "outbound"),
        (PATH, app("outbound", users="*", option_tags="outbound")),
        Answer(420, (("Unsupported", "path, outbound"),)),
    ),
    (
        "method before extension",
        "PUBLISH",
        OURS,
        ("100rel",),
        (ALL,),
        Answer(405, (("Allow", "MESSAGE, OPTIONS"),)),
    ),
    ("extension before rank", "MESSAGE", OURS, ("path",), (ALICE, PATH), "path"),
    ("not to be read", "MESSAGE", OURS, ("a b",), (PATH,), Answer(400)),
    # OPTIONS.
    (
        "for all",
        "OPTIONS",
        NOBODY,
        (),
        (ALICE, PUBLISHER),
        Answer(200, (("Allow", "OPTIONS, PUBLISH"), ("Supported", ""))),
    ),
    (
        "no user, none takes all",
        "OPTIONS",
        NOBODY,
        (),
        (ALICE, app("x", users="bob", methods="PUBLISH")),
        Answer(200, (("Allow", "MESSAGE, OPTIONS, PUBLISH"), ("Supported", ""))),
    ),
    (
        "nobody is there",
        "OPTIONS",
        NOBODY,
        (),
        (),
        Answer(200, (("Allow", "OPTIONS"), ("Supported", ""))),
    ),
    ("a user that nobody has", "OPTIONS", ELSE, (), (ALICE,), Answer(404)),
    ("not ours", "OPTIONS", Destination("", False), (), (ALL,), Answer(404)),
    (
        "what they take",
        "OPTIONS",
        OURS,
        (),
        (
            app("x", users="*", content_types=["text/plain", "text/html"]),
            app("y", users="*", content_types="text/html", option_tags="path"),
        ),
        Answer(
            200,
            (
                ("Allow", "MESSAGE, OPTIONS"),
                ("Accept", "text/plain, text/html"),
                ("Supported", "path"),
            ),
        ),
    ),
    ("who names it", "OPTIONS", OURS, (), (ALL, ASKED), "asked"),
    (
        "required of the stack",
        "OPTIONS",
        NOBODY,
        ("path",),
        (ALICE,),
        Answer(420, (("Unsupported", "path"),)),
    ),
    (
        "required, and supported",
        "OPTIONS",
        OURS,
        ("path",),
        (PATH,),
        Answer(200, (("Allow", "MESSAGE, OPTIONS"), ("Supported", "path"))),
    ),
)


class DecisionTests(SynchronousTestCase):
    def test_every_rule_and_its_precedence(self) -> None:
        for what, method, target, required, applications, expected in ROWS:
            decision = decide(request(method, *required), target, applications)
            if isinstance(expected, str):
                self.assertEqual(getattr(decision, "uid", decision), expected, what)
            else:
                self.assertEqual(decision, expected, what)

    def test_to_be_asked_for_reasons_changes_nothing(self) -> None:
        for what, method, target, required, applications, _ in ROWS:
            message = request(method, *required)
            reasons: dict[str, str] = {}
            self.assertEqual(
                decide(message, target, applications, reasons),
                decide(message, target, applications),
                what,
            )

    def test_each_application_has_a_reason(self) -> None:
        rows: tuple[tuple[str, Destination, tuple[str, ...], dict[str, str]], ...] = (
            (
                "MESSAGE",
                OURS,
                (),
                {
                    "silent": "does not answer for the user 'alice'",
                    "publisher": "does not serve MESSAGE",
                    "all": "another one ranks before it",
                    "alice": "chosen",
                },
            ),
            (
                "MESSAGE",
                NOT_OURS,
                (),
                dict.fromkeys(
                    ("silent", "publisher", "all", "alice"),
                    "the Request-URI's host and port are not this access point's",
                ),
            ),
            (
                "MESSAGE",
                OURS,
                ("path",),
                {
                    "silent": "does not answer for the user 'alice'",
                    "publisher": "does not serve MESSAGE",
                    "all": "does not support what is required",
                    "alice": "does not support what is required",
                },
            ),
        )
        for method, target, required, expected in rows:
            reasons: dict[str, str] = {}
            applications = (SILENT, PUBLISHER, ALL, ALICE)
            decide(request(method, *required), target, applications, reasons)
            self.assertEqual(reasons, expected)

    def test_an_application_passed_over_for_another_ones_extensions(self) -> None:
        reasons: dict[str, str] = {}
        decide(request("MESSAGE", "path"), OURS, (ALICE, PATH), reasons)
        self.assertEqual(
            reasons,
            {"alice": "does not support what is required", "path": "chosen"},
        )


class RequestURITests(SynchronousTestCase):
    def test_only_sip_and_sips_mean_something(self) -> None:
        for text in ("sip:alice@example.com", "sips:example.com"):
            self.assertEqual(str(request_uri(text)), text)
        for text in ("tel:+358-555-1234567", "mailto:alice@example.com"):
            self.assertIsNone(request_uri(text))
        self.assertRaises(SIPParseError, request_uri, "sip:")
