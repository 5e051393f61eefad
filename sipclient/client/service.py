"""A client as a Twisted service, for ``.tac`` files and for ``twistd`` users."""

from __future__ import annotations

from typing import Any

from twisted.application.service import Service
from twisted.internet.defer import Deferred
from twisted.logger import Logger

from ..bearer.access_point import AccessPoint
from ..errors import SIPError
from ..session.capabilities import Capabilities
from .client import SIPClient
from .connection import SIPConnection
from .embed import embedded_stack

_log = Logger()


class SIPClientService(Service):
    """Opens a client and its connection when it starts, leaves when it stops.

    :param uid: the application's uid.
    :param access_point: which it connects to: a value, or the id of a configured one.
    :param observer: an ISIPConnectionObserver, or None.
    :param reactor_or_stack: where the client is embedded; on a reactor, the service has
        a stack of its own, which ends with it.
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
        self._own: Any = None  # the stack that is made for it
        self._capabilities = capabilities
        self._client_observer = client_observer

    def startService(self) -> Deferred[None]:
        """Open the client and connect. A failure is logged, and in the Deferred."""
        super().startService()  # type: ignore[no-untyped-call]  # Twisted's
        return Deferred.fromCoroutine(self._start())

    async def _start(self) -> None:
        stack = embedded_stack(self._where)
        if stack is not self._where:
            self._own = stack
        try:
            self.client = client = await SIPClient.embed(
                stack,
                self.uid,
                self._client_observer,
                capabilities=self._capabilities,
            )
            connection = await client.connect(self.access_point, self._observer)
        except SIPError as error:
            _log.error(
                "the SIP client {uid} could not start: {error}",
                uid=self.uid,
                error=str(error),
            )
            await self._end()
            raise
        self.connection = connection

    def stopService(self) -> Deferred[None]:
        """Leave politely, and end a stack of its own.

        Fires when the client is closed and, with a stack of its own, its addresses
        are free.
        """
        super().stopService()  # type: ignore[no-untyped-call]  # Twisted's
        return Deferred.fromCoroutine(self._end())

    async def _end(self) -> None:
        client, self.client, self.connection = self.client, None, None
        stack, self._own = self._own, None
        if client is not None:
            await client.leave()
        if stack is not None:
            await stack.stop()
