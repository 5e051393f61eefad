"""What the commands that talk have in common: their options, and a stack to talk by.

A command is a coroutine that is given a :class:`Run`; when it is interrupted, the
coroutine is canceled wherever it waits, and has a moment to leave politely.
"""

from __future__ import annotations

import getpass
import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..bearer.access_point import AccessPoint, ListenAddress
from ..client.client import SIPClient
from ..client.connection import SIPConnection
from ..client.elements import MessageElements
from ..config.reading import Config, read_config
from ..core.limits import StackLimits
from ..core.stack import Stack
from ..errors import SIPError
from ..interfaces import ILocalAddresses
from ..message.address import Address, parse_address
from ..message.host import is_ipv4, is_ipv6, write_host
from ..message.uri import SIPURI, URI, escape_user, parse_uri
from ..session.capabilities import Capabilities
from ..trace.ladder import LiveLadder
from ..trace.screen import Style
from ..trace.tap import Tap
from ..transport.local_addresses import KernelAddresses
from .usage import CONFIG, CommandOptions, UsageError

if TYPE_CHECKING:
    from .output import Output

#: Seconds for what is still to be said when a command ends.
_PATIENCE = 0.5


@dataclass(slots=True)
class Run:
    """What a command runs with.

    :ivar reactor: where time and sockets come from.
    """

    reactor: Any
    output: Output


class TalkingOptions(CommandOptions):
    """The options of commands that talk."""

    optParameters = [  # noqa: RUF012  # Twisted's convention
        CONFIG,
        [
            "from",
            None,
            None,
            "Who sends: a SIP URI, sip:you@this-machine if not given.",
        ],
        ["proxy", None, None, "Send requests by this proxy (a SIP URI)."],
        [
            "timeout",
            None,
            None,
            "End after so many seconds. [default: what SIP's timers say]",
        ],
    ]

    def __init__(self) -> None:
        super().__init__()
        self.listen: list[ListenAddress] = []
        self.headers: list[tuple[str, str]] = []
        self.sender: Address | None = None
        self.timeout: float | None = None
        self.point = AccessPoint("cli")
        self.limits = StackLimits()

    def opt_listen(self, address: str) -> None:
        """Listen there: udp:5060:interface=127.0.0.1, or sip:127.0.0.1:5060. Port 0 is
        any free one. May be given more than once.
        """  # noqa: D205  # it is shown as help
        self.listen.append(_checked(ListenAddress.parse, address))

    def opt_header(self, header: str) -> None:
        """Add a header to what is sent: 'Name: value'. May be given more than once."""
        name, colon, text = header.partition(":")
        if not colon:
            raise UsageError(f"--header takes 'Name: value', not {header!r}")
        field = name.strip(), text.strip()
        _checked(lambda fields: MessageElements(headers=fields), [field])
        self.headers.append(field)

    def postOptions(self) -> None:
        """Read what needs reading."""
        super().postOptions()
        if self["config"] is not None:
            self._configure(_checked(read_config, self["config"]))
        if self["from"] is not None:
            self.sender = _checked(parse_address, self["from"])
        if self["timeout"] is not None:
            self.timeout = seconds(self["timeout"], "--timeout")
        if self["proxy"] is not None:
            _checked(
                lambda proxy: AccessPoint("cli", outbound_proxy=proxy), self["proxy"]
            )

    def _configure(self, config: Config) -> None:
        """Take what wasn't given from the first access point of a configuration."""
        self.limits = config.limits
        self.point, *_ = config.opened or config.access_points
        self.listen = self.listen or self.configured_addresses()
        if self["proxy"] is None:
            self["proxy"] = self.point.outbound_proxy

    def configured_addresses(self) -> list[ListenAddress]:
        """Where to listen by the configuration: at its hosts, on any free port.

        Its ports are for who answers there, which may be doing so now.
        """
        return [ListenAddress(a.transport, a.host, 0) for a in self.point.listen]

    def run(self, output: Output) -> int:
        """Talk, in the reactor of this process."""
        from .running import run_in_reactor

        return run_in_reactor(self.talk, output)

    async def talk(self, run: Run) -> int:
        """Do what the command does; gives the exit status."""
        raise NotImplementedError

    def next_hop(self, uri: URI) -> URI:
        """What is talked to first."""
        return uri if self["proxy"] is None else parse_uri(self["proxy"])

    def target(self, uri: URI) -> str:
        """The host that is talked to first; "" where there is none."""
        hop = self.next_hop(uri)
        return hop.host if isinstance(hop, SIPURI) else ""

    def from_(self, run: Run, uri: URI) -> Address:
        """Who sends: what was given, or the user of this machine."""
        if self.sender is not None:
            return self.sender
        host = local_address(run.reactor, self.target(uri)) or "anonymous.invalid"
        return Address("", parse_uri(f"sip:{_user()}@{write_host(host)}"))

    def listening(self, uri: URI) -> tuple[ListenAddress, ...]:
        """Where to listen: what was given, or any port of what the URI asks for."""
        if self.listen:
            return tuple(self.listen)
        hop = self.next_hop(uri)
        by_tcp = isinstance(hop, SIPURI) and hop.transport == "tcp"
        kind = "TCP" if by_tcp else "UDP"
        host = self.target(uri).lower().rstrip(".")
        if host == "localhost" or host.startswith("127."):
            return (ListenAddress(kind, "127.0.0.1", 0),)
        ipv4, ipv6 = (ListenAddress(kind, host, 0) for host in ("0.0.0.0", "::"))
        if is_ipv6(host):
            return (ipv6,)
        if is_ipv4(host) or not _has_ipv6():
            return (ipv4,)
        return (ipv4, ipv6)  # nobody knows yet which of them the name has


def _checked(read: Callable[[Any], Any], value: Any) -> Any:
    """Read what was typed; what can't be read is a matter of usage."""
    try:
        return read(value)
    except SIPError as error:
        raise UsageError(str(error).rstrip(".")) from None


def typed_uri(text: str) -> URI:
    """A URI that was typed; UsageError where it is none that a request goes to."""
    uri: URI = _checked(parse_uri, text)
    if isinstance(uri, SIPURI) and uri.headers:
        raise UsageError(f"{text}: a request goes to a URI without headers")
    return uri


def seconds(text: str, option: str, *, zero: bool = False) -> float:
    """A number of seconds that was typed."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not (0 < value < 1e9 or (zero and value == 0)):
        raise UsageError(f"{option} takes a number of seconds, not {text!r}")
    return value


def count(text: str, option: str) -> int:
    """A number from 1 that was typed."""
    if not (text.isascii() and text.isdigit() and 0 < int(text[:9]) == int(text[:10])):
        raise UsageError(f"{option} takes a number from 1, not {text!r}")
    return int(text)


def local_address(reactor: Any, host: str) -> str | None:
    """The address of this machine that ``host`` sees; None where that can't be said."""
    name = host.lower().rstrip(".")
    if name == "localhost":
        name = "127.0.0.1"
    if not (is_ipv4(name) or is_ipv6(name)):
        return None
    addresses: Any = ILocalAddresses(reactor, None)
    if addresses is None:
        addresses = KernelAddresses(reactor)
    try:
        towards: str = addresses.towards(name)
    except OSError:
        return None
    return towards


def _has_ipv6() -> bool:
    """Tell whether this machine has IPv6; many a container has not."""
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
            probe.bind(("::", 0))
    except OSError:
        return False
    return True


def _user() -> str:
    try:
        return escape_user(getpass.getuser())
    except (OSError, KeyError, SIPError):  # nobody says who this is
        return "anonymous"


@dataclass(slots=True)
class Talk:
    """A stack with one client on it, and the client's connection."""

    stack: Stack
    client: SIPClient
    connection: SIPConnection

    @property
    def addresses(self) -> tuple[tuple[str, int], ...]:
        """Where it listens: numeric hosts and real ports."""
        return tuple([(a.host, a.port) for a in self.connection.listening])


@asynccontextmanager
async def talking(
    run: Run,
    options: TalkingOptions,
    listen: tuple[ListenAddress, ...],
    observer: Any = None,
    capabilities: Capabilities | None = None,
) -> AsyncIterator[Talk]:
    """A stack of one's own; it is left politely, and has ended at the end."""
    stack = Stack(run.reactor, limits=options.limits)
    client = await SIPClient.embed(stack, "sipclient", capabilities=capabilities)
    try:
        access_point = AccessPoint(
            "cli",
            listen=listen,
            outbound_proxy=options["proxy"],
            timers=options.point.timers,
            domains=options.point.domains,
        )
        connection = await client.connect(access_point, observer)
        talk = Talk(stack, client, connection)
        if options["ladder"]:
            _draw(run, talk)
        yield talk
    finally:
        await client.leave(_PATIENCE)
        await stack.stop()


def _draw(run: Run, talk: Talk) -> None:
    """Draw what passes at this stack, as it passes."""
    output = run.output
    talk.stack.tap = Tap(
        run.reactor,
        LiveLadder(
            output.draw,
            dict.fromkeys(talk.addresses, "sipclient"),
            style=Style.of(output.err if output.json else output.out),
            whole=output.verbose,
        ),
    )


#: What `run_in_reactor` runs.
Talker = Callable[[Run], Coroutine[Any, Any, int]]
