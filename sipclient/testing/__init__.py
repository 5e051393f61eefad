"""A network in memory, scripted peers and recorders, for tests of SIP programs."""

from .clock import FakeClock, FakeDelayedCall
from .faults import Faults
from .network import Datagram, FakeNetwork
from .observers import Recorder, RecordingClientObserver, RecordingObserver
from .peer import Arrival, ScriptedPeer
from .port import FakePort, FakeSocket
from .reactor import FakeReactor

__all__ = [
    "Arrival",
    "Datagram",
    "FakeClock",
    "FakeDelayedCall",
    "FakeNetwork",
    "FakePort",
    "FakeReactor",
    "FakeSocket",
    "Faults",
    "Recorder",
    "RecordingClientObserver",
    "RecordingObserver",
    "ScriptedPeer",
]
