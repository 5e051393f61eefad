"""What belongs together, and what doesn't (RFC 3261 §17.1.3, §17.2.3)."""

from __future__ import annotations

from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from sipclient.message.check import check
from sipclient.message.model import Request
from sipclient.message.parser import parse
from sipclient.test.transaction.world import request
from sipclient.transaction.key import (
    client_key,
    is_unique,
    merged_key,
    quoted_key,
    server_key,
)


def key(**parts: Any) -> str:
    return server_key(request(**parts))


class ServerKeyTests(SynchronousTestCase):
    def test_branch_sent_by_and_method_are_the_key(self) -> None:
        first = key()
        for other in (
            {"branch": "z9hG4bKb"},
            {"sent_by": "192.0.2.1:5062"},
            {"sent_by": "192.0.2.1"},
            {"method": "INFO"},
        ):
            self.assertNotEqual(key(**other), first, other)

    def test_nothing_else_is(self) -> None:
        first = key()
        for other in (
            {"uri": "sip:other@example.com"},
            {"from_tag": "other"},
            {"to_tag": "other"},
            {"call_id": "other"},
            {"cseq": 2},
        ):
            self.assertEqual(key(**other), first, other)

    def test_case_makes_no_difference_in_branch_and_host(self) -> None:
        self.assertEqual(
            key(branch="z9hG4bKaBc", sent_by="Example.COM"),
            key(branch="Z9HG4BKAbC", sent_by="example.com"),
        )
        self.assertNotEqual(key(method="info"), key(method="INFO"))

    def test_an_ack_has_the_key_of_its_invite(self) -> None:
        for branch in ("z9hG4bKa", "z9hG4bK", "1", ""):
            invite = key(branch=branch, method="INVITE")
            ack = key(branch=branch, method="ACK", to_tag="ours")
            self.assertEqual(ack, invite, branch)

    def test_another_method_can_be_asked_for(self) -> None:
        for branch in ("z9hG4bKa", "1"):
            self.assertEqual(
                server_key(request(branch=branch, method="CANCEL"), "INVITE"),
                key(branch=branch, method="INVITE"),
            )


class RFC2543Tests(SynchronousTestCase):
    """Without the magic cookie, or with nothing behind it."""

    BRANCHES = ("", "1", "z9hG4bK", "Z9hg4BK", "z9hG4b")

    def test_a_copy_matches(self) -> None:
        for branch in self.BRANCHES:
            self.assertEqual(key(branch=branch), key(branch=branch))

    def test_all_that_the_rules_name_must_be_the_same(self) -> None:
        for branch in self.BRANCHES:
            first = key(branch=branch)
            for other in (
                {"uri": "sip:other@example.com"},
                {"from_tag": "other"},
                {"to_tag": "other"},
                {"call_id": "other"},
                {"cseq": 2},
                {"method": "INFO"},
                {"sent_by": "192.0.2.9:5060"},
            ):
                self.assertNotEqual(key(branch=branch, **other), first, other)

    def test_only_the_top_via_counts(self) -> None:
        keys = set()
        for vias in (b"SIP/2.0/UDP a", b"SIP/2.0/UDP a , SIP/2.0/TCP b"):
            data = bytes(request(branch=""))
            message = parse(data.replace(b"SIP/2.0/UDP 192.0.2.1:5060", vias))
            assert isinstance(message, Request)
            check(message)
            keys.add(server_key(message))
        self.assertEqual(len(keys), 1)

    def test_the_bare_cookie_of_rfc4475(self) -> None:
        """Message 3.2.1 ("badbranch") of the torture tests."""
        text = (
            b"OPTIONS sip:user@example.com SIP/2.0\r\n"
            b"To: sip:user@example.com\r\n"
            b"From: sip:caller@example.org;tag=33242\r\n"
            b"Max-Forwards: 3\r\n"
            b"Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK\r\n"
            b"Accept: application/sdp\r\n"
            b"Call-ID: badbranch.sadonfo23i420jv0as0derf3j3n\r\n"
            b"CSeq: 8 OPTIONS\r\nl: 0\r\n\r\n"
        )
        keys = []
        for data in (text, text, text.replace(b"CSeq: 8", b"CSeq: 9")):
            message = parse(data)
            assert isinstance(message, Request)
            check(message)
            keys.append(server_key(message))
        self.assertEqual(keys[0], keys[1])
        self.assertNotEqual(keys[0], keys[2])


class OtherKeyTests(SynchronousTestCase):
    def test_a_branch_is_unique_by_the_cookie_and_what_follows_it(self) -> None:
        for branch in ("z9hG4bKa", "Z9HG4BK-"):
            self.assertTrue(is_unique(branch), branch)
        for branch in RFC2543Tests.BRANCHES:
            self.assertFalse(is_unique(branch), branch)

    def test_what_an_icmp_error_quotes_has_the_key_of_its_client(self) -> None:
        data = request(branch="z9hG4bKAbc", method="INVITE").raw
        self.assertEqual(quoted_key(data), client_key("z9hG4bKabc", "INVITE"))
        for cut in (b"", b"INVITE", b"INVITE sip:a SIP/2.0\r\n", data[:60]):
            self.assertEqual(quoted_key(cut), "")

    def test_of_a_client_it_is_branch_and_method(self) -> None:
        first = client_key("z9hG4bKa", "OPTIONS")
        self.assertEqual(client_key("Z9HG4BKA", "OPTIONS"), first)
        self.assertNotEqual(client_key("z9hG4bKa", "INFO"), first)
        self.assertNotEqual(client_key("z9hG4bKb", "OPTIONS"), first)

    def test_copies_by_several_ways_share_from_tag_call_id_and_cseq(self) -> None:
        first = merged_key(request())
        self.assertEqual(merged_key(request(branch="z9hG4bKb", sent_by="p")), first)
        for other in (
            {"from_tag": "other"},
            {"call_id": "other"},
            {"cseq": 2},
            {"method": "INFO"},
        ):
            self.assertNotEqual(merged_key(request(**other)), first, other)
