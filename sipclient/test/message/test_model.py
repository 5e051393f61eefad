"""What a message says of itself: RFC 3261 §7."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from sipclient.errors import SIPParseError
from sipclient.message.model import Request, Response, header_key
from sipclient.message.parser import parse
from sipclient.message.uri import SIPURI

DATA = (
    b"OPTIONS sip:bob@example.net SIP/2.0\r\nv: SIP/2.0/UDP a,\r\n SIP/2.0/TCP b\r\n"
    b"Via: SIP/2.0/TLS c\r\nSupported:\r\nk:  x , y\t\r\nX-New: \xff 1\r\nx-new: 2\r\n"
    b"Call-ID: c1\r\nExpires: x\r\nl: 4\r\n\r\nbodyrest"
)


class MessageTests(SynchronousTestCase):
    """Texts are as they came; values are made when asked for."""

    def setUp(self) -> None:
        self.message = parse(DATA)

    def test_raw(self) -> None:
        self.assertEqual(bytes(self.message), DATA[:-4])
        self.assertEqual(self.message.body, b"body")

    def test_header_key(self) -> None:
        for name in ("Call-ID", "call-id", "CALL-ID", "i", "I", "cAlL-iD"):
            self.assertEqual(header_key(name), "call-id")
        self.assertEqual(header_key("X-New"), "x-new")

    def test_contains(self) -> None:
        for name in ("Via", "v", "VIA", "k", "X-NEW"):
            self.assertIn(name, self.message)
        self.assertNotIn("To", self.message)

    def test_text(self) -> None:
        """The first line of that name, without the white space around it."""
        self.assertEqual(self.message.text("Via"), "SIP/2.0/UDP a, SIP/2.0/TCP b")
        self.assertEqual(self.message.text("supported"), "")
        self.assertEqual(self.message.text("X-new"), "\udcff 1")
        self.assertEqual(self.message.text("To"), None)

    def test_texts(self) -> None:
        self.assertEqual(self.message.texts("k"), ("", "x , y"))
        self.assertEqual(self.message.texts("x-new"), ("\udcff 1", "2"))
        self.assertEqual(self.message.texts("i"), ("c1",))
        self.assertEqual(self.message.texts("To"), ())

    def test_headers(self) -> None:
        """All values, on whatever lines they are (§7.3.1)."""
        transports = [via.transport for via in self.message.headers("Via")]
        self.assertEqual(transports, ["UDP", "TCP", "TLS"])
        self.assertEqual(self.message.headers("Supported"), ("x", "y"))
        self.assertEqual(self.message.headers("X-New"), ("\udcff 1", "2"))
        self.assertEqual(self.message.headers("To"), ())

    def test_header(self) -> None:
        """The first value, also where the first line holds none."""
        self.assertEqual(self.message.header("v").transport, "UDP")  # type: ignore[union-attr]  # it is there
        self.assertEqual(self.message.header("Supported"), "x")
        self.assertEqual(self.message.header("X-New"), "\udcff 1")
        self.assertEqual(self.message.header("To"), None)
        self.assertEqual(parse(b"A u SIP/2.0\r\nk:\r\n\r\n").header("k"), None)

    def test_unreadable_value(self) -> None:
        for read in (self.message.header, self.message.headers):
            error = self.assertRaises(SIPParseError, read, "Expires")
            self.assertEqual(error.header, "Expires")

    def test_fields(self) -> None:
        """Names as they are spelled, in their order."""
        self.assertEqual(
            list(self.message.fields()),
            [
                ("v", "SIP/2.0/UDP a, SIP/2.0/TCP b"),
                ("Via", "SIP/2.0/TLS c"),
                ("Supported", ""),
                ("k", "x , y"),
                ("X-New", "\udcff 1"),
                ("x-new", "2"),
                ("Call-ID", "c1"),
                ("Expires", "x"),
                ("l", "4"),
            ],
        )
        self.assertEqual(list(parse(b"SIP/2.0 200 \r\n\r\n").fields()), [])

    def test_request(self) -> None:
        message = self.message
        assert isinstance(message, Request)
        self.assertEqual(message.request_uri, SIPURI("bob", "example.net"))
        self.assertEqual(message.source, None)
        bad = parse(b"A <sip:b@h> SIP/2.0\r\n\r\n")
        assert isinstance(bad, Request)
        self.assertRaises(SIPParseError, getattr, bad, "request_uri")

    def test_summary(self) -> None:
        """All that a log says: start line and Call-ID, and no more of it."""
        summary = "OPTIONS sip:bob@example.net SIP/2.0 (Call-ID c1)"
        self.assertEqual(self.message.summary, summary)
        self.assertEqual(repr(self.message), f"<Request {summary}>")
        response = parse(b"SIP/2.0 200 OK\r\n\r\n")
        self.assertIsInstance(response, Response)
        self.assertEqual(repr(response), "<Response SIP/2.0 200 OK (Call-ID none)>")
