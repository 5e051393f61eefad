"""``sipclient options URI``: ask somebody what they can do (RFC 3261 §11)."""

from __future__ import annotations

from typing import Any

from twisted.internet.task import deferLater

from ..client.elements import RequestElements, ResponseElements
from ..errors import SIPParseError
from ..message.uri import URI
from ..secrecy import without_passwords
from ..trace.screen import printable
from .asking import Asked, ask, finish, status_line
from .talking import Run, TalkingOptions, count, seconds, talking, typed_uri
from .usage import UsageError

_LISTS = ("Allow", "Accept", "Supported", "Allow-Events")
_TEXTS = ("Server", "User-Agent")


class Options(TalkingOptions):
    """What ``options`` can be told."""

    longdesc = "Asks somebody what they can do, and shows the answer (RFC 3261 §11)."
    synopsis = "[options] URI"
    optParameters = [  # noqa: RUF012  # Twisted's convention
        ["count", None, "1", "Ask so many times, and sum up at the end."],
        ["interval", None, "1", "Seconds between two of them."],
    ]
    examples = """\
  sipclient options sip:192.0.2.7
  sipclient options sip:bob@127.0.0.1:5070 --ladder
  sipclient options sip:192.0.2.7 --count 5 --interval 0.5
  sipclient --json options sip:192.0.2.7 | jq .allow
"""

    def parseArgs(self, *arguments: str) -> None:
        """Take the URI that is asked."""
        if len(arguments) != 1:
            raise UsageError("who is asked? Give one URI, as in sip:192.0.2.7")
        self.uri: URI = typed_uri(arguments[0])

    def postOptions(self) -> None:
        """Read the numbers."""
        super().postOptions()
        self.times = count(self["count"], "--count")
        self.interval = seconds(self["interval"], "--interval", zero=True)

    async def talk(self, run: Run) -> int:
        """Ask, once or several times."""
        output = run.output
        asked: list[Asked] = []

        def show(response: ResponseElements, milliseconds: float) -> None:
            uri = without_passwords(str(self.uri))
            line = f"{status_line(response)} from {uri} in {milliseconds:g} ms"
            output.say(line)
            if len(asked) == 0:
                for text in described(response):
                    output.say(f"  {text}")

        async with talking(run, self, self.listening(self.uri)) as talk:
            for number in range(self.times):
                if number:
                    await deferLater(run.reactor, self.interval)
                elements = RequestElements(
                    self.uri,
                    "OPTIONS",
                    from_=self.from_(run, self.uri),
                    headers=[*self.headers, ("Accept", "application/sdp")],
                )
                asked.append(
                    await ask(run, talk, elements, self.timeout, show, details)
                )
        if self.times > 1:
            output.say(_summary(asked))
        return finish(output, next((a for a in asked if a.exit), asked[-1]))


def values(response: ResponseElements, name: str) -> list[str]:
    """The values of a header as text, even where one of them can't be read."""
    try:
        return [str(value) for value in response.header_values(name)]
    except SIPParseError:
        return [text for key, text in response.headers if key.lower() == name.lower()]


def details(response: ResponseElements) -> dict[str, Any]:
    """The capabilities, for programs; only those that were told."""
    told = {name for name, _ in response.headers}
    found: dict[str, Any] = {}
    for name in _LISTS + _TEXTS:
        listed = values(response, name)
        if listed or name in told:
            key = name.lower().replace("-", "_")
            found[key] = listed if name in _LISTS else listed[0]
    return found


def described(response: ResponseElements) -> list[str]:
    """The capabilities, for people: a line each."""
    lines = []
    for key, told in details(response).items():
        name = key.replace("_", "-").title()
        text = told if isinstance(told, str) else ", ".join(told) or "none"
        lines.append(f"{name:12} {printable(text)}")
    return lines


def _summary(asked: list[Asked]) -> str:
    times = [one.milliseconds for one in asked if one.status is not None]
    text = f"{len(asked)} sent, {len(times)} answered"
    if times:
        mean = sum(times) / len(times)
        text += f"; shortest {min(times):g}, mean {mean:.3g}, longest {max(times):g} ms"
    return text
