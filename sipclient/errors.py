"""Every failure that sipclient reports, one class a kind.

An error is written for the person who reads it: what was attempted, what came back,
which rule decided, and what to do next. Each class keeps the identity that the
failure had in the original API (``symbian_name``, ``symbian_code``), so that somebody
holding the guide finds it at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from .secrecy import excerpt, without_passwords


class SIPError(Exception):
    """What all failures of sipclient have in common.

    A password in a URI is blotted out of all that is said.

    :param attempted: what was being done, as a person would say it.
    :param came: what came instead.
    :param rule: the section of a standard, or the setting, that decided.
    :param advice: what to do next.
    """

    symbian_name: ClassVar[str | None] = None
    symbian_code: ClassVar[int | None] = None

    def __init__(
        self, attempted: str, came: str = "", *, rule: str = "", advice: str = ""
    ) -> None:
        attempted = without_passwords(attempted)
        super().__init__(attempted)
        self.attempted = attempted
        self.came = came
        self.rule = rule
        self.advice = advice

    def __str__(self) -> str:
        text = self.attempted
        if self.came:
            text += f": {self.came}"
        if self.rule:
            text += f" ({self.rule})"
        if self.advice:
            text += f". {self.advice}"
        return without_passwords(text)


class SIPArgumentError(SIPError, ValueError):
    """A value was handed in that can't be right. Original: KErrArgument."""

    symbian_name = "KErrArgument"
    symbian_code = -6


class SIPConfigurationError(SIPArgumentError):
    """A configuration file has mistakes.

    :param file: its name.
    :param problems: the line of each mistake, 0 where it is in no line, and what it is.
    """

    def __init__(self, file: str, problems: Sequence[tuple[int, str]]) -> None:
        self.file = file
        self.problems = tuple(problems)
        (line, came), *others = self.problems
        advice = ""
        if others:
            advice = f"It has {len(others)} more: sipclient config check {file}"
        super().__init__(f"{file}:{line}" if line else file, came, advice=advice)

    @property
    def lines(self) -> list[str]:
        """A line for each mistake: ``file:line: what``."""
        return [
            f"{self.file}:{line}: {what}" if line else f"{self.file}: {what}"
            for line, what in self.problems
        ]


class SIPNotFound(SIPError):
    """What was named isn't there. Original: KErrNotFound."""

    symbian_name = "KErrNotFound"
    symbian_code = -1


class SIPAlreadyExists(SIPError):
    """There is one already, and there can be only one. Original: KErrAlreadyExists."""

    symbian_name = "KErrAlreadyExists"
    symbian_code = -11


class SIPTimedOut(SIPError):
    """Nobody answered in time. Original: KErrTimedOut."""

    symbian_name = "KErrTimedOut"
    symbian_code = -33


class SIPCanceled(SIPError):
    """It was canceled before it was done. Original: KErrCancel."""

    symbian_name = "KErrCancel"
    symbian_code = -3


class SIPCouldNotConnect(SIPError):
    """An address could not be opened. Original: KErrCouldNotConnect."""

    symbian_name = "KErrCouldNotConnect"
    symbian_code = -34


class SIPServerTerminated(SIPError):
    """The stack's side ended while this was going on. Original: KErrServerTerminated.

    ``outcome`` is ``"unknown"`` where it can't be said whether the command was done.
    """

    symbian_name = "KErrServerTerminated"
    symbian_code = -15

    def __init__(
        self,
        attempted: str,
        came: str = "",
        *,
        rule: str = "",
        advice: str = "",
        outcome: str = "",
    ) -> None:
        super().__init__(attempted, came, rule=rule, advice=advice)
        self.outcome = outcome


class SIPPermissionDenied(SIPError):
    """A setting or an owner forbids it. Original: KErrPermissionDenied."""

    symbian_name = "KErrPermissionDenied"
    symbian_code = -46


class SIPBadName(SIPError):
    """A name that can't be one, or that nobody knows. Original: KErrBadName."""

    symbian_name = "KErrBadName"
    symbian_code = -28


class SIPTooBig(SIPError):
    """It is over a limit. Original: KErrTooBig."""

    symbian_name = "KErrTooBig"
    symbian_code = -40


class SIPNotSupported(SIPError):
    """The stack can't do that. Original: KErrNotSupported."""

    symbian_name = "KErrNotSupported"
    symbian_code = -5


class SIPInUse(SIPError):
    """Somebody has it already: a port, or elements given to the stack.

    Original: KErrInUse.
    """

    symbian_name = "KErrInUse"
    symbian_code = -14


class SIPMalformedMessage(SIPError):
    """A message that breaks the protocol's rules. Original: KErrSIPMalformedMessage."""

    symbian_name = "KErrSIPMalformedMessage"
    symbian_code = -17700


class SIPInvalidRegistrarResponse(SIPError):
    """A registrar's 2xx is no use. Original: KErrSIPInvalidRegistrarResponse."""

    symbian_name = "KErrSIPInvalidRegistrarResponse"
    symbian_code = -17701


class SIPRequestPending(SIPError):
    """Another one of its kind still runs. Original: KErrSIPRequestPending."""

    symbian_name = "KErrSIPRequestPending"
    symbian_code = -17702


class SIPInvalidTransactionState(SIPError):
    """The transaction's state forbids it. Original: KErrSIPInvalidTransactionState."""

    symbian_name = "KErrSIPInvalidTransactionState"
    symbian_code = -17703


class SIPInvalidDialogState(SIPError):
    """The dialog's state forbids it. Original: KErrSIPInvalidDialogState."""

    symbian_name = "KErrSIPInvalidDialogState"
    symbian_code = -17704


class SIPInvalidDialogRequest(SIPError):
    """A request no dialog allows. Original: KErrSIPInvalidDialogRequest."""

    symbian_name = "KErrSIPInvalidDialogRequest"
    symbian_code = -17705


class SIPInvalidDialogResponse(SIPError):
    """A response that breaks its dialog. Original: KErrSIPInvalidDialogResponse."""

    symbian_name = "KErrSIPInvalidDialogResponse"
    symbian_code = -17706


class SIPTransportFailure(SIPError):
    """The network refused to carry it. Original: KErrSIPTransportFailure."""

    symbian_name = "KErrSIPTransportFailure"
    symbian_code = -17707


class SIPNoAckReceived(SIPError):
    """A 2xx to INVITE was never acknowledged. Original: KErrSIPNoAckReceived."""

    symbian_name = "KErrSIPNoAckReceived"
    symbian_code = -17708


class SIPInvalidRegistrationState(SIPError):
    """The binding's state forbids it. Original: KErrSIPInvalidRegistrationState."""

    symbian_name = "KErrSIPInvalidRegistrationState"
    symbian_code = -17709


class SIPInvalidContact(SIPError):
    """No usable Contact could be made. Original: KErrSIPInvalidContact."""

    symbian_name = "KErrSIPInvalidContact"
    symbian_code = -17710


class SIPResourceNotAvailable(SIPError):
    """What this depends on was closed. Original: KErrSIPResourceNotAvailable."""

    symbian_name = "KErrSIPResourceNotAvailable"
    symbian_code = -17711


class SIPResolvingFailure(SIPError):
    """A URI led to no address. Original: KErrSIPResolvingFailure."""

    symbian_name = "KErrSIPResolvingFailure"
    symbian_code = -17712


class SIPForbidden(SIPError):
    """Authentication failed or was declined. Original: KErrSIPForbidden."""

    symbian_name = "KErrSIPForbidden"
    symbian_code = -17713


class SIPTerminatedWithResponse(SIPError):
    """A refresh of the stack's was refused. Original: KErrSIPTerminatedWithResponse."""

    symbian_name = "KErrSIPTerminatedWithResponse"
    symbian_code = -17715


class SIPOutboundProxyNotResponding(SIPError):
    """The outbound proxy is gone. Original: KErrSIPOutboundProxyNotResponding."""

    symbian_name = "KErrSIPOutboundProxyNotResponding"
    symbian_code = -17716


class SIPInvalidURIType(SIPError):
    """A kind of URI not allowed there. Original: KErrSIPInvalidURIType."""

    symbian_name = "KErrSIPInvalidURIType"
    symbian_code = -17717


class SIPICMPFailure(SIPTransportFailure):
    """The network said that the address can't be reached.

    Original: KErrSIPICMPFailure.
    """

    symbian_name = "KErrSIPICMPFailure"
    symbian_code = -17718


class SIPParseError(SIPError, ValueError):
    """Text that is not what the grammar asks for.

    :param production: the RFC's name of the rule that failed ("SIP-URI", "Via").
    :param text: the text that was read; an excerpt around ``offset`` is shown.
    :param offset: where in ``text`` it failed, in characters from 0.
    :param expected: what could have stood there.
    :param header: the header field that it stands in, where it is one.
    :param answer: the status that a UAS may answer, None where the message is dropped.
    """

    symbian_name = "KErrSipCodec"

    def __init__(
        self,
        production: str,
        text: str,
        offset: int,
        expected: str,
        *,
        header: str | None = None,
        answer: int | None = 400,
    ) -> None:
        self.production = production
        self.text = text
        self.offset = offset
        self.expected = expected
        self.header = header
        self.answer = answer
        super().__init__(f"reading {header or production}")

    def __str__(self) -> str:
        shown = excerpt(self.text, self.offset, self.header or "")
        near = "" if shown is None else f", near {shown!a}"
        inside = self.header and self.header != self.production
        where = f" in {self.header}" if inside else ""
        return (
            f"{self.production}{where}: expected {self.expected} at offset"
            f" {self.offset}{near}"
        )

    @property
    def symbian_code(self) -> int:  # type: ignore[override]  # varies by production
        """The original codec's number for this production (KErrSipCodec…)."""
        return _CODEC_CODES.get(self.production, -17751)


# The codec's own numbers (KErrSipCodec…), by production or header field.
_CODEC_CODES = {
    "message": -17750,
    "token": -17751,
    "header-name": -17753,
    "header-value": -17754,
    "Request-Line": -17755,
    "Status-Line": -17756,
    "Status-Code": -17757,
    "SIP-Version": -17758,
    "Method": -17759,
    "Reason-Phrase": -17760,
    "generic-param": -17761,
    "duplicate-param": -17764,
    "hostport": -17765,
    "host": -17766,
    "port": -17767,
    "name-addr": -17768,
    "display-name": -17769,
    "URI": -17770,
    "scheme": -17771,
    "uri-parameters": -17772,
    "headers": -17773,
    "From": -17774,
    "To": -17774,
    "Contact": -17776,
    "Via": -17780,
    "Call-ID": -17781,
    "CSeq": -17782,
    "Content-Length": -17783,
    "Expires": -17784,
    "Max-Forwards": -17785,
    "Content-Type": -17786,
    "Route": -17787,
    "Record-Route": -17787,
    "Min-Expires": -17788,
    "Require": -17790,
    "Content-Encoding": -17791,
    "Proxy-Require": -17792,
    "Supported": -17793,
    "Unsupported": -17794,
    "Allow": -17795,
    "Security-Client": -17796,
    "Security-Server": -17796,
    "Security-Verify": -17796,
    "Content-Disposition": -17797,
    "Subscription-State": -17798,
    "Accept": -17799,
    "Accept-Encoding": -17800,
    "Accept-Language": -17801,
    "Event": -17803,
    "Allow-Events": -17804,
    "Authentication-Info": -17805,
    "Refer-To": -17806,
    "WWW-Authenticate": -17807,
    "Proxy-Authenticate": -17807,
    "Authorization": -17809,
    "Proxy-Authorization": -17809,
    "RAck": -17811,
    "RSeq": -17812,
    "Reply-To": -17813,
    "Timestamp": -17814,
    "Retry-After": -17815,
    "Accept-Contact": -17817,
    "P-Associated-URI": -17818,
    "P-Access-Network-Info": -17819,
}
