"""A client as a Twisted service, for ``.tac`` files and for ``twistd`` users."""

from __future__ import annotations

from typing import Any

from twisted.application.service import Service
from twisted.internet.defer import Deferred, succeed
from twisted.logger import Logger

from ..bearer.access_point import AccessPoint
from ..session.capabilities import Capabilities
from .client import SIPClient
from .connection import SIPConnection

_log = Logger()


class SIPClientService(Service):
    """Opens a client and its connection when it starts, leaves when it stops.

    :param uid: the application's uid.
    :param access_point: which it connects to: a value, or the id of a configured one.
    :param observer: an ISIPConnectionObserver, or None.
    :param reactor_or_stack: where the client is embedded.
    :param capabilities: what requests may come.
    :param client_observer: an ISIPObserver, or None.

    :ivar client: while it runs; None before and after.
    :ivar connection: its connection, once it is ACTIVE.
    """

    def __init__(
        self,
        uid: str | int,
        access_point: AccessPoint | str,
        observer: Any = None,
        *,
        reactor_or_stack: Any,
        capabilities: Capabilities | None = None,
        client_observer: Any = None,
    ) -> None:
        self.uid = uid
        self.access_point = access_point
        self.client: SIPClient | None = None
        self.connection: SIPConnection | None = None
        self._observer = observer
        self._where = reactor_or_stack
        self._capabilities = capabilities
        self._client_observer = client_observer

    def startService(self) -> Deferred[None]:
        """Open the client and connect. A failure is logged, and in the Deferred."""
        super().startService()  # type: ignore[no-untyped-call]  # Twisted's
        started = Deferred.fromCoroutine(self._start())
        return started.addErrback(self._not_started)

    async def _start(self) -> None:
        self.client = client = await SIPClient.embed(
            self._where,
            self.uid,
            self._client_observer,
            capabilities=self._capabilities,
        )
        self.connection = await client.connect(self.access_point, self._observer)

    def _not_started(self, failure: Any) -> Any:
        _log.error(
            "the SIP client {uid} could not start: {error}",
            uid=self.uid,
            error=str(failure.value),
        )
        return failure

    def stopService(self) -> Deferred[None]:
        """Leave politely. Fires when the client is closed."""
        super().stopService()  # type: ignore[no-untyped-call]  # Twisted's
        client, self.client, self.connection = self.client, None, None
        return succeed(None) if client is None else client.leave()
