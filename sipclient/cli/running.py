"""From a coroutine to an exit status: the reactor of this process, and its signals."""

from __future__ import annotations

import signal
import sys
from typing import Any

from twisted.internet import reactor as _reactor
from twisted.internet.defer import CancelledError, Deferred
from twisted.logger import (
    FilteringLogObserver,
    LogLevel,
    LogLevelFilterPredicate,
    globalLogBeginner,
    textFileLogObserver,
)
from twisted.python.failure import Failure

from ..errors import SIPError
from .exits import FAILED, INTERRUPTED, of_error
from .output import Output
from .talking import Run, Talker

reactor: Any = _reactor


def run_in_reactor(talk: Talker, output: Output) -> int:
    """Run until the coroutine ends, or SIGINT or SIGTERM end it.

    Raises what is neither a :class:`SIPError` nor a way to be interrupted.
    """
    _begin_logging(output)
    talking: list[Deferred[int]] = []
    ended: list[int] = []
    failures: list[Failure] = []
    interrupts = 0

    def start() -> None:
        # The reactor has set its own handlers by now.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: reactor.callFromThread(interrupt))
        talking.append(outcome(talk, Run(reactor, output)))
        talking[0].addBoth(end)

    def interrupt() -> None:
        nonlocal interrupts
        interrupts += 1
        if interrupts == 1:
            talking[0].cancel()
        elif not ended:
            end(INTERRUPTED)  # asked twice: no more politeness

    def end(status: int | Failure) -> None:
        if not ended:
            if isinstance(status, Failure):
                failures.append(status)
            ended.append(status if isinstance(status, int) else FAILED)
            reactor.stop()

    reactor.callWhenRunning(start)
    reactor.run()
    for failure in failures:
        failure.raiseException()
    return ended[0] if ended else FAILED


def outcome(talk: Talker, run: Run) -> Deferred[int]:
    """Start the coroutine; what it raises becomes a word on stderr and a status."""

    async def until_it_ends() -> int:
        try:
            return await talk(run)
        except SIPError as error:
            status, kind = of_error(error)
            run.output.complain(error)
            run.output.tell(event="done", outcome=kind, status=None, error=str(error))
            return status
        except CancelledError:
            run.output.tell(event="done", outcome="interrupted", status=None)
            return INTERRUPTED

    return Deferred.fromCoroutine(until_it_ends())


def _begin_logging(output: Output) -> None:
    """What the stack logs goes to stderr; without ``-v`` only what is wrong."""
    predicate = LogLevelFilterPredicate(defaultLogLevel=LogLevel.warn)
    if output.verbose:
        predicate.setLogLevelForNamespace("sipclient", LogLevel.info)
    globalLogBeginner.beginLoggingTo(
        [
            FilteringLogObserver(
                textFileLogObserver(sys.stderr),
                [predicate],
            )
        ],
        redirectStandardIO=False,
    )
