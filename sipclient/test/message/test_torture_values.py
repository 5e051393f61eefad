"""URIs and addresses of the torture messages: RFC 4475 and RFC 5118, bit for bit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from sipclient.errors import SIPParseError
from sipclient.message.address import parse_address, parse_addresses
from sipclient.message.uri import parse_uri
from sipclient.test.checkout import CORPORA, NO_CORPORA

# The faults that lie in a URI or an address, and where.
FAULTS = {
    "badaspec": {"to": "name-addr"},
    "baddn": {"from": "display-name", "to": "display-name"},
    "badinv01": {"contact": "generic-param"},
    "ipv6-bad": {"request-uri": "host"},
    "ltgtruri": {"request-uri": "URI"},
    "lwsruri": {"request-uri": "uri-parameters"},
    "quotbal": {"to": "display-name"},
    "regbadct": {"contact": "name-addr"},
}
# Start lines with the wrong spaces, which is no fault of a URI's; and the archive's
# one file that the RFC's text doesn't know.
NOT_ASKED = {"lwsstart", "trws", "test"}
NAMES = {"f": "from", "t": "to", "m": "contact"}
ADDRESSES = ("from", "to", "contact", "route", "record-route")


def _values(data: bytes) -> Iterator[tuple[str, str]]:
    head = re.split(rb"\r?\n\r?\n", data)[0].decode("utf-8", "surrogateescape")
    start, *lines = re.split(r"\r?\n", re.sub(r"\r?\n[ \t]+", " ", head))
    if not start.startswith("SIP/"):
        yield "request-uri", start.partition(" ")[2].rpartition(" ")[0]
    for line in lines:
        name, _, value = line.partition(":")
        name = name.strip().lower()
        yield NAMES.get(name, name), value


def _faults(data: bytes) -> dict[str, str]:
    faults = {}
    for name, value in _values(data):
        try:
            if name == "request-uri":
                parse_uri(value)
            elif name in ("from", "to"):
                parse_address(value, header=name)
            elif name in ADDRESSES and value.strip() != "*":
                for address in parse_addresses(value, header=name):
                    again = parse_address(str(address), header=name)
                    assert again == address
        except SIPParseError as error:
            faults[name] = error.production
    return faults


class TortureTests(SynchronousTestCase):
    """Whatever is right is read; whatever is wrong is found, and nothing else."""

    if CORPORA is None:
        skip = NO_CORPORA

    def test_every_message(self) -> None:
        assert CORPORA is not None
        files: list[Path] = sorted(CORPORA.glob("rfc4475/dat/*.dat"))
        files += sorted(CORPORA.glob("rfc5118/wire_crlf/*.sip"))
        self.assertGreaterEqual(len(files), 61)
        for file in files:
            if file.stem not in NOT_ASKED:
                found = _faults(file.read_bytes())
                self.assertEqual(found, FAULTS.get(file.stem, {}), file.stem)
