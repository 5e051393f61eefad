"""Making and keeping: values, handles that are awaited, snapshots, access points."""

from __future__ import annotations

import gc
from typing import Any

from sipclient import (
    SIPURI,
    AccessPoint,
    Address,
    Capabilities,
    ConnectionState,
    RequestElements,
    ResponseElements,
    SIPConnection,
    parse_uri,
)
from sipclient.errors import (
    SIPAlreadyExists,
    SIPCouldNotConnect,
    SIPInUse,
    SIPResourceNotAvailable,
    SIPTimedOut,
)
from sipclient.message.fields.media import MediaType
from sipclient.testing import RecordingObserver

from .world import EVERYBODY, NOWHERE, POINT, A, B, ContractCase, message


class ValueContract(ContractCase):
    """Values are plain constructors; strings do wherever a header or URI is meant."""

    def test_strings_and_values_mean_the_same(self) -> None:
        async def test() -> None:
            connection = await self.connection()
            peer = self.world.peer()
            uri = parse_uri(f"sip:bob@{B}")
            assert isinstance(uri, SIPURI)
            for elements in (
                RequestElements(
                    f"sip:bob@{B}",
                    "MESSAGE",
                    from_='"Alice" <sip:alice@example.com>',
                    to="sip:bob@example.com",
                    headers={"Subject": "x", "Accept": "text/plain"},
                    content="é",
                    content_type="text/plain;charset=utf-8",
                ),
                RequestElements(
                    uri,
                    "MESSAGE",
                    from_=Address("Alice", parse_uri("sip:alice@example.com")),
                    to=parse_uri("sip:bob@example.com"),
                    headers=[
                        ("s", "x"),
                        ("Accept", MediaType.parse("text/plain")),
                    ],
                    content="é".encode(),
                    content_type=MediaType.parse("text/plain;charset=utf-8"),
                ),
            ):
                await connection.send_request(elements)
                request = await peer.expects("MESSAGE")
                peer.answers(request, 200)
                sender: Any = request.header("From")
                self.assertEqual(
                    (sender.display_name, str(sender.uri)),
                    ("Alice", "sip:alice@example.com"),
                )
                self.assertEqual(request.text("To"), "<sip:bob@example.com>")
                self.assertEqual(request.text("Subject"), "x")
                self.assertEqual(request.text("Accept"), "text/plain")
                self.assertEqual(request.body, b"\xc3\xa9")
                self.assertEqual(
                    request.text("Content-Type"), "text/plain;charset=utf-8"
                )

        self.run_(test())

    def test_a_response_knows_its_phrase(self) -> None:
        async def test() -> None:
            observer = RecordingObserver()
            await self.connection(observer)
            peer = self.world.peer()
            for elements, phrase in (
                (ResponseElements(200), "OK"),
                (ResponseElements(486), "Busy Here"),
                (ResponseElements(486, "Not now"), "Not now"),
            ):
                peer.sends("MESSAGE", f"sip:alice@{A}")
                _, transaction, _ = await observer.next("incoming_request")
                await transaction.send_response(elements)
                response = await peer.expects(elements.status_code)
                self.assertEqual(response.reason, phrase)

        self.run_(test())

    def test_every_received_header_can_be_read(self) -> None:
        async def test() -> None:
            observer = RecordingObserver(answers={"*": 200})
            await self.connection(observer)
            peer = self.world.peer()
            peer.sends(
                "MESSAGE",
                f"sip:alice@{A}",
                headers=[
                    ("X-Unknown", "anything at all"),
                    ("s", "compact"),
                    ("Content-Type", "text/plain"),
                ],
                body=b"hello",
            )
            _, transaction, dialog = await observer.next("incoming_request")
            self.assertIsNone(dialog)
            elements = transaction.request_elements
            self.assertEqual(elements.header("x-unknown"), "anything at all")
            self.assertEqual(elements.header("Subject"), "compact")
            self.assertEqual(elements.header("Via").branch, elements.header("v").branch)
            self.assertEqual(elements.content, b"hello")
            self.assertEqual(str(elements.content_type), "text/plain")
            self.assertEqual(str(elements.remote_uri), f"sip:alice@{A}")
            self.assertEqual(elements.from_.uri, parse_uri(peer.uri))
            with self.assertRaises(SIPInUse):
                elements.add_header("Subject", "another")
            await peer.expects(200)

        self.run_(test())


class SnapshotContract(ContractCase):
    """A send takes what the elements are in the same turn."""

    def test_given_elements_can_be_read_and_copied_and_not_changed(self) -> None:
        async def test() -> None:
            connection = await self.connection()
            peer = self.world.peer()
            elements = message(
                headers={"Subject": "first"}, content="one", content_type="text/plain"
            )
            sending = connection.send_request(elements)
            for change in (
                lambda: elements.set_header("Subject", "second"),
                lambda: elements.add_header("Subject", "second"),
                lambda: elements.set_content("two", "text/plain"),
                lambda: setattr(elements, "method", "OPTIONS"),
                lambda: setattr(elements, "remote_uri", NOWHERE),
                lambda: setattr(elements, "from_", NOWHERE),
                lambda: setattr(elements, "to", NOWHERE),
            ):
                with self.assertRaises(SIPInUse):
                    change()
            self.assertEqual(elements.header("Subject"), "first")
            copy = elements.copy()
            copy.set_header("Subject", "second")
            transaction = await sending
            request = await peer.expects("MESSAGE")
            peer.answers(request, 200)
            self.assertEqual(request.text("Subject"), "first")
            self.assertEqual(request.body, b"one")
            self.assertIs(transaction.request_elements, elements)
            await connection.send_request(copy)
            request = await peer.expects("MESSAGE")
            peer.answers(request, 200)
            self.assertEqual(request.text("Subject"), "second")

        self.run_(test())

    def test_given_responses_likewise(self) -> None:
        async def test() -> None:
            observer = RecordingObserver()
            await self.connection(observer)
            peer = self.world.peer()
            peer.sends("MESSAGE", f"sip:alice@{A}")
            _, transaction, _ = await observer.next("incoming_request")
            elements = ResponseElements(200, headers={"Subject": "first"})
            sending = transaction.send_response(elements)
            for change in (
                lambda: elements.set_header("Subject", "second"),
                lambda: setattr(elements, "status_code", 486),
                lambda: setattr(elements, "reason_phrase", "No"),
            ):
                with self.assertRaises(SIPInUse):
                    change()
            await sending
            self.assertEqual((await peer.expects(200)).text("Subject"), "first")
            self.assertEqual(elements.copy().status_code, 200)

        self.run_(test())


class ConnectContract(ContractCase):
    """``connect`` and access points."""

    bad = AccessPoint("bad", listen=["udp:5060", "udp:5062:interface=203.0.113.1"])

    def test_it_fires_when_the_connection_is_active(self) -> None:
        async def test() -> None:
            client = await self.client()
            connection = await client.connect(POINT)
            self.assertIs(connection.state, ConnectionState.ACTIVE)
            self.assertIsNone(connection.connection_error())
            self.assertEqual(connection.access_point_id, "default")
            self.assertIs(client.connection("default"), connection)
            self.assertIs(await connection.active(), connection)

        self.run_(test())

    def test_it_fails_with_the_cause_when_it_is_unavailable(self) -> None:
        """Then there is no connection, and none of its addresses is listened on."""

        async def test() -> None:
            client = await self.client()
            observer = RecordingObserver()
            error = await self.fails(
                SIPCouldNotConnect, client.connect(self.bad, observer)
            )
            self.assertIn("203.0.113.1", str(error))
            await self.turns()
            self.assertEqual(client.connections, ())
            self.assertEqual(self.world.reactor(A).ports, ())

        self.run_(test())

    def test_without_waiting_it_fires_in_whatever_state(self) -> None:
        async def test() -> None:
            client = await self.client()
            observer = RecordingObserver()
            connection = await client.connect(self.bad, observer, wait=False)
            self.assertIs(connection.state, ConnectionState.INIT)
            error = await self.fails(SIPCouldNotConnect, connection.active())
            self.assertIs(connection.state, ConnectionState.UNAVAILABLE)
            self.assertIs(connection.connection_error(), error)
            await self.fails(SIPCouldNotConnect, connection.active())
            await self.turns()
            self.assertEqual(
                observer.events,
                [("connection_state_changed", ConnectionState.UNAVAILABLE)],
            )
            self.assertEqual(client.connections, (connection,))

        self.run_(test())

    def test_the_observer_always_hears_active(self) -> None:
        """Also where another application had opened the access point long ago."""

        async def test() -> None:
            provider = self.world.provider()
            for uid in ("one", "two"):
                observer = RecordingObserver()
                await self.connection(observer, uid=uid, provider=provider)
                await self.turns()
                self.assertEqual(
                    observer.events,
                    [("connection_state_changed", ConnectionState.ACTIVE)],
                )

        self.run_(test())

    def test_a_port_in_use_is_a_clear_error(self) -> None:
        async def test() -> None:
            self.world.peer(A)
            client = await self.client()
            error = await self.fails(SIPInUse, client.connect(POINT))
            self.assertIn("5060", str(error))

        self.run_(test())

    def test_a_name_refers_to_what_is_configured(self) -> None:
        async def test() -> None:
            point = AccessPoint("home", listen=["udp:5090"])
            provider = self.world.provider(access_points=[point])
            connection = await self.connection(provider=provider, access_point="home")
            self.assertEqual(connection.access_point_id, "home")
            peer = self.world.peer()
            waiting = connection.request("OPTIONS", peer.uri, from_="sip:a@example.com")
            request = await peer.expects("OPTIONS")
            self.assertEqual(request.source, (A, 5090))
            peer.answers(request, 200)
            await waiting

        self.run_(test())

    def test_it_closes_with_its_last_connection(self) -> None:
        async def test() -> None:
            provider = self.world.provider()
            one = await self.connection(uid="one", provider=provider)
            two = await self.connection(uid="two", provider=provider)
            one.close()
            await self.turns()
            self.assertEqual(len(self.world.reactor(A).ports), 1)
            two.close()
            await self.turns()
            self.assertEqual(self.world.reactor(A).ports, ())

        self.run_(test())

    def test_it_can_be_opened_again_at_once(self) -> None:
        async def test() -> None:
            client = await self.client()
            for _ in range(3):
                connection = await client.connect(POINT)
                connection.close()
            connection = await client.connect(POINT)
            await connection.leave()
            await client.connect(POINT)
            self.assertEqual(len(self.world.reactor(A).ports), 1)

        self.run_(test())

    def test_one_id_has_one_meaning_at_a_time(self) -> None:
        async def test() -> None:
            provider = self.world.provider()
            one = await self.connection(uid="one", provider=provider)
            client = await self.client("two", provider=provider)
            other = AccessPoint("default", listen=["udp:5070"])
            await self.fails(SIPAlreadyExists, client.connect(other))
            one.close()
            await client.connect(other)
            await self.turns(1)
            ports = [port.bound[1] for port in self.world.reactor(A).ports]
            self.assertEqual(ports, [5070])

        self.run_(test())

    def test_an_id_that_still_drains_can_be_had_with_other_settings(self) -> None:
        """What was answered just before is repeated from where it was asked."""

        async def test() -> None:
            observer = RecordingObserver(answers={"*": 200})
            connection = await self.connection(observer)
            peer = self.world.peer(absorbs=False)
            request = peer.sends("MESSAGE", f"sip:alice@{A}")
            await peer.expects(200)
            connection.close()
            other = AccessPoint("default", listen=["udp:5070"])
            await connection.client.connect(other)
            peer.sends_bytes(request.raw, (A, 5060))
            repeated = await peer.expects(200)
            self.assertEqual(repeated.call_id, request.call_id)
            peer.sends("OPTIONS", f"sip:{A}:5070")
            await peer.expects(200)

        self.run_(test())

    def test_via_has_the_address_that_leads_to_the_target(self) -> None:
        async def test() -> None:
            six, there = "2001:db8::1", "2001:db8::2"
            reactor = self.world.network.reactor(A, "198.51.100.1", six)
            self.world._hosts[A] = reactor
            self.world._hosts[B] = self.network.reactor(B, "198.51.100.2", there)
            point = AccessPoint("all", listen=["udp:5060", "sip:[::]:5060"])
            connection = await self.connection(access_point=point)
            for address, own in (
                (B, A),
                ("198.51.100.2", "198.51.100.1"),
                (there, six),
            ):
                self.world._hosts[address] = self.world._hosts[B]
                peer = self.world.peer(address)
                connection.send_request(message(peer.uri))
                request = await peer.expects("MESSAGE")
                peer.answers(request, 200)
                via: Any = request.header("Via")
                self.assertEqual((via.host, via.port or 5060), (own, 5060))
                self.assertIn("rport", str(via))

        self.run_(test())

    def test_an_outbound_proxy_gets_every_request(self) -> None:
        async def test() -> None:
            peer = self.world.peer()
            point = AccessPoint("default", outbound_proxy=f"sip:{B};lr")
            connection = await self.connection(access_point=point)
            for uri in ("sip:carol@example.net", "tel:+358-555-1234567"):
                waiting = connection.request("MESSAGE", uri, from_="sip:a@example.com")
                request = await peer.expects("MESSAGE")
                self.assertEqual(request.uri, uri)
                self.assertEqual(request.text("Route"), f"<sip:{B};lr>")
                peer.answers(request, 200)
                await waiting

        self.run_(test())

    def test_timers_are_the_access_points(self) -> None:
        async def test() -> float:
            point = AccessPoint("default", timers="cellular")
            connection = await self.connection(access_point=point)
            await self.fails(
                SIPTimedOut,
                connection.request("MESSAGE", NOWHERE, from_="sip:a@example.com"),
            )
            return self.network.seconds()

        self.assertAlmostEqual(self.run_(test(), 300), 192.0)

    def test_nothing_ends_because_a_handle_is_forgotten(self) -> None:
        """Closing is done by no finaliser."""

        async def test() -> None:
            observer = RecordingObserver()
            client = await self.client()
            client.connect(POINT, observer)
            await self.turns()
            connection = client.connections[0]
            connection.send_request(message(NOWHERE))
            del connection
            await self.turns(1)
            gc.collect()
            await self.turns(40)
            self.assertEqual(
                observer.names, ["connection_state_changed", "error_occurred"]
            )

        self.run_(test())

    def test_connections_are_listed_while_they_live(self) -> None:
        async def test() -> None:
            client = await self.client(capabilities=EVERYBODY)
            self.assertEqual(client.connections, ())
            self.assertIsNone(client.connection("default"))
            one = await client.connect(POINT)
            two = await client.connect(AccessPoint("two", listen=["udp:5062"]))
            self.assertEqual(client.connections, (one, two))
            one.close()
            self.assertEqual(client.connections, (two,))
            self.assertEqual(client.capabilities, Capabilities(users="*"))
            await self.fails(SIPResourceNotAvailable, one.active())
            states: list[Any] = [c.state for c in (one, two)]
            self.assertIs(states[1], ConnectionState.ACTIVE)
            self.assertIsInstance(one, SIPConnection)

        self.run_(test())
