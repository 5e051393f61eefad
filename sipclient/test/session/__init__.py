"""Tests of sipclient.session."""
