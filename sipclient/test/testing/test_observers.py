"""A recording observer keeps everything and gives out each event once."""

from __future__ import annotations

from twisted.internet.defer import CancelledError
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from sipclient.client.elements import ResponseElements
from sipclient.interfaces import ISIPConnectionObserver, ISIPObserver
from sipclient.testing import RecordingClientObserver, RecordingObserver


class Elements:
    def __init__(self, method: str) -> None:
        self.method = method


class Transaction:
    """As much of a server transaction as an observer needs to answer."""

    def __init__(self, method: str) -> None:
        self.request_elements = Elements(method)
        self.sent: list[int] = []

    def send_response(self, elements: ResponseElements) -> None:
        self.sent.append(elements.status_code)


class InterfaceTests(SynchronousTestCase):
    def test_provided(self) -> None:
        self.assertTrue(verifyObject(ISIPConnectionObserver, RecordingObserver()))
        self.assertTrue(verifyObject(ISIPObserver, RecordingClientObserver()))


class RecordingTests(SynchronousTestCase):
    def test_every_event_of_a_connection_is_kept_in_order(self) -> None:
        observer = RecordingObserver()
        transaction = Transaction("INVITE")
        expected = [
            ("incoming_request", transaction, "dialog"),
            ("incoming_response", transaction, "context"),
            ("forked_response", transaction, "assoc"),
            ("forked_notify", transaction, "assoc"),
            ("error_occurred", "error", "subject", None),
            ("invite_completed", transaction),
            ("invite_canceled", transaction),
            ("connection_state_changed", "ACTIVE"),
        ]
        for name, *arguments in expected:
            getattr(observer, str(name))(*arguments)
        self.assertEqual(observer.events, expected)
        self.assertEqual(observer.names, [event[0] for event in expected])
        self.assertEqual(transaction.sent, [])

    def test_every_event_of_a_client_is_kept_in_order(self) -> None:
        observer = RecordingClientObserver()
        transaction = Transaction("MESSAGE")
        observer.incoming_request("default", transaction)
        observer.timed_out(transaction)
        self.assertEqual(
            observer.events,
            [("incoming_request", "default", transaction), ("timed_out", transaction)],
        )


class NextTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.observer = RecordingObserver()

    def test_what_happened_is_given_at_once_and_once(self) -> None:
        for state in ("a", "b"):
            self.observer.connection_state_changed(state)
        for state in ("a", "b"):
            event = self.successResultOf(self.observer.next("connection_state_changed"))
            self.assertEqual(event, ("connection_state_changed", state))
        self.assertNoResult(self.observer.next("connection_state_changed"))
        self.assertEqual(len(self.observer.all("connection_state_changed")), 2)

    def test_what_will_happen_is_waited_for(self) -> None:
        first, second = (self.observer.next("invite_completed") for _ in range(2))
        self.observer.invite_canceled(None)
        self.observer.invite_completed(1)
        self.assertEqual(self.successResultOf(first), ("invite_completed", 1))
        self.assertNoResult(second)
        self.observer.invite_completed(2)
        self.assertEqual(self.successResultOf(second), ("invite_completed", 2))

    def test_who_gave_up_takes_nothing_away(self) -> None:
        waiting = self.observer.next("invite_completed")
        waiting.cancel()
        self.failureResultOf(waiting, CancelledError)
        self.observer.invite_completed(1)
        self.successResultOf(self.observer.next("invite_completed"))


class AnswerTests(SynchronousTestCase):
    def answers_to(self, observer: RecordingObserver, *methods: str) -> list[list[int]]:
        transactions = [Transaction(method) for method in methods]
        for transaction in transactions:
            observer.incoming_request(transaction, None)
        return [transaction.sent for transaction in transactions]

    def test_by_method(self) -> None:
        observer = RecordingObserver(answers={"MESSAGE": 202, "INFO": 486})
        self.assertEqual(
            self.answers_to(observer, "MESSAGE", "INFO", "BYE"), [[202], [486], []]
        )

    def test_to_all_others_but_ack(self) -> None:
        observer = RecordingObserver(answers={"MESSAGE": 202, "*": 200})
        self.assertEqual(
            self.answers_to(observer, "MESSAGE", "BYE", "ACK"), [[202], [200], []]
        )

    def test_made_by_a_function(self) -> None:
        answers = iter((ResponseElements(404), None))
        observer = RecordingObserver(answers={"MESSAGE": lambda _: next(answers)})
        self.assertEqual(self.answers_to(observer, "MESSAGE", "MESSAGE"), [[404], []])

    def test_changed_on_the_way(self) -> None:
        observer = RecordingObserver()
        self.assertEqual(self.answers_to(observer, "MESSAGE"), [[]])
        observer.answers["MESSAGE"] = 480
        self.assertEqual(self.answers_to(observer, "MESSAGE"), [[480]])

    def test_of_a_client_observer(self) -> None:
        transaction = Transaction("MESSAGE")
        observer = RecordingClientObserver(answers={"*": 200})
        observer.incoming_request("default", transaction)
        self.assertEqual(transaction.sent, [200])
