"""An answering machine: ``twistd --nodaemon --python machine.tac``."""

from twisted.application.service import Application
from twisted.internet import reactor

from sipclient import (
    AccessPoint,
    Capabilities,
    ResponseElements,
    SIPClientService,
    SIPConnectionObserver,
)


class Machine(SIPConnectionObserver):
    def incoming_request(self, transaction, dialog):
        transaction.send_response(ResponseElements(200))


application = Application("answering machine")
SIPClientService(
    "org.example.machine",
    AccessPoint("default", listen=["udp:5060"]),
    Machine(),
    reactor_or_stack=reactor,
    capabilities=Capabilities(users="*", methods="MESSAGE"),
).setServiceParent(application)
