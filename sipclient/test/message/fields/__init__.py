"""Tests of the shapes of header fields."""
