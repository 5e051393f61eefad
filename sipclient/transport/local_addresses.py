"""Which addresses are this machine's, and which one it uses towards a peer.

The kernel is asked with sockets that send nothing: connecting a UDP socket picks the
source address, binding one shows whether an address is there. No name is ever looked
up. What the kernel said is believed for a few seconds, as interfaces come and go.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import suppress
from ipaddress import ip_address
from typing import Final, TypeVar

from twisted.internet.interfaces import IReactorTime
from zope.interface import implementer

from ..interfaces import ILocalAddresses
from .peer import family_of, is_numeric, peer_at

T = TypeVar("T")

# Seconds; a probe costs some ten microseconds, so this is to be short, not long.
_BELIEVED: Final = 5.0
# Answers; every address that a peer makes up may take one.
_MOST_ANSWERS: Final = 1024


@implementer(ILocalAddresses)
class KernelAddresses:
    """What the kernel says about this machine's addresses.

    :param clock: tells how old an answer is.
    """

    def __init__(self, clock: IReactorTime) -> None:
        self._clock = clock
        self._sources: dict[str, str] = {}
        self._local: dict[str, bool] = {}
        self._asked_first = 0.0

    def towards(self, host: str) -> str:
        return self._answer(self._sources, host, _source_towards)

    def is_local(self, host: str) -> bool:
        if not is_numeric(host):
            # RFC 6761 §6.3: the one name that means this machine everywhere.
            return host.lower() == "localhost"
        return self._answer(self._local, host, _is_bindable)

    def forget(self) -> None:
        """Ask the kernel again from now on: an interface or a route has changed."""
        self._sources.clear()
        self._local.clear()

    def _answer(self, answers: dict[str, T], host: str, ask: Callable[[str], T]) -> T:
        now = self._clock.seconds()
        if not 0 <= now - self._asked_first < _BELIEVED:
            self.forget()
            self._asked_first = now
        answer = answers.get(host)
        if answer is None:
            if len(answers) >= _MOST_ANSWERS:
                answers.clear()
            answer = answers[host] = ask(host)
        return answer


def _source_towards(host: str) -> str:
    # Which port does not matter: nothing is sent.
    peer = peer_at(host, 5060)
    with socket.socket(family_of(host), socket.SOCK_DGRAM) as probe:
        probe.connect(peer)
        source: str = probe.getsockname()[0]
    return source.partition("%")[0]


def _is_bindable(host: str) -> bool:
    address = ip_address(host)
    if address.is_loopback:
        return True
    if address.is_unspecified or address.is_multicast:
        # They can be bound to, but they are nobody's address.
        return False
    with (
        suppress(OSError),
        socket.socket(family_of(host), socket.SOCK_DGRAM) as probe,
    ):
        probe.bind(peer_at(host, 0))
        # A broadcast address can be bound to as well, but not be connected to.
        probe.connect(peer_at(host, 5060))
        return True
    return False
