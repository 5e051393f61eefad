"""Event and Subscription-State: RFC 6665 §8.2."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from sipclient.errors import SIPArgumentError
from sipclient.message.fields.event import Event, SubscriptionState
from sipclient.message.params import Params

from .support import TOKENS, UINT32S, params, read, rewritten, unexpected

EVENT_TYPES = st.sampled_from(["presence", "presence.winfo", "a.b.c", "!%*_+`'~-"])
EVENTS = st.builds(Event, EVENT_TYPES, params(id=TOKENS))
STATES = st.builds(
    SubscriptionState,
    st.sampled_from(["active", "pending", "terminated"]) | TOKENS,
    params(
        **{
            "expires": UINT32S.map(str),
            "retry-after": UINT32S.map(str),
            "reason": TOKENS,
        }
    ),
)


class EventTests(SynchronousTestCase):
    @given(EVENTS)
    def test_what_is_written_is_read_again(self, event: Event) -> None:
        self.assertEqual(rewritten("Event", event), (event,))

    def test_the_parts_of_one(self) -> None:
        [event] = read("Event", " presence.winfo.x ; ID=7")
        self.assertEqual(event.value, "presence.winfo.x")
        self.assertEqual(event.package, "presence")
        self.assertEqual(event.templates, ("winfo", "x"))
        self.assertEqual(event.id, "7")
        [plain] = read("Event", "refer")
        self.assertEqual(
            (plain.package, plain.templates, plain.id), ("refer", (), None)
        )

    def test_type_and_id_decide_what_is_the_same(self) -> None:
        event = Event.parse("dialog;id=7")
        self.assertTrue(event.matches(Event.parse("dialog;other;id=7")))
        for text in ("dialog", "dialog;id=8", "Dialog;id=7", "dialog.winfo;id=7"):
            self.assertFalse(event.matches(Event.parse(text)))

    def test_bad_ones_are_refused(self) -> None:
        table = [
            ("", "Event", 0),
            (";id=7", "Event", 0),
            (".winfo", "Event", 0),
            ("presence.", "generic-param", 8),
            ("presence, dialog", "generic-param", 8),
            ("presence id=7", "generic-param", 9),
            ("presence;id=7;id=8", "duplicate-param", 14),
        ]
        self.assertEqual(unexpected("Event", table), {})

    def test_a_value_refuses_what_the_header_cannot_hold(self) -> None:
        for value in ("", "a b", "a.", "a\r\nB: c"):
            with self.assertRaises(SIPArgumentError):
                Event(value)


class SubscriptionStateTests(SynchronousTestCase):
    @given(STATES)
    def test_what_is_written_is_read_again(self, state: SubscriptionState) -> None:
        self.assertEqual(rewritten("Subscription-State", state), (state,))

    def test_the_parts_of_one(self) -> None:
        state = SubscriptionState.parse(
            "terminated;reason=probation;Retry-After=0060;expires=4294967295"
        )
        self.assertEqual(state.value, "terminated")
        self.assertEqual(state.reason, "probation")
        self.assertEqual((state.retry_after, state.expires), (60, 2**32 - 1))
        [plain] = read("Subscription-State", "pending")
        self.assertEqual(
            (plain.reason, plain.retry_after, plain.expires), (None, None, None)
        )

    def test_bad_ones_are_refused(self) -> None:
        name = "Subscription-State"
        table = [
            ("", name, 0),
            ("active expires=1", "generic-param", 7),
            ("active;expires", name, 6),
            ("active;expires=-1", name, 6),
            ("active;expires=4294967296", name, 6),
            ("active;retry-after=1x", name, 6),
            ("active;a=", "generic-param", 8),
        ]
        self.assertEqual(unexpected(name, table), {})

    def test_a_value_refuses_what_the_header_cannot_hold(self) -> None:
        with self.assertRaises(SIPArgumentError):
            SubscriptionState("active", Params.of({"expires": "soon"}))
