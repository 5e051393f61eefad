"""Our UAS: an observer answers each MESSAGE with 200. The measurements start it."""

from __future__ import annotations

import sys
from typing import Any

from twisted.internet import reactor
from twisted.internet.defer import Deferred

from sipclient import (
    AccessPoint,
    Capabilities,
    ResponseElements,
    ServerTransaction,
    SIPClient,
    SIPConnectionObserver,
)


class Answers(SIPConnectionObserver):
    """Says yes to everything."""

    def incoming_request(self, transaction: ServerTransaction, dialog: Any) -> None:
        """Answer it, and keep nothing."""
        transaction.send_response(ResponseElements(200))


async def listen(port: int) -> None:
    """Be there for MESSAGE requests, whomever they are for."""
    client = await SIPClient.embed(
        reactor, "bench", capabilities=Capabilities(users="*")
    )
    here = AccessPoint("default", listen=[f"udp:{port}:interface=127.0.0.1"])
    await client.connect(here, Answers())


if __name__ == "__main__":
    Deferred.fromCoroutine(listen(int(sys.argv[1]))).addErrback(
        lambda failure: (failure.printTraceback(), reactor.stop())
    )
    reactor.run()
