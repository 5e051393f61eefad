"""The corpora at a running stack: RFC 4475, RFC 5118, and seeds of fuzzers."""

from __future__ import annotations

import re

from twisted.trial.unittest import SynchronousTestCase

from sipclient.test.checkout import CORPORA, NO_CORPORA
from sipclient.test.core.corpus_answers import ACCEPTED, ANSWERS
from sipclient.test.core.raw_peer import LONGEST, Outcome, RawPeer
from sipclient.test.corpora import ALL, TORTURE, TORTURE_IPV6, Specimen, specimen

# Time is the best of so many, each at a stack of its own: a copy sent to the same
# stack would be a retransmission.
_ROUNDS = 3

_TO_TAG = re.compile(rb"\r\nto?[ \t]*:(?:[^\r]|\r\n[ \t])*;\s*tag\s*=", re.IGNORECASE)


class CorporaTests(SynchronousTestCase):
    """Each message gets the answer of our table, and does no harm."""

    if CORPORA is None:
        skip = NO_CORPORA

    def setUp(self) -> None:
        self.peers = [RawPeer(seed) for seed in range(_ROUNDS)]

    def tearDown(self) -> None:
        for peer in self.peers:
            peer.finish()

    def send(self, data: bytes) -> Outcome:
        """Send it to each stack; give the first outcome, and the shortest time."""
        outcomes = [peer.send(data) for peer in self.peers]
        for outcome, peer in zip(outcomes, self.peers, strict=True):
            self.assertEqual(outcome.statuses, outcomes[0].statuses)
            peer.check_alive()
        return Outcome(outcomes[0].answers, min(each.seconds for each in outcomes))

    def test_answers(self) -> None:
        """Each is answered as pinned, once or not at all; the next OPTIONS by 200."""
        answered = {each.name: self.send(each.data).statuses for each in ALL}
        pinned = {
            name: [] if answer.status is None else [answer.status]
            for name, answer in ANSWERS.items()
        }
        self.assertEqual(answered, pinned)
        self.assertEqual(self.flushLoggedErrors(), [])

    def test_time(self) -> None:
        """None takes longer than 5 ms of CPU."""
        slow = {
            each.name: outcome.seconds
            for each in ALL
            if (outcome := self.send(each.data)).seconds > LONGEST
        }
        self.assertEqual(slow, {})

    def test_unsupported_is_told(self) -> None:
        """A 420 names what was required, and nothing that is a proxy's matter."""
        (answer,) = self.send(specimen("bext01").data).answers
        self.assertIn(
            b"\r\nUnsupported: nothingsupportsthis, nothingsupportsthiseither\r\n",
            answer,
        )

    def test_allow_is_told(self) -> None:
        """A 405 says what is served."""
        (answer,) = self.send(specimen("cparam01").data).answers
        self.assertRegex(answer, rb"\r\nAllow: [^\r]*MESSAGE")

    def test_only_the_first_of_two_requests(self) -> None:
        """What follows the body in a datagram is never read."""
        outcome = self.send(specimen("dblreq").data)
        self.assertEqual(len(outcome.answers), 1)
        self.assertIn(b"\r\nCSeq: 8 REGISTER\r\n", outcome.answers[0])

    def test_each_answer_has_a_to_tag(self) -> None:
        """RFC 3261 §8.2.6.2, also for what could not be understood."""
        untagged = [
            each.name
            for each in TORTURE
            for answer in self.send(each.data).answers
            if _TO_TAG.search(answer) is None and b"\r\nTo:" in answer
        ]
        self.assertEqual(untagged, [])


class TableTests(SynchronousTestCase):
    """Our table is complete, and stays within what the corpora's tables allow."""

    if CORPORA is None:
        skip = NO_CORPORA

    def test_complete(self) -> None:
        self.assertEqual(set(ANSWERS), {each.name for each in ALL})

    def test_allowed(self) -> None:
        """Nothing but what waits for later differs from what the tables allow."""
        different = {
            each.name: (ANSWERS[each.name].status, each.result)
            for each in TORTURE + TORTURE_IPV6
            if ANSWERS[each.name].status not in _allowed(each)
            and not ANSWERS[each.name].later
        }
        self.assertEqual(different, {})

    def test_every_choice_has_its_reason(self) -> None:
        unexplained = [
            each.name
            for each in TORTURE + TORTURE_IPV6
            if len(_allowed(each)) > 1 and not ANSWERS[each.name].why
        ]
        self.assertEqual(unexplained, [])


def _allowed(each: Specimen) -> set[int | None]:
    """The answers that the table's words allow to a user agent; None for silence."""
    words = re.sub(r"(?:; )?(?:registrar|proxy)\b:?.*", "", each.result)
    allowed: set[int | None] = {int(code) for code in re.findall(r"[2-6]\d\d", words)}
    if re.search("discard|drop|response handled|^-$", words):
        allowed.add(None)
    if re.search(r"accept(?!able)|\bignore\b|answers normally|2543 matching", words):
        method = each.data.split(b" ", 1)[0].decode()
        allowed.add(481 if _TO_TAG.search(each.data) else ACCEPTED[method])
    if "4xx" in words:
        allowed.add(400)
    return allowed
