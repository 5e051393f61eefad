"""Contact: RFC 3261 §20.10."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from sipclient.errors import SIPArgumentError, SIPParseError
from sipclient.message.address import Address
from sipclient.message.fields.contact import STAR, AllContacts, Contact
from sipclient.message.params import Params
from sipclient.message.uri import parse_uri

from .support import (
    QVALUES,
    TEXTS,
    UINT32S,
    URIS,
    params,
    read,
    refusal,
    rewritten,
    unexpected,
)

CONTACTS = st.builds(Contact, TEXTS, URIS, params(q=QVALUES, expires=UINT32S.map(str)))


class ContactTests(SynchronousTestCase):
    @given(st.lists(CONTACTS, min_size=1, max_size=3))
    def test_what_is_written_is_read_again(self, contacts: list[Contact]) -> None:
        self.assertEqual(rewritten("Contact", *contacts), tuple(contacts))

    def test_the_parts_of_one(self) -> None:
        contact = Contact.parse('"A, B" <sip:a@b;expires=9>; Expires=0060;q=0.25')
        self.assertIsInstance(contact, Contact)
        self.assertEqual(contact.display_name, "A, B")
        self.assertEqual(contact.uri, parse_uri("sip:a@b;expires=9"))
        self.assertEqual((contact.expires, contact.q, contact.star), (60, 0.25, False))

    def test_what_is_not_said_is_none(self) -> None:
        contact = Contact.parse("sip:a@b")
        self.assertEqual((contact.expires, contact.q), (None, None))

    def test_an_expiry_that_cannot_be_read_is_an_hour(self) -> None:
        for text in ("expires=280297596632815", "expires=-1", "expires", "expires=1h"):
            self.assertEqual(Contact.parse(f"<sip:a@b>;{text}").expires, 3600)

    def test_star_stands_for_all(self) -> None:
        for text in ("*", " *\t"):
            self.assertEqual(read("Contact", text), (STAR,))
        self.assertEqual(rewritten("Contact", STAR), (STAR,))
        self.assertEqual((STAR, STAR.star), (AllContacts(), True))
        with self.assertRaises(SIPParseError):
            Contact.parse("*")

    def test_a_contact_is_an_address_of_its_own_kind(self) -> None:
        contact = Contact.parse("<sip:a@b>;q=1")
        self.assertIsInstance(contact, Address)
        self.assertEqual(contact, Contact("", contact.uri, contact.params))
        self.assertEqual(hash(contact), hash(Contact("", contact.uri, contact.params)))
        self.assertIsInstance(contact.without_param("q"), Contact)

    def test_bad_ones_are_refused(self) -> None:
        table = [
            ('"Joe" <sip:joe@example.org>;;;;', "generic-param", 27),
            ("sip:user@example.com?Route=%3Csip:a%3E", "name-addr", 20),
            ("<sip:a@b>;q=1.1", "Contact", 0),
            ("<sip:a@b>;q", "Contact", 0),
            ("<sip:a@b>, <sip:c@d>;q=x", "Contact", 11),
            ("<sip:a@b>;expires=1;EXPIRES=2", "duplicate-param", 20),
        ]
        self.assertEqual(unexpected("Contact", table), {})
        for text in ("", ",", "*,<sip:a@b>", "<sip:a@b>,*", "*;q=1", "<sip:a@b>,"):
            self.assertIsNotNone(refusal("Contact", text), text)

    def test_a_value_refuses_what_the_header_cannot_hold(self) -> None:
        uri = parse_uri("sip:a@b")
        with self.assertRaises(SIPArgumentError):
            Contact("", uri, Params.of({"q": "7"}))
        with self.assertRaises(SIPArgumentError):
            Contact("a\r\nb", uri)
