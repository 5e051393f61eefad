"""Two applications on one stack: ``twistd --nodaemon --python house.tac``."""

from twisted.application.service import Application
from twisted.internet import reactor

from sipclient import (
    AccessPoint,
    Capabilities,
    ResponseElements,
    SIPClientService,
    SIPConnectionObserver,
    Stack,
)
from sipclient.tap import StackService


class Answering(SIPConnectionObserver):
    def __init__(self, status):
        self.status = status

    def incoming_request(self, transaction, dialog):
        transaction.send_response(ResponseElements(self.status))


application = Application("house")
stack = Stack(reactor, access_points=[AccessPoint("home", listen=["udp:5060"])])
house = StackService(stack)
house.setServiceParent(application)
for user, status in (("doorbell", 200), ("archive", 202)):
    SIPClientService(
        f"org.example.{user}",
        "home",
        Answering(status),
        reactor_or_stack=stack,
        capabilities=Capabilities(users=user),
    ).setServiceParent(house)
