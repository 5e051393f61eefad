"""``sipclient options`` and ``sipclient message``: one request, and what came of it."""

from __future__ import annotations

import getpass
import io
import sys
from collections.abc import Callable, Coroutine
from typing import Any

from twisted.internet.defer import Deferred

from sipclient.message.model import Request
from sipclient.test.cli.commanding import CommandTestCase, Running
from sipclient.testing.peer import ScriptedPeer

OPTIONS = ("options", "sip:192.0.2.2")
MESSAGE = ("message", "sip:bob@192.0.2.2", "Hello")
CHALLENGE = ("WWW-Authenticate", 'Digest realm="r", nonce="n"')


class AskingTests(CommandTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.peer = ScriptedPeer(self.there, "192.0.2.2", timeout=400.0)
        self.scripts: list[Deferred[Any]] = []

    def tearDown(self) -> None:
        for script in self.scripts:
            self.network.result_of(script, limit=400.0)
        self.peer.finish()
        self.network.result_of(self.peer.stop())
        super().tearDown()

    def plays(self, script: Callable[[], Coroutine[Any, Any, Any]]) -> None:
        self.scripts.append(Deferred.fromCoroutine(script()))

    def is_silent(self) -> None:
        """Let the peer hear one request."""

        async def script() -> None:
            await self.peer.expects(self.method)

        self.plays(script)

    def answers(self, status: int, *headers: tuple[str, str], times: int = 1) -> None:
        """Let the peer answer whatever comes."""

        async def script() -> None:
            for _ in range(times):
                self.request = await self.peer.expects(self.method)
                self.peer.answers(self.request, status, headers=headers)

        self.plays(script)

    def test_by_tcp_where_the_uri_asks_for_it(self) -> None:
        """Without --listen, what is listened by is what the URI goes by."""
        peer = ScriptedPeer(self.there, "192.0.2.2", 5062, transport="TCP")

        async def script() -> None:
            peer.answers(await peer.expects("OPTIONS"), 200)

        self.scripts.append(Deferred.fromCoroutine(script()))
        command = self.start(self.here, "options", "sip:192.0.2.2:5062;transport=tcp")
        self.assertEqual(self.ended(command), 0)
        self.assertIn("200 OK", command.lines[0])
        self.network.result_of(peer.stop())

    method = "OPTIONS"
    request: Request

    def ask(self, *arguments: str) -> Running:
        self.method = arguments[0].upper()
        return self.start(self.here, *arguments)

    def test_capabilities_are_shown(self) -> None:
        self.answers(
            200,
            ("Allow", "MESSAGE, OPTIONS"),
            ("Accept", "text/plain;q=0.5, */*"),
            ("Supported", ""),
            ("Server", "Thing\x1b/1.0"),
        )
        command = self.ask(*OPTIONS)
        self.assertEqual(self.ended(command), 0)
        self.assertEqual(
            command.lines,
            [
                "200 OK from sip:192.0.2.2 in 2 ms",
                "  Allow        MESSAGE, OPTIONS",
                "  Accept       text/plain;q=0.5, */*",
                "  Supported    none",
                "  Server       Thing\\x1b/1.0",
            ],
        )
        self.assertEqual(command.errors, "")

    def test_capabilities_in_json(self) -> None:
        self.answers(200, ("Allow", "A, B"), ("Supported", ""), ("k", "x"))
        command = self.ask(*OPTIONS, "--json")
        self.assertEqual(self.ended(command), 0)
        self.assertEqual(
            command.objects,
            [
                {
                    "event": "response",
                    "status": 200,
                    "reason": "OK",
                    "time_ms": 2.0,
                    "allow": ["A", "B"],
                    "supported": ["x"],
                },
                {"event": "done", "outcome": "ok", "status": 200},
            ],
        )

    def test_a_header_that_cannot_be_read_is_shown_as_it_is(self) -> None:
        self.answers(200, ("Allow", "A B"))
        command = self.ask(*OPTIONS)
        self.assertEqual(self.ended(command), 0)
        self.assertIn("  Allow        A B", command.lines)

    def test_final_statuses_and_their_exit_statuses(self) -> None:
        for status, code, outcome, reason in (
            (200, 0, "ok", "OK"),
            (202, 0, "ok", "Accepted"),
            (302, 3, "refused", "Moved Temporarily"),
            (486, 3, "refused", "Busy Here"),
            (408, 4, "timeout", "Request Timeout"),
            (503, 3, "refused", "Service Unavailable"),
        ):
            self.method = "MESSAGE"
            self.answers(status)
            command = self.ask(*MESSAGE, "--json")
            self.assertEqual(self.ended(command), code)
            self.assertEqual(command.objects[0]["reason"], reason)
            self.assertEqual(
                command.objects[1],
                {"event": "done", "outcome": outcome, "status": status},
            )
            expected = f"sipclient: {status} {reason}\n" if code else ""
            self.assertEqual(command.errors, expected)

    def test_a_message_and_its_answer(self) -> None:
        self.method = "MESSAGE"
        self.answers(200)
        command = self.ask(
            *MESSAGE, "--header", "Subject: x", "--content-type=text/x",
            "--from", '"A" <sip:a@example.com>',
        )  # fmt: skip
        self.assertEqual(self.ended(command), 0)
        self.assertEqual(command.lines, ["200 OK in 2 ms"])
        request = self.request
        self.assertEqual(request.body, b"Hello")
        self.assertEqual(request.text("Content-Type"), "text/x")
        self.assertEqual(request.text("Subject"), "x")
        self.assertIn('"A" <sip:a@example.com>;tag=', request.text("From") or "")

    def test_standard_input_can_be_sent(self) -> None:
        self.patch(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\xff\n")))
        self.method = "MESSAGE"
        self.answers(200)
        self.ended(self.ask("message", "sip:bob@192.0.2.2", "-"))
        self.assertEqual(self.request.body, b"\xff\n")

    def test_who_sends_unless_it_is_said(self) -> None:
        def nobody() -> str:
            raise OSError

        for user, sender in (
            (lambda: "zoë x", "sip:zo%C3%AB%20x@192.0.2.1"),
            (nobody, "sip:anonymous@192.0.2.1"),
        ):
            self.patch(getpass, "getuser", user)
            self.answers(200)
            self.ended(self.ask(*OPTIONS))
            self.assertIn(f"<{sender}>", self.request.text("From") or "")

    def test_a_challenge_is_a_matter_of_authentication(self) -> None:
        self.answers(401, CHALLENGE)
        command = self.ask(*OPTIONS, "--json")
        self.assertEqual(self.ended(command), 5)
        self.assertIn("401 Unauthorized", command.errors)
        self.assertEqual(
            command.objects[-1],
            {"event": "done", "outcome": "authentication", "status": None},
        )

    def test_silence_is_a_timeout(self) -> None:
        self.is_silent()
        command = self.ask(*OPTIONS, "--json")
        self.assertEqual(self.ended(command), 4)
        self.assertAlmostEqual(self.network.seconds(), 32.0, 2)
        self.assertEqual(command.objects[0]["event"], "error")
        self.assertEqual(command.errors.count("\n"), 1)
        self.assertIn("Timer F", command.errors)

    def test_a_shorter_timeout(self) -> None:
        self.is_silent()
        command = self.ask(*OPTIONS, "--timeout", "2.5")
        self.assertEqual(self.ended(command), 4)
        self.assertAlmostEqual(self.network.seconds(), 2.5, 2)
        self.assertIn("within 2.5 s (--timeout)", command.errors)

    def test_an_interrupt(self) -> None:
        self.is_silent()
        command = self.ask(*OPTIONS, "--json")
        self.network.advance(0.1)
        self.assertEqual(self.interrupt(command), 130)
        self.assertTrue(self.network.seconds() < 1.0)
        self.assertEqual(command.objects[-1]["outcome"], "interrupted")

    def test_where_nobody_listens(self) -> None:
        command = self.ask("options", "sip:192.0.2.2:5999")
        self.assertEqual(self.ended(command), 6)
        self.assertEqual(command.errors.count("\n"), 1)

    def test_what_leads_nowhere(self) -> None:
        for uri, code in (
            ("sip:bob@example.com", 6),
            ("sip:bob@192.0.2.2;transport=sctp", 2),
            ("tel:+1", 2),
        ):
            command = self.ask("options", uri)
            self.assertEqual(self.ended(command), code, uri)
            self.assertEqual(command.errors.count("\n"), 1)

    def test_a_proxy(self) -> None:
        self.answers(200)
        command = self.ask("options", "sip:carol@example.com", "--proxy=sip:192.0.2.2")
        self.assertEqual(self.ended(command), 0)
        self.assertEqual(self.request.uri, "sip:carol@example.com")

    def test_several_times_with_a_summary(self) -> None:
        self.answers(200, times=3)
        command = self.ask(*OPTIONS, "--count", "3", "--interval", "2")
        self.assertEqual(self.ended(command), 0)
        self.assertAlmostEqual(self.network.seconds(), 4.0, 1)
        self.assertEqual(
            command.lines[-3:],
            ["200 OK from sip:192.0.2.2 in 2 ms"] * 2
            + ["3 sent, 3 answered; shortest 2, mean 2, longest 2 ms"],
        )

    def test_several_times_and_one_without_an_answer(self) -> None:
        async def script() -> None:
            await self.peer.expects("OPTIONS")
            self.peer.answers(await self.peer.expects("OPTIONS"), 200)

        self.plays(script)
        command = self.ask(*OPTIONS, "--count=2", "--interval=0", "--timeout=1")
        self.assertEqual(self.ended(command), 4)
        self.assertIn("2 sent, 1 answered; shortest 2, ", command.lines[-1])

    def test_ipv6(self) -> None:
        self.network.reactor("2001:db8::7")
        here = self.network.reactor("2001:db8::1")
        peer = ScriptedPeer(self.there, "2001:db8::2")

        async def script() -> None:
            request = await peer.expects("OPTIONS")
            self.assertIn("@[2001:db8::1]>", request.text("From") or "")
            peer.answers(request, 200)

        played = Deferred.fromCoroutine(script())
        command = self.start(here, "options", "sip:[2001:db8::2]")
        self.assertEqual(self.ended(command), 0)
        self.network.result_of(played)
        peer.finish()
        self.network.result_of(peer.stop())
