"""The guard between observers and the stack."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import CancelledError, Deferred, succeed
from twisted.logger import capturedLogs, formatEvent
from twisted.trial.unittest import SynchronousTestCase

from sipclient import (
    ISIPConnectionObserver,
    ISIPObserver,
    SIPConnectionObserver,
    SIPObserver,
)
from sipclient.client.observers import Audience


def audience(observer: Any) -> Audience:
    return Audience(observer, ISIPConnectionObserver, SIPConnectionObserver)


class VerificationTests(SynchronousTestCase):
    def test_the_base_classes_have_all_that_is_told(self) -> None:
        for interface, base in (
            (ISIPConnectionObserver, SIPConnectionObserver),
            (ISIPObserver, SIPObserver),
        ):
            self.assertTrue(interface.implementedBy(base))
            guarded = Audience(base(), interface, base)
            for name, method in interface.namesAndDescriptions():
                told = guarded.tell(name, *[None] * len(method.positional))
                self.assertIs(told, True)

    def test_nobody_is_one_that_does_nothing(self) -> None:
        nobody = audience(None)
        self.assertIsInstance(nobody.observer, SIPConnectionObserver)
        self.assertIs(nobody.tell("incoming_request", None, None), True)

    def test_what_is_missing_or_no_method_is_named(self) -> None:
        for name in ISIPConnectionObserver:

            class Partial(SIPConnectionObserver):
                """One thing is wrong."""

            for wrong in (None, 5, "text"):
                setattr(Partial, name, wrong)
                with self.assertRaisesRegex(TypeError, rf"Partial has no .* {name}$"):
                    audience(Partial())

    def test_a_method_that_takes_something_else_is_named(self) -> None:
        def too_few(self: object) -> None: ...

        def too_many(self: object, a: int, b: int, c: int, d: int) -> None: ...

        def by_name(self: object, *, transaction: int) -> None: ...

        def none_at_all() -> None: ...

        for wrong in (too_few, too_many, by_name, none_at_all):
            for name in ISIPConnectionObserver:
                bad = type("Bad", (SIPConnectionObserver,), {name: wrong})()
                with self.assertRaisesRegex(TypeError, f"Bad: its method {name} must"):
                    audience(bad)

    def test_names_of_arguments_and_more_of_them_are_free(self) -> None:
        class Free(SIPConnectionObserver):
            def incoming_request(self, t: Any, d: Any, more: int = 0) -> None: ...

            def incoming_response(self, *anything: object) -> None: ...

            @staticmethod
            def invite_completed(t: Any) -> None: ...

            @classmethod
            def invite_canceled(cls, t: Any) -> None: ...

        audience(Free())

    def test_they_are_looked_at_once(self) -> None:
        """What is put in their place later is not called."""
        observer = SIPConnectionObserver()
        guarded = audience(observer)
        observer.incoming_request = lambda *_: 1 / 0  # type: ignore[method-assign]  # as a patch does
        self.assertIs(guarded.tell("incoming_request", None, None), True)

    def test_the_name_is_the_class(self) -> None:
        class Inner(SIPConnectionObserver): ...

        self.assertTrue(audience(Inner()).name.endswith("Inner"))


class TellingTests(SynchronousTestCase):
    def _told_by(self, result: Any) -> Audience:
        class Tells(SIPConnectionObserver):
            def incoming_request(self, transaction: Any, dialog: Any) -> Any:
                return result() if callable(result) else result

        return audience(Tells())

    def test_what_is_returned_does_not_matter(self) -> None:
        results: tuple[Any, ...] = (None, 5, [], "text")
        for result in results:
            told = self._told_by(result).tell("incoming_request", None, None)
            self.assertIs(told, True)

    def test_a_deferred_or_a_coroutine_tells_when_it_is_done(self) -> None:
        waiting: Deferred[object] = Deferred()

        async def coroutine() -> object:
            return await waiting

        told = [
            self._told_by(result).tell("incoming_request", None, None)
            for result in (lambda: succeed(None), coroutine)
        ]
        self.assertIs(self.successResultOf(told[0]), True)  # type: ignore[arg-type]  # one it is
        self.assertNoResult(told[1])
        waiting.callback("anything")
        self.assertIs(self.successResultOf(told[1]), True)  # type: ignore[arg-type]  # likewise

    def test_what_fails_is_logged_with_its_name_and_goes_no_further(self) -> None:
        async def coroutine() -> None:
            raise ZeroDivisionError

        def at_once() -> None:
            raise ZeroDivisionError

        def deferred() -> Deferred[None]:
            failed: Deferred[None] = Deferred()
            failed.cancel()
            return failed

        for result, kind in (
            (at_once, ZeroDivisionError),
            (coroutine, ZeroDivisionError),
            (deferred, CancelledError),
        ):
            with capturedLogs() as logs:
                told = self._told_by(result).tell("incoming_request", None, None)
                if isinstance(told, Deferred):
                    told = self.successResultOf(told)
            self.assertIs(told, False)
            self.assertEqual(len(logs), 1)
            text = formatEvent(logs[0])
            self.assertIn("Tells failed in incoming_request", text)
            self.assertIsNotNone(logs[0]["log_failure"].check(kind))
            self.assertEqual(len(self.flushLoggedErrors(kind)), 1)
