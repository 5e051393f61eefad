"""``sipclient message URI TEXT``: send somebody a message (RFC 3428)."""

from __future__ import annotations

import sys

from ..client.elements import RequestElements, ResponseElements
from ..errors import SIPError
from ..message.fields.media import MediaType
from ..message.uri import URI
from .asking import ask, finish, status_line
from .talking import Run, TalkingOptions, talking, typed_uri
from .usage import UsageError


class Options(TalkingOptions):
    """What ``message`` can be told."""

    longdesc = "Sends a message, and says what came back (RFC 3428)."
    synopsis = "[options] URI TEXT"
    optParameters = [  # noqa: RUF012  # Twisted's convention
        ["content-type", None, "text/plain", "What the text is."],
    ]
    examples = """\
  sipclient message sip:bob@127.0.0.1:5070 'Hello, Bob!'
  date | sipclient message sip:bob@192.0.2.7 -
  sipclient message sip:bob@192.0.2.7 '{"a": 1}' --content-type application/json
"""

    def parseArgs(self, *arguments: str) -> None:
        """Take whom it is for, and the text; ``-`` is standard input."""
        if not arguments:
            raise UsageError("whom is it for? Give a URI, as in sip:bob@192.0.2.7")
        if len(arguments) == 1:
            raise UsageError("what is to be said? Give a text, or - for standard input")
        if len(arguments) > 2:
            raise UsageError("the text is one argument: put it in quotes")
        self.uri: URI = typed_uri(arguments[0])
        self.text = arguments[1]

    def postOptions(self) -> None:
        """Read the content's type."""
        super().postOptions()
        try:
            self.content_type = MediaType.parse(self["content-type"])
        except SIPError as error:
            raise UsageError(str(error)) from None

    async def talk(self, run: Run) -> int:
        """Send it, and say what came back."""
        if self.text == "-":
            content = sys.stdin.buffer.read()
        else:
            content = self.text.encode("utf-8", "surrogateescape")

        def show(response: ResponseElements, milliseconds: float) -> None:
            run.output.say(f"{status_line(response)} in {milliseconds:g} ms")

        async with talking(run, self, self.listening(self.uri)) as talk:
            elements = RequestElements(
                self.uri,
                "MESSAGE",
                from_=self.from_(run, self.uri),
                headers=self.headers,
                content=content,
                content_type=self.content_type,
            )
            asked = await ask(
                run, talk, elements, self.timeout, show, lambda response: {}
            )
        return finish(run.output, asked)
