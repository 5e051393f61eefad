"""Configurations: what they say, and what is said about wrong ones."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from sipclient import AccessPoint, MessageLimits, StackLimits, TimerValues
from sipclient.config.reading import Config, parse_config, read_config
from sipclient.core.stack import DEFAULT_ACCESS_POINT
from sipclient.errors import SIPConfigurationError

FULL = """\
open = ["home"]

[[access_point]]
id = "home"
listen = ["udp:5060:interface=192.0.2.1", "sip:[::1]:5070"]
outbound_proxy = "sip:192.0.2.9;lr"
timers = { T1 = 1, T4 = 6.5 }
domains = ["Example.com", "example.net:5070"]

[[access_point]]
id = "away"
listen = "udp:5080"
timers = "cellular"

[limits]
pending_requests = 500

[limits.message]
lines = 100
"""


class ConfigTests(SynchronousTestCase):
    def test_all_that_can_be_said(self) -> None:
        config = parse_config(FULL)
        home = AccessPoint(
            "home",
            listen=["udp:5060:interface=192.0.2.1", "sip:[::1]:5070"],
            outbound_proxy="sip:192.0.2.9;lr",
            timers=TimerValues(t1=1, t4=6.5),
            domains=["example.com", "example.net:5070"],
        )
        away = AccessPoint("away", listen="udp:5080", timers="cellular")
        self.assertEqual(config.access_points, (home, away))
        self.assertEqual((config.open, config.opened), (("home",), (home,)))
        limits = StackLimits(pending_requests=500, message=MessageLimits(lines=100))
        self.assertEqual(config.limits, limits)

    def test_nothing_need_be_said(self) -> None:
        config = parse_config("# nothing\n")
        self.assertEqual(config, Config())
        self.assertEqual(config.opened, (DEFAULT_ACCESS_POINT,))

    def test_all_access_points_are_opened_unless_some_are_named(self) -> None:
        config = parse_config('[[access_point]]\n[[access_point]]\nid = "b"\n')
        self.assertEqual(config.open, ("default", "b"))
        none = parse_config('open = []\n[[access_point]]\nid = "b"\n')
        self.assertEqual((none.open, none.opened), ((), ()))

    def test_every_limit_can_be_set_by_its_name(self) -> None:
        def settings(owner: object, name: str) -> list[str]:
            found, below = [f"[{name}]"], []
            for each in fields(owner):  # type: ignore[arg-type]  # is a dataclass
                value = getattr(owner, each.name)
                if is_dataclass(value):
                    below += settings(value, f"{name}.{each.name}")
                else:
                    found.append(f"{each.name} = 7")
            return found + below

        text = "\n".join(settings(StackLimits(), "limits"))
        limits = parse_config(text).limits
        self.assertEqual(limits.retry_after, 7)
        self.assertEqual(limits.message.body, 7)

    def test_a_file_is_read(self) -> None:
        path = Path(self.mktemp())
        path.write_text(FULL, encoding="utf-8")
        self.assertEqual(read_config(path), parse_config(FULL))
        self.assertEqual(read_config(str(path)), parse_config(FULL))


class MistakeTests(SynchronousTestCase):
    """Each mistake is told with its line, and what would be right."""

    def problems(self, text: str) -> list[tuple[int, str]]:
        error = self.assertRaises(SIPConfigurationError, parse_config, text, "f.toml")
        return list(error.problems)

    def check(self, text: str, *wanted: tuple[int, str]) -> None:
        found = self.problems(text)
        self.assertEqual([line for line, _ in found], [line for line, _ in wanted])
        for (_, said), (_, part) in zip(found, wanted, strict=True):
            self.assertIn(part, said)
            self.assertNotIn("\n", said)

    def test_unknown_settings(self) -> None:
        self.check(
            "acess_point = 1\n\n[limits]\npending = 1\npending_request = 2\nx = 1\n"
            "[limits.message]\nline_s = 1\n[[access_point]]\nLISTEN = 1\nname = ''\n"
            "timers = { t1 = 1, T3 = 2 }\n",
            (1, "no setting 'acess_point'; did you mean 'access_point'?"),
            (4, "no setting 'pending'; did you mean 'pending_requests'?"),
            (5, "did you mean 'pending_requests'?"),
            (6, "no setting 'x'; there are: message, streams, "),
            (8, "did you mean 'lines'?"),
            (10, "did you mean 'listen'?"),
            (11, "no setting 'name'; there are: id, listen, "),
            (12, "did you mean 'T1'?"),
            (12, "no setting 'T3'; "),
        )

    def test_access_points(self) -> None:
        for text, what in (
            ('id = "a b"', "naming an access point"),
            ("id = 5", "id is a text in quotes, not a number"),
            ('listen = "5060"', "neither an endpoint nor a SIP URI"),
            ("listen = []", "it has no address"),
            ("listen = [5060]", "listen is a text in quotes, not a number"),
            ('listen = ["udp:1", "udp:1"]', "an address stands there twice"),
            ('listen = "tls:5061"', "tls"),
            ('outbound_proxy = "tel:1"', "tel: URIs"),
            ('outbound_proxy = "sip:a:secret@b"', "password"),
            ('domains = ["a..b"]', "a..b"),
            ("domains = true", "not true or false"),
            ('timers = "fast"', "'fast' is no preset"),
            ("timers = 1", "timers is a table, not a number"),
            ("timers = { T1 = 0 }", "T1 is a number of seconds above 0"),
            ("timers = { T1 = nan }", "T1 is a number of seconds above 0"),
            ("timers = { T2 = true }", "T2 is a number, not true or false"),
            ("timers = { T1 = 9 }", "t1=9 is longer than t2=4.0"),
        ):
            [(line, said)] = self.problems(f"[[access_point]]\n\n{text}\n")
            self.assertIn(what.lower(), said.lower())
            whole = what in ("it has no address", "an address stands there twice")
            self.assertEqual(line, 1 if whole else 3, text)

    def test_items_have_their_own_lines(self) -> None:
        self.check(
            '[[access_point]]\nlisten = [\n  "udp:1",\n  "x",\n  2\n]\n',
            (4, "'x'"),
            (5, "listen is a text"),
        )

    def test_no_table_of_access_points(self) -> None:
        for text in ("access_point = 5", "[access_point]", "access_point = [1]"):
            self.check(f"\n{text}\n", (2, "headed [[access_point]]"))

    def test_the_same_access_point_twice(self) -> None:
        self.check(
            '[[access_point]]\nid="a"\n[[access_point]]\nid="a"\n',
            (4, "there is an access point 'a' already"),
        )

    def test_what_is_opened_at_start(self) -> None:
        self.check(
            'open = [\n"hom",\n"home",\n"home"]\n[[access_point]]\nid = "home"\n',
            (2, "no access point 'hom'; did you mean 'home'?"),
            (4, "'home' stands there already"),
        )
        self.check("open = 1\n", (1, "open is a text in quotes, not a number"))

    def test_limits(self) -> None:
        for value in ("1.5", "inf", '"5"', "true", "[]", "1979-05-27"):
            text = f"[limits]\nretry_after = {value}\n"
            self.check(text, (2, "retry_after is a whole number, not "))
        for name, value in (
            ("retry_after", "-1"),
            ("pending_requests", "0"),
            ("message.lines", "0"),
            ("streams.idle", "nan"),
            ("streams.idle", "0"),
        ):
            _, _, setting = name.rpartition(".")
            self.check(f"[limits]\n{name} = {value}\n", (2, setting))
        limits = parse_config(
            "limits.retry_after = 0\nlimits.streams.idle = 0.5"
        ).limits
        self.assertEqual((limits.retry_after, limits.streams.idle), (0, 0.5))
        self.check("limits = 1\n", (1, "limits is a table, not a number"))
        self.check("[limits]\nmessage = 1\n", (2, "message is a table"))

    def test_what_is_no_toml(self) -> None:
        self.check("a = 1\nb = = 2\n", (2, "Invalid value in column 5"))
        self.check('a = "b', (1, "at the end"))
        self.check("a = 1\na = 2\n", (2, "overwrite a value"))
        self.check("a = " + "[" * 100_000, (0, "too deep"))

    def test_files_that_cannot_be_read(self) -> None:
        path = Path(self.mktemp())
        error = self.assertRaises(SIPConfigurationError, read_config, path)
        self.assertEqual(error.lines, [f"{path}: No such file or directory"])
        path.write_bytes(b"# one\n# \xff\n")
        error = self.assertRaises(SIPConfigurationError, read_config, path)
        self.assertEqual(error.lines, [f"{path}:2: this is not UTF-8"])

    def test_the_error_is_one_line_and_tells_how_many_there_are(self) -> None:
        error = self.assertRaises(
            SIPConfigurationError, parse_config, "a = 1\nb = 1\n", "f.toml"
        )
        self.assertEqual(
            str(error),
            "f.toml:1: there is no setting 'a'; there are: open, access_point, limits."
            " It has 1 more: sipclient config check f.toml",
        )
        self.assertEqual(len(error.lines), 2)
