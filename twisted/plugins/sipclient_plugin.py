"""Tells ``twist`` and ``twistd`` that there is a service named ``sipclient``."""

from twisted.application.service import ServiceMaker

stack = ServiceMaker(
    "sipclient", "sipclient.tap", "A SIP stack, from a configuration.", "sipclient"
)
