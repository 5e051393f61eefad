"""Exchanges with SIP programs that others wrote, over loopback."""
