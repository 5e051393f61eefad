"""One request and what comes back: what ``options`` and ``message`` share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.defer import TimeoutError as DeferredTimeout

from ..client.elements import RequestElements, ResponseElements
from ..errors import SIPError, SIPTimedOut
from ..trace.screen import printable
from .exits import FAILED, of_error, of_status
from .output import Output
from .talking import Run, Talk

#: Tells people of a final response; the second value is the time in milliseconds.
Shown = Callable[[ResponseElements, float], None]
#: What a program is told of a response besides its status.
Details = Callable[[ResponseElements], dict[str, Any]]


class Asked:
    """What came of one request.

    :ivar exit: the exit status.
    :ivar outcome: in a word.
    :ivar status: of the final response, None without one.
    :ivar milliseconds: until the final response came.
    """

    __slots__ = ("exit", "milliseconds", "outcome", "status")

    def __init__(self) -> None:
        self.exit = FAILED
        self.outcome = "failed"
        self.status: int | None = None
        self.milliseconds = 0.0


async def ask(
    run: Run,
    talk: Talk,
    elements: RequestElements,
    timeout: float | None,
    show: Shown,
    details: Details,
) -> Asked:
    """Send a request, tell of each response, and say what came of it."""
    output = run.output
    asked = Asked()
    began = run.reactor.seconds()

    def elapsed() -> float:
        milliseconds: float = (run.reactor.seconds() - began) * 1000
        return round(milliseconds, 3)

    try:
        transaction = await talk.connection.send_request(elements)
        waiting = transaction.final()
        if timeout is not None:
            waiting.addTimeout(timeout, run.reactor)
        try:
            response = await waiting
        except DeferredTimeout:
            raise SIPTimedOut(
                f"{elements.method} to {elements.remote_uri}",
                f"no final response within {timeout:g} s",
                rule="--timeout",
            ) from None
        finally:
            transaction.close()
    except SIPError as error:
        asked.exit, asked.outcome = of_error(error)
        output.complain(error)
        output.tell(event="error", error=str(error), time_ms=elapsed())
        return asked
    asked.milliseconds = elapsed()
    asked.status = response.status_code
    asked.exit, asked.outcome = of_status(response.status_code)
    output.tell(
        event="response",
        status=response.status_code,
        reason=response.reason_phrase,
        time_ms=asked.milliseconds,
        **details(response),
    )
    if asked.exit:
        output.complain(status_line(response))
    else:
        show(response, asked.milliseconds)
    return asked


def status_line(response: ResponseElements) -> str:
    """Status and reason phrase, for people."""
    return printable(f"{response.status_code} {response.reason_phrase}".rstrip())


def finish(output: Output, asked: Asked) -> int:
    """Tell programs how it ended; gives the exit status."""
    output.tell(event="done", outcome=asked.outcome, status=asked.status)
    return asked.exit
