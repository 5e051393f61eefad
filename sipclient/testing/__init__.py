"""A network in memory, scripted peers and recorders, for tests of SIP programs."""

from .clock import FakeClock, FakeDelayedCall
from .faults import Faults
from .names import FakeNames, FakeResolver, LookUp
from .network import Datagram, FakeNetwork
from .observers import Recorder, RecordingClientObserver, RecordingObserver
from .peer import Arrival, ScriptedPeer
from .port import FakePort, FakeSocket
from .reactor import FakeReactor
from .segments import Segment, Severing
from .stream import FakeConnection
from .stream_socket import FakeStreamSocket
from .streams import FakeStreams
from .tcp import FakeConnector, FakeStreamPort
from .wires import PeerStream

__all__ = [
    "Arrival",
    "Datagram",
    "FakeClock",
    "FakeConnection",
    "FakeConnector",
    "FakeDelayedCall",
    "FakeNames",
    "FakeNetwork",
    "FakePort",
    "FakeReactor",
    "FakeResolver",
    "FakeSocket",
    "FakeStreamPort",
    "FakeStreamSocket",
    "FakeStreams",
    "Faults",
    "LookUp",
    "PeerStream",
    "Recorder",
    "RecordingClientObserver",
    "RecordingObserver",
    "ScriptedPeer",
    "Segment",
    "Severing",
]
