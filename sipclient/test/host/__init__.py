"""Tests of sipclient.host."""
