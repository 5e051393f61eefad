"""Header fields that are addresses."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from sipclient.message.address import Address
from sipclient.message.uri import parse_uri

from .support import (
    ADDRESSES,
    TEXTS,
    TOKENS,
    URIS,
    params,
    read,
    refusal,
    rewritten,
    unexpected,
)

FROM_TO = ("From", "To")
SINGLE = ("Refer-To", "Referred-By", "Reply-To")
LISTS = ("P-Associated-URI", "Path", "Record-Route", "Route", "Service-Route")
IDENTITIES = ("P-Asserted-Identity", "P-Preferred-Identity")
ALL = (*FROM_TO, *SINGLE, *LISTS, *IDENTITIES)


class AddressFieldTests(SynchronousTestCase):
    @given(st.builds(Address, TEXTS, URIS, params(tag=TOKENS)))
    def test_from_and_to_are_read_again(self, address: Address) -> None:
        for name in FROM_TO:
            self.assertEqual(rewritten(name, address), (address,))

    @given(ADDRESSES)
    def test_single_addresses_are_read_again(self, address: Address) -> None:
        for name in SINGLE:
            self.assertEqual(rewritten(name, address), (address,))

    @given(st.lists(ADDRESSES, min_size=1, max_size=3))
    def test_several_addresses_are_read_again(self, addresses: list[Address]) -> None:
        for name in (*LISTS, *IDENTITIES):
            self.assertEqual(rewritten(name, *addresses), tuple(addresses))

    def test_what_follows_a_bare_uri_belongs_to_the_header(self) -> None:
        [address] = read("From", "sip:alice@example.com;tag=7;x")
        self.assertEqual(address.uri, parse_uri("sip:alice@example.com"))
        self.assertEqual((address.tag, address.params["x"]), ("7", None))

    def test_an_identity_needs_no_brackets(self) -> None:
        for name in IDENTITIES:
            text = '"Cullen" <sip:fluffy@example.com;user=phone>, tel:+14085264000'
            sip, tel = read(name, text)
            self.assertEqual(sip.display_name, "Cullen")
            self.assertEqual(sip.uri.params["user"], "phone")
            self.assertEqual(tel.uri, parse_uri("tel:+14085264000"))
            table = [("sip:a@b?c=d", "name-addr", 7), ("tel:+1,", "scheme", 7)]
            self.assertEqual(unexpected(name, table), {})

    def test_who_refers_may_prove_it(self) -> None:
        [by] = read("Referred-By", '<sip:a@b>;cid="2UWQFN309shb3@referrer.example"')
        self.assertEqual(by.params["cid"], "2UWQFN309shb3@referrer.example")

    def test_bad_ones_are_refused(self) -> None:
        for name in ALL:
            table = [
                ('"a <sip:a@b>', "display-name", 0),
                ("<sip:a@b", "name-addr", 8),
                ("<sip:a@b>;x;x", "duplicate-param", 12),
                ("<sip:a@b>;x=", "generic-param", 11),
            ]
            self.assertEqual(unexpected(name, table), {})
            self.assertIsNotNone(refusal(name, ""))

    def test_there_is_one_only_where_one_is_meant(self) -> None:
        for name in (*FROM_TO, *SINGLE):
            found = refusal(name, "<sip:a@b>, <sip:c@d>")
            self.assertEqual(found, ("name-addr", name, 9))

    def test_a_tag_is_a_token(self) -> None:
        for name in FROM_TO:
            table = [
                ("<sip:a@b>;tag", name, 10),
                ('<sip:a@b>; TAG="x"', name, 10),
                ("<sip:a@b>;x;tag=[::1]", name, 12),
                ("sip:a@b;tag", name, 8),
            ]
            self.assertEqual(unexpected(name, table), {})

    def test_routes_have_brackets(self) -> None:
        for name in LISTS:
            table = [
                ("sip:a@b;lr", name, 0),
                ("<sip:a@b;lr>, sip:c@d;lr", name, 14),
                ('"<" <sip:a@b>, sip:c@d', name, 15),
            ]
            self.assertEqual(unexpected(name, table), {})
            text = '"<, <" <sip:a@b>,b <sip:c>,"" <sip:d>'
            self.assertEqual(len(read(name, text)), 3)
