"""INVITE at the transaction layer: merged, too many, cancelled, and flows that end."""

from __future__ import annotations

import re
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from sipclient.errors import SIPTransportFailure
from sipclient.message import build
from sipclient.test.transaction.world import FakeFlow, Said, World, request
from sipclient.transaction.invite_server import InviteServer

LOST = SIPTransportFailure("sending", "the connection was closed")


def refuse(server: InviteServer, status: int = 486) -> None:
    """Answer an INVITE."""
    assert server.request is not None
    server.respond(status, build.response(server.request, status, to_tag="ours"))


class MergedTests(SynchronousTestCase):
    def test_a_copy_by_another_way_gets_482_in_its_own_transaction(self) -> None:
        world = World()
        world.be_invited()
        copy = request(method="INVITE", branch="z9hG4bKb")
        world.layer.receive(copy, world.flow)
        self.assertEqual(
            world.flow.start_lines[1:],
            ["SIP/2.0 100 Trying", "SIP/2.0 482 Loop Detected"],
        )
        self.assertEqual(world.user.words, ["INVITE"])
        self.assertEqual((world.layer.merged, world.layer.pending), (1, 1))
        world.acknowledge(branch="z9hG4bKb")
        world.pass_time(5)
        self.assertEqual(world.layer.live, 1)

    def test_one_within_a_dialog_is_not_looked_at(self) -> None:
        world = World()
        world.be_invited(to_tag="ours")
        world.be_invited(to_tag="ours", branch="z9hG4bKb")
        self.assertEqual(world.layer.merged, 0)


class LimitTests(SynchronousTestCase):
    def fill(self, world: World, count: int) -> list[InviteServer]:
        return [
            world.be_invited(branch=f"z9hG4bK-{number}", call_id=str(number))
            for number in range(count)
        ]

    def test_one_too_many_that_waits_gets_503_and_no_100(self) -> None:
        world = World(pending_limit=2)
        servers = self.fill(world, 2)
        world.flow.sent.clear()
        world.layer.receive(request(method="INVITE"), world.flow)
        ((_, data),) = world.flow.sent
        self.assertTrue(data.startswith(b"SIP/2.0 503 "))
        self.assertIn(b"\r\nRetry-After: 5\r\n", data)
        self.assertEqual((world.layer.refused, world.layer.live), (1, 2))
        # Nothing is kept of it: its ACK belongs to nothing.
        world.acknowledge()
        self.assertEqual(world.user.words[-1], "ACK")
        refuse(servers[0])
        world.be_invited()

    def test_a_cancel_for_one_of_them_is_let_in(self) -> None:
        world = World(pending_limit=1)
        (server,) = self.fill(world, 1)
        cancel = request(method="CANCEL", branch="z9hG4bK-0")
        self.assertIs(world.layer.find_cancelled(cancel), server)
        world.serve(method="CANCEL", branch="z9hG4bK-0")
        self.assertEqual(world.layer.refused, 0)

    def test_one_too_many_that_is_answered_ends_the_oldest(self) -> None:
        world = World(linger_limit=3)
        servers = self.fill(world, 5)
        refuse(servers[0])
        refuse(servers[1], 200)
        refuse(servers[2])
        world.acknowledge(branch="z9hG4bK-2")
        states = ["Completed", "Accepted", "Confirmed", "Proceeding", "Proceeding"]
        self.assertEqual([server.state for server in servers], states)
        for number in (3, 4):
            refuse(servers[number])
        states = ["Terminated"] * 2 + ["Confirmed"] + ["Completed"] * 2
        self.assertEqual([server.state for server in servers], states)
        self.assertEqual((world.layer.forgotten, world.layer.live), (2, 3))
        world.pass_time(32)
        self.assertTrue(world.is_clean())

    def test_with_a_linger_limit_of_0_none_lingers(self) -> None:
        for status in (200, 486):
            world = World(linger_limit=0)
            world.user.answer = status
            world.be_invited()
            self.assertEqual(world.user.words, ["INVITE", "idle"])
            self.assertTrue(world.is_clean())

    def test_they_are_counted_apart_from_others(self) -> None:
        """So a burst of the ones doesn't push out the others."""
        world = World(linger_limit=1)
        world.user.answer = 404
        world.be_invited()
        world.serve(branch="z9hG4bKb")
        self.assertEqual((world.layer.forgotten, world.layer.live), (0, 2))

    def test_one_that_has_ended_counts_no_more(self) -> None:
        world = World(linger_limit=1)
        world.user.answer = 404
        for number in range(3):
            branch = f"z9hG4bK-{number}"
            world.be_invited(branch=branch, call_id=branch)
            world.acknowledge(branch=branch)
            world.pass_time(5)
        self.assertEqual(world.layer.forgotten, 0)
        self.assertTrue(world.is_clean())


class FlowTests(SynchronousTestCase):
    """A reliable flow that ends."""

    def test_what_waits_on_it_fails_in_order_and_nothing_else(self) -> None:
        world = World(reliable=True)
        world.invite()
        world.invite("z9hG4bKb")
        world.answer(180, "z9hG4bKb", "INVITE")
        world.ask("z9hG4bKc")
        world.invite("z9hG4bKd")
        world.answer(486, "z9hG4bKd", "INVITE")
        lost, world.flow = world.flow, FakeFlow(world.clock, reliable=True)
        other = world.invite("z9hG4bKe")
        world.user.words.clear()
        world.layer.flow_lost(lost, LOST)
        self.assertEqual(world.user.words, ["SIPTransportFailure"] * 3)
        self.assertEqual(world.user.errors, [LOST] * 3)
        self.assertEqual((world.layer.live, other.state), (1, "Calling"))
        world.layer.flow_lost(lost, LOST)
        self.assertEqual(len(world.user.errors), 3)
        world.pass_time(32)
        self.assertTrue(world.is_clean())

    def test_a_user_may_send_anew_when_it_is_told(self) -> None:
        class Eager(Said):
            def failed(self, error: object) -> None:
                world.ask("z9hG4bKb")

        world = World(reliable=True)
        world.layer.request(b"INFO ", ("z9hG4bKa", "INFO"), world.flow, Eager())
        world.layer.flow_lost(world.flow, LOST)
        self.assertEqual((world.layer.live, world.user.words), (1, []))

    def redirected(self) -> tuple[World, Any]:
        """A world whose responses to what comes take one flow, and later another."""
        others: list[Any] = []
        world = World(
            reliable=True,
            response_flow=lambda request, flow: others[0] if flow.refuses else flow,
        )
        others.append(FakeFlow(world.clock, reliable=True))
        return world, others[0]

    def test_a_response_takes_another_flow(self) -> None:
        """RFC 3261 §18.2.2; for INVITE and for others."""
        for method in ("INVITE", "OPTIONS"):
            world, other = self.redirected()
            server: Any = world.be_invited() if method == "INVITE" else world.serve()
            world.flow.refuses = True
            world.layer.flow_lost(world.flow, LOST)
            data = build.response(server.request, 486, to_tag="ours")
            server.respond(486, data)
            self.assertEqual([sent for _, sent in other.sent], [data])
            self.assertNotIn("transport failed", world.user.words)
            self.assertIs(server.flow, other)

    def test_where_that_fails_too_it_is_told(self) -> None:
        for method in ("INVITE", "OPTIONS"):
            world, other = self.redirected()
            server: Any = world.be_invited() if method == "INVITE" else world.serve()
            world.flow.refuses = other.refuses = True
            server.respond(486, b"SIP/2.0 486 Busy Here\r\n\r\n")
            self.assertEqual(world.user.words[:2], [method, "transport failed"])
            world.pass_time(32)
            self.assertTrue(world.is_clean())


class UserTests(SynchronousTestCase):
    def test_one_that_fails_makes_it_500_with_the_tag_of_the_transaction(self) -> None:
        class Clumsy(Said):
            def incoming_request(self, request: Any, transaction: Any) -> None:
                tags.append(transaction.to_tag)
                raise ZeroDivisionError

        tags: list[str] = []
        world = World()
        world.layer.user = Clumsy()
        world.layer.receive(request(method="INVITE"), world.flow)
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)
        self.assertEqual(
            world.flow.start_lines,
            ["SIP/2.0 100 Trying", "SIP/2.0 500 Server Internal Error"],
        )
        self.assertEqual(
            re.findall(r"\r\nTo:.*;tag=(\w+)\r", world.flow.sent[1][1].decode()), tags
        )

    def test_stop_ends_everything_silently(self) -> None:
        world = World()
        for number, status in enumerate((0, 180, 200, 486)):
            branch = f"z9hG4bK-{number}"
            world.invite(branch)
            server = world.be_invited(branch=branch, call_id=branch)
            if status:
                world.answer(status, branch, "INVITE")
                refuse(server, status)
        world.acknowledge(branch="z9hG4bK-3")
        world.invite("z9hG4bKc").cancel()
        world.user.words.clear()
        world.flow.sent.clear()
        world.layer.stop()
        self.assertTrue(world.is_clean())
        self.assertEqual((world.user.words, world.flow.sent), ([], []))
        world.acknowledge()
        self.assertEqual(world.user.words, [])

    def test_it_may_stop_the_layer_while_it_is_given_an_invite(self) -> None:
        class Ending(Said):
            def incoming_request(self, request: Any, transaction: Any) -> None:
                world.layer.stop()

        world = World()
        world.layer.user = Ending()
        world.layer.receive(request(method="INVITE"), world.flow)
        self.assertTrue(world.is_clean())
