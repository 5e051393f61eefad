"""What an extended socket error means (RFC 3261 §18.4)."""

from __future__ import annotations

import errno
import socket
import struct

from twisted.trial.unittest import SynchronousTestCase

from sipclient.transport.error_queue import extended_error, read_errors, reason

LOCAL, ICMP, ICMP6 = 1, 2, 3


def queued(
    origin: int, kind: int, code: int, number: int = errno.EHOSTUNREACH, who: str = ""
) -> bytes:
    """Make a ``sock_extended_err`` as the kernel would."""
    data = struct.pack("=IBBBBII", number, origin, kind, code, 0, 0, 0)
    if ":" in who:
        raw = socket.inet_pton(socket.AF_INET6, who)
        data += struct.pack("=HHI", socket.AF_INET6, 0, 0) + raw + bytes(4)
    elif who:
        data += struct.pack("=HH", socket.AF_INET, 0) + socket.inet_aton(who) + bytes(8)
    return data


class ExtendedErrorTests(SynchronousTestCase):
    def test_unreachables_and_parameter_problems_are_failures(self) -> None:
        for origin, kind, code, text in (
            (ICMP, 3, 0, "network unreachable (ICMP type 3, code 0)"),
            (ICMP, 3, 1, "host unreachable"),
            (ICMP, 3, 2, "protocol unreachable"),
            (ICMP, 3, 3, "port unreachable"),
            (ICMP, 3, 13, "administratively prohibited"),
            (ICMP, 3, 15, "unreachable (ICMP type 3, code 15)"),
            (ICMP, 12, 0, "parameter problem"),
            (ICMP6, 1, 4, "port unreachable (ICMPv6 type 1, code 4)"),
            (ICMP6, 1, 0, "no route"),
            (ICMP6, 4, 1, "parameter problem"),
        ):
            error = extended_error(queued(origin, kind, code))
            assert error is not None
            self.assertIn(text, reason(error))
            self.assertEqual(error.errno, errno.EHOSTUNREACH)

    def test_what_a_retransmission_may_mend_is_none(self) -> None:
        for origin, kind, code in (
            (ICMP, 3, 4),  # fragmentation needed
            (ICMP, 4, 0),  # source quench
            (ICMP, 11, 0),  # time exceeded
            (ICMP6, 2, 0),  # packet too big
            (ICMP6, 3, 0),  # time exceeded
            (LOCAL, 0, 0),
            (7, 3, 3),  # an origin of tomorrow's kernels
        ):
            self.assertIs(extended_error(queued(origin, kind, code)), None)

    def test_it_says_who_said_so(self) -> None:
        for origin, kind, who in ((ICMP, 3, "192.0.2.1"), (ICMP6, 1, "2001:db8::1")):
            error = extended_error(queued(origin, kind, 1, who=who))
            assert error is not None
            self.assertIn(f", says {who} (", reason(error))

    def test_what_is_cut_off_harms_nothing(self) -> None:
        for who in ("192.0.2.1", "2001:db8::1"):
            whole = queued(ICMP, 3, 3, who=who)
            for length in range(len(whole)):
                error = extended_error(whole[:length])
                self.assertEqual(error is None, length < 16)

    def test_a_queue_with_nothing_in_it(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as skt:
            skt.setblocking(False)
            self.assertEqual(read_errors(skt, 10), [])
        self.assertEqual(read_errors(skt, 10), [])

    def test_an_error_without_words_has_its_numbers(self) -> None:
        self.assertEqual(reason(OSError(errno.EIO, "")), "Input/output error")
        self.assertEqual(reason(OSError("odd")), "odd")
