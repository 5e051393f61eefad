"""Tests of sipclient.trace."""
