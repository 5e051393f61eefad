"""Capabilities: what an application can declare."""

from __future__ import annotations

from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from sipclient import Capabilities
from sipclient.errors import SIPArgumentError


class CapabilitiesTests(SynchronousTestCase):
    def test_without_arguments_nothing_is_routed_to_it(self) -> None:
        nothing = Capabilities()
        self.assertEqual(nothing.users, ())
        self.assertEqual(nothing.methods, frozenset(["MESSAGE"]))

    def test_one_string_is_a_list_of_one(self) -> None:
        one = Capabilities(
            users="alice",
            methods="PUBLISH",
            content_types="text/plain",
            option_tags="Path",
        )
        self.assertEqual(one.users, ("alice",))
        self.assertEqual(one.methods, {"PUBLISH"})
        self.assertEqual(one.content_types, ("text/plain",))
        self.assertEqual(one.option_tags, {"path"})
        self.assertEqual(
            one,
            Capabilities(
                users=iter(["alice"]),
                methods=["PUBLISH"],
                content_types=("text/plain",),
                option_tags={"path"},
            ),
        )

    def test_what_is_not_routed_outside_dialogs_can_not_be_declared(self) -> None:
        for method in ("ACK", "CANCEL", "BYE", "INFO", "NOTIFY", "REGISTER"):
            error = self.assertRaises(
                SIPArgumentError, Capabilities, methods=["MESSAGE", method]
            )
            self.assertIn(method, str(error))

    def test_what_could_not_be_written_in_a_header_is_refused(self) -> None:
        """Methods, types and tags go into Allow, Accept and Supported."""
        bad: tuple[dict[str, Any], ...] = (
            {"methods": "A B"},
            {"methods": ""},
            {"methods": "A\r\nX: y"},
            {"option_tags": "a b"},
            {"option_tags": "a\r\nX: y"},
            {"option_tags": ""},
            {"content_types": "text"},
            {"content_types": "text/plain\r\nX: y"},
            {"content_types": ""},
        )
        for declared in bad:
            with self.assertRaises(SIPArgumentError, msg=str(declared)):
                Capabilities(**declared)
        Capabilities(content_types=["*/*", "text/*", "text/plain;charset=utf-8"])
