"""The command line and sipp: ``options`` and ``message`` ask, ``listen`` answers."""

from __future__ import annotations

import json
from typing import Any

from .programs import Program, missing
from .sipp import SippTestCase


def told(program: Program) -> list[dict[str, Any]]:
    """The objects that it printed, one a line."""
    return [json.loads(line) for line in program.out.decode().splitlines()]


class CommandLineTests(SippTestCase):
    skip = missing("sipp")

    async def options(self, port: int, *arguments: str) -> Program:
        """Run ``sipclient options`` to its end."""
        uri = f"sip:bob@127.0.0.1:{port}"
        program = self.start_sipclient("--json", "options", uri, *arguments)
        await program.ended()
        return program

    async def message(self, port: int, *arguments: str) -> Program:
        """Run ``sipclient message`` to its end."""
        uri = f"sip:bob@127.0.0.1:{port}"
        program = self.start_sipclient("--json", "message", uri, "Grüße", *arguments)
        await program.ended()
        return program

    async def test_options_that_is_answered_ends_with_0(self) -> None:
        sipp = await self.sipp_answers("answer", 1)
        program = await self.options(sipp.port)
        self.assertEqual(program.code, 0, program.told)
        await sipp.succeeded(1)
        response, done = told(program)
        self.assertEqual((response["event"], response["status"]), ("response", 200))
        self.assertEqual(
            response["allow"],
            ["INVITE", "ACK", "CANCEL", "BYE", "OPTIONS", "MESSAGE"],
        )
        self.assertEqual((done["event"], done["status"]), ("done", 200))

    async def test_message_that_is_answered_ends_with_0(self) -> None:
        sipp = await self.sipp_answers("answer", 1)
        program = await self.message(sipp.port)
        self.assertEqual(program.code, 0, program.told)
        await sipp.succeeded(1)
        self.assertEqual(
            [each["event"] for each in told(program)], ["response", "done"]
        )
        [request] = sipp.received
        self.assertTrue(request.endswith("\r\n\r\nGrüße".encode()), request)

    async def test_a_refusal_ends_with_3(self) -> None:
        refusals = ((self.options, "404 Not Found"), (self.message, "486 Busy Here"))
        for command, status in refusals:
            sipp = await self.sipp_answers("answer", 1, status=status)
            program = await command(sipp.port)
            self.assertEqual(program.code, 3, program.told)
            await sipp.succeeded(1)
            response, done = told(program)
            self.assertEqual(f"{response['status']} {response['reason']}", status)
            self.assertEqual(done["status"], int(status[:3]))
            self.assertIn(status, program.err.decode())

    async def test_408_ends_with_4(self) -> None:
        sipp = await self.sipp_answers("answer", 1, status="408 Request Timeout")
        program = await self.message(sipp.port)
        self.assertEqual(program.code, 4, program.told)

    async def test_no_answer_ends_with_4(self) -> None:
        for command in (self.options, self.message):
            sipp = await self.sipp_answers("answer_never", 1)
            program = await command(sipp.port, "--timeout", "0.3")
            self.assertEqual(program.code, 4, program.told)
            *_, done = told(program)
            self.assertEqual((done["event"], done["outcome"]), ("done", "timeout"))
            await sipp.program.end()

    async def test_listen_answers_and_tells_of_each_message(self) -> None:
        calls = 100
        listening = self.start_sipclient(
            *("--json", "listen", "--listen", "udp:0:interface=127.0.0.1"),
            *("--count", str(calls), "--timeout", "30"),
        )
        first = json.loads(await listening.first_line())
        port = int(first["uri"].rpartition(":")[2])
        await self.sipp_asks("ask_message", port, calls)
        self.assertEqual(await listening.ended(), 0, listening.told)
        _, *requests = told(listening)
        self.assertEqual([each["event"] for each in requests], ["request"] * calls)
        self.assertEqual(
            {each["content"].strip() for each in requests},
            {f"This is message {number}." for number in range(1, calls + 1)},
        )
