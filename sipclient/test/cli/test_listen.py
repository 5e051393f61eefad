"""``sipclient listen``: answers, and a line for each request."""

from __future__ import annotations

from sipclient.test.cli.commanding import CommandTestCase, Running


class ListenTests(CommandTestCase):
    def listen(self, *arguments: str) -> Running:
        return self.start(self.there, "listen", *arguments)

    def send(self, *arguments: str) -> Running:
        command = self.start(self.here, *arguments)
        self.ended(command)
        return command

    def message(self, *arguments: str) -> Running:
        return self.send("message", "sip:bob@192.0.2.2", "Hello", *arguments)

    def test_the_first_line_is_where_it_listens(self) -> None:
        for endpoint, uri in (
            ((), "sip:192.0.2.2:5060"),
            (("--listen", "udp:0:interface=127.0.0.1"), "sip:127.0.0.1:32768"),
            (("--listen", "sip:[2001:db8::2]:5070"), "sip:[2001:db8::2]:5070"),
            (("--listen", "udp:0:interface=[::]"), "sip:[2001:db8::2]:32769"),
            (("--listen", "tcp:5070"), "sip:192.0.2.2:5070;transport=tcp"),
        ):
            command = self.listen(*endpoint)
            self.assertEqual(command.lines, [f"listening on {uri}"])
            self.assertEqual(self.interrupt(command), 130)

    def test_several_addresses_have_a_line_each(self) -> None:
        command = self.listen("--listen=udp:5060", "--listen=sip:192.0.2.2:5070")
        self.assertEqual(
            command.lines,
            ["listening on sip:192.0.2.2:5060", "listening on sip:192.0.2.2:5070"],
        )
        self.interrupt(command)

    def test_a_line_for_each_request(self) -> None:
        command = self.listen("--count", "2")
        self.message("--from", "sip:alice@example.com")
        self.send(
            "message", "sip:192.0.2.2", "abc", "--content-type=application/x", "--from",
            "sip:alice@example.com",
        )  # fmt: skip
        self.assertEqual(self.ended(command), 0)
        answered = "from <sip:alice@example.com>, answered 200 OK"
        self.assertEqual(
            command.lines[1:],
            [
                f"MESSAGE sip:bob@192.0.2.2 {answered}: Hello",
                f"MESSAGE sip:192.0.2.2 {answered}: [application/x, 3 bytes]",
            ],
        )
        self.assertEqual(command.errors, "")

    def test_in_json(self) -> None:
        command = self.listen("--json", "--count=1")
        self.message("--from=sip:alice@example.com")
        self.assertEqual(self.ended(command), 0)
        listening, request = command.objects
        self.assertEqual(listening, {"event": "listening", "uri": "sip:192.0.2.2:5060"})
        self.assertTrue(request.pop("call_id"))
        self.assertTrue(request.pop("from").startswith("<sip:alice@example.com>;tag="))
        self.assertEqual(
            request,
            {
                "event": "request",
                "method": "MESSAGE",
                "uri": "sip:bob@192.0.2.2",
                "to": "<sip:bob@192.0.2.2>",
                "content_type": "text/plain",
                "content": "Hello",
                "answer": 200,
            },
        )

    def test_answers_by_method(self) -> None:
        command = self.listen(
            "--answer", "603", "--answer", "MESSAGE=486", "--answer=X=202", "--json"
        )
        self.assertIn("486 Busy Here", self.message().errors)
        asked = self.send("options", "sip:192.0.2.2", "--json").objects[0]
        self.assertEqual((asked["status"], asked["allow"][0]), (200, "MESSAGE"))
        self.assertEqual(
            [one.get("answer") for one in command.objects], [None, 486]
        )  # the stack has answered OPTIONS
        self.interrupt(command)

    def test_options_can_be_answered_here(self) -> None:
        command = self.listen("--answer=OPTIONS=200", "--accept=text/plain")
        [asked, _] = self.send("options", "sip:192.0.2.2", "--json").objects
        self.assertEqual(asked["allow"], ["MESSAGE", "OPTIONS"])
        self.assertEqual(asked["accept"], ["text/plain"])
        self.interrupt(command)

    def test_content_that_is_not_accepted_gets_415(self) -> None:
        command = self.listen("--accept", "text/html", "--accept", "image/*")
        refused = self.message()
        self.assertIn("415", refused.errors)
        for content_type in ("text/html", "image/png"):
            sent = self.message("--content-type", content_type)
            self.assertEqual(sent.errors, "")
        self.interrupt(command)

    def test_headers_go_into_answers(self) -> None:
        command = self.listen("--header", "Server: x", "--answer=OPTIONS=200")
        asked = self.send("options", "sip:192.0.2.2", "--json").objects[0]
        self.assertEqual(asked["server"], "x")
        self.interrupt(command)

    def test_what_a_peer_sends_moves_no_cursor(self) -> None:
        command = self.listen("--count=1")
        self.send("message", "sip:bob@192.0.2.2", "a\x1b[2J\nb\u202e")
        self.ended(command)
        self.assertIn("a\\x1b[2J\\nb\\u202e", command.lines[1])

    def test_a_timeout_ends_it(self) -> None:
        command = self.listen("--timeout", "3")
        self.assertEqual(self.ended(command), 0)
        self.assertEqual(self.network.seconds(), 3.0)
        command = self.listen("--timeout", "3", "--count", "2")
        self.message()
        self.assertEqual(self.ended(command), 4)
        self.assertIn("1 of 2 requests", command.errors)

    def test_a_port_in_use_is_told_in_one_line(self) -> None:
        first = self.listen()
        second = self.listen("--json")
        self.assertEqual(self.ended(second), 6)
        self.assertEqual(second.errors.count("\n"), 1)
        self.assertEqual(
            [(one["event"], one["outcome"]) for one in second.objects],
            [("done", "unreachable")],
        )
        self.interrupt(first)

    def test_an_interrupt_is_told_to_programs(self) -> None:
        command = self.listen("--json")
        self.assertEqual(self.interrupt(command), 130)
        self.assertEqual(
            command.objects[-1],
            {"event": "done", "outcome": "interrupted", "status": None},
        )

    def test_a_ladder_as_requests_come(self) -> None:
        command = self.listen("--ladder", "--listen=sip:192.0.2.2:5060")
        self.message("--listen=sip:192.0.2.1:5060")
        text = "\n".join(command.lines[1:-1])
        for part in (
            " sipclient\n",
            "|-- MESSAGE sip:bob@192.0.2.2 ---",
            "- 200 OK --|",
        ):
            self.assertIn(part, text)
        self.interrupt(command)

    def test_with_json_the_ladder_is_not_among_the_objects(self) -> None:
        command = self.listen("--ladder", "--json")
        self.message()
        self.assertEqual(len(command.objects), 2)
        self.assertIn("MESSAGE sip:bob", command.errors)
        self.interrupt(command)
