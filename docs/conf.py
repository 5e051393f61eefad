"""How Sphinx builds the documentation; the API's pages are pydoctor's."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sipclient import __version__

project = "sipclient"
author = copyright = "the sipclient developers"
release = version = __version__

extensions: list[str] = []
exclude_patterns = ["_build", "newsfragments"]
highlight_language = "python3"
default_role = "any"
nitpicky = True

html_theme = "alabaster"
html_theme_options = {"description": "A SIP user agent for Python programs"}
