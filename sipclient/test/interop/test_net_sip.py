"""Net::SIP, a SIP stack in Perl, asks and answers with a script of ours."""

from __future__ import annotations

import shutil
import subprocess
from importlib.resources import files

from sipclient import ResponseElements
from sipclient.testing import RecordingObserver

from .case import PeersTestCase
from .programs import Program, free_port, missing, until

TIMES = 20


def _missing() -> str | None:
    """Why these tests can't run; None where they can."""
    lacking = missing("perl")
    if lacking is None:
        found = subprocess.run(
            [shutil.which("perl") or "perl", "-MNet::SIP", "-e", "1"],
            capture_output=True,
            timeout=30,
            check=False,
        )
        if found.returncode:
            lacking = (
                "Perl's Net::SIP not found; on Debian: apt-get install"
                " --no-install-recommends libnet-sip-perl"
            )
    return lacking


def _capabilities(_: object) -> ResponseElements:
    return ResponseElements(200, headers={"Allow": "MESSAGE, OPTIONS"})


class NetSIPTests(PeersTestCase):
    skip = _missing()

    def perl(self, role: str, transport: str, *arguments: str) -> Program:
        """Start the script."""
        script = self.directory / "net_sip.pl"
        source = files(__package__) / "peers" / "net_sip.pl"
        script.write_text(source.read_text(encoding="utf-8"), encoding="utf-8")
        self.at = free_port()
        return self.start(
            *("perl", str(script), role, transport.lower()),
            *("127.0.0.1", str(self.at), *arguments),
        )

    async def it_asks(self, transport: str) -> None:
        observer = RecordingObserver({"MESSAGE": 200, "OPTIONS": _capabilities})
        await self.client(observer, transport=transport)
        uri = f"sip:bob@127.0.0.1:{self.port};transport={transport.lower()}"
        perl = self.perl("ask", transport, uri, str(TIMES))
        self.assertEqual(await perl.ended(), 0, perl.told)
        self.assertEqual(
            perl.out.decode().splitlines(),
            ["OPTIONS 200 MESSAGE OPTIONS", "MESSAGE 200"] * TIMES,
            perl.told,
        )
        heard = [event[1] for event in observer.all("incoming_request")]
        self.assertEqual([each.type for each in heard], ["OPTIONS", "MESSAGE"] * TIMES)
        texts = {each.request_elements.content for each in heard[1::2]}
        self.assertEqual(texts, {b"Hello from Perl."})

    async def it_answers(self, transport: str) -> None:
        connection = await self.client(transport=transport)
        perl = self.perl("answer", transport)
        self.assertEqual(await perl.first_line(), "ready")
        uri = f"sip:perl@127.0.0.1:{self.at};transport={transport.lower()}"
        for _ in range(TIMES):
            for method in ("OPTIONS", "MESSAGE"):
                answer = await connection.request(
                    method,
                    uri,
                    from_='"Alice" <sip:alice@example.com>',
                    content="Hello, Perl." if method == "MESSAGE" else "",
                    content_type="text/plain" if method == "MESSAGE" else None,
                )
                self.assertEqual(answer.status_code, 200)
                self.assertEqual(answer.reason_phrase, "Perl is fine")
        await until(lambda: perl.out.count(b"\n") > 2 * TIMES, within=5)
        self.assertEqual(
            [line.strip() for line in perl.out.decode().splitlines()[1:]],
            ["OPTIONS", "MESSAGE Hello, Perl."] * TIMES,
        )

    async def test_it_asks_by_udp(self) -> None:
        await self.it_asks("UDP")

    async def test_it_asks_by_tcp(self) -> None:
        await self.it_asks("TCP")

    async def test_it_answers_by_udp(self) -> None:
        await self.it_answers("UDP")

    async def test_it_answers_by_tcp(self) -> None:
        await self.it_answers("TCP")
