"""How Sphinx builds the documentation; the API's pages are pydoctor's."""

from importlib.metadata import version as installed_version

project = "sipclient"
author = copyright = "the sipclient developers"
release = version = installed_version("sipclient")

extensions: list[str] = []
exclude_patterns = ["_build", "newsfragments"]
highlight_language = "python3"
default_role = "any"
nitpicky = True

html_theme = "alabaster"
html_theme_options = {"description": "A SIP user agent for Python programs"}
