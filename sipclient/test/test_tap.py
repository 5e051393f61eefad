"""The service that ``twist`` and ``twistd`` run, and what they can be told."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

from twisted import internet, plugin
from twisted.application.service import Application, IService, IServiceMaker
from twisted.internet import reactor  # noqa: F401  # so that it can be patched
from twisted.internet.protocol import DatagramProtocol
from twisted.python.usage import UsageError
from twisted.trial.unittest import SynchronousTestCase

from sipclient import (
    AccessPoint,
    Capabilities,
    SIPClient,
    SIPClientService,
    SIPConnectionObserver,
    Stack,
)
from sipclient.errors import (
    SIPAlreadyExists,
    SIPBadName,
    SIPCouldNotConnect,
    SIPInUse,
)
from sipclient.tap import UID, Options, StackService, makeService
from sipclient.testing import FakeNetwork, ScriptedPeer

HOME = AccessPoint("home", listen="udp:5060:interface=192.0.2.1")
AWAY = AccessPoint("away", listen="udp:5070:interface=192.0.2.1")
CONFIG = """\
open = ["away"]
[[access_point]]
id = "home"
[[access_point]]
id = "away"
listen = "udp:5070:interface=192.0.2.1"
timers = { T1 = 0.1 }
[limits]
pending_requests = 7
"""


class Keeping(SIPConnectionObserver):
    """Takes requests and never answers them."""

    def __init__(self) -> None:
        self.kept: list[Any] = []

    def incoming_request(self, transaction: Any, dialog: Any) -> None:
        self.kept.append(transaction)


class ServiceTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.network = FakeNetwork(delay=0.001)
        self.reactor = self.network.reactor("192.0.2.1")
        self.peer = ScriptedPeer(self.network.reactor("192.0.2.2"), "192.0.2.2")
        self.stack = Stack(self.reactor, access_points=[HOME, AWAY])

    def tearDown(self) -> None:
        self.network.advance(1)
        self.assertEqual(self.reactor.ports, ())
        self.assertEqual(self.network.delayed_calls(self.reactor), [])

    def started(self, service: StackService) -> StackService:
        """Start it as twistd does; it is stopped in the end."""
        service.privilegedStartService()
        service.startService()
        self.network.advance(0)
        self.addCleanup(self.network.advance, 1)
        return service

    def ports(self) -> list[int]:
        return [port.getHost().port for port in self.reactor.ports]

    def stop(self, service: StackService) -> None:
        self.network.result_of(service.stopService())
        self.assertEqual(self.reactor.ports, ())

    def asked(self, uri: str, method: str = "OPTIONS", status: int = 200) -> Any:
        self.peer.sends(method, uri)
        return self.network.result_of(self.peer.expects(status))

    def test_it_answers_options_for_its_addresses(self) -> None:
        """The stack answers for itself, also without any application's help."""
        service = self.started(StackService(self.stack))
        for uri in ("sip:192.0.2.1", "sip:192.0.2.1:5070"):
            answer = self.asked(uri)
            self.assertEqual(answer.text("Allow"), "OPTIONS")
        self.asked("sip:bob@192.0.2.1", status=404)
        self.asked("sip:bob@192.0.2.1", "MESSAGE", 404)
        self.stop(service)

    def test_addresses_are_open_before_privileges_are_shed(self) -> None:
        service = StackService(self.stack, ["away"])
        service.privilegedStartService()
        self.assertEqual(self.ports(), [5070])
        service.startService()
        self.network.advance(0)
        self.assertEqual(self.ports(), [5070])
        self.assertEqual([str(a) for a in service.listening], [str(AWAY.listen[0])])
        assert service.client is not None
        self.assertEqual(service.client.uid, UID)
        self.stop(service)
        self.assertEqual(service.listening, ())
        self.assertIsNone(service.client)

    def test_an_address_in_use_keeps_it_from_starting(self) -> None:
        for start in ("privilegedStartService", "startService"):
            port = self.reactor.listenUDP(
                5070, DatagramProtocol(), interface="192.0.2.1"
            )
            service = StackService(self.stack)
            self.assertRaises(SIPInUse, getattr(service, start))
            port.stopListening()
            self.network.advance(1)
            self.assertEqual(self.ports(), [])
            self.assertFalse(service.running)

    def test_an_access_point_that_nobody_knows(self) -> None:
        service = StackService(self.stack, [HOME, "work"])
        self.assertRaises(SIPBadName, service.startService)
        self.assertEqual(self.ports(), [])

    def test_it_starts_again(self) -> None:
        service = StackService(self.stack, [HOME])
        for _ in range(2):
            self.started(service)
            self.asked("sip:192.0.2.1")
            self.stop(service)

    def test_stopping_while_it_starts_leaves_nothing(self) -> None:
        service = StackService(self.stack)
        service.startService()
        self.stop(service)
        self.network.advance(1)
        self.assertIsNone(service.client)

    def test_applications_are_its_children_and_leave_first(self) -> None:
        """What they have not answered is answered 480, while sockets are open."""
        service = StackService(self.stack, [HOME])
        keeping = Keeping()
        SIPClientService(
            "bob",
            HOME,
            keeping,
            reactor_or_stack=self.stack,
            capabilities=Capabilities(users="bob"),
        ).setServiceParent(service)
        self.started(service)
        self.peer.sends("MESSAGE", "sip:bob@192.0.2.1")
        self.network.advance(1)
        self.assertEqual(len(keeping.kept), 1)
        stopped = service.stopService()
        self.network.result_of(self.peer.expects(480))
        self.network.result_of(stopped)

    def test_the_end_of_an_application_is_not_that_of_the_others(self) -> None:
        service = self.started(StackService(self.stack, [HOME]))
        client = self.network.result_of(SIPClient.embed(self.stack, "bob"))
        self.network.result_of(client.connect(HOME))
        self.network.result_of(client.leave())
        self.network.advance(1)
        self.asked("sip:192.0.2.1")
        self.stop(service)

    def test_a_uid_that_is_taken_is_told(self) -> None:
        other = self.network.result_of(SIPClient.embed(self.stack, UID))
        service = self.started(StackService(self.stack, [HOME]))
        [error] = self.flushLoggedErrors(SIPAlreadyExists)
        self.assertIn(UID, str(error.value))
        self.stop(service)
        self.assertTrue(other.closed or not other.connections)


class OptionsTests(SynchronousTestCase):
    """What can't be run is said before anything is opened."""

    def parsed(self, *arguments: str) -> Options:
        options = Options()
        options.parseOptions(arguments)
        return options

    def wrong(self, *arguments: str) -> str:
        return str(self.assertRaises(UsageError, self.parsed, *arguments))

    def test_nothing_need_be_said(self) -> None:
        [point] = self.parsed().settings.opened
        self.assertEqual((point.id, len(point.listen)), ("default", 1))

    def test_addresses(self) -> None:
        options = self.parsed("--listen", "udp:0", "-l", "sip:[::1]:5070")
        [point] = options.settings.opened
        self.assertEqual([address.port for address in point.listen], [0, 5070])

    def test_a_configuration(self) -> None:
        path = Path(self.mktemp())
        path.write_text(CONFIG, encoding="utf-8")
        settings = self.parsed("--config", str(path)).settings
        self.assertEqual([point.id for point in settings.opened], ["away"])
        self.assertEqual(settings.limits.pending_requests, 7)

    def test_mistakes(self) -> None:
        self.assertIn("5060", self.wrong("--listen", "5060"))
        self.assertIn("twice", self.wrong("-l", "udp:1", "-l", "udp:1"))
        self.assertIn("exclude each other", self.wrong("-c", "x", "-l", "udp:1"))
        self.wrong("something")
        path = Path(self.mktemp())
        self.assertIn(f"{path}: No such", self.wrong("--config", str(path)))
        path.write_text("\nlisten = 1\n", encoding="utf-8")
        said = self.wrong("--config", str(path))
        self.assertIn(f"{path}:2: there is no setting 'listen'", said)

    def test_help(self) -> None:
        text = str(self.parsed())
        self.assertIn("--config=", text)
        self.assertIn("--listen=", text)


class ProgramTests(SynchronousTestCase):
    """What the plugin gives to Twisted's programs."""

    def setUp(self) -> None:
        self.network = FakeNetwork()
        self.reactor = self.network.reactor("192.0.2.1")
        self.patch(internet, "reactor", self.reactor)
        self.handlers: dict[int, Any] = {}
        self.patch(signal, "signal", self.handlers.__setitem__)

    def made(self, *arguments: str) -> StackService:
        options = Options()
        options.parseOptions(arguments)
        return makeService(options)

    def test_the_plugin_is_found(self) -> None:
        found = [
            p for p in plugin.getPlugins(IServiceMaker) if p.tapname == "sipclient"
        ]
        [maker] = found
        self.assertIs(maker.options, Options)
        self.assertIs(maker.makeService, makeService)

    def test_it_runs_what_was_configured(self) -> None:
        path = Path(self.mktemp())
        path.write_text(CONFIG, encoding="utf-8")
        application = Application("sipclient")
        service = self.made("--config", str(path))
        service.setServiceParent(application)
        IService(application).startService()
        self.network.advance(0)
        [address] = service.listening
        self.assertEqual((address.host, address.port), ("192.0.2.1", 5070))
        self.assertEqual(service.stack.limits.pending_requests, 7)
        self.assertEqual(set(service.stack.access_points), {"home", "away"})
        self.network.result_of(IService(application).stopService())
        self.assertEqual(self.reactor.ports, ())

    def test_an_address_that_cannot_be_opened(self) -> None:
        """A sentence is the end of twist; twistd sees an exception before it forks."""
        listen = "--listen", "udp:5060:interface=192.0.2.99"
        service = self.made(*listen)
        ended = self.assertRaises(SystemExit, service.startService)
        self.assertIn("sipclient: listening on sip:192.0.2.99", str(ended))
        service = self.made(*listen)
        self.assertRaises(SIPCouldNotConnect, service.privilegedStartService)

    def test_sigterm_stops_the_reactor_and_a_second_one_the_process(self) -> None:
        stopped = []
        self.reactor.stop = lambda: stopped.append(True)  # type: ignore[attr-defined]  # no host stops
        self.made()
        self.handlers[signal.SIGTERM](signal.SIGTERM, None)
        self.assertIs(self.handlers[signal.SIGTERM], signal.SIG_DFL)
        self.network.advance(0)
        self.assertEqual(stopped, [True])
