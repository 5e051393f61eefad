"""baresip and the command line: each asks, answers and calls the other.

baresip refuses a machine whose only addresses are 127.x; both are in a network
namespace that has another one.
"""

from __future__ import annotations

import json

from .namespace import ADDRESS, NamespaceTestCase
from .programs import Program, missing, until

_PORT = 17060
_OURS = 17070

_CONFIGURATION = f"""\
sip_listen {ADDRESS}:{_PORT}
module_path /usr/lib/baresip/modules
module stdio.so
module g711.so
module aubridge.so
module_tmp account.so
module_app menu.so
audio_source aubridge,near
audio_player aubridge,near
audio_alert aubridge,near
"""


class BaresipTests(NamespaceTestCase):
    skip = NamespaceTestCase.skip or missing("baresip")

    async def baresip(self, transport: str, *arguments: str) -> Program:
        """Start it in the namespace, and wait until it listens."""
        directory = self.directory / "baresip"
        directory.mkdir()
        (directory / "config").write_text(_CONFIGURATION, encoding="utf-8")
        account = f"<sip:alice@{ADDRESS};transport={transport.lower()}>;regint=0\n"
        (directory / "accounts").write_text(account, encoding="utf-8")
        (directory / "contacts").write_text("", encoding="utf-8")
        program = self.start_inside(
            *("baresip", "-f", str(directory), "-s", "-v", "-t", "40", *arguments)
        )
        await until(
            lambda: self.listens_inside(_PORT, transport) or program.code is not None
        )
        if program.code is not None:
            raise AssertionError(f"baresip doesn't start: {program.told}")
        return program

    async def listen(self, transport: str, *arguments: str) -> Program:
        """Start ``sipclient listen`` in the namespace, and wait until it does."""
        listening = self.start_sipclient_inside(
            "--json",
            *("listen", "--listen", f"{transport.lower()}:{_OURS}:interface={ADDRESS}"),
            *("--count", "1", "--timeout", "40", *arguments),
        )
        self.assertEqual(json.loads(await listening.first_line())["event"], "listening")
        return listening

    def ours(self, transport: str) -> str:
        """Where ``listen`` is reached."""
        return f"sip:bob@{ADDRESS}:{_OURS};transport={transport.lower()}"

    async def it_answers(self, transport: str) -> None:
        await self.enter()
        baresip = await self.baresip(transport)
        asking = self.start_sipclient_inside(
            *("--json", "options"),
            *("--listen", f"{transport.lower()}:0:interface={ADDRESS}"),
            f"sip:alice@{ADDRESS}:{_PORT};transport={transport.lower()}",
        )
        self.assertEqual(await asking.ended(), 0, asking.told + baresip.told)
        response = json.loads(asking.out.decode().splitlines()[0])
        self.assertEqual(response["status"], 200)
        self.assertIn("MESSAGE", response["allow"])
        self.assertTrue(response["server"].startswith("baresip "))

    async def it_asks(self, transport: str) -> None:
        await self.enter()
        listening = await self.listen(transport, "--answer", "OPTIONS=200")
        ours = self.ours(transport)
        baresip = await self.baresip(transport, "-e", f"/options {ours}")
        self.assertEqual(await listening.ended(), 0, listening.told)
        request = json.loads(listening.out.decode().splitlines()[1])
        self.assertEqual((request["method"], request["answer"]), ("OPTIONS", 200))
        # It shows an answer, or says that it failed.
        shown = f"----- OPTIONS of {ours} -----".encode()
        await until(lambda: shown in baresip.out + baresip.err, within=5)

    async def it_calls(self, transport: str) -> None:
        await self.enter()
        listening = await self.listen(transport, "--answer", "INVITE=486")
        # It adds the transport of its account by itself.
        ours = self.ours(transport).partition(";")[0]
        baresip = await self.baresip(transport, "-e", f"/dial {ours}")
        self.assertEqual(await listening.ended(), 0, listening.told)
        request = json.loads(listening.out.decode().splitlines()[1])
        self.assertEqual((request["method"], request["answer"]), ("INVITE", 486))
        await until(lambda: b"486 Busy Here" in baresip.out + baresip.err, within=5)

    async def test_it_answers_options_by_udp(self) -> None:
        await self.it_answers("UDP")

    async def test_it_answers_options_by_tcp(self) -> None:
        await self.it_answers("TCP")

    async def test_its_options_by_udp_are_answered(self) -> None:
        await self.it_asks("UDP")

    async def test_its_options_by_tcp_are_answered(self) -> None:
        await self.it_asks("TCP")

    async def test_its_call_by_udp_is_refused(self) -> None:
        await self.it_calls("UDP")

    async def test_its_call_by_tcp_is_refused(self) -> None:
        await self.it_calls("TCP")
