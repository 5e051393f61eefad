"""``sipclient demo``: two applications exchange SIP, and what passes is drawn.

It needs nothing set up, and checks what it shows: it ends 0 only where all of it held.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from ..client.elements import ResponseElements
from ..errors import SIPError, SIPTimedOut
from .exits import DONE, FAILED
from .output import Output
from .stage import TIMERS, CheckFailed, Stage, paced
from .talking import Run
from .usage import CommandOptions, UsageError

_T1 = TIMERS.t1


class Options(CommandOptions):
    """What ``demo`` can be told."""

    synopsis = "[options]"
    longdesc = (
        "Two applications exchange SIP over loopback; what passes is drawn and checked."
        " Nothing needs to be set up. With -v, messages are shown whole."
    )
    examples = """\
  sipclient demo
  sipclient demo -v
  sipclient demo --json
"""

    def parseArgs(self, *arguments: str) -> None:
        """Take nothing."""
        if arguments:
            raise UsageError(f"what is {arguments[0]!r}? demo takes options only")

    def run(self, output: Output) -> int:
        """Play, in the reactor of this process."""
        from .running import run_in_reactor

        return run_in_reactor(self.talk, output)

    async def talk(self, run: Run) -> int:
        """Play all scenes, or up to the first that fails."""
        output = run.output
        began = run.reactor.seconds()
        stage = Stage(run.reactor, output)
        try:
            await stage.open()
            stage.tell(_OPENING.format(alice=stage.alice.host, bob=stage.bob.host))
            for scene in SCENES:
                await scene(stage)
                stage.end_scene()
        except (CheckFailed, SIPError) as problem:
            output.complain(str(problem))
            output.tell(event="done", outcome="failed", error=str(problem))
            return FAILED
        finally:
            await stage.close()
        took = run.reactor.seconds() - began
        output.say(
            output.style.painted(
                f"All {stage.checks} checks passed, in {took:.1f} s.", "bold"
            )
        )
        output.say()
        output.say(_NEXT)
        output.tell(event="done", outcome="ok", checks=stage.checks)
        return DONE


_OPENING = """
Two applications, alice ({alice}) and bob ({bob}), each with a SIP stack of its own,
talk over real UDP sockets on this machine's loopback. Each scene is drawn from what
passed, with the seconds since its beginning, and then checked. One thing is not as
usual: SIP's timers run ten times as fast as RFC 3261 has them (T1 is 50 ms, not
500 ms), so that what gets lost is repeated sooner, and giving up takes 3.2 s, not 32 s.
"""

_NEXT = """\
Next, try it between two terminals:

    sipclient listen --listen udp:5070:interface=127.0.0.1 --ladder
    sipclient message sip:bob@127.0.0.1:5070 'Hello, Bob!'"""


async def messages(stage: Stage) -> None:
    """A MESSAGE each way."""
    alice, bob = stage.alice, stage.bob
    stage.scene(
        "A message each way",
        """Alice's application sends bob a MESSAGE (RFC 3428). Bob's stack looks for an
        application that answers for the user bob, finds one, and hands it over; its
        200 OK goes back. Then bob writes to alice.""",
        [
            'await connection.request("MESSAGE", "sip:bob@...",',
            '    from_="sip:alice@...", content="Hello, Bob!",',
            '    content_type="text/plain")',
        ],
    )
    there = await alice.say(bob.uri, "Hello, Bob!")
    back = await bob.say(alice.uri, "Hello, Alice!")
    stage.draw()
    stage.check(there.status_code == 200, "bob answered alice with 200 OK")
    stage.check(
        bob.inbox == [(alice.uri, "Hello, Bob!")],
        "bob's application has 'Hello, Bob!', from alice, once",
    )
    stage.check(back.status_code == 200, "alice answered bob with 200 OK")
    stage.check(
        alice.inbox == [(bob.uri, "Hello, Alice!")],
        "alice's application has 'Hello, Alice!', from bob, once",
    )
    stage.check(len(stage.ladder.arrows) == 4, "four messages passed, none twice")


async def options(stage: Stage) -> None:
    """OPTIONS each way."""
    alice, bob = stage.alice, stage.bob
    stage.scene(
        "What can you do?",
        """Each asks the other for its capabilities (OPTIONS, RFC 3261 §11). No
        application is bothered: the stack answers from what they declared.""",
        ['response = await connection.request("OPTIONS", "sip:...", from_=...)'],
    )
    bobs = await alice.request("OPTIONS", bob.host)
    alices = await bob.request("OPTIONS", alice.host)
    stage.draw()
    for name, response in (("bob", bobs), ("alice", alices)):
        stage.check(
            {"MESSAGE", "OPTIONS"} <= set(_values(response, "Allow")),
            f"{name} takes {', '.join(_values(response, 'Allow'))}",
        )
        stage.check(
            _values(response, "Accept") == ["text/plain"],
            f"{name} reads text/plain",
        )
    stage.check(
        len(bob.inbox) == len(alice.inbox) == 1, "neither application heard of it"
    )


async def losses(stage: Stage) -> None:
    """A MESSAGE over a network that loses datagrams."""
    alice, bob = stage.alice, stage.bob
    stage.scene(
        "A network that loses things",
        """Now the way leads through a network that loses alice's message twice, and
        then bob's answer. UDP tells nobody. Alice's stack repeats the request: after
        T1, then after twice as long, and so on (Timer E). Bob's stack knows a copy
        when it sees one: it repeats its answer, and does not tell the application
        again.""",
        ['headers=[("Route", "<sip:the-network;lr>")]   # what alice adds'],
    )
    before = len(bob.inbox)
    stage.network.losses = [2, 1]
    host, port = stage.network.front
    response = await alice.say(
        bob.uri, "Still there?", headers=[("Route", f"<sip:{host}:{port};lr>")]
    )
    stage.draw()
    sent = stage.seen("alice", "the network", "MESSAGE")
    reached = stage.seen("the network", "bob", "MESSAGE")
    answers = stage.seen("bob", "the network", "200")
    stage.check(response.status_code == 200, "alice has her 200 OK in the end")
    stage.check(
        len(sent) >= 4 and sum(arrow.lost for arrow in sent) == 2,
        f"alice's stack sent the request {len(sent)} times; 2 got lost",
    )
    stage.check(
        paced([arrow.time for arrow in sent], [_T1, 2 * _T1, 4 * _T1]),
        "it waited at least 50, 100 and 200 ms in between: T1, doubled and doubled",
    )
    stage.check(
        len(answers) == len(reached) >= 2
        and len({arrow.message for arrow in answers}) == 1
        and answers[0].lost,
        f"bob's stack gave the same answer {len(answers)} times; the first got lost",
    )
    stage.check(
        bob.inbox[before:] == [(alice.uri, "Still there?")],
        "bob's application has the message once",
    )


async def refusals(stage: Stage) -> None:
    """Requests that are refused, by the application and by the stack."""
    alice, bob = stage.alice, stage.bob
    stage.scene(
        "No, thank you",
        """A refusal is an answer like any other: no exception, a status. Bob's
        application is busy; then alice asks for somebody who isn't there, and for
        something that bob does not do, which his stack refuses for him.""",
        ["response.status_code   # 486, 404, 405"],
    )
    bob.busy = True
    busy = await alice.say(bob.uri, "Now?")
    bob.busy = False
    unknown = await alice.say(bob.uri.replace("bob@", "dave@"), "Dave?")
    unserved = await alice.request("PUBLISH", bob.uri)
    stage.draw()
    stage.check(busy.status_code == 486, "bob's application said 486 Busy Here")
    stage.check(unknown.status_code == 404, "there is no dave: 404 Not Found")
    allowed = _values(unserved, "Allow")
    stage.check(
        unserved.status_code == 405 and "MESSAGE" in allowed,
        f"PUBLISH is not allowed: 405, but {' and '.join(allowed)} are",
    )


async def silence(stage: Stage) -> None:
    """A MESSAGE that nobody answers."""
    alice = stage.alice
    stage.scene(
        "Nobody answers",
        """Carol's telephone takes the datagrams and says nothing. Alice's stack
        repeats the request, with pauses that grow up to T2, until 64 times T1 are over
        (Timer F). Then the application is told why.""",
        [
            "try:",
            '    await connection.request("MESSAGE", "sip:carol@...", ...)',
            "except SIPTimedOut as error:",
            "    print(error)",
        ],
    )
    host, port = stage.silent_place
    began = stage.reactor.seconds()
    failure: SIPError | None = None
    try:
        await alice.say(f"sip:carol@{host}:{port}", "Carol?")
    except SIPTimedOut as error:
        failure = error
    took = stage.reactor.seconds() - began
    stage.draw()
    stage.check(failure is not None, f"the application was told: {failure}")
    stage.check(
        took >= 64 * _T1 * 0.99, f"that came after {took:.1f} s: 64 times T1, no sooner"
    )
    sent = stage.seen("alice", "carol", "MESSAGE")
    pauses = [_T1, 2 * _T1, 4 * _T1] + [8 * _T1] * 7
    stage.check(
        2 <= len(sent) <= 11 and paced([arrow.time for arrow in sent], pauses),
        f"the request was sent {len(sent)} times, with growing pauses",
    )


#: In the order in which they are played.
SCENES: tuple[Callable[[Stage], Awaitable[None]], ...] = (
    messages,
    options,
    losses,
    refusals,
    silence,
)


def _values(response: ResponseElements, name: str) -> list[str]:
    values: Any = response.header_values(name)
    return [str(value) for value in values]
