"""The values of header fields, one file a shape.

A *shape* is what several header fields have in common: the same grammar, the same
Python value. :mod:`sipclient.message.headers` says which header has which shape.
"""
