"""``sipclient demo``: in fake time it says the same every time, and notices a fault."""

from __future__ import annotations

from sipclient.cli import demo
from sipclient.cli.stage import Person, paced
from sipclient.client.elements import ResponseElements
from sipclient.test.cli.commanding import CommandTestCase


class DemoTests(CommandTestCase):
    def test_all_scenes_are_played_drawn_and_checked(self) -> None:
        command = self.start(self.here, "demo")
        self.assertEqual(self.ended(command), 0)
        self.assertEqual(command.errors, "")
        text = command.out.getvalue()
        for number in range(1, 6):
            self.assertIn(f"\n{number}. ", text)
        self.assertIn("All 21 checks passed, in 3.6 s.", text)
        self.assertNotIn("no:", text)
        # Lost and repeated, to the millisecond, and each pause twice the last.
        network = text[text.index("3. A network") : text.index("4. No")]
        for time, what in (
            ("0.000", "-x  |"),
            ("0.050", "(copy 2) ---x"),
            ("0.150", "(copy 3)"),
            ("0.350", "(copy 4)"),
        ):
            [line] = [
                line
                for line in network.splitlines()
                if line.split()[:1] == [time] and "|-- MESSAGE " in line[:30]
            ]
            self.assertIn(what, line)
        self.assertTrue(all(len(line) <= 80 for line in text.splitlines()))

    def test_in_json(self) -> None:
        command = self.start(self.here, "demo", "--json")
        self.assertEqual(self.ended(command), 0)
        *checks, done = command.objects
        self.assertEqual(done, {"event": "done", "outcome": "ok", "checks": 21})
        self.assertEqual({one["event"] for one in checks}, {"check"})
        self.assertEqual(len({one["scene"] for one in checks}), len(demo.SCENES))
        self.assertTrue(all(one["ok"] for one in checks))

    def test_messages_can_be_seen_whole(self) -> None:
        command = self.start(self.here, "demo", "-v")
        self.assertEqual(self.ended(command), 0)
        self.assertIn("| Call-ID: ", command.out.getvalue())

    def test_what_does_not_hold_ends_it_with_the_reason(self) -> None:
        def refuses(person: Person, transaction: object, dialog: object) -> object:
            return transaction.send_response(ResponseElements(500))  # type: ignore[attr-defined]  # a transaction

        self.patch(Person, "incoming_request", refuses)
        command = self.start(self.here, "demo")
        self.assertEqual(self.ended(command), 1)
        reason = "A message each way: this did not hold: bob answered alice with 200 OK"
        self.assertEqual(command.errors, f"sipclient: {reason}\n")
        self.assertIn("  no: bob answered alice", command.out.getvalue())

    def test_an_interrupt_leaves_nothing_behind(self) -> None:
        command = self.start(self.here, "demo")
        self.network.advance(1.0)
        self.assertEqual(self.interrupt(command), 130)

    def test_pauses_are_measured(self) -> None:
        self.assertTrue(paced([0, 1, 3], [1, 2]))
        self.assertTrue(paced([0, 1.5, 5], [1, 2]))
        self.assertFalse(paced([0, 1, 2], [1, 2]))
        self.assertTrue(paced([0], [1, 2]))
