"""Long runs: what holds for any order of events, on any network.

Each does a small seeded share of its work unless the environment says
``SIPCLIENT_PROOFS=full``, as ``tox -e proofs`` does.
"""

from __future__ import annotations

import os

#: Whether the whole work is wanted.
FULL = os.environ.get("SIPCLIENT_PROOFS") == "full"
