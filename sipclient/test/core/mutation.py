"""Messages made wrong in many ways, the same ones for the same seed.

The seeds are the corpora's messages where they are at hand, and some of our own, which
hold whatever of our stack's messages a peer could bend: requests of each kind, CANCEL
and ACK, responses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random

from sipclient.test.corpora import ALL

_SECOND_VIA = (
    "Via: SIP/2.0/UDP [2001:db8::9]:5070;branch=z9hG4bKfirst;received=192.0.2.3\r\n"
)
_OWN = [
    f"{method} sip:{user}192.0.2.1 SIP/2.0\r\n"
    "Via: SIP/2.0/UDP 192.0.2.200:5060;branch=z9hG4bKseed;rport\r\n"
    f"{_SECOND_VIA}"
    "Max-Forwards: 70\r\n"
    'From: "A. Lice" <sip:alice@example.com;transport=udp>;tag=1928301774\r\n'
    f"To: Bob <sip:bob@example.com>{tag}\r\nCall-ID: a84b4c76e66710@192.0.2.200\r\n"
    f"CSeq: 314159 {cseq or method}\r\nContact: <sip:alice@192.0.2.200>\r\n"
    "Route: <sip:192.0.2.1;lr>\r\nSupported: timer, 100rel\r\n"
    "Accept: text/plain;q=0.5, */*\r\nTimestamp: 54.1\r\n"
    "Date: Sat, 13 Nov 2010 23:29:00 GMT\r\nSubject: lunch,\r\n then\r\n"
    "Content-Type: text/plain; charset=UTF-8\r\nContent-Length: 5\r\n\r\nhello"
    for method, user, tag, cseq in (
        ("MESSAGE", "bob@", "", ""),
        ("OPTIONS", "", "", ""),
        ("OPTIONS", "bob@", "", ""),
        ("CANCEL", "bob@", "", ""),
        ("ACK", "bob@", ";tag=8", ""),
        ("BYE", "bob@", ";tag=8", ""),
        ("INVITE", "bob@", "", ""),
        ("REGISTER", "", "", ""),
        ("NOTIFY", "bob@", ";tag=8", ""),
        ("WHAT", "bob@", "", ""),
        ("MESSAGE", "bob@", ";tag=8", "OPTIONS"),
    )
]
_OWN += [
    own.replace(own.partition("\r\n")[0], status, 1).replace(_SECOND_VIA, "")
    for own, status in (
        (_OWN[0], "SIP/2.0 200 OK"),
        (_OWN[1], "SIP/2.0 100 Trying"),
        (_OWN[6], "SIP/2.0 486 Busy Here"),
        (_OWN[0], "SIP/2.0 401 Unauthorized\r\nWWW-Authenticate: Digest realm=x"),
    )
]
_OWN += [
    _OWN[1].replace(" sip:192.0.2.1 ", " urn:service:sos "),
    _OWN[0].replace(" sip:bob@192.0.2.1 ", " sip:bob@elsewhere.example "),
    _OWN[0].replace(" SIP/2.0", " SIP/3.0", 1),
    _OWN[2].replace("Accept: ", "Require: nobody-knows, nor-this\r\nAccept: "),
]
# Ours more often: many of the corpora's get no further than the parser.
SEEDS = [own.encode() for own in _OWN] * 6 + [each.data for each in ALL]

_CONTROLS = bytes(range(32)) + b"\x7f\x80\xff\xc3\xe2"
_SPECIAL = b';,:<>"\\=@?[]()/% \t\r\n'
_NUMBERS = (
    b"0",
    b"-1",
    b"4294967296",
    b"18446744073709551616",
    b"9" * 400,
    b"0" * 400 + b"1",
    b"1e9",
    "\u0663".encode(),
)
_FOLDS = (b"\r\n ", b"\r\n\t", b" \r\n  ", b"\r\n \r\n ", b"\n ")


def _flipped(data: bytes, random: Random) -> bytes:
    """One bit, or some, the other way round."""
    octets = bytearray(data)
    for _ in range(random.choice((1, 1, 2, 8))):
        octets[random.randrange(len(octets))] ^= 1 << random.randrange(8)
    return bytes(octets)


def _deleted(data: bytes, random: Random) -> bytes:
    start = random.randrange(len(data))
    return data[:start] + data[start + random.choice((1, 1, 2, 10, 80)) :]


def _doubled(data: bytes, random: Random) -> bytes:
    start = random.randrange(len(data))
    piece = data[start : start + random.choice((1, 2, 10, 80))]
    return data[:start] + piece * random.choice((2, 2, 3, 50)) + data[start:]


def _spliced(data: bytes, random: Random) -> bytes:
    """The beginning of one and the end of another."""
    other = random.choice(SEEDS)
    end = random.randrange(len(other))
    return data[: random.randrange(len(data))] + other[end:]


def _lines_swapped(data: bytes, random: Random) -> bytes:
    lines = data.split(b"\r\n")
    one, two = random.randrange(len(lines)), random.randrange(len(lines))
    lines[one], lines[two] = lines[two], lines[one]
    return b"\r\n".join(lines)


def _values_swapped(data: bytes, random: Random) -> bytes:
    """A header with the text of another one, of this message or another."""
    lines = data.split(b"\r\n")
    one = random.randrange(len(lines))
    other = random.choice(random.choice((lines, random.choice(SEEDS).split(b"\r\n"))))
    lines[one] = lines[one].partition(b":")[0] + b":" + other.partition(b":")[2]
    return b"\r\n".join(lines)


def _line_doubled(data: bytes, random: Random) -> bytes:
    lines = data.split(b"\r\n")
    line = random.choice(random.choice((lines, random.choice(SEEDS).split(b"\r\n"))))
    lines.insert(random.randrange(len(lines)), line)
    return b"\r\n".join(lines)


def _number_changed(data: bytes, random: Random) -> bytes:
    """One of its numbers, blown up or made none."""
    digits = [i for i, octet in enumerate(data) if 48 <= octet <= 57]
    if not digits:
        return data
    start = end = random.choice(digits)
    while 48 <= data[start - 1] <= 57 and start:
        start -= 1
    while end < len(data) and 48 <= data[end] <= 57:
        end += 1
    return data[:start] + random.choice(_NUMBERS) + data[end:]


def _inserted(data: bytes, random: Random) -> bytes:
    """Characters that mean something, or must not be there."""
    place = random.randrange(len(data) + 1)
    kind = random.choice((_CONTROLS, _SPECIAL))
    octet = bytes([random.choice(kind)])
    return data[:place] + octet * random.choice((1, 1, 2, 200)) + data[place:]


def _truncated(data: bytes, random: Random) -> bytes:
    return data[: random.randrange(len(data) + 1)]


def _folded(data: bytes, random: Random) -> bytes:
    place = random.randrange(len(data) + 1)
    fold = random.choice(_FOLDS) * random.choice((1, 1, 3, 100))
    return data[:place] + fold + data[place:]


def _unchanged(data: bytes, random: Random) -> bytes:
    return data


_MUTATIONS: tuple[Callable[[bytes, Random], bytes], ...] = (
    _flipped,
    _deleted,
    _doubled,
    _spliced,
    _lines_swapped,
    _values_swapped,
    _line_doubled,
    _number_changed,
    _inserted,
    _truncated,
    _folded,
    _unchanged,
)


def mutated(data: bytes, random: Random) -> bytes:
    """A message with one change or some, never quite empty."""
    for _ in range(random.choice((1, 1, 1, 1, 2, 4))):
        data = random.choice(_MUTATIONS)(data, random) or b"x"
    return data


def mutants(seed: int, count: int) -> Iterator[bytes]:
    """So many datagrams, each with one change or some."""
    random = Random(seed)
    for number in range(count):
        data = mutated(random.choice(SEEDS), random)
        if random.random() < 0.7:
            # A transaction of its own, and not one more copy of the same.
            data = data.replace(b"z9hG4bK", b"z9hG4bK%d." % number)
            data = data.replace(b"\r\nCall-ID: ", b"\r\nCall-ID: %d." % number)
        yield data[:65_507]
