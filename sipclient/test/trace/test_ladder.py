"""Ladders, to the letter."""

from __future__ import annotations

import re

from twisted.trial.unittest import SynchronousTestCase

from sipclient.errors import SIPParseError
from sipclient.trace import story
from sipclient.trace.ladder import Ladder, LiveLadder
from sipclient.trace.records import (
    MessageLost,
    MessageReceived,
    MessageSent,
    MessageUnread,
    Record,
    RequestRouted,
    TransactionChanged,
    TransactionRepeated,
)
from sipclient.trace.screen import Style, columns
from sipclient.trace.story import Arrow, label_of

A, B, C = ("192.0.2.1", 5060), ("192.0.2.2", 5060), ("2001:db8::3", 5070)
Way = tuple[tuple[str, int], tuple[str, int]]
NAMES = {A: "alice", B: "bob"}
REQUEST = (
    b"MESSAGE sip:bob:pw@192.0.2.2 SIP/2.0\r\n"
    b"Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKOne\r\n"
    b'Authorization: Digest response="0123"\r\n\r\nHi\x1b'
)
KEY = "z9hg4bkone MESSAGE"
BUSY = b"SIP/2.0 486 Busy\x1b[2J Here\r\n\r\n"
CLIENT, SERVER = "non-INVITE client", "non-INVITE server"


def sent(time: float, data: bytes = REQUEST, way: Way = (A, B)) -> MessageSent:
    return MessageSent(time, "UDP", way[0], way[1], data)


def received(time: float, data: bytes = REQUEST, way: Way = (A, B)) -> MessageReceived:
    return MessageReceived(time, "UDP", way[0], way[1], data)


EXCHANGE: list[Record] = [
    sent(10.0),
    MessageLost(10.0, A, B, REQUEST),
    sent(10.5),
    TransactionRepeated(10.5, CLIENT, KEY),
    received(10.501),
    RequestRouted(
        10.502, "MESSAGE", "z9hg4bkone", None, 405, (("bob", "does not serve MESSAGE"),)
    ),
    sent(10.503, BUSY, (B, A)),
    received(10.504, BUSY, (B, A)),
]


def drawn(records: list[Record], width: int = 80, **options: object) -> str:
    ladder = Ladder(NAMES)
    for record in records:
        ladder(record)
    lines = ladder.lines(width=width, **options)  # type: ignore[arg-type]  # a helper
    return "\n".join(lines)


class LadderTests(SynchronousTestCase):
    maxDiff = None

    def test_an_exchange(self) -> None:
        self.assertEqual(
            drawn(EXCHANGE, 72),
            """\
              alice                                            bob
         192.0.2.1:5060                                  192.0.2.2:5060
                │                                               │
   0.000        │── MESSAGE sip:bob:***@192.0.2.2 lost ──────✗  │
   0.500        │── MESSAGE sip:bob:***@192.0.2.2 (copy 2) ────▶│
   0.502        │  · MESSAGE fits no application: 405 (bob does │
                │    not serve MESSAGE)                         │
   0.503        │◀────────────────────── 486 Busy\\x1b[2J Here ──│""",
        )

    def test_in_ascii(self) -> None:
        self.assertEqual(
            drawn(EXCHANGE, 60, style=Style(unicode=False)),
            """\
              alice                                bob
         192.0.2.1:5060                      192.0.2.2:5060
                |                                   |
   0.000        |-- MESSAGE sip:bob:***@192.0.. -x  |
   0.500        |-- MESSAGE sip:bob:**.. (copy 2) ->|
   0.502        |    * MESSAGE fits no application: |
                |      405 (bob does not serve      |
                |      MESSAGE)                     |
   0.503        |<---------- 486 Busy\\x1b[2J Here --|""",
        )

    def test_three_parties_one_without_a_name(self) -> None:
        ok = b"SIP/2.0 200 OK\r\n\r\n"
        self.assertEqual(
            drawn(
                [
                    sent(0.0, way=(B, C)),
                    sent(0.25, ok, (C, A)),
                    sent(1.0, way=(A, A)),
                    TransactionChanged(2.0, CLIENT, KEY, "Trying", "Terminated"),
                ],
                66,
            ),
            """\
              alice                bob         [2001:db8::3]:5070
         192.0.2.1:5060      192.0.2.2:5060
                │                   │                   │
   0.000        │                   │── MESSAGE ───────▶│
   0.250        │◀──────────────────────────── 200 OK ──│
   1.000        │ ─▶ itself: MESSAGE sip:bob:***@192.0.2.2
   2.000        │ · MESSAGE is given up, without a final response""",
        )

    def test_without_notes(self) -> None:
        ladder = Ladder(NAMES, notes=False)
        for record in EXCHANGE:
            ladder(record)
        self.assertEqual(ladder.rows, ladder.arrows)
        self.assertEqual(len(ladder.arrows), 3)

    def test_a_message_can_be_shown_whole(self) -> None:
        text = drawn([sent(0.0)], 60, whole=True)
        self.assertIn("\n         │ Authorization: Digest response=***\n", text)
        self.assertTrue(text.endswith("\n         │ Hi\\x1b"), text)

    def test_nothing_is_drawn_of_nothing(self) -> None:
        self.assertEqual(drawn([]), "")
        ladder = Ladder()
        ladder(sent(0.0))
        ladder.clear()
        self.assertEqual(ladder.lines(), [])

    def test_colours_change_nothing_else(self) -> None:
        coloured = drawn(EXCHANGE, style=Style(True, True))
        self.assertIn("\x1b[31m", coloured)
        self.assertEqual(re.sub(r"\x1b\[\d+m", "", coloured), drawn(EXCHANGE))

    def test_no_line_is_too_wide(self) -> None:
        wide = "MESSAGE sip:漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字@h SIP/2.0\r\n\r\n"
        places = [A, B, C, ("192.0.2.4", 1)]
        records: list[Record] = [
            sent(number, wide.encode() + b"%d" % number, (here, there))
            for number, (here, there) in enumerate(
                (h, t) for h in places for t in places
            )
        ]
        for width in range(60, 120):
            for line in drawn(EXCHANGE + records, width).split("\n"):
                self.assertTrue(columns(line) <= width, line)
                self.assertTrue(line.isprintable(), line)

    def test_all_bars_stand_in_one_column(self) -> None:
        for width in range(60, 100):
            _, _, bars, *rows = drawn(EXCHANGE, width).split("\n")
            for row in rows:
                self.assertEqual(row[len(bars) - 1 :], "│", row)


class StoryTests(SynchronousTestCase):
    """What becomes an arrow or a note."""

    def rows(self, *records: Record) -> list[object]:
        teller = story.Story(NAMES)
        return [row for record in records for row in teller.rows(record)]

    def test_a_message_that_both_ends_tell_of_is_one_arrow(self) -> None:
        self.assertEqual(len(self.rows(sent(0.0), received(0.1))), 1)
        self.assertEqual(len(self.rows(received(0.1))), 1)
        self.assertEqual(len(self.rows(sent(0.0), received(0.1, way=(C, B)))), 2)

    def test_copies_are_counted_for_each_way(self) -> None:
        rows = self.rows(
            sent(0.0), sent(0.1), received(0.2), received(0.3), received(0.4), sent(1.0)
        )
        self.assertEqual([row.copy for row in rows], [1, 2, 3, 4])  # type: ignore[attr-defined]  # arrows
        other = self.rows(sent(0.0), sent(0.1, way=(B, A)), sent(0.2, BUSY))
        self.assertEqual([row.copy for row in other], [1, 1, 1])  # type: ignore[attr-defined]  # arrows

    def test_labels_say_what_people_say(self) -> None:
        for data, label in (
            (b"OPTIONS sip:h SIP/2.0\r\n", ("OPTIONS sip:h", "request")),
            (b"\r\n\r\nOPTIONS sip:h sip/2.0", ("OPTIONS sip:h", "request")),
            (b"SIP/2.0 180 Ringing\r\n", ("180 Ringing", "provisional")),
            (b"SIP/2.0 200 \r\n", ("200", "success")),
            (b"SIP/2.0 302 Moved\r\n", ("302 Moved", "failure")),
            (b"SIP/2.0 \xff\r\n", ("\\xff", "failure")),
            (b"GET / HTTP/1.0\r\n", ("GET / HTTP/1.0", "unknown")),
            (b"", ("(nothing)", "unknown")),
        ):
            self.assertEqual(label_of(data), label)

    def notes(self, *records: Record) -> list[tuple[str, str]]:
        return [
            (row.party, row.text)
            for row in self.rows(*records)
            if isinstance(row, story.Note)
        ]

    def test_routing_is_told_at_who_received(self) -> None:
        for uid, status, text in (
            ("app", 0, "MESSAGE goes to the application app"),
            (None, 200, "MESSAGE is answered by the stack"),
            (None, 404, "MESSAGE fits no application: 404"),
        ):
            routed = RequestRouted(0.1, "MESSAGE", "z9hg4bkone", uid, status, ())
            self.assertEqual(self.notes(received(0.0), routed), [("bob", text)])
            self.assertEqual(self.notes(routed), [])

    def test_transactions_that_end_without_an_answer_are_told(self) -> None:
        for kind, old, new, told in (
            (CLIENT, "Trying", "Terminated", [("alice", "given up")]),
            (CLIENT, "Proceeding", "Terminated", [("alice", "given up")]),
            (CLIENT, "Completed", "Terminated", []),
            (CLIENT, "Trying", "Completed", []),
            (SERVER, "Trying", "Terminated", [("bob", "never answered")]),
        ):
            notes = self.notes(
                sent(0.0),
                received(0.1),
                TransactionChanged(1.0, kind, KEY, old, new),
            )
            self.assertEqual([party for party, _ in notes], [p for p, _ in told])
            for (_, text), (_, part) in zip(notes, told, strict=True):
                self.assertIn(part, text)

    def test_what_cannot_be_read_is_told(self) -> None:
        error = SIPParseError("To", "sip:a:b@\x1b", 0, "something", header="To")
        [(party, text)] = self.notes(MessageUnread(0.0, A, B, error))
        self.assertEqual(party, "bob")
        self.assertIn("can't be read: To", text)
        self.assertTrue(text.isprintable())

    def test_memory_is_bounded(self) -> None:
        self.patch(story, "_REMEMBERED", 3)
        teller = story.Story()
        for number in range(10):
            data = REQUEST.replace(b"One", b"%d" % number)
            teller.rows(sent(0.0, data))
            teller.rows(received(0.0, data))
        for memory in (teller._copies, teller._sent, teller._holders):
            self.assertTrue(len(memory) <= 3)


class LiveLadderTests(SynchronousTestCase):
    maxDiff = None

    def test_it_draws_as_things_happen_and_names_newcomers(self) -> None:
        lines: list[str] = []
        ladder = LiveLadder(lines.append, NAMES, width=60, whole=True)
        for record in EXCHANGE[:3]:
            ladder(record)
        self.assertEqual(len(lines), 3 + 2 * (1 + 5))
        self.assertIn("│ Hi\\x1b", lines[-1])
        before = len(lines)
        ladder(sent(11.0, b"SIP/2.0 200 OK\r\n\r\n", (B, C)))
        self.assertEqual(
            "\n".join(lines[before:]),
            """\
              alice             bob       [2001:db8::3]:5…
         192.0.2.1:5060   192.0.2.2:5060
                │                │                │
   1.000        │                │── 200 OK ─────▶│
         │ SIP/2.0 200 OK""",
        )

    def test_who_was_silent_longest_makes_room(self) -> None:
        lines: list[str] = []
        ladder = LiveLadder(lines.append, {A: "alice"}, width=60)
        for number in range(50):
            ladder(received(0.0, b"X", (("192.0.2.9", 1000 + number), A)))
            self.assertIn(f"192.0.2.9:{1000 + number}", lines[-4])
            self.assertTrue(len(ladder._latest) <= len(ladder._parties) <= 3)
            self.assertIn("alice", ladder._parties)
        self.assertTrue(all(columns(line) <= 60 for line in lines))

    def test_arrows_are_values(self) -> None:
        arrow = Arrow(0.0, "a", "b", "X", "request", 1, False, "X")
        self.assertEqual(arrow, Arrow(0.0, "a", "b", "X", "request", 1, False, "X"))
