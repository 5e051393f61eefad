"""A SIP user agent for Python programs, on Twisted."""

__version__ = "0.1.0.dev0"

__all__ = ["__version__"]
