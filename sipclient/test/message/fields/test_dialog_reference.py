"""Replaces, Join and Target-Dialog: RFC 3891 §6.1, RFC 3911 §7.1, RFC 4538 §7."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from sipclient.errors import SIPArgumentError
from sipclient.message.fields.dialog_reference import Join, Replaces, TargetDialog
from sipclient.message.params import Params

from .support import TOKENS, read, rewritten, unexpected

CALL_IDS = st.sampled_from(["a", "7c@192.0.2.1", '<"\\:/[?{}]>@()', "a84b4c76"])
TAGS = {"Join": ("to-tag", "from-tag"), "Replaces": ("to-tag", "from-tag")}
TAGS["Target-Dialog"] = ("local-tag", "remote-tag")


class DialogReferenceTests(SynchronousTestCase):
    @given(CALL_IDS, TOKENS, TOKENS, st.booleans())
    def test_what_is_written_is_read_again(
        self, call_id: str, here: str, there: str, early: bool
    ) -> None:
        replaces = Replaces.of(call_id, to_tag=here, from_tag=there, early_only=early)
        self.assertEqual(rewritten("Replaces", replaces), (replaces,))
        join = Join.of(call_id, to_tag=here, from_tag=there)
        self.assertEqual(rewritten("Join", join), (join,))
        target = TargetDialog.of(call_id, local_tag=here, remote_tag=there)
        self.assertEqual(rewritten("Target-Dialog", target), (target,))

    def test_the_parts_of_one(self) -> None:
        [replaces] = read(
            "Replaces", "98732@sip.example.com ;From-Tag=r33th4x0r;to-tag=0;early-only"
        )
        self.assertEqual(replaces.call_id, "98732@sip.example.com")
        self.assertEqual((replaces.to_tag, replaces.from_tag), ("0", "r33th4x0r"))
        self.assertTrue(replaces.early_only)
        self.assertFalse(Replaces.parse("a;to-tag=b;from-tag=c").early_only)
        join = Join.parse("12adf2f34456gs5;to-tag=12345;from-tag=54321")
        self.assertEqual((join.to_tag, join.from_tag), ("12345", "54321"))
        target = TargetDialog.parse("fa77@host;local-tag=kkaz-;remote-tag=6544;x")
        self.assertEqual((target.local_tag, target.remote_tag), ("kkaz-", "6544"))
        self.assertEqual(target.call_id, "fa77@host")

    def test_bad_ones_are_refused(self) -> None:
        for name, (one, other) in TAGS.items():
            both = f";{one}=1;{other}=2"
            table = [
                ("", name, 0),
                (both, name, 0),
                ("a@b@c" + both, "generic-param", 3),
                ("a ", name, 1),
                (f"a;{one}=1", name, 1),
                (f"a;{other}=1", name, 1),
                (f"a;{one};{other}=2", name, 1),
                (f'a;{one}="1";{other}=2', name, 1),
                (f"a;{one}=[::1];{other}=2", name, 1),
                (f"a{both};{one}=1", "duplicate-param", 2 + len(both)),
                (f"a{both}, b{both}", "generic-param", 1 + len(both)),
                (f"a b{both}", "generic-param", 2),
            ]
            self.assertEqual(unexpected(name, table), {})

    def test_a_value_refuses_what_the_header_cannot_hold(self) -> None:
        with self.assertRaises(SIPArgumentError):
            Replaces("a")
        with self.assertRaises(SIPArgumentError):
            Join.of("a b", to_tag="1", from_tag="2")
        with self.assertRaises(SIPArgumentError):
            Join.of("a", to_tag="not a token", from_tag="2")
        with self.assertRaises(SIPArgumentError):
            TargetDialog("a", Params.of({"to-tag": "1", "from-tag": "2"}))
