"""sipsak asks ``sipclient listen``, as an operator would.

Three properties of its release 0.9.8.1 shape what is here. It shortens a port of five
digits in the URI to four. It takes no IPv6 address. Its own mode for MESSAGE (-M) ends
with a segmentation fault before anything is sent, whatever it is told, so the MESSAGE
comes from a file (-f).
"""

from __future__ import annotations

import json

from .case import PeersTestCase
from .programs import Program, free_port, missing

_MESSAGE = """\
MESSAGE sip:bob@127.0.0.1:{port} SIP/2.0
Via: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bK.behind.sipsak
Max-Forwards: 70
From: <sip:alice@example.com>;tag=from-a-file
To: <sip:bob@127.0.0.1:{port}>
Call-ID: from-a-file@127.0.0.1
CSeq: 1 MESSAGE
Content-Type: text/plain
Content-Length: 11

Hello, Bob!
"""


class SipsakTests(PeersTestCase):
    skip = missing("sipsak")

    async def listen(self, *arguments: str) -> Program:
        """Start ``sipclient listen``, and wait until it does."""
        self.at = free_port(digits=4)
        program = self.start_sipclient(
            "--json",
            *("listen", "--listen", f"udp:{self.at}:interface=127.0.0.1"),
            *("--timeout", "60", *arguments),
        )
        first = json.loads(await program.first_line())
        self.assertEqual(first["event"], "listening")
        self.assertEqual(first["uri"], f"sip:127.0.0.1:{self.at}")
        return program

    async def sipsak(self, *arguments: str, user: str = "") -> Program:
        """Run it to its end."""
        uri = f"sip:{user}127.0.0.1:{self.at}"
        program = self.start("sipsak", "-vv", *arguments, "-s", uri)
        await program.ended()
        return program

    async def test_options_is_answered_with_what_is_allowed(self) -> None:
        await self.listen()
        for user in ("", "bob@"):
            sipsak = await self.sipsak(user=user)
            self.assertEqual(sipsak.code, 0, sipsak.told)
            lines = sipsak.out.decode().splitlines()
            self.assertIn("SIP/2.0 200 OK", [line.strip() for line in lines])
            self.assertIn("Allow: MESSAGE, OPTIONS", [line.strip() for line in lines])

    async def test_message_is_answered_and_shown(self) -> None:
        listening = await self.listen("--count", "1")
        path = self.directory / "message"
        path.write_text(_MESSAGE.format(port=self.at), encoding="utf-8")
        sipsak = await self.sipsak("-f", str(path), user="bob@")
        self.assertEqual(sipsak.code, 0, sipsak.told)
        self.assertEqual(await listening.ended(), 0)
        request = json.loads(listening.out.decode().splitlines()[1])
        self.assertEqual(request["method"], "MESSAGE")
        # sipsak puts lines of a file behind CR LF, those of the content too.
        self.assertEqual(request["content"], "Hello, Bob!")
        self.assertEqual(request["answer"], 200)

    async def test_a_refusal_reaches_sipsak(self) -> None:
        await self.listen("--answer", "486")
        path = self.directory / "message"
        path.write_text(_MESSAGE.format(port=self.at), encoding="utf-8")
        sipsak = await self.sipsak("-f", str(path), user="bob@")
        self.assertIn("486 Busy Here", sipsak.out.decode(), sipsak.told)
        self.assertEqual(sipsak.code, 1, sipsak.told)
