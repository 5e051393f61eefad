"""The transaction layer: what belongs where, and what a peer can't make it do."""

from __future__ import annotations

import re
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from sipclient.errors import SIPArgumentError, SIPICMPFailure, SIPTransportFailure
from sipclient.message import build
from sipclient.test.transaction.world import (
    PEER,
    FakeFlow,
    Said,
    World,
    request,
    response,
    write_request,
)
from sipclient.transaction.non_invite_server import NonInviteServer
from sipclient.transaction.user import ServerTransaction


class MatchingTests(SynchronousTestCase):
    def test_a_request_learns_where_it_came_from_before_its_user_sees_it(self) -> None:
        world = World()
        world.serve()
        self.assertEqual(world.user.served[0][0].source, PEER)

    def test_a_copy_never_reaches_the_user_again(self) -> None:
        for branch in ("z9hG4bKa", "z9hG4bK", "1", ""):
            world = World()
            world.user.answer = 200
            for _ in range(3):
                world.layer.receive(request(branch=branch), world.flow)
            self.assertEqual(world.user.words, ["OPTIONS"], branch)
            self.assertEqual(len(world.flow.sent), 3)

    def test_the_response_takes_the_flow_that_the_transport_chose(self) -> None:
        other: Any = None
        seen: list[tuple[tuple[str, int] | None, object]] = []

        def response_flow(request: Any, flow: Any) -> Any:
            seen.append((request.source, flow))
            return other

        world = World(response_flow=response_flow)
        other = FakeFlow(world.clock)
        world.user.answer = 200
        world.serve()
        self.assertEqual(seen, [(PEER, world.flow)])
        self.assertEqual((len(world.flow.sent), len(other.sent)), (0, 1))

    def test_where_there_is_none_the_answer_goes_back_the_way_it_came(self) -> None:
        def response_flow(request: Any, flow: Any) -> Any:
            raise SIPTransportFailure("choosing a flow")

        world = World(response_flow=response_flow)
        world.user.answer = 200
        world.serve()
        self.assertEqual(world.flow.start_lines, ["SIP/2.0 200 OK"])

    def test_a_response_needs_branch_and_method(self) -> None:
        world = World()
        world.ask()
        strays = (
            {"branch": "z9hG4bKb"},
            {"method": "INFO"},
            {"branch": ""},
            {"method": "INVITE"},
        )
        for parts in strays:
            world.layer.receive(response(200, **parts), world.flow)
        self.assertEqual(world.user.words, [])
        self.assertEqual(world.layer.stray_responses, len(strays))
        self.assertEqual(world.flow.start_lines[1:], [])

    def test_the_case_of_a_branch_may_change_on_its_way(self) -> None:
        world = World()
        world.ask()
        world.answer(200, "Z9HG4BKA")
        self.assertEqual(world.user.words, ["200"])

    def test_a_late_response_is_stray(self) -> None:
        world = World()
        world.ask()
        world.answer(200)
        world.clock.advance(5)
        world.answer(200)
        self.assertEqual(world.layer.stray_responses, 1)

    def test_idle_is_said_once_the_last_has_ended(self) -> None:
        world = World()
        world.ask()
        world.ask("z9hG4bKb")
        world.answer(200)
        world.pass_time(5)
        self.assertEqual(world.layer.live, 1)
        self.assertNotIn("idle", world.user.words)
        world.pass_time(40)
        self.assertEqual(world.user.words, ["200", "SIPTimedOut", "idle"])


class AckTests(SynchronousTestCase):
    def test_an_ack_is_never_answered(self) -> None:
        world = World(pending_limit=1)
        world.serve()
        for branch in ("z9hG4bKa", "z9hG4bKb", "z9hG4bK", ""):
            world.acknowledge(branch=branch)
        self.assertEqual(world.flow.sent, [])
        self.assertEqual(world.user.words, ["OPTIONS", *["ACK"] * 4])
        self.assertEqual(world.layer.live, 1)

    def test_a_user_that_takes_none_has_them_counted(self) -> None:
        class Deaf:
            def incoming_request(self, request: Any, transaction: Any) -> None:
                """It takes requests only."""

            def idle(self) -> None:
                """Nothing to do."""

        world = World()
        world.layer.user = Deaf()
        world.acknowledge()
        self.assertEqual((world.layer.stray_acks, world.layer.live), (1, 0))

    def test_a_user_that_fails_at_one_is_logged(self) -> None:
        class Clumsy(Said):
            def incoming_ack(self, request: Any, flow: object) -> None:
                raise ZeroDivisionError

        world = World()
        world.layer.user = Clumsy()
        world.acknowledge()
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)

    def test_the_ack_of_an_answered_invite_is_absorbed(self) -> None:
        world = World()
        world.user.answer = 405
        world.be_invited()
        world.acknowledge()
        self.assertEqual(world.user.words, ["INVITE"])
        self.assertEqual(
            world.flow.start_lines,
            ["SIP/2.0 100 Trying", "SIP/2.0 405 Method Not Allowed"],
        )
        self.assertEqual(world.layer.stray_acks, 0)


class CancelTests(SynchronousTestCase):
    def test_it_is_a_request_of_its_own(self) -> None:
        world = World()
        world.serve()
        world.serve(method="CANCEL")
        self.assertEqual(world.layer.live, 2)

    def test_what_it_cancels_has_its_branch_and_sent_by(self) -> None:
        for branch in ("z9hG4bKa", "1"):
            for method in ("INVITE", "OPTIONS", "MESSAGE"):
                world = World()
                found = world.layer.find_cancelled
                server: ServerTransaction = (
                    world.be_invited(branch=branch)
                    if method == "INVITE"
                    else world.serve(branch=branch, method=method)
                )
                cancel = {"branch": branch, "method": "CANCEL"}
                self.assertIs(found(request(**cancel)), server)
                self.assertIsNone(found(request(**{**cancel, "branch": "z9hG4bKx"})))
                self.assertIsNone(found(request(**cancel, sent_by="192.0.2.9")))

    def test_it_does_not_cancel_itself(self) -> None:
        world = World()
        world.serve(method="CANCEL")
        self.assertIsNone(world.layer.find_cancelled(request(method="CANCEL")))


class MergedTests(SynchronousTestCase):
    """RFC 3261 §8.2.2.2."""

    def test_a_copy_by_another_way_gets_482_in_its_own_transaction(self) -> None:
        for answered in (False, True):
            world = World()
            world.user.answer = 200 if answered else None
            world.serve()
            world.flow.sent.clear()
            for _ in range(2):
                world.layer.receive(request(branch="z9hG4bKb"), world.flow)
            self.assertEqual(world.user.words, ["OPTIONS"])
            self.assertEqual(world.flow.start_lines, ["SIP/2.0 482 Loop Detected"] * 2)
            self.assertEqual(world.flow.sent[0][1], world.flow.sent[1][1])
            self.assertEqual((world.layer.merged, world.layer.live), (1, 2))
            self.assertEqual(world.layer.pending, 0 if answered else 1)

    def test_the_copy_ending_does_not_hide_the_first(self) -> None:
        world = World()
        server = world.serve()
        world.layer.receive(request(branch="z9hG4bKb"), world.flow)
        server.respond(200, b"SIP/2.0 200 OK\r\n\r\n")
        world.clock.advance(31)
        world.layer.receive(request(branch="z9hG4bKc"), world.flow)
        self.assertEqual(world.layer.merged, 2)

    def test_with_a_to_tag_it_is_none(self) -> None:
        world = World()
        world.serve(to_tag="x")
        world.serve(to_tag="x", branch="z9hG4bKb")
        self.assertEqual(world.layer.merged, 0)

    def test_what_differs_in_one_of_them_is_none(self) -> None:
        world = World()
        world.serve()
        others: tuple[dict[str, Any], ...] = (
            {"from_tag": "other"},
            {"call_id": "other"},
            {"cseq": 2},
            {"method": "INFO"},
        )
        for number, parts in enumerate(others):
            world.serve(branch=f"z9hG4bK{number}x", **parts)
        self.assertEqual(world.layer.merged, 0)

    def test_a_cancel_goes_with_its_request(self) -> None:
        world = World()
        world.serve(method="CANCEL")
        world.serve(method="CANCEL", branch="z9hG4bKb")
        self.assertEqual(world.layer.merged, 0)

    def test_it_is_forgotten_with_the_first(self) -> None:
        world = World()
        world.user.answer = 200
        world.serve()
        world.clock.advance(32)
        world.serve(branch="z9hG4bKb")
        self.assertEqual(world.layer.merged, 0)


class LimitTests(SynchronousTestCase):
    def fill(self, world: World, count: int) -> list[NonInviteServer]:
        return [
            world.serve(branch=f"z9hG4bK-{number}", call_id=str(number))
            for number in range(count)
        ]

    def test_one_too_many_that_waits_gets_503(self) -> None:
        world = World(pending_limit=3, retry_after=7)
        servers = self.fill(world, 3)
        world.layer.receive(request(), world.flow)
        self.assertEqual((world.layer.refused, world.layer.live), (1, 3))
        ((_, data),) = world.flow.sent
        self.assertTrue(data.startswith(b"SIP/2.0 503 "))
        self.assertIn(b"\r\nRetry-After: 7\r\n", data)
        self.assertRegex(data, rb"\r\nTo:[^\r]+;tag=[0-9a-f]{16}\r\n")
        servers[0].respond(200, b"SIP/2.0 200 OK\r\n\r\n")
        world.serve()
        self.assertEqual((world.layer.refused, world.layer.pending), (1, 3))

    def test_copies_of_a_refused_one_get_the_same_answer(self) -> None:
        world = World(pending_limit=1)
        self.fill(world, 1)
        for _ in range(2):
            world.layer.receive(request(), world.flow)
        first, second = (data for _, data in world.flow.sent)
        self.assertEqual(first, second)
        world.layer.receive(request(branch="z9hG4bKb"), world.flow)
        tags = {re.findall(rb"tag=(\w{16})\r", data)[0] for _, data in world.flow.sent}
        self.assertEqual(len(tags), 2)

    def test_a_refusal_that_cant_be_sent_is_let_be(self) -> None:
        world = World(pending_limit=1)
        self.fill(world, 1)
        world.flow.refuses = True
        world.layer.receive(request(), world.flow)
        self.assertEqual(world.layer.refused, 1)

    def test_a_cancel_for_one_of_them_is_let_in(self) -> None:
        world = World(pending_limit=1)
        self.fill(world, 1)
        world.serve(branch="z9hG4bK-0", method="CANCEL")
        world.layer.receive(request(method="CANCEL", branch="z9hG4bKx"), world.flow)
        self.assertEqual(world.layer.refused, 1)

    def test_one_too_many_that_lingers_ends_the_oldest(self) -> None:
        world = World(linger_limit=3)
        world.user.answer = 200
        servers = self.fill(world, 3)
        world.clock.advance(1)
        world.serve()
        self.assertEqual(
            [server.state for server in servers],
            ["Terminated", "Completed", "Completed"],
        )
        self.assertEqual((world.layer.forgotten, world.layer.live), (1, 3))
        self.assertEqual(world.timers.live, 3)
        world.clock.advance(32)
        self.assertTrue(world.is_clean())

    def test_with_a_linger_limit_of_0_none_lingers(self) -> None:
        world = World(linger_limit=0)
        world.user.answer = 200
        world.serve()
        self.assertTrue(world.is_clean())

    def test_limits_that_cant_be(self) -> None:
        for wrong in ({"pending_limit": 0}, {"linger_limit": -1}, {"retry_after": -1}):
            self.assertRaises(SIPArgumentError, World, **wrong)

    def test_pending_counts_what_is_not_answered(self) -> None:
        world = World()
        servers = self.fill(world, 4)
        servers[0].respond(200, b"SIP/2.0 200 OK\r\n\r\n")
        world.flow.refuses = True
        servers[1].respond(200, b"SIP/2.0 200 OK\r\n\r\n")
        self.assertEqual(world.layer.pending, 2)
        world.flow.refuses = False
        world.pass_time(32)
        self.assertTrue(world.is_clean())


class UserFailureTests(SynchronousTestCase):
    def test_a_user_that_fails_makes_it_500(self) -> None:
        class Clumsy(Said):
            def incoming_request(self, request: Any, transaction: Any) -> None:
                raise ZeroDivisionError

        world = World()
        world.layer.user = Clumsy()
        world.layer.receive(request(), world.flow)
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)
        self.assertEqual(world.flow.start_lines, ["SIP/2.0 500 Server Internal Error"])
        self.assertEqual(world.layer.pending, 0)


class UnreachableTests(SynchronousTestCase):
    """RFC 3261 §18.4; what is believed of an ICMP error."""

    ERROR = SIPICMPFailure("sending", "port unreachable")

    def hear(
        self, world: World, payload: bytes, peer: tuple[Any, ...] = PEER
    ) -> list[str]:
        world.layer.unreachable(peer, payload, self.ERROR)
        return world.user.words

    def test_it_ends_the_transaction_that_it_names(self) -> None:
        world = World()
        world.ask()
        world.ask("z9hG4bKb")
        self.assertEqual(self.hear(world, write_request()), ["SIPICMPFailure"])
        self.assertEqual(world.user.errors, [self.ERROR])
        self.assertEqual(world.layer.live, 1)
        self.hear(world, write_request())
        self.assertEqual(world.layer.unbelieved, 1)

    def test_a_payload_that_is_cut_off_will_do(self) -> None:
        world = World()
        world.ask()
        data = write_request()
        end = data.index(b"z9hG4bKa") + len(b"z9hG4bKa")
        self.assertEqual(self.hear(world, data[:end]), [])
        self.assertEqual(self.hear(world, data[: end + 1]), ["SIPICMPFailure", "idle"])

    def test_an_ipv6_peer_has_four_parts(self) -> None:
        world = World()
        world.flow.source = ("2001:db8::1", 5060)
        world.ask()
        words = self.hear(world, write_request(), ("2001:db8::1", 5060, 0, 3))
        self.assertEqual(words, ["SIPICMPFailure", "idle"])

    def test_from_elsewhere_or_about_something_else_it_is_not_believed(self) -> None:
        world = World()
        world.ask()
        data = write_request()
        for payload, peer in (
            (data, ("192.0.2.2", 5060)),
            (data, ("192.0.2.1", 5061)),
            (write_request(branch="z9hG4bKb"), PEER),
            (write_request(method="INFO"), PEER),
            (bytes(build.response(request(), 200)), PEER),
            (data.replace(b"Via", b"Not"), PEER),
            (b"", PEER),
            (b"\xff\x00 \xfe", PEER),
            (b"v: ;branch=" * 10_000, PEER),
        ):
            self.assertEqual(self.hear(world, payload, peer), [])
        self.assertEqual(world.layer.unbelieved, 9)

    def test_an_answered_request_waits_on_nobody(self) -> None:
        world = World()
        client = world.ask()
        world.answer(200)
        self.assertEqual(self.hear(world, write_request()), ["200"])
        self.assertEqual(client.state, "Completed")

    def test_the_compact_form_of_via_is_known(self) -> None:
        world = World()
        world.ask()
        words = self.hear(world, write_request().replace(b"Via", b"v "))
        self.assertEqual(words, ["SIPICMPFailure", "idle"])


class StopTests(SynchronousTestCase):
    def test_it_ends_everything_silently(self) -> None:
        world = World()
        for number, status in enumerate((0, 100, 200)):
            branch = f"z9hG4bK-{number}"
            world.ask(branch)
            if status:
                world.answer(status, branch)
            server = world.serve(branch=branch, call_id=branch)
            if status >= 200:
                server.respond(200, b"SIP/2.0 200 OK\r\n\r\n")
        world.user.words.clear()
        world.flow.sent.clear()
        world.layer.stop()
        self.assertTrue(world.is_clean())
        world.layer.receive(request(branch="z9hG4bKnew"), world.flow)
        world.layer.receive(response(200), world.flow)
        world.layer.unreachable(PEER, write_request(), UnreachableTests.ERROR)
        world.layer.stop()
        self.assertEqual((world.user.words, world.flow.sent), ([], []))
        self.assertTrue(world.is_clean())

    def test_a_refused_send_is_not_told_afterwards(self) -> None:
        world = World()
        world.flow.refuses = True
        world.ask()
        world.layer.stop()
        self.assertTrue(world.is_clean())
        world.clock.advance(1)
        self.assertEqual(world.user.words, [])

    def test_it_leaves_the_timers_of_others_alone(self) -> None:
        world = World()
        other = World()
        entry = world.timers.start(1.0, other.ask(), "Timer Z")
        world.ask()
        world.layer.stop()
        self.assertEqual(world.timers.live, 1)
        world.timers.cancel(entry)

    def test_a_user_may_stop_it_while_being_told(self) -> None:
        class Ending(Said):
            def failed(self, error: object) -> None:
                world.layer.stop()

            def timed_out(self, transaction: object) -> None:
                world.layer.stop()

        world = World()
        world.layer.request(b"INFO ", ("z9hG4bKa", "INFO"), world.flow, Ending())
        world.serve().user = Ending()
        world.pass_time(32)
        self.assertTrue(world.is_clean())

    def test_a_user_may_stop_it_while_it_is_given_a_request(self) -> None:
        class Ending(Said):
            def incoming_request(self, request: Any, transaction: Any) -> None:
                world.layer.stop()

        world = World()
        world.layer.user = Ending()
        world.layer.receive(request(), world.flow)
        self.assertTrue(world.is_clean())
