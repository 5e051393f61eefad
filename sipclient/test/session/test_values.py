"""Commands and events are plain values, and ids are given once."""

from __future__ import annotations

from typing import get_args

from twisted.trial.unittest import SynchronousTestCase

from sipclient import AccessPoint, Capabilities
from sipclient.session import commands, events
from sipclient.session.ids import Ids

NO_FIELDS: commands.Fields = ()


class ValueTests(SynchronousTestCase):
    def test_they_cannot_change_and_are_numbered_first(self) -> None:
        for kind in (*get_args(commands.Command), *get_args(events.Event)):
            self.assertTrue(issubclass(kind, tuple), kind)
            self.assertEqual(vars(kind)["__slots__"], ())
            self.assertEqual(kind._fields[0], "number")

    def test_every_event_says_which_connection_it_belongs_to(self) -> None:
        for kind in get_args(events.Event):
            self.assertEqual(kind._fields[1], "connection")

    def test_ids_ascend_and_begin_at_1(self) -> None:
        ids = Ids()
        self.assertEqual([ids.next() for _ in range(3)], [1, 2, 3])
        self.assertEqual(Ids(2**40).next(), 2**40 + 1)


class DescriptionTests(SynchronousTestCase):
    def test_each_command_can_be_told_in_words(self) -> None:
        for command, text in (
            (
                commands.OpenSession(1, "app", Capabilities()),
                "opening a client as 'app'",
            ),
            (
                commands.OpenConnection(2, "home"),
                "connecting to the access point 'home'",
            ),
            (
                commands.OpenConnection(2, AccessPoint("other")),
                "connecting to the access point 'other'",
            ),
            (
                commands.SendRequest(
                    3, 1, "MESSAGE", "sip:a@b.c", "", "", NO_FIELDS, b""
                ),
                "sending MESSAGE to sip:a@b.c",
            ),
            (
                commands.SendRequest(3, 1, "", "sip:a@b.c", "", "", NO_FIELDS, b""),
                "sending a request to sip:a@b.c",
            ),
            (
                commands.SendResponse(4, 1, "MESSAGE", 200, "OK", NO_FIELDS, b""),
                "answering MESSAGE with 200",
            ),
            (commands.ReleaseTransaction(5, 1), "closing"),
            (commands.CloseConnection(6, 1), "closing"),
            (commands.CloseSession(7), "closing"),
        ):
            self.assertEqual(commands.describe(command), text)
