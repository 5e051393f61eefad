"""Tests of sipclient.resolver."""
