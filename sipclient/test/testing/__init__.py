"""Tests of sipclient.testing."""
