"""Sockets and flows: bytes to and from the network."""
