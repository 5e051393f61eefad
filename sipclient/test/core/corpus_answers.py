"""What our stack answers to each message of the corpora, and why where it had a choice.

The application behind it serves MESSAGE and INVITE for every user of the domains that
the corpora use; it is busy when it is called. ``later`` marks what a stack answers that
leaves bodies and Contacts to applications, where the corpora's table asks for more.
"""

from __future__ import annotations

from typing import NamedTuple


class Answer(NamedTuple):
    """What we do with one message.

    :ivar status: what it is answered with, None where it is dropped.
    :ivar why: the reason, where the table allows several things.
    :ivar later: whether that is only so until the stack looks at more.
    """

    status: int | None
    why: str = ""
    later: bool = False


_DROPPED = Answer(None)
_BAD = Answer(400)
_BY_REGISTRARS = Answer(405, "registering is a registrar's service")
_BUSY = Answer(486, "accepted: the application has it, and is busy")
_BODY = Answer(486, "bodies are the application's matter", later=True)
_STRICT = "what it means could be guessed, but not by everybody alike"
_LF = "its lines end with LF alone, so that no Via can be made out"

ANSWERS = {
    # RFC 4475 §3.1.1, valid
    "wsinv": Answer(481, "its To has a tag, and there is no such dialog"),
    "intmeth": Answer(501, "no application knows the method: RFC 3261 §8.2.1"),
    "esc01": _BUSY,
    "escnull": _BY_REGISTRARS,
    "esc02": Answer(501, "no application knows the method: RFC 3261 §8.2.1"),
    "lwsdisp": Answer(200),
    "longreq": _BUSY,
    "dblreq": _BY_REGISTRARS,
    "semiuri": Answer(200),
    "transports": Answer(200),
    "mpart01": Answer(200),
    "unreason": _DROPPED,
    "noreason": _DROPPED,
    # RFC 4475 §3.1.2, invalid
    "badinv01": _BAD,
    "clerr": _BAD,
    "ncl": Answer(400, "who sent it learns what is wrong"),
    "scalar02": _BAD,
    "scalarlg": _DROPPED,
    "quotbal": Answer(400, _STRICT),
    "ltgtruri": Answer(400, _STRICT),
    "lwsruri": _BAD,
    "lwsstart": Answer(400, _STRICT),
    "trws": Answer(400, _STRICT),
    "escruri": Answer(400, _STRICT),
    "baddate": Answer(486, "Date decides nothing, so it is ignored"),
    "regbadct": Answer(405, "only a registrar opens the Contact", later=True),
    "badaspec": Answer(400, _STRICT),
    "baddn": _BAD,
    "badvers": Answer(505),
    "mismatch01": _BAD,
    "mismatch02": Answer(400, "it is malformed, whatever its method may mean"),
    "bigcode": _DROPPED,
    # RFC 4475 §3.2 to §3.4
    "badbranch": Answer(200, "the branch says nothing: matched as in RFC 2543"),
    "insuf": _BAD,
    "unkscm": Answer(416),
    "novelsc": Answer(416),
    "unksm2": _BY_REGISTRARS,
    "bext01": Answer(420),
    "invut": _BODY,
    "regaut01": _BY_REGISTRARS,
    "multi01": _BAD,
    "mcl01": Answer(400, "who sent it learns what is wrong"),
    "bcast": _DROPPED,
    "zeromf": Answer(200),
    "cparam01": _BY_REGISTRARS,
    "cparam02": _BY_REGISTRARS,
    "regescrt": _BY_REGISTRARS,
    "sdp01": _BODY,
    "inv2543": _BUSY,
    "test": Answer(None, "no message at all"),
    # RFC 5118
    "ipv6-good": _BY_REGISTRARS,
    "ipv6-bad": _BAD,
    "port-ambiguous": _BY_REGISTRARS,
    "port-unambiguous": _BY_REGISTRARS,
    "via-received-param-with-delim": Answer(481, "a BYE for no dialog of ours"),
    "via-received-param-no-delim": Answer(200),
    "ipv6-in-sdp": _BUSY,
    "mult-ip-in-header": Answer(481, "a BYE for no dialog of ours"),
    "mult-ip-in-sdp": _BUSY,
    "ipv4-mapped-ipv6": _BUSY,
    "ipv6-bug-abnf-3-colons": Answer(200, "RFC 5118 §4.10 asks for tolerance"),
    "ipv6-correct-abnf-2-colons": Answer(200),
    # Seeds of fuzzers
    "sip/auth_challenge.sip": _DROPPED,
    "sip/auth_digest.sip": Answer(None, _LF),
    "sip/input.1.sip": Answer(None, _LF),
    "sip/input.2.sip": _DROPPED,
    "sip/input.3.sip": Answer(None, _LF),
    "sip/input.4.sip": Answer(None, _LF),
    "sip/input.5.sip": Answer(None, _LF),
    "sip/input.6.sip": _BY_REGISTRARS,
    "sip/input.7.sip": Answer(501),
    "sip/multipart_alternative.sip": Answer(None, _LF),
    "sip/multipart_basic.sip": Answer(None, _LF),
    "sip/replaces_refer.sip": Answer(None, _LF),
    "sip/routing_complex.sip": Answer(None, _LF),
    "sip/session_timers.sip": Answer(None, _LF),
    "sip/tel_uri_basic.sip": Answer(None, _LF),
    "sip-dialog/basic_invite.sip": Answer(None, _LF),
    "sip-dialog/invite_with_routes.sip": Answer(None, _LF),
    "sip-dialog/minimal_invite.sip": Answer(None, _LF),
    "sip-dialog/simple_uris.txt": Answer(None, "no message at all"),
}

#: What an application of ours answers when a request is accepted, by its method.
ACCEPTED = {"OPTIONS": 200, "MESSAGE": 200, "BYE": 481, "REGISTER": 405, "INVITE": 486}


class StreamAnswer(NamedTuple):
    """What we do with one message that comes by a stream, and with the stream.

    :ivar statuses: what comes back.
    :ivar closed: whether the connection is closed at once, as nothing tells where the
        next message would begin (RFC 3261 §18.3).
    :ivar waits: whether more is waited for; then nothing behind it would be understood.
    :ivar why: the reason, where it is another answer than to a datagram.
    """

    statuses: tuple[int, ...]
    closed: bool = False
    waits: bool = False
    why: str = ""


_UNMEASURED = "no Content-Length, or none that can be followed"
_HALF = StreamAnswer((), waits=True, why="its lines end with LF alone: no header ends")

_DIFFERENT_ON_STREAMS = {
    "dblreq": StreamAnswer(
        (405, 486), True, why="what follows is a message, and then there is no other"
    ),
    "clerr": StreamAnswer((), waits=True, why="its body goes on for longer than this"),
    "ncl": StreamAnswer((400,), True, why=_UNMEASURED),
    "baddn": StreamAnswer((), waits=True, why="the empty line is missing"),
    "mcl01": StreamAnswer((400,), True, why=_UNMEASURED),
    "inv2543": StreamAnswer((400,), True, why=_UNMEASURED),
    "sip/auth_challenge.sip": StreamAnswer((), waits=True, why="no empty line"),
    "sip/input.3.sip": StreamAnswer((), True, why=_UNMEASURED + ", nor any Via"),
    "sip/input.5.sip": StreamAnswer((), True, why=_UNMEASURED + ", nor any Via"),
    **dict.fromkeys(
        (
            "sip/auth_digest.sip",
            "sip/input.4.sip",
            "sip/multipart_alternative.sip",
            "sip/multipart_basic.sip",
            "sip/replaces_refer.sip",
            "sip/routing_complex.sip",
            "sip/session_timers.sip",
            "sip/tel_uri_basic.sip",
            "sip-dialog/basic_invite.sip",
            "sip-dialog/invite_with_routes.sip",
            "sip-dialog/minimal_invite.sip",
            "sip-dialog/simple_uris.txt",
        ),
        _HALF,
    ),
}

#: What comes of each where it comes by a connection of its own.
ON_STREAMS = {
    name: StreamAnswer(() if answer.status is None else (answer.status,))
    for name, answer in ANSWERS.items()
} | _DIFFERENT_ON_STREAMS
