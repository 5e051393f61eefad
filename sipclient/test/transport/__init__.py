"""Tests of sipclient.transport."""
