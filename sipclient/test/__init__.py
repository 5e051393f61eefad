"""The tests; their packages mirror those that they test."""
