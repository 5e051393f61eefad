"""Tests of sipclient.message."""
