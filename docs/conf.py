"""How Sphinx builds the documentation; the API's pages are pydoctor's."""

import sys
from pathlib import Path

here = Path(__file__).resolve().parent
sys.path[:0] = [str(here), str(here.parent)]

from sipclient import __version__

project = "sipclient"
author = copyright = "the sipclient developers"
release = version = __version__

extensions = ["generated"]
exclude_patterns = ["_build", "newsfragments"]
highlight_language = "python3"
default_role = "any"
nitpicky = True

html_theme = "alabaster"
html_theme_options = {
    "description": "A SIP user agent for Python programs",
    "page_width": "1100px",
}
html_static_path = ["static"]
html_css_files = ["tables.css"]
