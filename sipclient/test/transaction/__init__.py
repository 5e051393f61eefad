"""Tests of sipclient.transaction."""
