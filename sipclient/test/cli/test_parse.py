"""``sipclient parse``: what it says of messages in files."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from sipclient.test.checkout import NO_CORPORA
from sipclient.test.cli.commanding import called
from sipclient.test.corpora import TORTURE
from sipclient.test.message.test_validate import GOOD, RESPONSE


class ParseTests(SynchronousTestCase):
    maxDiff = None

    def file(self, data: bytes, name: str = "m.sip") -> str:
        path = Path(self.mktemp())
        path.mkdir()
        (path / name).write_bytes(data)
        return str(path / name)

    def parsed(self, *files: str) -> tuple[int, list[dict[str, Any]]]:
        status, out, _ = called("parse", "--json", *files)
        return status, [json.loads(line) for line in out.splitlines()]

    def test_a_request(self) -> None:
        name = self.file(GOOD + b"s: a\r\n  b\r\n\r\nHello")
        summary = "MESSAGE sip:bob@example.com SIP/2.0, 7 header lines, 5 bytes of body"
        self.assertEqual(called("parse", name), (0, f"{name}: ok, {summary}\n", ""))
        status, [found] = self.parsed(name)
        self.assertEqual(status, 0)
        headers = found.pop("headers")
        self.assertEqual(headers[1], ["Max-Forwards", "70"])
        self.assertEqual(headers[-1], ["s", "a b"])
        self.assertEqual(
            found,
            {
                "file": name,
                "ok": True,
                "kind": "request",
                "method": "MESSAGE",
                "uri": "sip:bob@example.com",
                "body_length": 5,
            },
        )

    def test_a_response(self) -> None:
        status, [found] = self.parsed(self.file(RESPONSE + b"\r\n"))
        self.assertEqual((status, found["kind"], found["status"]), (0, "response", 200))
        self.assertNotIn("method", found)

    def test_what_is_wrong_where_and_what_a_uas_would_say(self) -> None:
        data = GOOD + b"Expires: x\r\n\r\n"
        name = self.file(data)
        status, out, _ = called("parse", name)
        self.assertEqual(status, 1)
        self.assertTrue(out.startswith(f"{name}:8: Expires"), out)
        self.assertTrue(out.endswith("; it would get 400\n"), out)
        status, [found] = self.parsed(name)
        self.assertEqual(status, 1)
        self.assertIn("Expires", found.pop("error"))
        self.assertEqual(
            found,
            {
                "file": name,
                "ok": False,
                "offset": data.index(b"x\r\n\r\n"),
                "line": 8,
                "answer": 400,
            },
        )

    def test_the_answer_is_null_where_there_would_be_none(self) -> None:
        for data, answer in (
            (RESPONSE + b"Date: x\r\n\r\n", None),
            (GOOD.replace(b"Via", b"X") + b"\r\n", None),
            (GOOD.replace(b"MESSAGE", b"ACK").replace(b"Call-ID", b"X"), None),
            (b"", None),
            (GOOD.replace(b"SIP/2.0\r", b"SIP/4.0\r") + b"\r\n", 505),
        ):
            self.assertEqual(self.parsed(self.file(data))[1][0]["answer"], answer, data)

    def test_several_files_each_on_a_line(self) -> None:
        good, bad = self.file(GOOD + b"\r\n"), self.file(b"x")
        status, found = self.parsed(good, bad, good)
        self.assertEqual([one["ok"] for one in found], [True, False, True])
        self.assertEqual(status, 1)

    def test_standard_input(self) -> None:
        self.patch(sys, "stdin", io.TextIOWrapper(io.BytesIO(GOOD + b"\r\n")))
        status, [found] = self.parsed("-")
        self.assertEqual((status, found["file"]), (0, "-"))

    def test_a_file_that_cannot_be_read(self) -> None:
        name = self.mktemp()
        status, out, err = called("parse", name)
        self.assertEqual((status, out), (1, ""))
        self.assertEqual(err, f"sipclient: {name}: No such file or directory\n")
        self.assertEqual(self.parsed(name)[1][0]["ok"], False)

    def test_nothing_in_a_message_moves_the_cursor(self) -> None:
        name = self.file(GOOD.replace(b"sip:bob", b"sip:a:secret", 1) + b"\r\n")
        self.assertNotIn("secret", called("parse", name)[1])
        for data in (b"\x1b[2J\r\n\r\n", GOOD + b"Date: \x1b\xe2\x80\xae\r\n\r\n"):
            out = called("parse", self.file(data))[1]
            self.assertTrue(out[:-1].isprintable(), out)


class CorpusTests(SynchronousTestCase):
    if not TORTURE:
        skip = NO_CORPORA

    def test_answers_are_those_of_the_table(self) -> None:
        for row in TORTURE:
            if row.kind != "invalid":
                continue
            path = Path(self.mktemp())
            path.write_bytes(row.data)
            status, out, _ = called("parse", "--json", str(path))
            found = json.loads(out)
            self.assertEqual((status, found["ok"]), (1, False), row.name)
            dropped = "discard response" in row.result or "drop" in row.result
            allowed = "None" if dropped else row.result
            self.assertIn(str(found["answer"]), allowed, row.name)
