"""Commands, replies, events and acknowledgements: what passes between the two sides."""

from __future__ import annotations

from typing import Any

from sipclient import Capabilities, ResponseElements, SIPClient, SIPConnectionObserver
from sipclient.errors import (
    SIPAlreadyExists,
    SIPArgumentError,
    SIPBadName,
    SIPInvalidTransactionState,
    SIPNotFound,
    SIPResourceNotAvailable,
    SIPServerTerminated,
)
from sipclient.interfaces import ISession, IStack
from sipclient.session import commands, events
from sipclient.testing import RecordingObserver

from .recording import RecordingStack, Sink
from .world import EVERYBODY, POINT, UNRESOLVABLE, A, B, ContractCase, message


class ProtocolContract(ContractCase):
    """The application's side, overheard while it works."""

    async def _worked(self, observer: Any = None) -> RecordingStack:
        """An application that did a bit of everything, and closed."""
        stack = RecordingStack(self.world.provider())
        observer = observer or RecordingObserver()
        client = await SIPClient.attach(stack, "app", capabilities=EVERYBODY)
        self.world.clients.append(client)
        connection = await client.connect(POINT, observer)
        peer = self.world.peer()
        sent = await connection.send_request(message())
        request = await peer.expects("MESSAGE")
        peer.answers(request, 180)
        peer.answers(request, 200)
        await sent.final()
        for _ in range(3):
            connection.send_request(message(UNRESOLVABLE))
        peer.sends("MESSAGE", f"sip:alice@{A}")
        _, received, _ = await observer.next("incoming_request")
        received.send_response(ResponseElements(180)).addErrback(lambda _: None)
        await received.send_response(ResponseElements(200))
        await peer.expects(200)
        connection.close()
        await client.connect(POINT, observer)
        await self.turns()
        client.close()
        await self.turns()
        return stack

    def test_commands_are_numbered_from_1_without_gaps(self) -> None:
        stack = self.run_(self._worked())
        numbers = [command.number for command in stack.all("command")]
        self.assertEqual(numbers, list(range(1, len(numbers) + 1)))
        self.assertIsInstance(stack.all("command")[0], commands.OpenSession)
        self.assertIsInstance(stack.all("command")[-1], commands.CloseSession)

    def test_each_command_has_one_reply_in_order(self) -> None:
        stack = self.run_(self._worked())
        replies = stack.all("reply")
        self.assertEqual(
            [reply.number for reply in replies],
            [command.number for command in stack.all("command")],
        )
        refused = [r for r in replies if isinstance(r, commands.Refused)]
        self.assertEqual([type(r.error) for r in refused], [SIPArgumentError])

    def test_events_are_numbered_from_1_without_gaps(self) -> None:
        stack = self.run_(self._worked())
        numbers = [event.number for event in stack.all("event")]
        self.assertEqual(numbers, list(range(1, len(numbers) + 1)))
        self.assertEqual(
            {type(event) for event in stack.all("event")},
            {
                events.ConnectionStateChanged,
                events.RequestReceived,
                events.ResponseReceived,
                events.TransactionFailed,
            },
        )

    def test_a_reply_comes_before_any_event_about_what_it_made(self) -> None:
        stack = self.run_(self._worked())
        known: set[object] = {0}
        for kind, value in stack.log:
            if kind == "reply" and isinstance(value, commands.Accepted):
                known.add(value.value)
            elif kind == "event":
                self.assertIn(value.connection, known)
                if isinstance(
                    value, events.ResponseReceived | events.TransactionFailed
                ):
                    self.assertIn(value.transaction, known)

    def test_ids_are_never_used_again(self) -> None:
        stack = self.run_(self._worked())
        made = [
            reply.value
            for reply in stack.all("reply")
            if isinstance(reply, commands.Accepted) and reply.value is not None
        ]
        made += [
            event.transaction
            for event in stack.all("event")
            if isinstance(event, events.RequestReceived)
        ]
        self.assertEqual(len(made), len(set(made)))
        self.assertGreaterEqual(len(made), 7)

    def test_acknowledgements_are_cumulative_and_complete(self) -> None:
        stack = self.run_(self._worked())
        told = 0
        acknowledged = 0
        for kind, value in stack.log:
            if kind == "event":
                told = value.number
            elif kind == "acknowledged":
                self.assertGreater(value, acknowledged)
                self.assertLessEqual(value, told)
                acknowledged = value
        self.assertEqual(acknowledged, told)

    def test_an_event_is_acknowledged_after_its_callback_returned(self) -> None:
        """Its number can be read in the callback: ``connection.event_number``."""

        async def test() -> None:
            stack = RecordingStack(self.world.provider())
            said: list[tuple[str, int]] = []

            class Observer(SIPConnectionObserver):
                def error_occurred(self, *_: object) -> None:
                    assert self.connection is not None
                    said.append((str(stack.log[-1][0]), self.connection.event_number))
                    acknowledged = stack.all("acknowledged")
                    assert self.connection.event_number not in acknowledged

            client = await SIPClient.attach(stack, "app")
            self.world.clients.append(client)
            connection = await client.connect(POINT, Observer())
            for _ in range(3):
                connection.send_request(message(UNRESOLVABLE))
            await self.turns()
            numbers = [e.number for e in stack.all("event")]
            self.assertEqual([number for _, number in said], numbers[1:])
            self.assertEqual(stack.all("acknowledged")[-1], numbers[-1])

        self.run_(test())

    def test_events_held_back_by_a_call_are_acknowledged_once(self) -> None:
        """What waited for the end of a call is one turn's work."""
        if not self.synchronous:
            return  # a turn away, each event has a turn of its own

        async def test() -> None:
            stack = RecordingStack(self.world.provider())
            client = await SIPClient.attach(stack, "app")
            self.world.clients.append(client)
            connection = await client.connect(POINT)
            await self.turns()
            before = len(stack.all("acknowledged"))

            class Observer(SIPConnectionObserver):
                def error_occurred(self, *_: object) -> None:
                    return None

            connection.set_observer(Observer())
            # The first is told at once, the others while its callback sends.
            for _ in range(3):
                connection.send_request(message(UNRESOLVABLE))
            await self.turns()
            self.assertLessEqual(len(stack.all("acknowledged")) - before, 3)

        self.run_(test())

    def test_sessions_are_numbered_apart(self) -> None:
        async def test() -> None:
            provider = self.world.provider()
            stacks = [RecordingStack(provider) for _ in range(2)]
            for index, stack in enumerate(stacks):
                client = await SIPClient.attach(stack, f"app{index}")
                self.world.clients.append(client)
                await client.connect(POINT)
            for stack in stacks:
                self.assertEqual([c.number for c in stack.all("command")], [1, 2])
                self.assertEqual([e.number for e in stack.all("event")], [1])

        self.run_(test())


class SessionContract(ContractCase):
    """The stack's side, as any client may use it, a faulty or hostile one included."""

    def _session(self, provider: IStack | None = None) -> tuple[ISession, Sink]:
        sink = Sink()
        return (provider or self.world.provider()).attach(sink), sink

    async def _reply(self, session: ISession, sink: Sink, command: Any) -> Any:
        session.submit(command)
        await self.turns()
        reply = sink.replies.pop()
        self.assertEqual(sink.replies, [])
        self.assertEqual(reply.number, command.number)
        return reply.error if isinstance(reply, commands.Refused) else reply.value

    def _send(self, number: int, connection: int, **changes: Any) -> Any:
        parts: dict[str, Any] = {
            "method": "MESSAGE",
            "uri": f"sip:bob@{B}",
            "from_": "sip:alice@example.com",
            "to": "",
            "headers": (),
            "body": b"",
        }
        return commands.SendRequest(number, connection, **{**parts, **changes})

    def _answer(
        self,
        number: int,
        received: events.RequestReceived,
        status: int = 200,
        reason: str = "OK",
        headers: commands.Fields = (),
    ) -> commands.SendResponse:
        return commands.SendResponse(
            number, received.transaction, "MESSAGE", status, reason, headers, b""
        )

    def test_the_first_command_opens_the_session(self) -> None:
        async def test() -> None:
            session, sink = self._session()
            for command in (
                commands.OpenConnection(1, POINT),
                commands.CloseConnection(2, 1),
                self._send(3, 1),
                commands.SendResponse(4, 1, "MESSAGE", 200, "OK", (), b""),
                commands.ReleaseTransaction(5, 1),
            ):
                error = await self._reply(session, sink, command)
                self.assertIsInstance(error, SIPResourceNotAvailable)
            opened = commands.OpenSession(6, "app", Capabilities())
            self.assertIsNone(await self._reply(session, sink, opened))
            again = commands.OpenSession(7, "other", Capabilities())
            error = await self._reply(session, sink, again)
            self.assertIsInstance(error, SIPAlreadyExists)
            closed = await self._reply(session, sink, commands.CloseSession(8))
            self.assertIsNone(closed)
            error = await self._reply(session, sink, commands.OpenConnection(9, POINT))
            self.assertIsInstance(error, SIPResourceNotAvailable)
            self.assertEqual(sink.events, [])

        self.run_(test())

    def test_what_another_session_has_can_be_neither_seen_nor_touched(self) -> None:
        async def test() -> None:
            provider = self.world.provider()
            mine, my_sink = self._session(provider)
            theirs, their_sink = self._session(provider)
            everybody = Capabilities(users="*")
            for session, sink, uid in (
                (mine, my_sink, "mine"),
                (theirs, their_sink, "theirs"),
            ):
                await self._reply(
                    session, sink, commands.OpenSession(1, uid, everybody)
                )
            connection = await self._reply(
                theirs, their_sink, commands.OpenConnection(2, POINT)
            )
            peer = self.world.peer()
            # Mine is connected longer, but it has no connection there: let it go.
            await self._reply(mine, my_sink, commands.CloseSession(2))
            mine, my_sink = self._session(provider)
            await self._reply(mine, my_sink, commands.OpenSession(1, "mine", everybody))
            sent = await self._reply(theirs, their_sink, self._send(3, connection))
            request = await peer.expects("MESSAGE")
            peer.sends("MESSAGE", f"sip:alice@{A}")
            await self.turns()
            received = their_sink.events[-1]
            assert isinstance(received, events.RequestReceived)
            for command, kind in (
                (self._send(2, connection), SIPResourceNotAvailable),
                (commands.CloseConnection(3, connection), SIPResourceNotAvailable),
                (
                    self._answer(4, received, 603),
                    SIPInvalidTransactionState,
                ),
                (commands.ReleaseTransaction(5, sent), SIPNotFound),
                (commands.ReleaseTransaction(6, received.transaction), SIPNotFound),
                (commands.OpenSession(7, "theirs", Capabilities()), SIPAlreadyExists),
            ):
                error = await self._reply(mine, my_sink, command)
                self.assertIsInstance(error, kind)
            self.assertEqual(my_sink.events, [])
            peer.answers(request, 200)
            answer = self._answer(4, received)
            self.assertIsNone(await self._reply(theirs, their_sink, answer))
            await peer.expects(200)
            for session, sink in ((mine, my_sink), (theirs, their_sink)):
                await self._reply(session, sink, commands.CloseSession(9))

        self.run_(test())

    def test_the_stack_does_not_trust_what_the_other_side_checked(self) -> None:
        async def test() -> None:
            session, sink = self._session()
            await self._reply(
                session, sink, commands.OpenSession(1, "app", Capabilities(users="*"))
            )
            error = await self._reply(
                session, sink, commands.OpenConnection(2, "nowhere")
            )
            self.assertIsInstance(error, SIPBadName)
            connection = await self._reply(
                session, sink, commands.OpenConnection(3, POINT)
            )
            for changes in (
                {"method": ""},
                {"method": "INVITE"},
                {"method": "MESS AGE"},
                {"method": "X SIP/2.0\r\nVia: x\r\n\r\n"},
                {"uri": ""},
                {"uri": "sip:bob@"},
                {"uri": f"sip:bob@{B}?Subject=x"},
                {"uri": f"sip:bob@{B} SIP/2.0\r\nX: y"},
                {"from_": ""},
                {"from_": "<sip:a@example.com>;tag=mine"},
                {"from_": "<sip:a@example.com>\r\nX: y"},
                {"to": "<sip:b@example.com>;tag=mine"},
                {"to": "nonsense"},
                {"headers": (("Call-ID", "mine"),)},
                {"headers": (("v", "SIP/2.0/UDP x;branch=z9hG4bKx"),)},
                {"headers": (("Subject", "x\r\nX: y"),)},
                {"headers": (("Sub ject", "x"),)},
                {"headers": (("Subject\r\nX", "x"),)},
                {"headers": (("Subject", "\ud800"),)},
                {"headers": (("Expires", "soon"),)},
                {"headers": (("Content-Type", "text/plain\r\nX: y"),)},
                {"headers": (("Route", "nonsense"),)},
            ):
                error = await self._reply(
                    session, sink, self._send(4, connection, **changes)
                )
                self.assertIsInstance(error, ValueError, str(changes))
            self.assertEqual(len(sink.events), 1)
            self.assertEqual(list(self.network.log), [])
            peer = self.world.peer()
            peer.sends("MESSAGE", f"sip:alice@{A}")
            await self.turns()
            received: Any = sink.events[-1]
            for status, reason, headers in (
                (99, "x", ()),
                (100, "Trying", ()),
                (180, "Ringing", ()),
                (408, "Request Timeout", ()),
                (700, "x", ()),
                (200, "OK\r\nX: y", ()),
                (200, "\ud800", ()),
                (200, "OK", (("Content-Length", "7"),)),
                (200, "OK", (("Subject", "x\nX: y"),)),
                (200, "OK", (("Content-Type", "x\r\nX: y"),)),
            ):
                error = await self._reply(
                    session,
                    sink,
                    self._answer(5, received, status, reason, headers),
                )
                self.assertIsInstance(error, ValueError, f"{status} {reason!a}")
            await self._reply(
                session,
                sink,
                self._answer(6, received),
            )
            await peer.expects(200)
            await self._reply(session, sink, commands.CloseSession(7))

        self.run_(test())

    def test_the_stacks_end_is_told_once_and_nothing_follows(self) -> None:
        async def test() -> None:
            provider = self.world.provider()
            session, sink = self._session(provider)
            await self._reply(
                session, sink, commands.OpenSession(1, "app", Capabilities(users="*"))
            )
            connection = await self._reply(
                session, sink, commands.OpenConnection(2, POINT)
            )
            await self._reply(
                session, sink, self._send(3, connection, uri="sip:b@192.0.2.99")
            )
            await self.world.stop(provider)
            self.world.peer().sends("MESSAGE", f"sip:alice@{A}")
            await self.turns(40)
            self.assertEqual([type(e) for e in sink.losses], [SIPServerTerminated])
            self.assertEqual(len(sink.events), 1)

        self.run_(test())
