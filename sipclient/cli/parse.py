"""``sipclient parse FILE…``: check messages in files, each file one message."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from ..errors import SIPParseError
from ..message.build import error_response
from ..message.model import Request, Response
from ..message.validate import locate, validate
from ..secrecy import without_passwords
from ..trace.screen import printable
from .exits import DONE, FAILED
from .output import Output
from .usage import CommandOptions, UsageError

# Whoever sent it; only whether there would be an answer is asked.
_SOMEWHERE = ("192.0.2.1", 5060)


class Options(CommandOptions):
    """What ``parse`` can be told."""

    longdesc = (
        "Checks messages, each file one: what it is; or what is wrong, in which line,"
        " and what a user agent would answer. Ends with 1 where one is wrong."
    )
    synopsis = "[options] FILE..."
    examples = """\
  sipclient parse invite.sip
  sipclient parse --json messages/*.dat
  xclip -o | sipclient parse -
"""

    def parseArgs(self, *arguments: str) -> None:
        """Take the files; ``-`` is standard input."""
        if not arguments:
            raise UsageError("which file? Give one or more, or - for standard input")
        self.files = arguments

    def run(self, output: Output) -> int:
        """Check each of them; 0 where all are right."""
        right = [self._check(name, output) for name in self.files]
        return DONE if all(right) else FAILED

    def _check(self, name: str, output: Output) -> bool:
        try:
            data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        except OSError as error:
            reason = error.strerror or str(error)
            output.complain(f"{name}: {reason}")
            output.tell(**_wrong(name, reason, None, None, None))
            return False
        try:
            message = validate(data)
        except SIPParseError as error:
            place = locate(error, data)
            answer = answered(error, data)
            problem = str(error)
            output.say(
                printable(f"{name}:{place.line}: {problem}; {_explained(answer)}")
            )
            output.tell(**_wrong(name, problem, place.offset, place.line, answer))
            return False
        output.say(printable(f"{name}: ok, {summary(message)}"))
        output.tell(**described(name, message))
        return True


def answered(error: SIPParseError, data: bytes) -> int | None:
    """The status that a UAS would answer with; None where it would drop the message."""
    answer = error_response(error, data, _SOMEWHERE)
    return None if answer is None else error.answer


def _wrong(
    name: str, error: str, offset: int | None, line: int | None, answer: int | None
) -> dict[str, Any]:
    return {
        "file": name,
        "ok": False,
        "error": error,
        "offset": offset,
        "line": line,
        "answer": answer,
    }


def _explained(answer: int | None) -> str:
    return "it would be dropped" if answer is None else f"it would get {answer}"


def summary(message: Request | Response) -> str:
    """What a message is, for people."""
    text = without_passwords(message.start_line.rstrip())
    text += f", {len(tuple(message.fields()))} header lines"
    return text + (f", {len(message.body)} bytes of body" if message.body else "")


def described(name: str, message: Request | Response) -> dict[str, Any]:
    """What a message is, for programs."""
    found: dict[str, Any] = {"file": name, "ok": True}
    if isinstance(message, Request):
        found |= {"kind": "request", "method": message.method, "uri": message.uri}
    else:
        found |= {"kind": "response", "status": message.status, "uri": None}
    found["headers"] = [list(field) for field in message.fields()]
    found["body_length"] = len(message.body)
    return found
