"""Which headers an application may set, and that nothing it gives leaves its place."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from sipclient.errors import SIPArgumentError, SIPParseError
from sipclient.message.headers import HEADERS
from sipclient.session.admission import (
    check_field,
    check_method,
    check_once,
    check_text,
)

# The original's rule, and what the stack of today sets itself.
OWNED = {
    "Authentication-Info",
    "Call-ID",
    "Content-Length",
    "Content-Type",
    "CSeq",
    "From",
    "Max-Forwards",
    "Min-Expires",
    "P-Access-Network-Info",
    "Proxy-Authorization",
    "Record-Route",
    "Security-Server",
    "Security-Verify",
    "Service-Route",
    "To",
    "Via",
}


class FieldTests(SynchronousTestCase):
    def test_what_the_stack_owns_is_refused_by_any_of_its_names(self) -> None:
        for name in OWNED:
            spec = HEADERS[name.lower()]
            for spelled in (name, name.upper(), name.lower(), spec.compact):
                if spelled is None:
                    continue
                error = self.assertRaises(
                    SIPArgumentError, check_field, spelled, "whatever"
                )
                self.assertIn(name, str(error))
                self.assertIn("Instead: ", str(error))

    def test_the_table_says_so_for_these_and_no_others(self) -> None:
        owned = {spec.name for spec in HEADERS.values() if not spec.settable}
        self.assertEqual(owned, OWNED)

    def test_others_are_admitted_by_their_full_name(self) -> None:
        for name, text, full in (
            ("Subject", "anything", "Subject"),
            ("s", "anything", "Subject"),
            ("SUBJECT", "anything", "Subject"),
            ("expires", "7", "Expires"),
            ("X-Own", "any: thing, at <all>", "X-Own"),
            ("Subject", "caf\xe9 \udcff", "Subject"),
            ("Subject", "a\ttab", "Subject"),
        ):
            self.assertEqual(check_field(name, text), full)

    def test_a_header_is_what_its_name_promises(self) -> None:
        for name, text in (
            ("Expires", "soon"),
            ("Contact", "<sip:"),
            ("Accept", "text"),
            ("Date", "yesterday"),
        ):
            self.assertRaises(SIPParseError, check_field, name, text)

    def test_a_name_is_a_token(self) -> None:
        for name in ("", "Sub ject", "Subject:", "X\r\nY", "caf\xe9"):
            self.assertRaises(SIPArgumentError, check_field, name, "x")

    def test_a_text_stays_on_its_line_and_can_be_written(self) -> None:
        for text in ("a\r\nb", "a\nb", "a\rb", "a\0b", "a\x7f", "\x0b", "\ud800"):
            self.assertRaises(SIPArgumentError, check_text, "it", text)
            for name in ("Subject", "X-Own"):
                self.assertRaises(SIPArgumentError, check_field, name, text)
        for text in ("", "a\tb", "\udc80\udcff", "\xe9\U0001f600"):
            self.assertEqual(check_text("it", text), text)
            text.encode("utf-8", "surrogateescape")

    def test_a_header_of_one_value_comes_once(self) -> None:
        fields = (("Subject", "x"), ("Accept", "text/plain"), ("X-Own", "x"))
        for name in ("Subject", "subject", "s"):
            self.assertRaises(SIPArgumentError, check_once, fields, name)
        for name in ("Accept", "X-Own", "Expires"):
            check_once(fields, name)

    def test_a_method_is_a_token(self) -> None:
        for method in ("MESSAGE", "x-y.z"):
            self.assertEqual(check_method(method), method)
        for method in ("", "A B", "A\r\n", "M\xc9SSAGE", "A/B"):
            self.assertRaises(SIPArgumentError, check_method, method)
