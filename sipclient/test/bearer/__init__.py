"""Tests of sipclient.bearer."""
