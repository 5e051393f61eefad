"""What messages of DNS servers come to, whatever they are."""

from __future__ import annotations

from typing import Any

import dns.message
from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from sipclient.resolver.limits import ResolverLimits
from sipclient.resolver.messages import Reading, question, reading, understood

from .server import SOA, Behaviour, missing, says

NAME = "sip.example.com"
LIMITS = ResolverLimits()


def answer(does: Behaviour, kind: str = "A", name: str = NAME) -> bytes:
    [data] = does(dns.message.from_wire(question(7, name, kind)))
    return data


class ReadingTests(SynchronousTestCase):
    def read(self, does: Behaviour, kind: str = "A") -> Reading:
        message = understood(answer(does, kind), question(7, NAME, kind))
        self.assertIsNotNone(message)
        return reading(message, NAME, kind, LIMITS)

    def test_a_question_asks_the_server_to_find_out(self) -> None:
        asked = dns.message.from_wire(question(513, NAME, "AAAA"))
        self.assertEqual(asked.id, 513)
        self.assertEqual(str(asked.question[0]), f"{NAME}. IN AAAA")
        self.assertIn("RD", str(asked).split("flags ")[1].split("\n")[0])

    def test_addresses_in_their_order_with_the_shortest_time(self) -> None:
        read = self.read(
            says(
                f"{NAME}. 60 IN A 192.0.2.9",
                f"{NAME}. 30 IN A 192.0.2.1",
                f"{NAME}. 90 IN A 192.0.2.9",
            )
        )
        self.assertEqual(read, Reading(("192.0.2.9", "192.0.2.1"), ttl=30.0))
        read = self.read(says(f"{NAME}. 5 IN AAAA 2001:DB8:0::1"), "AAAA")
        self.assertEqual(read, Reading(("2001:db8::1",), ttl=5.0))

    def test_names_in_any_case(self) -> None:
        read = self.read(says("SIP.Example.COM. 60 IN A 192.0.2.9"))
        self.assertEqual(read.records, ("192.0.2.9",))

    def test_records_of_other_names_and_types_are_not_believed(self) -> None:
        read = self.read(
            says(
                "evil.example.com. 60 IN A 192.0.2.66",
                f"{NAME}. 60 IN TXT hello",
                f"{NAME}. 60 IN AAAA ::1",
                f"{NAME}. 60 IN A 192.0.2.1",
                f"{NAME}. 60 CH A foo. 1",
            )
        )
        self.assertEqual(read.records, ("192.0.2.1",))

    def test_aliases_are_followed_in_any_order(self) -> None:
        lines = (
            "b.example.net. 60 IN A 192.0.2.5",
            "a.example.com. 20 IN CNAME b.example.net.",
            f"{NAME}. 40 IN CNAME A.example.com.",
        )
        for order in (lines, lines[::-1]):
            read = self.read(says(*order))
            self.assertEqual(read, Reading(("192.0.2.5",), ttl=20.0, aliases=2))

    def test_an_alias_whose_addresses_are_not_told(self) -> None:
        read = self.read(says(f"{NAME}. 40 IN CNAME a.example.net."))
        self.assertEqual(read, Reading(alias="a.example.net", ttl=40.0, aliases=1))

    def test_an_alias_without_such_a_record_or_that_does_not_exist(self) -> None:
        alias = f"{NAME}. 40 IN CNAME a.example.net."
        read = self.read(missing(alias, code="NOERROR"))
        self.assertIn("no such record", read.missing)
        read = self.read(missing(alias))
        self.assertIn("the name a.example.net, its alias, doesn't exist", read.missing)

    def test_aliases_in_a_circle_or_without_end(self) -> None:
        read = self.read(
            says(
                f"{NAME}. 40 IN CNAME a.example.net.",
                f"a.example.net. 40 IN CNAME {NAME}.",
            )
        )
        self.assertIn("in a circle", read.failed)
        for number, failed in ((8, False), (9, True)):
            lines = [f"{NAME}. 40 IN CNAME 1.net."]
            lines += [f"{n}.net. 40 IN CNAME {n + 1}.net." for n in range(1, number)]
            read = self.read(says(*lines, f"{number}.net. 40 IN A 192.0.2.1"))
            self.assertEqual(bool(read.failed), failed)
            self.assertEqual(bool(read.records), not failed)

    def test_so_many_addresses_and_no_more(self) -> None:
        lines = [f"{NAME}. 60 IN A 192.0.2.{n}" for n in range(20)]
        self.assertEqual(len(self.read(says(*lines)).records), LIMITS.addresses)

    def test_an_address_that_is_nowhere_is_none(self) -> None:
        read = self.read(says(f"{NAME}. 60 IN A 0.0.0.0"))
        self.assertEqual(read, Reading(missing="says that it is at 0.0.0.0", ttl=60.0))
        lines = [f"{NAME}. 60 IN A 0.0.0.0", f"{NAME}. 60 IN A 192.0.2.1"]
        self.assertEqual(self.read(says(*lines)).records, ("192.0.2.1",))

    def test_what_is_missing_holds_as_long_as_the_zone_says(self) -> None:
        for ttl, minimum in ((60, 30), (30, 60)):
            soa = SOA.format(ttl=ttl, minimum=minimum)
            read = self.read(says(code="NXDOMAIN", soa=soa))
            self.assertIn("doesn't exist", read.missing)
            self.assertEqual(read.ttl, 30.0)
            read = self.read(says(soa=soa))
            self.assertIn("no such record", read.missing)
            self.assertEqual(read.ttl, 30.0)
        self.assertEqual(self.read(says(code="NXDOMAIN")).ttl, 0.0)
        self.assertEqual(self.read(says()).ttl, 0.0)

    def test_a_time_with_the_highest_bit_is_none(self) -> None:
        data = bytearray(answer(says(f"{NAME}. 60 IN A 192.0.2.9")))
        at = data.rindex(b"\0\0\0\x3c")
        data[at] = 0x80
        message = understood(bytes(data), question(7, NAME, "A"))
        self.assertEqual(reading(message, NAME, "A", LIMITS).ttl, 0.0)

    def test_a_server_that_is_no_help(self) -> None:
        for code in ("SERVFAIL", "REFUSED", "FORMERR", "NOTIMP", "YXDOMAIN"):
            read = self.read(says(code=code))
            name = code if code != "YXDOMAIN" else "the error 6"
            self.assertIn(name, read.failed)
        read = self.read(says(soa="example.com. 60 IN NS ns.example.com."))
        self.assertIn("names others", read.failed)


class BeliefTests(SynchronousTestCase):
    """RFC 5452: an answer is what has the number and the question."""

    good = answer(says(f"{NAME}. 60 IN A 192.0.2.9"))

    def believed(self, data: bytes) -> bool:
        return understood(data, question(7, NAME, "A")) is not None

    def test_the_answer_is_believed(self) -> None:
        self.assertTrue(self.believed(self.good))

    def test_what_is_not_the_answer(self) -> None:
        lines = (f"{NAME}. 60 IN A 192.0.2.9",)
        for data in (
            b"",
            self.good[:11],
            b"\0\x08" + self.good[2:],  # another number
            question(7, NAME, "A"),  # a question
            answer(says(*lines), "AAAA"),
            answer(says(*lines), name="other.example.com"),
            answer(missing(), name="other.example.com"),
        ):
            self.assertFalse(self.believed(data), data)

    def test_an_error_may_leave_the_question_out(self) -> None:
        query = dns.message.from_wire(question(7, NAME, "A"))
        for code, believed in (("FORMERR", True), ("NOERROR", False)):
            response: Any = dns.message.from_wire(says(code=code)(query)[0])
            response.question = []
            self.assertEqual(self.believed(response.to_wire()), believed)

    def test_what_is_cut_short_is_no_message(self) -> None:
        for end in range(len(self.good)):
            self.assertFalse(self.believed(self.good[:end]), end)

    def test_names_that_point_to_themselves(self) -> None:
        data = self.good[:12] + b"\xc0\x0c" + self.good[12 + len(NAME) + 2 :]
        self.assertFalse(self.believed(data))

    @given(st.lists(st.tuples(st.integers(2, 60), st.integers(0, 255)), max_size=8))
    def test_mutants_harm_nobody(self, changes: list[tuple[int, int]]) -> None:
        data = bytearray(self.good)
        for at, octet in changes:
            data[at % len(data)] = octet
        self.understand(bytes(data))

    @given(st.binary(max_size=200))
    def test_noise_harms_nobody(self, noise: bytes) -> None:
        self.understand(b"\0\x07\x80" + noise)

    def understand(self, data: bytes) -> None:
        message = understood(data, question(7, NAME, "A"))
        if message is not None:
            reading(message, NAME, "A", LIMITS)
