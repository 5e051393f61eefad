"""The hosts file, and the file that names the DNS servers: read, and read again."""

from __future__ import annotations

import os
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from sipclient.errors import SIPArgumentError
from sipclient.resolver.hosts import HostsFile, read_hosts
from sipclient.resolver.servers import (
    Server,
    SystemServers,
    checked_servers,
    read_servers,
)
from sipclient.resolver.watched import WatchedFile


class HostsTests(SynchronousTestCase):
    """hosts(5): what lines can look like."""

    def test_forms(self) -> None:
        for text, name, addresses in (
            ("192.0.2.1 a", "a", ("192.0.2.1",)),
            ("192.0.2.1\ta.example.com a # c", "a", ("192.0.2.1",)),
            ("  192.0.2.1   a", "a", ("192.0.2.1",)),
            ("192.0.2.1 A.Example.Com.", "a.example.com", ("192.0.2.1",)),
            ("2001:db8::1 a", "a", ("2001:db8::1",)),
            ("fe80::1%eth0 a", "a", ("fe80::1%eth0",)),
            ("192.0.2.1 a\r\n192.0.2.2 b\r\n", "b", ("192.0.2.2",)),
            ("192.0.2.1 a\n::1 a\n192.0.2.1 a", "a", ("192.0.2.1", "::1")),
            ("192.0.2.1 a #b", "b", ()),
            ("#192.0.2.1 a", "a", ()),
            ("192.0.2.1", "192.0.2.1", ()),
            ("", "", ()),
            ("\n\n#\n", "#", ()),
        ):
            self.assertEqual(read_hosts(text).get(name, ()), addresses, text)

    def test_what_is_no_address_spoils_no_other_line(self) -> None:
        for line in ("300.0.0.1 a", "a b", "1:2 a", "192.0.2.1%x a", "\0 a", "é ü"):
            self.assertEqual(
                read_hosts(f"{line}\n192.0.2.1 good\n{line}"),
                {"good": ("192.0.2.1",)},
                line,
            )


class FileTests(SynchronousTestCase):
    """A file is as it is now."""

    def setUp(self) -> None:
        self.path = Path(self.mktemp())

    def write(self, text: str) -> None:
        self.path.write_text(text, encoding="utf-8")

    def test_it_is_read_again_when_it_has_changed_and_only_then(self) -> None:
        reads: list[str] = []

        def read(text: str) -> str:
            reads.append(text)
            return text

        file = WatchedFile(self.path, read)
        self.write("one")
        for _ in range(3):
            self.assertEqual(file.says, "one")
        self.write("two")
        os.utime(self.path, ns=(1, 1))
        for _ in range(3):
            self.assertEqual(file.says, "two")
        other = Path(self.mktemp())
        other.write_text("six", encoding="utf-8")
        os.utime(other, ns=(1, 1))
        other.rename(self.path)
        self.assertEqual(file.says, "six")
        self.assertEqual(reads, ["", "one", "two", "six"])

    def test_one_that_is_not_there_is_empty_and_says_why(self) -> None:
        hosts = HostsFile(self.path)
        self.assertEqual(hosts.addresses("a"), ())
        self.assertEqual(
            hosts.without, f"{self.path} can't be read (No such file or directory)"
        )
        self.write("192.0.2.1 a")
        self.assertEqual(hosts.addresses("a"), ("192.0.2.1",))
        self.assertEqual(hosts.addresses("b"), ())
        self.assertEqual(hosts.without, f"{self.path} doesn't have it")
        self.path.unlink()
        self.assertEqual(hosts.addresses("a"), ())
        self.assertIn("can't be read", hosts.without)

    def test_one_that_can_not_be_read(self) -> None:
        self.path.mkdir()
        hosts = HostsFile(self.path)
        self.assertEqual(hosts.addresses("a"), ())
        self.assertIn("(Is a directory)", hosts.without)

    def test_bytes_that_are_no_text(self) -> None:
        self.path.write_bytes(b"192.0.2.1 a\n\xff\xfe \xff\n192.0.2.2 b\n")
        self.assertEqual(HostsFile(self.path).addresses("b"), ("192.0.2.2",))


class ServersTests(SynchronousTestCase):
    """resolv.conf(5), or what was configured instead."""

    def test_its_lines(self) -> None:
        text = """\
; a comment
# nameserver 192.0.2.9
search example.com
nameserver 192.0.2.1
nameserver\t2001:db8::1
nameserver 192.0.2.1
nameserver dns.example.com
nameserver
options timeout:1
nameserver fe80::1%eth0
"""
        self.assertEqual(
            [str(server) for server in read_servers(text)],
            ["192.0.2.1", "2001:db8::1", "fe80::1%eth0"],
        )

    def test_without_any_it_is_this_machine(self) -> None:
        path = Path(self.mktemp())
        servers = SystemServers(path, 3)
        self.assertEqual(servers(), (Server("127.0.0.1", 53),))
        path.write_text("search example.com\n", encoding="utf-8")
        self.assertEqual(servers(), (Server("127.0.0.1", 53),))

    def test_so_many_are_asked_and_a_change_is_seen(self) -> None:
        path = Path(self.mktemp())
        lines = [f"nameserver 192.0.2.{number}" for number in range(1, 9)]
        path.write_text("\n".join(lines), encoding="utf-8")
        servers = SystemServers(path, 3)
        hosts = [server.host for server in servers()]
        self.assertEqual(hosts, ["192.0.2.1", "192.0.2.2", "192.0.2.3"])
        path.write_text("nameserver ::1", encoding="utf-8")
        self.assertEqual(servers(), (Server("::1"),))

    def test_configured(self) -> None:
        servers = checked_servers(["192.0.2.1", ("::1", 5353), ("192.0.2.2", 53)])
        self.assertEqual(
            [str(server) for server in servers],
            ["192.0.2.1", "[::1]:5353", "192.0.2.2"],
        )

    def test_configured_wrongly(self) -> None:
        wrong: tuple[list[str | tuple[str, int]], ...] = (
            [],
            ["dns.example.com"],
            [("192.0.2.1", 0)],
            [("192.0.2.1", 65536)],
            ["192.0.2.1:53"],
        )
        for servers in wrong:
            with self.assertRaises(SIPArgumentError):
                checked_servers(servers)
