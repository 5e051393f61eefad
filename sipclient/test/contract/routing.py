"""Routing: which application gets a request outside dialogs, and who answers else."""

from __future__ import annotations

from typing import Any

from sipclient import AccessPoint, Capabilities
from sipclient.message.model import Response
from sipclient.testing import RecordingObserver, ScriptedPeer

from .world import POINT, A, ContractCase


class RoutingContract(ContractCase):
    """Seen from the network: who is asked, or what the answer is."""

    async def _applications(self, **declared: Capabilities | None) -> ScriptedPeer:
        """One application for each, on one stack; each answers 200 and says who."""
        provider = self.world.provider()
        self.observers: dict[str, RecordingObserver] = {}
        for uid, capabilities in declared.items():
            observer = RecordingObserver(answers={"*": 200})
            self.observers[uid] = observer
            await self.connection(
                observer,
                uid=uid,
                provider=provider,
                capabilities=capabilities,
                access_point=self.point,
            )
        return self.world.peer()

    point: AccessPoint | str = POINT

    async def _asked(
        self, peer: ScriptedPeer, uri: str, method: str = "MESSAGE", **options: Any
    ) -> tuple[Response, str]:
        """The answer, and the uid of who was asked."""
        for observer in self.observers.values():
            observer.events.clear()
        peer.sends(method, uri, (A, 5060), **options)
        response = await peer.expects(range(200, 700))
        asked = [u for u, o in self.observers.items() if o.all("incoming_request")]
        return response, " ".join(asked)

    def _table(
        self,
        declared: dict[str, Capabilities | None],
        *rows: tuple[str, str, int, str],
    ) -> None:
        async def test() -> None:
            peer = await self._applications(**declared)
            for uri, method, status, uid in rows:
                response, asked = await self._asked(peer, uri, method)
                self.assertEqual((response.status, asked), (status, uid), (uri, method))

        self.run_(test())

    def test_without_capabilities_nothing_comes(self) -> None:
        self._table(
            {"app": None},
            (f"sip:alice@{A}", "MESSAGE", 404, ""),
            (f"sip:{A}", "MESSAGE", 404, ""),
        )

    def test_by_the_declared_user_and_then_by_who_takes_all(self) -> None:
        self._table(
            {
                "all": Capabilities(users="*"),
                "alice": Capabilities(users="alice"),
                "others": Capabilities(users=["bob", "carol"]),
            },
            (f"sip:alice@{A}", "MESSAGE", 200, "alice"),
            (f"sip:carol@{A}", "MESSAGE", 200, "others"),
            (f"sip:dave@{A}", "MESSAGE", 200, "all"),
            (f"sip:%61lice@{A}", "MESSAGE", 200, "alice"),
            (f"sip:Alice@{A}", "MESSAGE", 200, "all"),
        )

    def test_a_uri_without_user_is_for_who_takes_all(self) -> None:
        self._table(
            {"alice": Capabilities(users="alice"), "all": Capabilities(users="*")},
            (f"sip:{A}", "MESSAGE", 200, "all"),
        )
        self.anew()
        self._table(
            {"alice": Capabilities(users="alice")},
            (f"sip:{A}", "MESSAGE", 404, ""),
        )

    def test_host_and_port_must_be_ours(self) -> None:
        self._table(
            {"all": Capabilities(users="*")},
            (f"sip:alice@{A}:5060", "MESSAGE", 200, "all"),
            (f"sip:alice@{A}:5061", "MESSAGE", 404, ""),
            ("sip:alice@192.0.2.77", "MESSAGE", 404, ""),
            ("sip:alice@example.com", "MESSAGE", 404, ""),
        )

    def test_domains_of_the_access_point_are_ours(self) -> None:
        self.point = AccessPoint(
            "default",
            domains=[
                "Example.com",
                "example.net:5070",
                "example.net:5080",
                "[2001:db8::5]",
                "[2001:db8::6]:5070",
            ],
        )
        self._table(
            {"all": Capabilities(users="*")},
            ("sip:alice@example.com", "MESSAGE", 200, "all"),
            ("sip:alice@EXAMPLE.COM.:5099", "MESSAGE", 200, "all"),
            ("sip:alice@example.net", "MESSAGE", 404, ""),
            ("sip:alice@example.net:5070", "MESSAGE", 200, "all"),
            ("sip:alice@example.net:5080", "MESSAGE", 200, "all"),
            ("sip:alice@[2001:DB8:0::5]:99", "MESSAGE", 200, "all"),
            ("sip:alice@[2001:db8::6]:5070", "MESSAGE", 200, "all"),
            ("sip:alice@[2001:db8::6]:5071", "MESSAGE", 404, ""),
            (f"sip:alice@{A}", "MESSAGE", 200, "all"),
        )

    def test_who_is_connected_longest_is_asked_first(self) -> None:
        both = Capabilities(users=["alice", "*"])
        self._table(
            {"first": both, "second": both},
            (f"sip:alice@{A}", "MESSAGE", 200, "first"),
            (f"sip:bob@{A}", "MESSAGE", 200, "first"),
        )

    def test_who_is_gone_is_asked_no_more(self) -> None:
        async def test() -> None:
            provider = self.world.provider()
            first = await self.client("first", provider=provider)
            await first.connect(POINT, RecordingObserver(answers={"*": 202}))
            second = RecordingObserver(answers={"*": 204})
            await self.connection(second, uid="second", provider=provider)
            peer = self.world.peer()
            for status in (202, 204):
                peer.sends("MESSAGE", f"sip:alice@{A}")
                await peer.expects(status)
                first.close()

        self.run_(test())

    def test_nobody_here_is_503_or_404(self) -> None:
        """The last application left while its access point still drains."""

        async def test() -> None:
            peer = await self._applications(app=Capabilities(users="alice"))
            response, _ = await self._asked(peer, f"sip:bob@{A}")
            self.assertEqual(response.status, 404)
            self.world.clients[0].close()
            await self.turns()
            response, _ = await self._asked(peer, f"sip:alice@{A}")
            self.assertEqual(response.status, 503)

        self.run_(test())

    def test_scheme_method_and_dialogs(self) -> None:
        self._table(
            {"app": Capabilities(users="*", methods=["MESSAGE", "PUBLISH"])},
            ("tel:+358-555-1234567", "MESSAGE", 416, ""),
            (f"sip:alice@{A}", "PUBLISH", 200, "app"),
            (f"sip:alice@{A}", "REGISTER", 405, ""),
            (f"sip:alice@{A}", "NEWMETHOD", 501, ""),
            (f"sip:alice@{A}", "BYE", 481, ""),
            (f"sip:alice@{A}", "INFO", 481, ""),
            (f"sip:alice@{A}", "CANCEL", 481, ""),
        )

    def test_a_method_of_ones_own(self) -> None:
        self._table(
            {"app": Capabilities(users="*", methods="NEWMETHOD")},
            (f"sip:alice@{A}", "NEWMETHOD", 200, "app"),
            (f"sip:alice@{A}", "MESSAGE", 405, ""),
        )

    def test_405_says_what_is_allowed(self) -> None:
        async def test() -> None:
            peer = await self._applications(
                one=Capabilities(users="*", methods="PUBLISH"),
                two=Capabilities(users="alice", methods=["MESSAGE", "NEWMETHOD"]),
                other=Capabilities(users="bob", methods="OTHERMETHOD"),
            )
            response, _ = await self._asked(peer, f"sip:alice@{A}", "REGISTER")
            self.assertEqual(response.status, 405)
            self.assertEqual(
                response.text("Allow"), "MESSAGE, NEWMETHOD, OPTIONS, PUBLISH"
            )

        self.run_(test())

    def test_420_says_what_nobody_supports(self) -> None:
        async def test() -> None:
            peer = await self._applications(
                one=Capabilities(users="*", option_tags=["Path"]),
                two=Capabilities(users="*", option_tags=["path", "gruu"]),
            )
            for required, status, uid, missing in (
                ("path", 200, "one", None),
                ("gruu", 200, "two", None),
                ("path, gruu", 200, "two", None),
                ("path, 100rel, x", 420, "", "100rel, x"),
            ):
                response, asked = await self._asked(
                    peer, f"sip:alice@{A}", headers=[("Require", required)]
                )
                self.assertEqual((response.status, asked), (status, uid))
                self.assertEqual(response.text("Unsupported"), missing)

        self.run_(test())

    def test_options_is_answered_by_the_stack_for_all(self) -> None:
        async def test() -> None:
            peer = await self._applications(
                one=Capabilities(users="alice", content_types="text/plain"),
                two=Capabilities(
                    users="bob",
                    methods="PUBLISH",
                    content_types=["text/html", "text/plain"],
                    option_tags="path",
                ),
            )
            response, asked = await self._asked(peer, f"sip:{A}", "OPTIONS")
            self.assertEqual((response.status, asked), (200, ""))
            self.assertEqual(response.text("Allow"), "MESSAGE, OPTIONS, PUBLISH")
            self.assertEqual(response.text("Accept"), "text/plain, text/html")
            self.assertEqual(response.text("Supported"), "path")
            response, asked = await self._asked(peer, f"sip:alice@{A}", "OPTIONS")
            self.assertEqual((response.status, asked), (200, ""))
            self.assertEqual(response.text("Allow"), "MESSAGE, OPTIONS")
            response, _ = await self._asked(peer, f"sip:carol@{A}", "OPTIONS")
            self.assertEqual(response.status, 404)

        self.run_(test())

    def test_options_goes_to_an_application_that_names_it(self) -> None:
        self._table(
            {
                "quiet": Capabilities(users="*"),
                "asks": Capabilities(users="*", methods="OPTIONS"),
            },
            (f"sip:{A}", "OPTIONS", 200, "asks"),
            (f"sip:alice@{A}", "OPTIONS", 200, "asks"),
        )

    def test_options_works_for_an_application_that_takes_nothing(self) -> None:
        self._table({"app": None}, (f"sip:{A}", "OPTIONS", 200, ""))

    def test_a_request_with_a_to_tag_is_for_a_dialog(self) -> None:
        async def test() -> None:
            peer = await self._applications(app=Capabilities(users="*"))
            response, asked = await self._asked(
                peer, f"sip:alice@{A}", to=f"<sip:alice@{A}>;tag=1"
            )
            self.assertEqual((response.status, asked), (481, ""))

        self.run_(test())
