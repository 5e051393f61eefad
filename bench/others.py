"""Rows 3 and 4: our parser beside those of other projects, on the same messages.

Row 3 compares ours with what the fastest of the others takes to split a message into
start line, headers and body, whatever it leaves for later; row 4 with a round trip of
sipmessage. Ours makes a response to each request there, which is more than to write
down what was read. Others that aren't installed are left out, and named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from measuring import Figure, in_turn, per_message, report
from messages import MESSAGES
from parsing import checked, gate, understood

from sipclient.message.build import response
from sipclient.message.model import Request


def twisted() -> Callable[[bytes], object]:
    """The parser of twisted.protocols.sip."""
    from twisted.protocols.sip import MessagesParser

    def parse(data: bytes) -> object:
        found: list[object] = []
        parser = MessagesParser(found.append)
        parser.dataReceived(data)
        parser.dataDone()
        return found[0]

    return parse


def sipmessage() -> Callable[[bytes], object]:
    """The parser of sipmessage."""
    from sipmessage import Message

    parse: Callable[[bytes], object] = Message.parse
    return parse


def opensip() -> Callable[[bytes], object]:
    """The parser of opensip."""
    from opensip.message import parse_message

    parse: Callable[[bytes], object] = parse_message
    return parse


def written(data: bytes) -> bytes:
    """Parse a message, make its key, and write what a UAS or a proxy would."""
    message = checked(data)
    if isinstance(message, Request):
        return response(message, 200, to_tag="1")
    return bytes(message)


def measure() -> Iterator[Figure]:
    """Rows 3 and 4."""
    gate()
    others = {}
    for make in (twisted, sipmessage, opensip):
        try:
            others[make.__name__] = make()
        except ImportError:
            print(f"  3  without {make.__name__}, which isn't installed")
    took = {
        name: min(per_message(parse, MESSAGES, 20)() for _ in range(5))
        for name, parse in others.items()
    }
    best = min(took, key=took.__getitem__)
    anchor = per_message(others[best], MESSAGES, 50)
    notes = {"others, µs": {name: round(each, 1) for name, each in took.items()}}
    rounds = in_turn(per_message(checked, MESSAGES, 50), anchor, 9)
    yield Figure("3", "row 1", best, 0.40, 0.25, rounds, notes=notes)
    rounds = in_turn(per_message(understood, MESSAGES, 50), anchor, 9)
    yield Figure("3b", "row 2", best, 0.8, 0.6, rounds, notes=notes)
    if "sipmessage" not in others:
        print("  4  left out: sipmessage isn't installed")
        return
    read = others["sipmessage"]
    round_trip = per_message(lambda data: bytes(read(data)), MESSAGES, 50)  # type: ignore[call-overload]
    rounds = in_turn(per_message(written, MESSAGES, 50), round_trip, 9)
    title = "parse + key + serialize"
    yield Figure("4", title, "sipmessage, there and back", 0.30, 0.15, rounds)


if __name__ == "__main__":
    report(measure)
