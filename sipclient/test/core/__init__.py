"""Tests of sipclient.core."""
