"""``sipclient listen``: answer requests, and print a line for each of them."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.defer import TimeoutError as DeferredTimeout
from twisted.python.failure import Failure

from ..bearer.access_point import ListenAddress
from ..client.elements import RequestElements, ResponseElements
from ..client.observers import SIPConnectionObserver
from ..client.transactions import ServerTransaction
from ..errors import SIPError, SIPParseError
from ..message.fields.media import MediaType
from ..message.host import write_host
from ..secrecy import without_passwords
from ..session.capabilities import Capabilities
from ..trace.screen import printable, shortened
from .exits import DONE, TIMED_OUT
from .output import Output
from .talking import Run, TalkingOptions, count, local_address, talking
from .usage import UsageError

# An address of the documentation's (RFC 5737, RFC 3849): the way there is the way out.
_OUTSIDE = {"0.0.0.0": "192.0.2.1", "::": "2001:db8::1"}
_LONGEST_TEXT = 200


class Options(TalkingOptions):
    """What ``listen`` can be told."""

    synopsis = "[options]"
    longdesc = (
        "Answers MESSAGE for any user, and prints a line for each. OPTIONS is answered"
        " by the stack, unless --answer names it. Ends with Ctrl-C."
    )
    optParameters = [  # noqa: RUF012  # Twisted's convention
        ["count", None, None, "Exit after so many requests."],
    ]
    examples = """\
  sipclient listen
  sipclient listen --listen udp:0:interface=127.0.0.1 --answer 486
  sipclient listen --answer MESSAGE=202 --answer INVITE=486 --count 10
  sipclient listen --accept text/plain --json
"""

    def __init__(self) -> None:
        super().__init__()
        self.answers: dict[str, int] = {}
        self.accept: list[MediaType] = []

    def opt_answer(self, answer: str) -> None:
        """Answer with this status: a CODE for all requests, or METHOD=CODE. 200 unless
        given. A method that is named is taken, too. May be given more than once.
        """  # noqa: D205  # it is shown as help
        method, _, code = answer.rpartition("=")
        if not (len(code) == 3 and code.isascii() and code.isdigit()):
            raise UsageError(f"--answer takes CODE or METHOD=CODE, not {answer!r}")
        status = int(code)
        if method == "INVITE" and 200 <= status < 300:
            raise UsageError(
                f"--answer {answer}: a call needs a dialog, and there are none yet;"
                " answer INVITE with 300 to 699"
            )
        if not 200 <= status <= 699 or status == 408:
            raise UsageError(
                f"--answer {answer}: what isn't INVITE is answered with 200 to 699,"
                " and never with 408 (RFC 4320 §4)"
            )
        try:
            Capabilities(methods=method or "MESSAGE")
            RequestElements("sip:127.0.0.1", method)
        except SIPError as error:
            raise UsageError(f"--answer {answer}: {error}".rstrip(".")) from None
        self.answers[method] = status

    def opt_accept(self, media_type: str) -> None:
        """Take content of this type only; 415 answers others. May be given more than
        once.
        """  # noqa: D205  # it is shown as help
        try:
            self.accept.append(MediaType.parse(media_type))
        except SIPError as error:
            raise UsageError(f"--accept: {error}") from None

    def parseArgs(self, *arguments: str) -> None:
        """Take nothing."""
        if arguments:
            raise UsageError(f"what is {arguments[0]!r}? listen takes options only")

    def postOptions(self) -> None:
        """Read the number."""
        super().postOptions()
        self.methods = {"MESSAGE", *self.answers} - {""}
        self.most = None
        if self["count"] is not None:
            self.most = count(self["count"], "--count")

    def configured_addresses(self) -> list[ListenAddress]:
        """Those of the configuration, with their ports."""
        return list(self.point.listen)

    async def talk(self, run: Run) -> int:
        """Listen until there were enough requests, or it is interrupted."""
        answering = _Answering(run.output, self)
        capabilities = Capabilities(
            users="*",
            methods=self.methods,
            content_types=[str(one) for one in self.accept],
        )
        listen = tuple(self.listen) or (ListenAddress("UDP", "0.0.0.0", 5060),)
        async with talking(run, self, listen, answering, capabilities) as talk:
            for address in talk.connection.listening:
                uri = typed(run.reactor, address.host, address.port)
                if address.transport != "UDP":
                    uri += f";transport={address.transport.lower()}"
                run.output.say(f"listening on {uri}")
                run.output.tell(event="listening", uri=uri)
            if self.timeout is not None:
                answering.enough.addTimeout(self.timeout, run.reactor)
            try:
                await answering.enough
            except DeferredTimeout:
                if self.most is None:
                    return DONE
                run.output.complain(
                    f"{answering.seen} of {self.most} requests came within"
                    f" {self.timeout:g} s (--timeout)"
                )
                return TIMED_OUT
        return DONE


def typed(reactor: Any, host: str, port: int) -> str:
    """A URI that leads to a listening address, as somebody would type it."""
    if host in _OUTSIDE:
        loopback = "::1" if host == "::" else "127.0.0.1"
        host = local_address(reactor, _OUTSIDE[host]) or loopback
    return f"sip:{write_host(host)}:{port}"


class _Answering(SIPConnectionObserver):
    """Answers each request, and says so.

    :ivar enough: fires when there were as many as asked for.
    :ivar seen: how many there were.
    """

    def __init__(self, output: Output, options: Options) -> None:
        self.enough: Deferred[None] = Deferred()
        self.seen = 0
        self._output = output
        self._options = options

    async def incoming_request(
        self, transaction: ServerTransaction, dialog: Any
    ) -> None:
        elements = transaction.request_elements
        answer = self._answer(elements)
        await transaction.send_response(answer)
        self.seen += 1
        try:
            self._tell(elements, answer)
        except OSError:  # whoever reads this has gone: there is nothing left to do
            self._end(Failure())
        if self.seen == self._options.most:
            self._end(None)

    def _end(self, result: Failure | None) -> None:
        if not self.enough.called:
            self.enough.callback(result)

    def _answer(self, elements: RequestElements) -> ResponseElements:
        options = self._options
        if options.accept and elements.content and not self._acceptable(elements):
            accepted = ", ".join([str(one) for one in options.accept])
            return ResponseElements(415, headers=[("Accept", accepted)])
        answers = options.answers
        status = answers.get(elements.method, answers.get("", 200))
        headers = list(options.headers)
        if elements.method == "OPTIONS":  # RFC 3261 §11.2
            headers.append(("Allow", ", ".join(sorted(options.methods))))
            headers += [("Accept", str(one)) for one in options.accept]
        return ResponseElements(status, headers=headers)

    def _acceptable(self, elements: RequestElements) -> bool:
        try:
            came = elements.content_type
        except SIPParseError:
            return False
        return came is not None and any(
            one.includes(came.essence) for one in self._options.accept
        )

    def error_occurred(self, error: SIPError, subject: Any, transaction: Any) -> None:
        self._output.complain(error)
        self._output.tell(event="error", error=str(error))

    def _tell(self, elements: RequestElements, answer: ResponseElements) -> None:
        texts = {name.lower(): text for name, text in reversed(elements.headers)}
        content_type = _text(elements, "Content-Type")
        content = elements.content
        answered = f"{answer.status_code} {answer.reason_phrase}"
        line = f"{elements.method} {elements.remote_uri} from {_sender(elements)}"
        line = f"{without_passwords(line)}, answered {answered}"
        if content:
            line += f": {_shown(content, content_type)}"
        self._output.say(printable(line))
        self._output.tell(
            event="request",
            method=elements.method,
            uri=str(elements.remote_uri),
            **{"from": str(elements.from_), "to": str(elements.to)},
            call_id=texts.get("call-id", texts.get("i", "")),
            content_type=content_type,
            content=content.decode("utf-8", "backslashreplace"),
            answer=answer.status_code,
        )


def _text(elements: RequestElements, name: str) -> str | None:
    """A header's text, even where it can't be read."""
    try:
        value = elements.header(name)
    except SIPParseError as error:
        return error.text
    return None if value is None else str(value)


def _sender(elements: RequestElements) -> str:
    sender = elements.from_
    return "nobody" if sender is None else str(sender.without_param("tag"))


def _shown(content: bytes, content_type: str | None) -> str:
    """Content in one line: text as text, anything else by its size."""
    if (content_type or "").lower().startswith("text/"):
        return shortened(printable(content), _LONGEST_TEXT)
    return f"[{content_type or 'content of no type'}, {len(content)} bytes]"
