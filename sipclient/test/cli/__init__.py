"""Tests of sipclient.cli."""
