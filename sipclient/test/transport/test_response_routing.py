"""Where responses go: RFC 3261 §18.2.2 and RFC 3581 §4, case by case."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from sipclient.transport.response_routing import _understood, response_destination

SOURCE = ("192.0.2.9", 40000)

# The Via, and where the response goes when the request came from SOURCE.
CASES = (
    # rport: back to where it came from.
    ("SIP/2.0/UDP 10.0.0.1:5070;rport;branch=z9hG4bK1", SOURCE),
    ("SIP/2.0/UDP 10.0.0.1:5070;branch=z9hG4bK1;rport", SOURCE),
    ("SIP/2.0/UDP 10.0.0.1:5070;branch=z9hG4bK1;RPORT=", SOURCE),
    ("SIP/2.0/UDP 10.0.0.1:5070;rport=1234;branch=z9hG4bK1", SOURCE),
    ("SIP/2.0/UDP 10.0.0.1 ; rport ; branch=z9hG4bK1", SOURCE),
    ("SIP/2.0/UDP host.example;branch=z9hG4bK1;rport, SIP/2.0/UDP b.example", SOURCE),
    # What is called nearly so is something else.
    ("SIP/2.0/UDP 10.0.0.1:5070;branch=z9hG4bK1;rportal", ("192.0.2.9", 5070)),
    ('SIP/2.0/UDP 10.0.0.1:5070;x=";rport"', ("192.0.2.9", 5070)),
    ("SIP/2.0/UDP a.example:5070, SIP/2.0/UDP b.example;rport", ("192.0.2.9", 5070)),
    # Without: the address that it came from, the port that it wrote.
    ("SIP/2.0/UDP 192.0.2.9:40000;branch=z9hG4bK1", SOURCE),
    ("SIP/2.0/UDP 192.0.2.9:5070;branch=z9hG4bK1", ("192.0.2.9", 5070)),
    ("SIP/2.0/UDP host.example:5070", ("192.0.2.9", 5070)),
    ("SIP/2.0/UDP host.example;branch=z9hG4bK1", ("192.0.2.9", 5060)),
    ("SIP/2.0/UDP host.example ;branch=z9hG4bK1", ("192.0.2.9", 5060)),
    ("SIP / 2.0 / UDP  host.example : 5070 ;branch=z9hG4bK1", ("192.0.2.9", 5070)),
    ("SIP/2.0/UDP\thost.example:5070 ;branch=z9hG4bK1", ("192.0.2.9", 5070)),
    ("SIP/2.0/UDP [2001:db8::1];branch=z9hG4bK1", ("192.0.2.9", 5060)),
    ("SIP/2.0/UDP [2001:db8::1]:5070;branch=z9hG4bK1", ("192.0.2.9", 5070)),
    # A received that the sender put there itself is not believed.
    ("SIP/2.0/UDP host.example:5070;received=192.0.2.77", ("192.0.2.9", 5070)),
    # maddr goes before both, where it is an address.
    ("SIP/2.0/UDP a.example:5070;maddr=192.0.2.50", ("192.0.2.50", 5070)),
    ("SIP/2.0/UDP a.example;rport;maddr=192.0.2.50", ("192.0.2.50", 5060)),
    ("SIP/2.0/UDP a.example;MADDR=[2001:db8::1]", ("2001:db8::1", 5060)),
    ("SIP/2.0/UDP a.example:5070;maddr=b.example", ("192.0.2.9", 5070)),
    ("SIP/2.0/UDP a.example:5070;maddr=b.example;rport", SOURCE),
    ("SIP/2.0/UDP a.example:5070;branch=maddr;rport", SOURCE),
    # What can't be read goes back.
    ("SIP/2.0/UDP", SOURCE),
    ("", SOURCE),
)

# What a Via is made of, and what could be mistaken for it.
PIECES = (
    *("SIP/2.0/UDP", " ", "\t", "a.example", "[::1]", ":", ":5070", ",", '"', "="),
    *(";", "rport", ";rport", ";branch=z9hG4bK", "maddr=192.0.2.50"),
)


class ResponseDestinationTests(SynchronousTestCase):
    def test_each_case(self) -> None:
        for via, expected in CASES:
            self.assertEqual(response_destination(via, SOURCE), expected, via)

    def test_the_source_itself_comes_back(self) -> None:
        for via, expected in CASES:
            if expected == SOURCE:
                self.assertIs(response_destination(via, SOURCE), SOURCE, via)

    @given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
    def test_the_quick_look_says_what_understanding_says(self, rest: str) -> None:
        for via in (rest, f"SIP/2.0/UDP a.example{rest}"):
            slow = _understood(via, SOURCE)
            if response_destination(via, SOURCE) != slow:
                # It may differ only where the Via is broken: then it leads nowhere
                # but to the address that the request came from.
                self.assertEqual(slow, SOURCE)
                self.assertEqual(response_destination(via, SOURCE)[0], SOURCE[0])
